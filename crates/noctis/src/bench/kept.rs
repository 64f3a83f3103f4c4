//! A store of a chosen size that is kept between runs: built once, with what it is asked for written beside it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use jiff::Timestamp;
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::time::TimeRange;
use noctis_store::bench::{mentioned, settle, spread};
use serde::{Deserialize, Serialize};

use super::questions::{Arguments, missing};
use super::shape::{self, Shape};
use super::work::noctis;
use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose, catalogue};
use crate::lifecycle::{self, Rules};

/// Each month has a seed of its own, so that stores of other lengths hold the same newest months.
const SEED_MONTHS: u64 = 1_000;
/// Seeds of kills that are imported while questions are asked; each run takes the next.
const SEED_IMPORTS: u64 = 3_000;
/// Bytes gathered before they are handed on.
const CHUNK_BYTES: usize = 1 << 20;
/// Between two words on how far it is.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// Characters of a followed list, and known kills among those of which it is asked whether they exist.
const CHARACTERS: i64 = 100;
const KILLS: i64 = 500;

/// What stands beside a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct About {
    shape: Shape,
    end: Timestamp,
    is_built: bool,
    /// Runs that imported more kills while they asked.
    imports: u64,
}

/// A kept store.
pub struct Kept {
    folder: PathBuf,
    /// The configuration with this store's data folder.
    config: Config,
    about: About,
}

impl Kept {
    /// Finds the store of this size below a folder, or builds it; `tell` says how far it is.
    ///
    /// # Errors
    /// When PostgreSQL or the disk fails.
    pub async fn find(
        config: &Config,
        root: &Path,
        shape: Shape,
        tell: impl Fn(&str) + Send + 'static,
    ) -> anyhow::Result<Kept> {
        let folder = root.join(shape.name());
        let data_dir = folder.join("store");
        let config = Config { database_url: None, data_dir, ..config.clone() };
        let about_path = folder.join("about.json");
        let about = match std::fs::read_to_string(&about_path) {
            Ok(text) => serde_json::from_str(&text).context("reading about.json")?,
            Err(_) => {
                let end = shape::end(clock::now());
                About { shape, end, is_built: false, imports: 0 }
            }
        };
        let mut kept = Kept { folder, config, about };
        if !kept.about.is_built {
            std::fs::create_dir_all(&kept.folder)
                .with_context(|| format!("making {}", kept.folder.display()))?;
            // Should this end here, the next run takes the same months and passes over what is stored.
            kept.write_about()?;
            kept.build(tell).await?;
            kept.about.is_built = true;
            kept.write_about()?;
        }
        Ok(kept)
    }

    /// The moment before which all its kills lie.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.about.end
    }

    /// The folder in which PostgreSQL is.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    /// Opens it.
    ///
    /// # Errors
    /// When PostgreSQL does not start.
    pub async fn open(&self) -> anyhow::Result<Database> {
        Database::open(&self.config, Purpose::Use).await
    }

    async fn build(&self, tell: impl Fn(&str) + Send + 'static) -> anyhow::Result<()> {
        tell(&format!(
            "building {} kills in {} months in {}",
            self.about.shape.kills(),
            self.about.shape.months,
            self.folder.display()
        ));
        let database = Database::open(&self.config, Purpose::Migrate).await?;
        let filled = self.fill(&database, tell).await;
        // PostgreSQL is stopped whether that went well or not.
        filled.and(database.close().await)
    }

    async fn fill(
        &self,
        database: &Database,
        tell: impl Fn(&str) + Send + 'static,
    ) -> anyhow::Result<()> {
        lifecycle::look(&database.store, Rules::of(&self.config.partitions)).await?;
        let (data_dir, about) = (self.config.data_dir.clone(), self.about.clone());
        tokio::task::spawn_blocking(move || import_months(&data_dir, &about, tell)).await??;
        Ok(settle(&database.store.client().await?).await?)
    }

    /// What it can be asked for: looked up once, then read from beside it.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn arguments(&self, database: &Database) -> anyhow::Result<Arguments> {
        let path = self.folder.join("arguments.json");
        if let Ok(text) = std::fs::read_to_string(&path) {
            return serde_json::from_str(&text).context("reading arguments.json");
        }
        let client = database.store.client().await?;
        let month = shape::newest(self.about.end);
        let mut of: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for who in mentioned(&client, month).await? {
            of.entry(who.kind).or_default().insert(who.rank, who.id);
        }
        for (kind, ranks) in &mut of {
            ranks.insert("missing".to_owned(), missing(kind).to_owned());
        }
        let characters = spread(&client, "character", month, CHARACTERS).await?;
        let kills = spread(&client, "kill", month, KILLS).await?;
        let arguments = Arguments { of, characters, kills };
        std::fs::write(path, serde_json::to_string_pretty(&arguments)?)?;
        Ok(arguments)
    }

    /// Kills that this store does not have yet, of its newest month, and a note that it has them from now on.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn more_kills(&mut self) -> anyhow::Result<Generator> {
        self.about.imports += 1;
        self.write_about()?;
        let kills = self.about.shape.newest.max(1);
        generator(kills, shape::newest(self.about.end), SEED_IMPORTS + self.about.imports)
    }

    fn write_about(&self) -> anyhow::Result<()> {
        let path = self.folder.join("about.json");
        std::fs::write(&path, serde_json::to_string_pretty(&self.about)?)
            .with_context(|| format!("writing {}", path.display()))
    }
}

fn generator(kills: u64, range: TimeRange, seed: u64) -> anyhow::Result<Generator> {
    let options =
        Options { kills, from: range.from, to: range.to, seed, oddities: false, zkb: true };
    Ok(Generator::new(&GalaxySource::of(&catalogue()), options)?)
}

/// Hands all months, oldest first, to one importing process.
fn import_months(data_dir: &Path, about: &About, tell: impl Fn(&str)) -> anyhow::Result<()> {
    let mut child = noctis(data_dir)?
        .args(["import", "--json", "--allow-generated", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut pipe = child.stdin.take().context("a process without an input")?;
    let (begin, mut told) = (Instant::now(), Instant::now());
    let mut written = 0;
    let all = about.shape.kills();
    for (back, range, kills) in about.shape.calendar(about.end) {
        let mut generator = generator(kills, range, SEED_MONTHS + u64::from(back))?;
        let mut of_month = 0;
        while of_month < kills {
            of_month += write_some(&mut generator, &mut pipe)?;
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                let handed = written + of_month;
                let seconds = begin.elapsed().as_secs().max(1);
                tell(&format!("{handed} of {all} kills, {} a second", handed / seconds));
            }
        }
        written += kills;
    }
    drop(pipe);
    let status = child.wait()?;
    if !status.success() {
        bail!(
            "the import failed: {status}; `noctis --data-dir {} parked list` may say why",
            data_dir.display()
        );
    }
    tell(&format!("{all} kills in {} s", begin.elapsed().as_secs()));
    Ok(())
}

/// Writes the next kills, about a megabyte of them, and says how many; none after the last.
///
/// # Errors
/// When whoever reads them is gone.
pub(super) fn write_some(generator: &mut Generator, pipe: &mut impl Write) -> std::io::Result<u64> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES * 2);
    let mut kills = 0;
    while chunk.len() < CHUNK_BYTES && generator.write_next(&mut chunk) {
        kills += 1;
    }
    pipe.write_all(&chunk)?;
    Ok(kills)
}
