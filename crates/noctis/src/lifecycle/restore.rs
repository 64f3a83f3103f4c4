//! Brings archived months back into the tables, equal to what was archived.

use anyhow::{Context, bail};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use noctis_archive::Archive;
use noctis_archive::digest::ContentsDigest;
use noctis_core::archive::Contents;
use noctis_core::partition::{Member, PartState};
use noctis_core::time::TimeRange;
use noctis_store::Client;
use noctis_store::partitions::parts::{self, StoredPart};
use noctis_store::partitions::restore::Restore;
use noctis_store::partitions::{LockBudget, RETIREMENT_LOCK};
use noctis_store::{Store, files, migrate};
use serde::Serialize;

use super::progress::Progress;
use super::{Failed, disk};

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    pub range: TimeRange,
    /// As folders of the archive are called.
    pub parts: Vec<String>,
    /// With those that came late and were in the tables.
    pub kills: u64,
}

/// Restores all parts of a month, `2025-06`. Weeks that begin in it come back each as its own leaf.
///
/// # Errors
/// When the month is not in the archive, a file is damaged, there is no room, or the tables stay locked: then nothing has
/// changed.
pub async fn restore(
    store: &Store,
    archive: &Archive,
    month: &str,
    budget: LockBudget,
) -> anyhow::Result<Vec<Restored>> {
    let mut client = store.client().await?;
    let held = RETIREMENT_LOCK.take(&mut client).await?;
    let restored = month_back(held.client, archive, month, budget).await;
    held.release().await?;
    restored
}

async fn month_back(
    client: &mut Client,
    archive: &Archive,
    month: &str,
    budget: LockBudget,
) -> anyhow::Result<Vec<Restored>> {
    let folder = files::data_directory(client).await?;
    let folder = folder.filter(|folder| folder.exists());
    let parts = parts::parts(&*client).await?;
    let of_month = |part: &&StoredPart| part.manifest.name.month == month;
    let cold: Vec<StoredPart> = parts
        .iter()
        .filter(of_month)
        .filter(|part| part.state == PartState::Cold)
        .cloned()
        .collect();
    if cold.is_empty() {
        bail!("nothing of {month} is in the archive alone; `noctis archive list` shows what is");
    }
    let files_bytes =
        cold.iter().flat_map(|part| &part.manifest.files).map(|file| file.bytes).sum();
    disk::room_for_tables(folder.as_deref(), files_bytes)?;
    let mut restored = Vec::new();
    for group in overlapping(cold) {
        let one = one(client, archive, &group, budget).await;
        restored.push(one.with_context(|| format!("restoring {month}"))?);
    }
    Ok(restored)
}

/// Parts whose ranges hang together come back as one leaf.
fn overlapping(mut parts: Vec<StoredPart>) -> Vec<Vec<StoredPart>> {
    parts.sort_by_key(|part| part.manifest.range);
    let mut groups: Vec<(TimeRange, Vec<StoredPart>)> = Vec::new();
    for part in parts {
        let range = part.manifest.range;
        match groups.last_mut() {
            Some((all, group)) if range.from < all.to => {
                all.to = all.to.max(range.to);
                group.push(part);
            }
            _ => groups.push((range, vec![part])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

async fn one(
    client: &mut Client,
    archive: &Archive,
    parts: &[StoredPart],
    budget: LockBudget,
) -> anyhow::Result<Restored> {
    let name = &parts[0].manifest.name;
    let mut progress = Progress::start(format!("restoring {}", name.month));
    let mut restore = Restore::begin(client, parts, budget).await?;
    let kills = bring_back(client, (archive, parts), &mut restore, budget, &mut progress).await;
    if kills.is_err() {
        restore.give_up(client, budget).await;
    }
    let parts = parts.iter().map(|part| part.manifest.name.path()).collect();
    Ok(Restored { range: restore.range(), parts, kills: kills? })
}

/// Fills, compares and attaches the tables; how many kills are in them.
async fn bring_back(
    client: &mut Client,
    (archive, parts): (&Archive, &[StoredPart]),
    restore: &mut Restore,
    budget: LockBudget,
    progress: &mut Progress,
) -> anyhow::Result<u64> {
    let mut expected = Vec::new();
    for member in Member::ALL {
        progress.now(member.table());
        expected.push(fill(client, (archive, parts), restore, member, progress).await?);
    }
    restore.take_over_late(client).await?;
    progress.now("building indexes");
    restore.finish(client).await?;
    progress.now("comparing");
    for (member, expected) in Member::ALL.into_iter().zip(&expected) {
        let rows = restore.rows(client, member).await?;
        let found = digest(member, rows.map_err(anyhow::Error::from), progress).await?;
        if found != *expected {
            bail!(
                "{} came back as {found:?} instead of {expected:?}; nothing was attached",
                member.table()
            );
        }
    }
    restore.attach(client, budget).await?;
    Ok(expected[0].rows)
}

/// Fills one table from the files, and says what must be in it then, late kills included.
async fn fill(
    client: &Client,
    (archive, parts): (&Archive, &[StoredPart]),
    restore: &Restore,
    member: Member,
    progress: &mut Progress,
) -> anyhow::Result<Contents> {
    let mut expected = Contents::default();
    for part in parts {
        let manifest = &part.manifest;
        let mut digest = ContentsDigest::new(member);
        let rows = archive.rows(manifest, member).map_err(Failed::Archive).and_then(|bytes| {
            progress.pass(bytes.len());
            let pushed = digest.push(&bytes).map(|()| bytes).map_err(Failed::Archive);
            futures_util::future::ready(pushed)
        });
        restore.fill(client, member, rows).await?;
        let found = digest.finish()?;
        let promised = manifest.file(member).map(|file| &file.contents);
        // An older part has other columns than its manifest's checksums are of: its files are read back by themselves.
        if manifest.schema_version == migrate::known_version() {
            if promised != Some(&found) {
                bail!(
                    "the files of {} hold {found:?} instead of {promised:?}",
                    manifest.name.path()
                );
            }
        } else if member == Member::Raw {
            archive.verify(manifest).await?;
        }
        expected = plus(&expected, &found)?;
    }
    for leaf in restore.late(member) {
        let rows = restore.late_rows(client, leaf).await?;
        let late = digest(member, rows.map_err(anyhow::Error::from), progress).await?;
        expected = plus(&expected, &late)?;
    }
    Ok(expected)
}

fn plus(one: &Contents, other: &Contents) -> anyhow::Result<Contents> {
    one.plus(other).context("a checksum is no number")
}

async fn digest(
    member: Member,
    rows: impl Stream<Item = anyhow::Result<Bytes>>,
    progress: &mut Progress,
) -> anyhow::Result<Contents> {
    let mut rows = std::pin::pin!(rows);
    let mut digest = ContentsDigest::new(member);
    while let Some(bytes) = rows.try_next().await? {
        progress.pass(bytes.len());
        digest.push(&bytes)?;
    }
    Ok(digest.finish()?)
}
