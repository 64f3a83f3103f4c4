//! Putting a backup back into an empty folder; rule: the database comes last, so that a folder that has one has all.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use noctis_store::fail;
use noctis_store::server::{
    Cluster, ClusterOptions, MANIFEST_FILE, ServeLock, must_fit, place_base_backup,
};

use super::copying::{FileNote, copy, note, write_private};
use super::take::usual_archive;
use super::{ARCHIVE, Backup, CONFIGURATION, POSTGRES};

/// Says that the folder is ours, while not all is back.
const UNFINISHED: &str = "restore.unfinished";
const UNFINISHED_TEXT: &str =
    "noctis puts a backup back here. Should this file stay, that was cut off: do it again.\n";

/// Puts a backup back into the data folder of these options, which must be new, empty, or one in which that was cut off.
/// Every file is checked on its way.
///
/// # Errors
/// When the folder holds something else, the backup is unfinished or damaged, or it does not fit.
pub async fn restore(folder: &Path, options: &ClusterOptions) -> anyhow::Result<Backup> {
    let folder = folder.canonicalize().with_context(|| format!("finding {}", folder.display()))?;
    let backup = Backup::read(&folder)?;
    let data = options.data_dir.clone();
    let mark = format!("{UNFINISHED_TEXT}{} {}\n", backup.store_id, backup.finished_at);
    refuse_used(&data, &mark)?;
    // Makes the folder, too.
    let _lock = ServeLock::take(&data)?;
    write_private(&data.join(UNFINISHED), mark.as_bytes())
        .with_context(|| format!("writing into {}", data.display()))?;
    must_fit(backup.bytes(), &data)?;
    let files = (backup.clone(), folder.clone(), data.clone());
    tokio::task::spawn_blocking(move || put_files(&files.0, &files.1, &files.2))
        .await
        .context("copying")??;
    fail::point("backup.files_back");
    // It came last: where it is, a run before this one put all of it there.
    if backup.postgres.is_some() && !Cluster::exists(&data) {
        let path = format!("{POSTGRES}/{MANIFEST_FILE}");
        if backup.files.get(&path) != note(&folder.join(&path)).ok().as_ref() {
            bail!("{path} is not what the list of the backup says: it is damaged");
        }
        place_base_backup(options, &folder.join(POSTGRES)).await.context("copying the database")?;
    }
    fail::point("backup.database_back");
    fs::remove_file(data.join(UNFINISHED)).context("removing the mark of an unfinished restore")?;
    Ok(backup)
}

/// Refuses a folder that holds anything but what a restore of the same backup left.
fn refuse_used(data: &Path, mark: &str) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(data) else { return Ok(()) };
    let is_used = entries.flatten().any(|entry| entry.file_name() != "serve.lock");
    let is_ours = fs::read_to_string(data.join(UNFINISHED)).is_ok_and(|found| found == mark);
    if is_used && !is_ours {
        bail!(
            "{} is not empty: a backup is put back into a new folder, such as `--data-dir {}-restored`",
            data.display(),
            data.display()
        );
    }
    Ok(())
}

/// The archive's files and the configuration.
fn put_files(backup: &Backup, folder: &Path, data: &Path) -> anyhow::Result<()> {
    let put = |inside: &str, to: &Path, expected: &FileNote| {
        let from = folder.join(inside);
        let copied = copy(&from, to, Some(expected), None);
        match copied.with_context(|| format!("copying {}", from.display()))? {
            Some(_) => Ok(()),
            None => bail!(
                "{inside} is not what the list of the backup says: `noctis backup verify` tells all that differs"
            ),
        }
    };
    let archive = usual_archive(data);
    for (path, expected) in backup.files_in(ARCHIVE) {
        put(&format!("{ARCHIVE}/{path}"), &archive.join(path), expected)?;
    }
    if let Some(expected) = backup.files.get(CONFIGURATION) {
        let target = data.join(CONFIGURATION);
        put(CONFIGURATION, &target, expected)?;
        close(&target)?;
    }
    Ok(())
}

/// It may hold passwords.
fn close(path: &Path) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .with_context(|| format!("closing {} to others", path.display()))?;
    }
    Ok(())
}
