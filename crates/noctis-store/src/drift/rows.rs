//! Counting kills on both sides, within a time.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use noctis_core::drift::{Drift, Kind, RangeRows, Snapshot, registry};
use noctis_core::partition::Member;
use noctis_core::time::TimeRange;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use crate::partitions::ddl::lock_budget;
use crate::{Error, Result};

/// How long counting may take unless all is asked for: it reads every month, the newest first.
pub const COUNT_TIME_MAX: Duration = Duration::from_secs(20);
/// And if all is asked for.
pub const COUNT_TIME_DEEP_MAX: Duration = Duration::from_secs(12 * 3_600);

/// What counting found, and how far it came.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    pub drifts: Vec<Drift>,
    /// Whether every line of the registry was looked for.
    pub registry: bool,
    /// Ranges whose rows were compared, and how many there are.
    pub ranges: usize,
    pub ranges_total: usize,
}

/// Looks for kills that miss rows in one of the tables, or that the registry and the tables do not agree on. What does not fit
/// into the time is left out, and told.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    client: &mut Client,
    snapshot: &Snapshot,
    time_max: Duration,
) -> Result<Counted> {
    let ends = Instant::now() + time_max;
    let mut counted = Counted::default();
    if let Some(found) = within(client, ends, Counting::Registry(snapshot.count_bounds())).await? {
        counted.registry = true;
        let bounds = snapshot.count_bounds();
        let rows: Vec<RangeRows> = found.iter().map(|row| range_rows(row, &bounds)).collect();
        counted.drifts.extend(registry(snapshot, &rows));
    }
    let mut ranges: Vec<(TimeRange, &str)> =
        snapshot.ranges(Member::Raw).map(|(range, table)| (range, table.name.as_str())).collect();
    ranges.sort();
    counted.ranges_total = ranges.len();
    for (range, leaf) in ranges.into_iter().rev() {
        let Some(found) = within(client, ends, Counting::Range(range)).await? else { break };
        counted.ranges += 1;
        counted.drifts.extend(found.first().into_iter().flat_map(|row| orphans(row, range, leaf)));
    }
    Ok(counted)
}

enum Counting {
    Registry(Vec<Timestamp>),
    Range(TimeRange),
}

/// The answer, or nothing where the time was over first.
async fn within(client: &mut Client, ends: Instant, what: Counting) -> Result<Option<Vec<Row>>> {
    let left = ends.saturating_duration_since(Instant::now());
    let milliseconds = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    if milliseconds == 0 {
        return Ok(None);
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute(&lock_budget(milliseconds)).await?;
    let found = match what {
        Counting::Registry(bounds) => {
            transaction.query(include_str!("../../sql/drift/registered.sql"), &[&bounds]).await
        }
        Counting::Range(range) => {
            let sql = include_str!("../../sql/drift/orphans.sql");
            transaction.query(sql, &[&range.from, &range.to]).await
        }
    };
    match found {
        Ok(rows) => {
            transaction.commit().await?;
            Ok(Some(rows))
        }
        Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
            transaction.rollback().await?;
            Ok(None)
        }
        Err(error) => Err(Error::from(error)),
    }
}

/// Slot 0 is before the first bound, the last one after the last.
fn range_rows(row: &Row, bounds: &[Timestamp]) -> RangeRows {
    let slot = usize::try_from(row.get::<_, i32>("slot")).unwrap_or(0);
    let from = slot.checked_sub(1).and_then(|before| bounds.get(before)).copied();
    let range = TimeRange {
        from: from.unwrap_or(Timestamp::MIN),
        to: bounds.get(slot).copied().unwrap_or(Timestamp::MAX),
    };
    RangeRows {
        range,
        registered: row.get("registered"),
        dropped: row.get("dropped"),
        stored: row.get("stored"),
    }
}

fn orphans(row: &Row, range: TimeRange, leaf: &str) -> Vec<Drift> {
    let again = "import their bodies again with what is left removed by hand, or restore the month from its archive or a backup";
    let body = "export their bodies (`noctis kills --format json` or eve.kills), delete the rows, and import them again";
    let alone = "delete these rows: without a body nothing can be made of them";
    [
        ("not_enriched", "have no row in killmails_enriched", body),
        ("without_victim", "have no victim's row in killmail_participants", body),
        ("enriched_alone", "are in killmails_enriched alone, without a body", alone),
        ("participants_alone", "are in killmail_participants alone, without a body", alone),
        ("not_registered", "are not in killmail_registry", again),
    ]
    .into_iter()
    .filter_map(|(column, what, advice)| {
        let kills: i64 = row.get(column);
        let detail = format!("{kills} kills of {range} {what}");
        (kills > 0).then(|| Drift::advised(Kind::Orphan, leaf, detail, advice))
    })
    .collect()
}
