//! Taking a backup; rule: the list is written last, so that what has one is whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use noctis_archive::Place;
use noctis_core::archive::Manifest;
use noctis_store::server::{MANIFEST_FILE, Reporter, must_fit};
use noctis_store::{backup, fail, migrate};

use super::archive::{Copying, Done};
use super::copying::{FileNote, note, write_private};
use super::{ARCHIVE, Archived, Backup, CONFIGURATION, FORMAT, LIST, POSTGRES, UNFINISHED};
use crate::clock;
use crate::config::Config;
use crate::database::{Database, Server};

const UNFINISHED_TEXT: &str =
    "noctis takes a backup here. Should this file stay, the backup was cut off.\n";

/// What to back up, and where to.
#[derive(Clone, Debug)]
pub struct Order {
    /// New, empty, or one in which a backup was cut off.
    pub folder: PathBuf,
    /// An earlier backup, to link the archive's files from.
    pub earlier: Option<PathBuf>,
    pub without_database: bool,
}

/// A backup that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    pub backup: Backup,
    /// Files of the archive that were linked and took no room.
    pub linked: usize,
}

/// Takes a backup of what the configuration names.
///
/// # Errors
/// When the folder holds something else, it does not fit, the database is not our own, or copying fails. The folder is then
/// unfinished, and the next backup into it goes on.
pub async fn take(order: &Order, config: &Config, database: &Database) -> anyhow::Result<Taken> {
    let began_at = clock::now();
    if matches!(database.server, Server::Given(_)) && !order.without_database {
        bail!(
            "the database is on a PostgreSQL of yours, which noctis does not copy: take it with pg_basebackup or pg_dump there, \
             and archive and configuration with `noctis backup --without-database`"
        );
    }
    prepare(&order.folder)?;
    let folder = order.folder.canonicalize().context("finding the folder")?;
    fail::point("backup.begun");
    let client = database.store.client().await?;
    let identity = backup::identity(&client).await?;
    let schema_version = migrate::version(&client).await?;
    // Before the database is copied and after: whichever parts its last moment knows are among these.
    let manifests = backup::parts(&client).await?;
    let place = config.archive.place(&config.data_dir);
    let from = match &place {
        Place::Folder(folder) => Some(folder.clone()),
        Place::S3 { .. } => None,
    };
    let copying = Copying {
        from,
        backup: folder.clone(),
        earlier: order.earlier.clone(),
        reporter: Reporter::default(),
        done: Done::default(),
    };
    let copying = copy_archive(copying, manifests).await?;
    let postgres = if order.without_database { None } else { Some(identity.postgres) };
    let mut listed = Vec::new();
    if postgres.is_some() {
        listed.push(copy_database(&folder, database).await?);
    }
    fail::point("backup.database");
    let manifests = backup::parts(&client).await?;
    let Copying { from, done, .. } = copy_archive(copying, manifests).await?;
    fail::point("backup.archive");
    let configuration = copy_configuration(&folder, config)?;
    listed.extend(configuration.clone());
    let mut files = done.files;
    files.extend(listed);
    let backup = Backup {
        format: FORMAT,
        noctis: env!("CARGO_PKG_VERSION").to_owned(),
        store_id: identity.store_id,
        generation: identity.generation,
        schema_version,
        began_at,
        finished_at: clock::now(),
        postgres,
        archive: Archived {
            place: place.to_string(),
            copied: from.is_some(),
            parts: done.parts.into_iter().map(|part| part.name).collect(),
        },
        configuration: configuration.is_some(),
        damaged: done.damaged,
        files,
    };
    let text = serde_json::to_vec_pretty(&backup)?;
    write_private(&folder.join(LIST), &text).context("writing the list")?;
    fail::point("backup.listed");
    fs::remove_file(folder.join(UNFINISHED))
        .context("removing the mark of an unfinished backup")?;
    Ok(Taken { backup, linked: done.linked })
}

/// Makes the folder, closed to others, or takes one up again.
fn prepare(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    if folder.join(LIST).exists() {
        bail!("{shown} holds a backup already: give another folder");
    }
    let marked = folder.join(UNFINISHED).exists();
    let is_empty = || fs::read_dir(folder).map(|mut entries| entries.next().is_none());
    if folder.exists() && !marked && !is_empty().with_context(|| format!("reading {shown}"))? {
        bail!("{shown} is not empty: give a new folder");
    }
    fs::create_dir_all(folder).with_context(|| format!("creating {shown}"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // It may hold passwords, and the database does not ask for one.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("closing {shown} to others"))?;
    }
    write_private(&folder.join(UNFINISHED), UNFINISHED_TEXT.as_bytes())
        .with_context(|| format!("writing into {shown}"))
}

async fn copy_archive(mut copying: Copying, manifests: Vec<Manifest>) -> anyhow::Result<Copying> {
    if copying.from.is_some() {
        let new = manifests.iter().filter(|part| !copying.done.parts.contains(part));
        must_fit(new.flat_map(|part| &part.files).map(|file| file.bytes).sum(), &copying.backup)?;
    }
    let (reporter, _line) = crate::database::reporter();
    copying.reporter = reporter;
    tokio::task::spawn_blocking(move || {
        copying.run(&manifests)?;
        Ok(copying)
    })
    .await
    .context("copying the archive")?
}

/// The base backup; its own manifest is what the list names, and names all the rest.
async fn copy_database(folder: &Path, database: &Database) -> anyhow::Result<(String, FileNote)> {
    let Server::Own(cluster) = &database.server else { bail!("the database is not our own") };
    let into = folder.join(POSTGRES);
    if into.exists() {
        // Of a backup that was cut off: it cannot be gone on with.
        fs::remove_dir_all(&into).with_context(|| format!("removing {}", into.display()))?;
    }
    let (reporter, _line) = crate::database::reporter();
    cluster.base_backup(&into, &reporter).await.context("copying the database")?;
    let path = format!("{POSTGRES}/{MANIFEST_FILE}");
    let found = note(&folder.join(&path)).context("reading PostgreSQL's manifest")?;
    Ok((path, found))
}

/// The configuration's file, whole, passwords included: without them it could not be put back.
fn copy_configuration(
    folder: &Path,
    config: &Config,
) -> anyhow::Result<Option<(String, FileNote)>> {
    let Some(file) = &config.file else { return Ok(None) };
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let target = folder.join(CONFIGURATION);
    write_private(&target, &bytes).with_context(|| format!("writing {}", target.display()))?;
    Ok(Some((CONFIGURATION.to_owned(), note(&target)?)))
}

/// Where in a folder that noctis keeps its data in the archive is unless somebody said otherwise.
#[must_use]
pub(super) fn usual_archive(data_dir: &Path) -> PathBuf {
    data_dir.join(ARCHIVE)
}
