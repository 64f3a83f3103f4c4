//! The archive's part in a backup: the files of its parts by their manifests, and the records of its owners.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use noctis_core::archive::{Manifest, PartName};
use noctis_store::server::{Progress, Reporter};

use super::ARCHIVE;
use super::copying::{Came, FileNote, copy};

/// Records of owners: one for each time that somebody took the archive over.
const OWNERS: &str = "owner";

/// The archive's files on their way into a backup.
#[derive(Clone, Debug)]
pub(super) struct Copying {
    /// The archive's folder; none for a bucket, whose files stay there and are only listed.
    pub(super) from: Option<PathBuf>,
    /// The backup.
    pub(super) backup: PathBuf,
    /// An earlier backup, whose files are linked.
    pub(super) earlier: Option<PathBuf>,
    pub(super) reporter: Reporter,
    pub(super) done: Done,
}

/// What was copied so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    /// By paths within the backup.
    pub(super) files: BTreeMap<String, FileNote>,
    pub(super) parts: Vec<PartName>,
    /// By paths within the archive.
    pub(super) damaged: Vec<String>,
    /// Files that needed no room.
    pub(super) linked: usize,
    bytes: u64,
}

impl Copying {
    /// Copies what is not copied yet of these parts, and the records of owners as they are now. What was damaged is tried
    /// again, and forgotten where its part is none any more.
    pub(super) fn run(&mut self, manifests: &[Manifest]) -> anyhow::Result<()> {
        let total: u64 = manifests.iter().flat_map(|part| &part.files).map(|file| file.bytes).sum();
        let Some(from) = self.from.clone() else {
            self.done.parts = manifests.iter().map(|part| part.name.clone()).collect();
            return Ok(());
        };
        self.done.damaged.clear();
        for manifest in manifests {
            if self.done.parts.contains(&manifest.name) {
                continue;
            }
            let damaged_before = self.done.damaged.len();
            for file in &manifest.files {
                let expected = FileNote { bytes: file.bytes, sha256: file.sha256.clone() };
                self.file(&from, &file.path, Some(&expected))?;
                self.reporter.report(Progress::Copying { done: self.done.bytes, total });
            }
            self.file(&from, &format!("manifest/{}.json", manifest.name.path()), None)?;
            if self.done.damaged.len() == damaged_before {
                self.done.parts.push(manifest.name.clone());
            }
        }
        for record in names_in(&from.join(OWNERS))? {
            self.file(&from, &format!("{OWNERS}/{record}"), None)?;
        }
        Ok(())
    }

    fn file(
        &mut self,
        archive: &Path,
        path: &str,
        expected: Option<&FileNote>,
    ) -> anyhow::Result<()> {
        let inside = format!("{ARCHIVE}/{path}");
        let (from, to) = (archive.join(path), self.backup.join(&inside));
        let earlier = self.earlier.as_ref().map(|earlier| earlier.join(&inside));
        let copied = match copy(&from, &to, expected, earlier.as_deref()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !from.exists() => None,
            copied => copied.with_context(|| format!("copying {}", from.display()))?,
        };
        match copied {
            Some((note, came)) => {
                self.done.bytes += note.bytes;
                self.done.linked += usize::from(came == Came::Linked);
                self.done.files.insert(inside, note);
            }
            None => self.done.damaged.push(path.to_owned()),
        }
        Ok(())
    }
}

/// The names of the files in a folder; none where there is no folder.
fn names_in(folder: &Path) -> anyhow::Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.filter(|name| name.ends_with(".json")).collect())
}
