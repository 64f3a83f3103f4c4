//! What the database knows of the archive: its parts, and whose it is.

use jiff::Timestamp;
use noctis_core::archive::{Manifest, PartName, Proof};
use noctis_core::partition::{Member, PartState};
use noctis_core::time::TimeRange;
use serde::Serialize;
use serde_json::json;
use tokio_postgres::{Client, GenericClient, Row};
use uuid::Uuid;

use super::export::Fence;
use crate::ledger::{self, Entry};
use crate::{Error, Result};

/// A part as the database has it.
#[derive(Clone, Debug, Serialize)]
pub struct StoredPart {
    pub manifest: Manifest,
    pub state: PartState,
    pub kills: i64,
    pub verified_at: Timestamp,
    /// When its leaf left the group, or its kills came back.
    pub moved_at: Option<Timestamp>,
    #[serde(skip)]
    pub(super) fence: Fence,
}

/// All parts, oldest first.
///
/// # Errors
/// When the database refuses, or a manifest cannot be read.
pub async fn parts(client: &impl GenericClient) -> Result<Vec<StoredPart>> {
    let rows = client.query(include_str!("../../sql/archive/parts.sql"), &[]).await?;
    rows.iter().map(stored_part).collect()
}

/// How often kills have moved between tables and archive.
///
/// # Errors
/// When the database refuses.
pub async fn epoch(client: &impl GenericClient) -> Result<i64> {
    let sql = include_str!("../../sql/archive/epoch.sql");
    Ok(client.query_typed_one(sql, &[]).await?.get(0))
}

/// The parts that answer, those of the latest time first, and the epoch for which that holds.
///
/// # Errors
/// When the database refuses, or a manifest cannot be read.
pub async fn cold(client: &impl GenericClient) -> Result<(i64, Vec<Manifest>)> {
    let rows = client.query(include_str!("../../sql/archive/cold_parts.sql"), &[]).await?;
    let epoch = rows.first().map_or(0, |row| row.get("epoch"));
    let found = rows.iter().filter_map(|row| row.get::<_, Option<serde_json::Value>>("manifest"));
    Ok((epoch, found.map(manifest).collect::<Result<_>>()?))
}

/// A part, which nobody else moves until this transaction ends.
pub(super) async fn lock_part(
    client: &impl GenericClient,
    name: &PartName,
) -> Result<Option<StoredPart>> {
    let sql = include_str!("../../sql/archive/lock_part.sql");
    let row = client.query_opt(sql, &[&name.month, &number(name)]).await?;
    row.as_ref().map(stored_part).transpose()
}

/// Writes down that a part was read back and found equal, and under which fence its rows were read.
///
/// # Errors
/// [`Error::Refused`] where a part of this name has served already.
pub async fn record_verified(
    client: &mut Client,
    proof: &dyn Proof,
    fence: &Fence,
    mut entry: Entry,
) -> Result<()> {
    let manifest = proof.manifest();
    let (name, kills) = (&manifest.name, kills(manifest));
    entry.rows = Some(kills);
    entry.checksum = manifest.file(Member::Raw).map(|file| file.sha256.clone());
    let transaction = client.transaction().await?;
    let recorded = transaction
        .execute(
            include_str!("../../sql/archive/record_verified.sql"),
            &[
                &name.month,
                &number(name),
                &manifest.range.from,
                &manifest.range.to,
                &kills,
                &as_json(manifest)?,
                &fence.0,
            ],
        )
        .await?;
    if recorded != 1 {
        return Err(taken(name));
    }
    ledger::append(&transaction, &entry).await?;
    transaction.commit().await?;
    Ok(())
}

/// Takes over a part that is in the archive and not in this database.
///
/// # Errors
/// [`Error::Refused`] where a part of this name is known.
pub(super) async fn adopt(client: &impl GenericClient, proof: &dyn Proof, hot: bool) -> Result<()> {
    let manifest = proof.manifest();
    let (name, kills) = (&manifest.name, kills(manifest));
    let adopted = client
        .execute(
            include_str!("../../sql/archive/adopt_part.sql"),
            &[
                &name.month,
                &number(name),
                &manifest.range.from,
                &manifest.range.to,
                &kills,
                &as_json(manifest)?,
                &if hot { "restored" } else { "cold" },
            ],
        )
        .await?;
    if adopted == 1 { Ok(()) } else { Err(taken(name)) }
}

/// Forgets a part whose leaf has changed since it was read, and writes down how.
///
/// # Errors
/// When the database refuses.
pub async fn forget_verified(
    client: &mut Client,
    name: &PartName,
    range: TimeRange,
    detail: &str,
) -> Result<()> {
    let mut entry = Entry::new("forget_part", Some(range));
    entry.before = json!({ name.path(): "verified" });
    entry.after = json!({ name.path(): detail });
    let transaction = client.transaction().await?;
    let sql = include_str!("../../sql/archive/forget_verified.sql");
    transaction.execute(sql, &[&name.month, &number(name)]).await?;
    ledger::append(&transaction, &entry).await?;
    transaction.commit().await?;
    Ok(())
}

/// Parts that were restored and whose kills have gone to files again since, within a later part.
///
/// # Errors
/// When the database refuses, or a manifest cannot be read.
pub async fn superseded(client: &Client) -> Result<Vec<Manifest>> {
    let rows = client.query(include_str!("../../sql/archive/superseded.sql"), &[]).await?;
    rows.iter().map(|row| manifest(row.get(0))).collect()
}

/// Forgets one of these, once its files are gone.
///
/// # Errors
/// When the database refuses.
pub async fn forget_superseded(client: &Client, name: &PartName) -> Result<()> {
    let sql = include_str!("../../sql/archive/forget_superseded.sql");
    client.execute(sql, &[&name.month, &number(name)]).await?;
    Ok(())
}

/// Whose archive this store takes it for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub store_id: Uuid,
    pub generation: i64,
    /// What was last written into the archive's record of owners, or was about to be.
    pub claim: Option<Uuid>,
}

/// What the store knows of its ownership.
///
/// # Errors
/// When the database refuses.
pub async fn claim(client: &Client) -> Result<Claim> {
    let row = client.query_one(include_str!("../../sql/archive/claim.sql"), &[]).await?;
    Ok(Claim { store_id: row.get(0), generation: row.get(1), claim: row.get(2) })
}

/// Notes what is about to be written into the archive's record of owners.
///
/// # Errors
/// When the database refuses.
pub async fn note_claim(client: &Client, claim: Uuid) -> Result<()> {
    client.execute(include_str!("../../sql/archive/note_claim.sql"), &[&claim]).await?;
    Ok(())
}

/// Writes down the generation that the archive's record of owners has now.
///
/// # Errors
/// [`Error::Refused`] where another noctis was at it meanwhile.
pub async fn raise_generation(client: &Client, from: i64, to: i64) -> Result<()> {
    let sql = include_str!("../../sql/archive/raise_generation.sql");
    if client.execute(sql, &[&from, &to]).await? == 1 {
        return Ok(());
    }
    let text = "another noctis has claimed the archive for this store meanwhile; try again";
    Err(Error::Refused(text.to_owned()))
}

pub(super) fn number(name: &PartName) -> i32 {
    i32::try_from(name.part).unwrap_or(i32::MAX)
}

fn kills(manifest: &Manifest) -> i64 {
    i64::try_from(manifest.kills()).unwrap_or(i64::MAX)
}

fn taken(name: &PartName) -> Error {
    Error::Refused(format!("the part {} is known already and not written over", name.path()))
}

fn as_json(manifest: &Manifest) -> Result<serde_json::Value> {
    serde_json::to_value(manifest).map_err(|error| Error::Refused(error.to_string()))
}

fn manifest(json: serde_json::Value) -> Result<Manifest> {
    serde_json::from_value(json).map_err(|error| {
        Error::Refused(format!("a manifest in archive_parts cannot be read: {error}"))
    })
}

fn stored_part(row: &Row) -> Result<StoredPart> {
    let state: &str = row.get("state");
    Ok(StoredPart {
        manifest: manifest(row.get("manifest"))?,
        state: match state {
            "verified" => PartState::Verified,
            "cold" => PartState::Cold,
            "restored" => PartState::Restored,
            other => {
                return Err(Error::Refused(format!("a part is {other}: install a newer noctis")));
            }
        },
        kills: row.get("kills"),
        verified_at: row.get("verified_at"),
        moved_at: row.get("moved_at"),
        fence: Fence(row.get("fence")),
    })
}
