//! The ledger of the lifecycle: everything that was done to partitions and archive, only ever added to.
//!
//! A line is written in the transaction of what it tells: it is there if and only if that was done.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use noctis_core::archive::PartName;
use noctis_core::partition::{Leaf, Step};
use noctis_core::time::TimeRange;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio_postgres::{Client, GenericClient};

use crate::Result;
use crate::partitions::Waits;

/// The action of the line that says which months will leave the tables, before the first does.
pub const ANNOUNCE: &str = "announce";
/// Lines of one answer at most.
pub const LINES_MAX: u32 = 10_000;

/// A line that is about to be written; its duration begins when it is made.
#[derive(Clone, Debug)]
pub struct Entry {
    pub action: &'static str,
    pub range: Option<TimeRange>,
    /// The inventory it was planned for.
    pub plan: Option<String>,
    /// Tables and parts that it changes, each with its state before and after.
    pub before: Value,
    pub after: Value,
    /// Kills that were moved, dropped or checked.
    pub rows: Option<i64>,
    pub checksum: Option<String>,
    pub waits: Waits,
    started: Instant,
}

impl Entry {
    /// A line about something that is no step.
    #[must_use]
    pub fn new(action: &'static str, range: Option<TimeRange>) -> Entry {
        Entry {
            action,
            range,
            plan: None,
            before: Value::Null,
            after: Value::Null,
            rows: None,
            checksum: None,
            waits: Waits::default(),
            started: Instant::now(),
        }
    }

    /// The line of a step that begins now, of a plan made for this inventory.
    #[must_use]
    pub fn of(step: &Step, plan: Option<&str>) -> Entry {
        let (before, after) = change(step);
        Entry {
            plan: plan.map(str::to_owned),
            before,
            after,
            ..Entry::new(step.action(), Some(step.range()))
        }
    }
}

/// A line that was written.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub entry: i64,
    pub at: Timestamp,
    pub action: String,
    pub range: Option<TimeRange>,
    pub plan: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub rows: Option<i64>,
    pub checksum: Option<String>,
    pub duration_ms: Option<i64>,
    pub lock_tries: Option<i32>,
    pub lock_ms: Option<i64>,
    pub who: String,
}

/// Adds a line, best as the last statement before the commit.
///
/// # Errors
/// When the database refuses.
pub async fn append(client: &impl GenericClient, entry: &Entry) -> Result<()> {
    let who = format!("noctis {} pid {}", env!("CARGO_PKG_VERSION"), std::process::id());
    let some = |value: &Value| (!value.is_null()).then(|| value.clone());
    let locks = (entry.waits.tries > 0).then_some(entry.waits);
    client
        .execute(
            include_str!("../sql/ledger/append.sql"),
            &[
                &entry.action,
                &entry.range.map(|range| range.from),
                &entry.range.map(|range| range.to),
                &entry.plan,
                &some(&entry.before),
                &some(&entry.after),
                &entry.rows,
                &entry.checksum,
                &milliseconds(entry.started.elapsed()),
                &locks.map(|waits| i32::try_from(waits.tries).unwrap_or(i32::MAX)),
                &locks.map(|waits| milliseconds(waits.waited)),
                &who,
            ],
        )
        .await?;
    Ok(())
}

/// The newest lines, newest first, [`LINES_MAX`] at most.
///
/// # Errors
/// When the database refuses.
pub async fn newest(client: &Client, limit: u32) -> Result<Vec<Line>> {
    let limit = i64::from(limit.min(LINES_MAX));
    let rows = client.query(include_str!("../sql/ledger/newest.sql"), &[&limit]).await?;
    Ok(rows
        .iter()
        .map(|row| Line {
            entry: row.get("entry"),
            at: row.get("at"),
            action: row.get("action"),
            range: row
                .get::<_, Option<_>>("range_from")
                .zip(row.get("range_to"))
                .map(|(from, to)| TimeRange { from, to }),
            plan: row.get("plan"),
            before: row.get("before"),
            after: row.get("after"),
            rows: row.get("rows"),
            checksum: row.get("checksum"),
            duration_ms: row.get("duration_ms"),
            lock_tries: row.get("lock_tries"),
            lock_ms: row.get("lock_ms"),
            who: row.get("who"),
        })
        .collect())
}

/// Whether the store's first retirement has been announced.
pub(crate) async fn announced(client: &Client) -> Result<bool> {
    let row = client.query_one(include_str!("../sql/ledger/announced.sql"), &[]).await?;
    Ok(row.get(0))
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// What a step changes: each table and part by its name, with its state before and after.
fn change(step: &Step) -> (Value, Value) {
    let leaves = |leaves: &[Leaf], state: &str| -> Map<String, Value> {
        leaves.iter().map(|leaf| (leaf.name.clone(), json!(state))).collect()
    };
    let retired = |leaves: &[Leaf], part: Option<&PartName>| -> Map<String, Value> {
        let name = |leaf: &Leaf| Step::retired_name(&leaf.name, part);
        leaves.iter().map(|leaf| (name(leaf), json!("retired"))).collect()
    };
    let with = |mut map: Map<String, Value>, part: &PartName, state: &str| {
        map.insert(part.path(), json!(state));
        map
    };
    let (before, after) = match step {
        Step::Create { suffix, members, .. } => {
            let name = |&member| (Step::leaf_name(member, suffix), json!("attached"));
            (Map::new(), members.iter().map(name).collect())
        }
        Step::Close { leaves: all, .. } => (leaves(all, "attached"), leaves(all, "closed")),
        Step::Reopen { leaves: all, .. } => (leaves(all, "closed"), leaves(all, "attached")),
        Step::Archive { name, leaves: all, .. } => {
            (leaves(all, "closed"), with(leaves(all, "closed"), name, "verified"))
        }
        Step::Detach { name, leaves: all, .. } => (
            with(leaves(all, "closed"), name, "verified"),
            with(retired(all, Some(name)), name, "cold"),
        ),
        Step::Discard { leaves: all, .. } => (leaves(all, "closed"), retired(all, None)),
        Step::Drop { tables, .. } => {
            let name = |table: &noctis_core::partition::RetiredLeaf| {
                (table.name.clone(), json!("retired"))
            };
            (tables.iter().map(name).collect(), Map::new())
        }
    };
    (Value::Object(before), Value::Object(after))
}
