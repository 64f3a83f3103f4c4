//! The archive's part in a backup: the files of its parts by their manifests, and the records of its owners.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use noctis_core::archive::Manifest;
use noctis_store::server::{Progress, Reporter};

use super::ARCHIVE;
use super::copying::{Came, FileNote, copy};

/// Records of owners: the newest claims of the archive.
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
    pub(super) parts: Vec<Manifest>,
    /// By paths within the archive.
    pub(super) damaged: Vec<String>,
    /// Files that needed no room.
    pub(super) linked: usize,
    bytes: u64,
}

impl Copying {
    /// Copies what is not copied yet of these parts, and the records of owners as they are now. What was damaged is tried
    /// again, and forgotten where its part is none any more; a part of the same name and other files is another part.
    pub(super) fn run(&mut self, manifests: &[Manifest]) -> anyhow::Result<()> {
        let total: u64 = manifests.iter().flat_map(|part| &part.files).map(|file| file.bytes).sum();
        let Some(from) = self.from.clone() else {
            self.done.parts = manifests.to_vec();
            return Ok(());
        };
        self.done.damaged.clear();
        self.done.parts.retain(|part| manifests.contains(part));
        for manifest in manifests {
            if self.done.parts.contains(manifest) {
                continue;
            }
            let damaged_before = self.done.damaged.len();
            for file in &manifest.files {
                let expected = FileNote { bytes: file.bytes, sha256: file.sha256.clone() };
                self.file(&from, &file.path, Some(&expected))?;
                self.reporter.report(Progress::Copying { done: self.done.bytes, total });
            }
            self.manifest(&from, manifest)?;
            if self.done.damaged.len() == damaged_before {
                self.done.parts.push(manifest.clone());
            }
        }
        for record in names_in(&from.join(OWNERS))? {
            // One that is gone meanwhile was removed by a newer claim.
            self.copied(&from, &format!("{OWNERS}/{record}"), None)?;
        }
        Ok(())
    }

    /// Copies a part's manifest, which must be the database's.
    fn manifest(&mut self, from: &Path, manifest: &Manifest) -> anyhow::Result<()> {
        let path = format!("manifest/{}.json", manifest.name.path());
        self.file(from, &path, None)?;
        let inside = format!("{ARCHIVE}/{path}");
        let copied = self.backup.join(&inside);
        let is_it = |bytes: Vec<u8>| {
            serde_json::from_slice::<Manifest>(&bytes).is_ok_and(|found| found == *manifest)
        };
        if self.done.files.contains_key(&inside) && !fs::read(&copied).is_ok_and(is_it) {
            fs::remove_file(&copied).with_context(|| format!("removing {}", copied.display()))?;
            self.done.files.remove(&inside);
            self.done.damaged.push(path);
        }
        Ok(())
    }

    fn file(
        &mut self,
        archive: &Path,
        path: &str,
        expected: Option<&FileNote>,
    ) -> anyhow::Result<()> {
        if !self.copied(archive, path, expected)? {
            self.done.damaged.push(path.to_owned());
        }
        Ok(())
    }

    /// Whether the file was there, and was what was expected.
    fn copied(
        &mut self,
        archive: &Path,
        path: &str,
        expected: Option<&FileNote>,
    ) -> anyhow::Result<bool> {
        let inside = format!("{ARCHIVE}/{path}");
        let (from, to) = (archive.join(path), self.backup.join(&inside));
        let earlier = self.earlier.as_ref().map(|earlier| earlier.join(&inside));
        let copied = match copy(&from, &to, expected, earlier.as_deref()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !from.exists() => None,
            copied => copied.with_context(|| format!("copying {}", from.display()))?,
        };
        let Some((note, came)) = copied else {
            // What an earlier pass put there is of another part.
            if self.done.files.remove(&inside).is_some() {
                let to = self.backup.join(&inside);
                fs::remove_file(&to).with_context(|| format!("removing {}", to.display()))?;
            }
            return Ok(false);
        };
        self.done.bytes += note.bytes;
        self.done.linked += usize::from(came == Came::Linked);
        self.done.files.insert(inside, note);
        Ok(true)
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sha2::{Digest, Sha256};

    use super::*;

    const FILE: &str = "table=killmails_raw/month=2025-06/part-0.parquet";
    const MANIFEST: &str = "manifest/month=2025-06/part-0.json";

    fn put(archive: &Path, path: &str, bytes: &[u8]) {
        let path = archive.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A part of one file, put into the archive.
    fn part(archive: &Path, bytes: &[u8], generation: i64) -> Manifest {
        let sha256: String =
            Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let manifest = json!({
            "format": 1, "store_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "generation": generation,
            "schema_version": 10, "schema_hash": "", "month": "2025-06", "part": 0,
            "range": {"from": "2025-06-01T00:00:00Z", "to": "2025-07-01T00:00:00Z"},
            "written_at": "2026-07-01T00:00:00Z", "written_by": "a test",
            "files": [{"table": "killmails_raw", "path": FILE, "bytes": bytes.len(), "sha256": sha256, "rows": 0,
                "first": null, "last": null, "checksums": {}}],
        });
        put(archive, FILE, bytes);
        put(archive, MANIFEST, manifest.to_string().as_bytes());
        serde_json::from_value(manifest).unwrap()
    }

    #[test]
    fn a_part_that_was_written_anew_meanwhile_is_copied_anew_and_its_manifest_is_the_databases() {
        let folder = tempfile::tempdir().unwrap();
        let (archive, backup) = (folder.path().join("archive"), folder.path().join("backup"));
        let mut copying = Copying {
            from: Some(archive.clone()),
            backup: backup.clone(),
            earlier: None,
            reporter: Reporter::default(),
            done: Done::default(),
        };
        let first = part(&archive, b"of the first run", 1);
        copying.run(std::slice::from_ref(&first)).unwrap();
        assert_eq!(copying.done.parts, [first]);

        // Of one name and other kills, between the two passes.
        let second = part(&archive, b"what came later too", 2);
        copying.run(std::slice::from_ref(&second)).unwrap();
        assert_eq!(fs::read(backup.join(ARCHIVE).join(FILE)).unwrap(), b"what came later too");
        assert_eq!(copying.done.parts, std::slice::from_ref(&second));
        assert_eq!(copying.done.damaged, Vec::<String>::new());

        // The archive has another manifest than the database.
        let third = part(&archive, b"what came later too", 3);
        copying.done.parts.clear();
        copying.run(&[second]).unwrap();
        assert_eq!(copying.done.damaged, [MANIFEST]);
        assert_eq!(copying.done.parts, []);
        assert!(!backup.join(ARCHIVE).join(MANIFEST).exists());
        copying.run(std::slice::from_ref(&third)).unwrap();
        assert_eq!(copying.done.damaged, Vec::<String>::new());
        assert_eq!(copying.done.parts, [third]);
    }
}
