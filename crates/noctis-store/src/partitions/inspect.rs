//! Looks at what is there: leaves by the catalog's word, parts and retired tables by our own, and who is in the way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use noctis_core::archive::PartName;
use noctis_core::partition::{Inventory, Leaf, Member, Part, PartState, RetiredLeaf};
use noctis_core::time::TimeRange;
use serde::Serialize;
use tokio_postgres::{Client, GenericClient, Row};

use super::{ddl, group};
use crate::{Error, Result, ledger};

/// A leaf with what it weighs.
#[derive(Clone, Debug, Serialize)]
pub struct LeafSize {
    #[serde(flatten)]
    pub leaf: Leaf,
    /// By the statistics: exact only after an ANALYZE, none before the first.
    pub rows_estimated: Option<i64>,
    /// With indexes and TOAST.
    pub bytes: i64,
    pub table_bytes: i64,
}

/// A session that holds a lock a step would wait for.
#[derive(Clone, Debug, Serialize)]
pub struct Blocker {
    pub pid: i32,
    pub application: String,
    pub query: String,
    pub mode: String,
}

/// What is there: leaves by the catalog's word, parts and retired tables by our own.
///
/// When ranges were written to is not looked up, nor how new the newest kill is: it is enough to plan creations, and cheap.
pub async fn inspect(client: &Client) -> Result<Inventory> {
    let leaves = leaves(client).await?;
    let other_tables: BTreeSet<String> = client
        .query(include_str!("../../sql/partition/other_tables.sql"), &[&group()])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let parts = client.query(include_str!("../../sql/partition/parts.sql"), &[]).await?;
    let retired = client.query(include_str!("../../sql/partition/retired.sql"), &[]).await?;
    Ok(Inventory {
        leaves,
        other_tables,
        parts: parts.iter().map(part).collect::<Result<_>>()?,
        retired: retired.iter().map(retired_leaf).collect::<Result<_>>()?,
        ..Inventory::default()
    })
}

/// The same, and all that retention asks for.
///
/// When each range that ends by the cutoff was last written to, made, opened
/// again or restored; the newest kill; the database's time; whether the first retirement was announced.
pub async fn inspect_with_touched(client: &Client, cutoff: Option<Timestamp>) -> Result<Inventory> {
    let mut inventory = inspect(client).await?;
    inventory.announced = ledger::announced(client).await?;
    let now = client.query_one(include_str!("../../sql/partition/now.sql"), &[]).await?;
    inventory.database_now = Some(now.get(0));
    let (readable, strangers) = readable(client, &inventory.leaves).await?;
    inventory.strangers = strangers;
    inventory.newest = newest(client, &readable).await?;
    if let Some(cutoff) = cutoff {
        inventory.touched = touched(client, &readable, cutoff).await?;
    }
    Ok(inventory)
}

/// The leaves that can be asked now, for one that is locked or a stranger's is not to hold up all others; and the strangers'.
async fn readable(client: &Client, leaves: &[Leaf]) -> Result<(Vec<Leaf>, BTreeSet<String>)> {
    let sql = include_str!("../../sql/partition/unreadable.sql");
    let rows = client.query(sql, &[&group()]).await?;
    let named = |column: &str| -> BTreeSet<String> {
        rows.iter().filter(|row| row.get(column)).map(|row| row.get("name")).collect()
    };
    let unreadable = named("is_unreadable");
    let readable = leaves.iter().filter(|leaf| !unreadable.contains(&leaf.name));
    Ok((readable.cloned().collect(), named("is_strangers")))
}

/// By the index on `enriched_at`, which each row has from the transaction that wrote it last. An empty leaf counts from when
/// it was made; where that is not known either it is not told, and stays.
async fn touched(
    client: &Client,
    leaves: &[Leaf],
    cutoff: Timestamp,
) -> Result<BTreeMap<TimeRange, Timestamp>> {
    let events =
        client.query(include_str!("../../sql/partition/disturbed.sql"), &[&cutoff]).await?;
    let events: Vec<(TimeRange, Timestamp)> = events
        .iter()
        .map(|row| (TimeRange { from: row.get(0), to: row.get(1) }, row.get(2)))
        .collect();
    let mut touched = BTreeMap::new();
    let is_asked = |leaf: &&Leaf| leaf.member == Member::Enriched && leaf.range.to <= cutoff;
    for leaf in leaves.iter().filter(is_asked) {
        let written: Option<Timestamp> =
            client.query_one(&ddl::max_of("enriched_at", &leaf.name), &[]).await?.get(0);
        let disturbed = events
            .iter()
            .filter(|(range, _)| !range.intersection(leaf.range).is_empty())
            .map(|&(_, at)| at);
        if let Some(last) = disturbed.chain(written).max() {
            touched.insert(leaf.range, last);
        }
    }
    Ok(touched)
}

/// The newest leaf that has a kill tells; those ahead of it are empty, and asking them costs next to nothing.
async fn newest(client: &Client, leaves: &[Leaf]) -> Result<Option<Timestamp>> {
    let mut raw: Vec<&Leaf> = leaves.iter().filter(|leaf| leaf.member == Member::Raw).collect();
    raw.sort_by_key(|leaf| std::cmp::Reverse(leaf.range.to));
    for leaf in raw {
        let row = client.query_one(&ddl::max_of("timestamp", &leaf.name), &[]).await?;
        if let Some(newest) = row.get(0) {
            return Ok(Some(newest));
        }
    }
    Ok(None)
}

fn part(row: &Row) -> Result<Part> {
    let state = match row.get("state") {
        "verified" => PartState::Verified,
        "cold" => PartState::Cold,
        "restored" => PartState::Restored,
        other => return Err(newer(other)),
    };
    let range = TimeRange { from: row.get("range_from"), to: row.get("range_to") };
    Ok(Part { name: part_name(row.get("month"), row.get("part")), range, state })
}

fn retired_leaf(row: &Row) -> Result<RetiredLeaf> {
    let table: &str = row.get("member");
    let member = Member::ALL.into_iter().find(|member| member.table() == table);
    let month: String = row.get("month");
    Ok(RetiredLeaf {
        name: row.get("name"),
        member: member.ok_or_else(|| newer(table))?,
        range: TimeRange { from: row.get("range_from"), to: row.get("range_to") },
        part: row.get::<_, Option<i32>>("part").map(|part| part_name(month, part)),
        retired_at: row.get("retired_at"),
    })
}

/// Numbers are not negative: the table checks it.
fn part_name(month: String, part: i32) -> PartName {
    PartName { month, part: part.unsigned_abs() }
}

fn newer(word: &str) -> Error {
    Error::Refused(format!("the archive's records say {word}: install a newer noctis"))
}

/// The leaves, oldest first. A DEFAULT partition covers nothing and is left out.
async fn leaves(client: &Client) -> Result<Vec<Leaf>> {
    let rows = client.query(include_str!("../../sql/partition/inventory.sql"), &[&group()]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let table: String = row.get("member");
            let member = Member::ALL.into_iter().find(|member| member.table() == table)?;
            let range =
                TimeRange { from: row.get::<_, Option<_>>("range_from")?, to: row.get("range_to") };
            Some(Leaf { member, name: row.get("name"), range, closed: row.get("closed") })
        })
        .collect())
}

/// The same with their sizes.
///
/// # Errors
/// When the database refuses.
pub async fn sizes(client: &Client) -> Result<Vec<LeafSize>> {
    let rows = client.query(include_str!("../../sql/partition/sizes.sql"), &[&group()]).await?;
    let of: BTreeMap<String, &Row> = rows.iter().map(|row| (row.get("name"), row)).collect();
    let weighed = leaves(client).await?.into_iter().filter_map(|leaf| {
        let row = of.get(&leaf.name)?;
        Some(LeafSize {
            leaf,
            rows_estimated: row.get("rows_estimated"),
            bytes: row.get("bytes"),
            table_bytes: row.get("table_bytes"),
        })
    });
    Ok(weighed.collect())
}

/// What a question over all time costs in locks.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LockTable {
    /// That a question takes which gives no range of time: all tables of the group with all their indexes.
    pub locks: i64,
    /// That the server has room for, of all sessions together. Beyond it any statement may fail.
    pub room: i64,
}

/// The locks that the partitions there are cost, and the room for them.
///
/// # Errors
/// When the database refuses.
pub async fn lock_table(client: &Client) -> Result<LockTable> {
    let sql = include_str!("../../sql/partition/lock_table.sql");
    let row = client.query_one(sql, &[&group()]).await?;
    Ok(LockTable { locks: row.get(0), room: row.get(1) })
}

/// Who holds a lock now that a creation would wait for.
pub async fn blockers(client: &Client) -> Result<Vec<Blocker>> {
    let rows = client.query(include_str!("../../sql/partition/blockers.sql"), &[&group()]).await?;
    Ok(rows
        .iter()
        .map(|row| Blocker {
            pid: row.get(0),
            application: row.get(1),
            query: row.get(2),
            mode: row.get(3),
        })
        .collect())
}

/// To which table this one is attached, and with which bounds; None where it is no partition, or not there.
pub(super) async fn attached(
    client: &impl GenericClient,
    table: &str,
) -> Result<Option<(String, TimeRange)>> {
    let sql = include_str!("../../sql/partition/bounds.sql");
    let row = client.query_opt(sql, &[&ddl::moving::quoted(table)]).await?;
    Ok(row.map(|row| (row.get(0), TimeRange { from: row.get(1), to: row.get(2) })))
}
