//! CCP's official static data, its JSON Lines form, read whole or refused: a zip, a folder or an address → a catalogue.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use noctis_core::catalogue::Catalogue;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::fetch::is_web_address;

pub mod changes;
mod download;
mod lines;
mod rows;
mod source;
mod tables;

use download::Downloaded;
use source::Source;

/// Where static data is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A zip, or a folder of its files.
    Path(PathBuf),
    Url(String),
}

impl From<&str> for Place {
    fn from(text: &str) -> Self {
        if is_web_address(text) { Self::Url(text.to_owned()) } else { Self::Path(text.into()) }
    }
}

/// Reads static data from a place, on a thread of its own. What is downloaded lies in `temp_dir` meanwhile.
///
/// # Errors
/// With what is wrong with it: it cannot be had, a table is missing or not whole, a row names what is not there.
pub async fn read(
    place: &Place,
    temp_dir: &Path,
    stop: &CancellationToken,
) -> anyhow::Result<Catalogue> {
    let (place, temp_dir, stop) = (place.clone(), temp_dir.to_owned(), stop.clone());
    let runtime = Handle::current();
    let reading = tokio::task::spawn_blocking(move || match &place {
        Place::Path(path) => read_path(path),
        Place::Url(url) => {
            let downloaded = Downloaded::from(url, &temp_dir, (&runtime, &stop))?;
            read_path(&downloaded.path).with_context(|| format!("reading {url}"))
        }
    });
    reading.await.context("reading static data")?
}

fn read_path(path: &Path) -> anyhow::Result<Catalogue> {
    let catalogue = tables::read(&mut Source::open(path)?)?;
    // What is kept is the text, so it must read back.
    let catalogue =
        Catalogue::parse(&catalogue.to_text()).context("this static data does not fit together")?;
    refuse_remains(&catalogue)?;
    Ok(catalogue)
}

/// A table that has shrunk to less than one of so many rows is taken for the remains of one.
const SHRINK_MAX: usize = 2;

/// EVE grows: a table much smaller than the one in this binary was cut.
fn refuse_remains(catalogue: &Catalogue) -> anyhow::Result<()> {
    let embedded = crate::static_data::embedded();
    for (name, rows, expected) in [
        ("types", catalogue.types.len(), embedded.types.len()),
        ("groups", catalogue.groups.len(), embedded.groups.len()),
        ("categories", catalogue.categories.len(), embedded.categories.len()),
        ("metaGroups", catalogue.meta_groups.len(), embedded.meta_groups.len()),
        ("marketGroups", catalogue.market_groups.len(), embedded.market_groups.len()),
        ("mapSolarSystems", catalogue.systems.len(), embedded.systems.len()),
        ("mapConstellations", catalogue.constellations.len(), embedded.constellations.len()),
        ("mapRegions", catalogue.regions.len(), embedded.regions.len()),
    ] {
        if rows < expected / SHRINK_MAX {
            bail!(
                "{name} has {rows} rows and EVE had {expected} already: this is not all of it; get the file again"
            );
        }
    }
    Ok(())
}
