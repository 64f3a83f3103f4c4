//! Where the tables lie: files of a folder, or members of a zip, each bounded.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use zip::ZipArchive;

/// A table larger than this is refused; the largest that is read, `types`, has 153 MB.
pub(super) const TABLE_BYTES_MAX: u64 = 1 << 30;
/// A zip of more members than this is none of CCP's, which has about a hundred.
const MEMBERS_MAX: usize = 10_000;

/// A folder or a zip that is open.
pub(super) enum Source {
    Folder(PathBuf),
    Zip(Box<ZipArchive<BufReader<File>>>),
}

impl Source {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let about = || path.display().to_string();
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let file = File::open(path).with_context(about)?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| {
            anyhow::anyhow!(
                "{} is no zip, or is cut off ({error}): give CCP's static data in its JSON Lines form",
                about()
            )
        })?;
        if zip.len() > MEMBERS_MAX {
            bail!("{} has {} members, {MEMBERS_MAX} at most", about(), zip.len());
        }
        Ok(Self::Zip(Box::new(zip)))
    }

    /// Reads the table of this name with `read`.
    pub(super) fn table<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut dyn Read) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let file_name = format!("{name}.jsonl");
        match self {
            Self::Folder(folder) => {
                let path = folder.join(&file_name);
                if !path.is_file() {
                    return missing(&file_name);
                }
                let mut file = File::open(&path).with_context(|| path.display().to_string())?;
                refuse_oversize(&file_name, file.metadata()?.len())?;
                read(&mut file)
            }
            Self::Zip(zip) => {
                // The members may lie in a folder of the zip.
                let place = (0..zip.len()).find(|&place| {
                    zip.name_for_index(place)
                        .and_then(Result::ok)
                        .is_some_and(|name| name.rsplit('/').next() == Some(file_name.as_str()))
                });
                let Some(place) = place else { return missing(&file_name) };
                let mut member = zip.by_index(place).with_context(|| file_name.clone())?;
                refuse_oversize(&file_name, member.size())?;
                read(&mut member)
            }
        }
    }
}

fn missing<T>(file_name: &str) -> anyhow::Result<T> {
    bail!("there is no {file_name} in it: this is not all of CCP's static data; get the file again")
}

fn refuse_oversize(file_name: &str, bytes: u64) -> anyhow::Result<()> {
    if bytes > TABLE_BYTES_MAX {
        bail!("{file_name} has {bytes} bytes, {TABLE_BYTES_MAX} at most");
    }
    Ok(())
}
