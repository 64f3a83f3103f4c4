//! A backup: a folder with the database, the archive's parts, the configuration, and last of all the list of what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use jiff::Timestamp;
use noctis_core::archive::PartName;
use noctis_store::server::{ClusterOptions, verify_base_backup};
use serde::{Deserialize, Serialize};

mod archive;
mod copying;
pub mod restore;
pub mod take;

use copying::{FileNote, note};

/// The form of lists written by this noctis.
const FORMAT: u32 = 1;
/// The list, which is there only when everything else is.
const LIST: &str = "backup.json";
/// Says that the folder is ours, while there is no list.
const UNFINISHED: &str = "backup.unfinished";
/// The database's files, as PostgreSQL's base backup has them.
const POSTGRES: &str = "postgres";
const ARCHIVE: &str = "archive";
const CONFIGURATION: &str = "noctis.toml";
/// A list is not longer: 100 bytes a file, for a million files.
const LIST_BYTES_MAX: u64 = 100 << 20;
/// So many faults are told one by one.
const FAULTS_MAX: usize = 20;

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// [`FORMAT`].
    format: u32,
    /// Of the noctis that wrote it.
    pub noctis: String,
    pub store_id: String,
    pub generation: i64,
    pub schema_version: i32,
    pub began_at: Timestamp,
    pub finished_at: Timestamp,
    /// The server's version; none where the database is not in it.
    pub postgres: Option<String>,
    pub archive: Archived,
    /// Whether `noctis.toml` is in it; there may have been none.
    pub configuration: bool,
    /// Files of the archive that were not what their manifests say, and so are not in it.
    pub damaged: Vec<String>,
    /// By their paths within the backup. Those of the database are in PostgreSQL's manifest, which is one of these.
    files: BTreeMap<String, FileNote>,
}

/// What of the archive is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// Where the archive was.
    pub place: String,
    /// Whether its files are in the backup. Those of a bucket stay there, and are only listed.
    pub copied: bool,
    pub parts: Vec<PartName>,
}

impl Backup {
    /// Reads the list of a finished backup.
    ///
    /// # Errors
    /// When there is none, since the backup was cut off, or it is of a later noctis.
    pub fn read(folder: &Path) -> anyhow::Result<Backup> {
        let path = folder.join(LIST);
        if !path.exists() && folder.join(UNFINISHED).exists() {
            bail!(
                "the backup in {} is unfinished: it was cut off, or goes on; `noctis backup {0}` takes it up again",
                folder.display()
            );
        }
        let length = fs::metadata(&path)
            .with_context(|| format!("{} is no backup of noctis", folder.display()))?
            .len();
        if length > LIST_BYTES_MAX {
            bail!("{} is too long for the list of a backup", path.display());
        }
        let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let unreadable = || format!("{} cannot be read", path.display());
        let format: Format = serde_json::from_slice(&text).with_context(unreadable)?;
        if format.format != FORMAT {
            bail!(
                "{} has the form {}, which this noctis does not know: use the one that wrote it, or a newer one",
                path.display(),
                format.format
            );
        }
        serde_json::from_slice(&text).with_context(unreadable)
    }

    /// What its files take without the database's, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|note| note.bytes).sum()
    }

    /// Files but those of the database.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// Its files below a folder, by their paths within that.
    fn files_in<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a FileNote)> {
        self.files.iter().filter_map(move |(path, note)| {
            Some((path.strip_prefix(folder)?.strip_prefix('/')?, note))
        })
    }
}

/// The one field that every form has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Reads all of a backup and compares it with its list, and the database with PostgreSQL's manifest.
///
/// # Errors
/// A list of all that is missing or differs; when the backup is unfinished; when the database's version has no programs here.
pub async fn verify(folder: &Path, options: &ClusterOptions) -> anyhow::Result<Backup> {
    let folder = &folder.canonicalize().with_context(|| format!("finding {}", folder.display()))?;
    let backup = Backup::read(folder)?;
    let mut faults: Vec<String> = backup.damaged.iter().map(|path| damaged(path)).collect();
    let (files, root) = (backup.files.clone(), folder.to_owned());
    let differing = tokio::task::spawn_blocking(move || {
        let differs = |(path, listed): &(String, FileNote)| match note(&root.join(path)) {
            Ok(found) if found == *listed => None,
            Ok(_) => Some(format!("{path} is not what the list says")),
            Err(error) => Some(format!("{path} cannot be read: {error}")),
        };
        files.into_iter().filter_map(|entry| differs(&entry)).collect::<Vec<_>>()
    });
    faults.extend(differing.await.context("reading the files")?);
    if backup.postgres.is_some() {
        let checked = verify_base_backup(options, &folder.join(POSTGRES)).await;
        faults.extend(checked.err().map(|error| format!("the database: {error}")));
    }
    if faults.is_empty() {
        return Ok(backup);
    }
    let (count, more) = (faults.len(), faults.len().saturating_sub(FAULTS_MAX));
    faults.truncate(FAULTS_MAX);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    bail!("{} is not whole, {count} to tell: {}{more}", folder.display(), faults.join("; "))
}

fn damaged(path: &str) -> String {
    format!("archive/{path} was damaged when the backup was taken, and is not in it")
}
