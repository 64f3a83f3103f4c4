//! Repairs: each its own transaction under the lock budget, or built concurrently; nothing that holds rows is dropped.

use std::time::Duration;

use jiff::Timestamp;
use noctis_core::archive::PartName;
use noctis_core::drift::{Drift, Fix, RangeRows};
use noctis_core::partition::{Leaf, Member, Policy};
use noctis_core::time::TimeRange;
use serde_json::json;
use tokio_postgres::Client;

use super::ddl::{self, Statements};
use crate::ledger::{self, Entry};
use crate::migrate::INDEXES;
use crate::partitions::budget::{Work, within};
use crate::partitions::index_rollout::{self, Limits};
use crate::partitions::retire::{self, raise_epoch};
use crate::partitions::{self, LockBudget, MANAGER_LOCK, RETIREMENT_LOCK, Waits};
use crate::{Error, Result};

/// A parent's ANALYZE reads a sample of every leaf; counting a range reads the whole registry.
const READING_TIME_MAX: Duration = Duration::from_secs(3_600);

/// What repairs need to know.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub policy: &'a Policy,
    pub limits: Limits,
    pub now: Timestamp,
}

/// Carries one repair out, with its line in the ledger.
///
/// The line is of the same transaction where the repair is one. Of one that is several (an index, partitions, a detach that is
/// ended) it follows; cut off between, the repair is done and has none.
///
/// # Errors
/// What PostgreSQL refused, the line too; [`Error::LockBudget`] and [`Error::Locked`] when it was put off; [`Error::Refused`]
/// when something is in the way.
pub async fn mend(
    client: &mut Client,
    drift: &Drift,
    fix: &Fix,
    rules: Rules<'_>,
) -> Result<Waits> {
    let mut line = Entry::new("mend", None);
    line.before = json!({ "kind": drift.kind, "table": drift.table, "detail": drift.detail });
    line.after = json!(fix);
    let waits = match fix {
        Fix::BuildIndex { .. }
        | Fix::DropInvalidIndex { .. }
        | Fix::Reindex { .. }
        | Fix::MakePartitions { .. }
        | Fix::FinishDetach { .. } => {
            line.waits = in_several(client, fix, rules).await?;
            ledger::append(client, &line).await?;
            line.waits
        }
        _ => in_one(client, fix, rules.limits.budget, &mut line).await?,
    };
    tracing::info!(table = drift.table, kind = drift.kind.name(), "mended");
    Ok(waits)
}

/// A repair that cannot be one transaction.
async fn in_several(client: &mut Client, fix: &Fix, rules: Rules<'_>) -> Result<Waits> {
    let limits = rules.limits;
    match fix {
        Fix::BuildIndex { member, index } => build_index(client, *member, index, limits).await?,
        Fix::DropInvalidIndex { table: _, index } => {
            index_rollout::drop_left_over(client, index, limits).await?;
        }
        Fix::Reindex { index, parent_index } => {
            index_rollout::rebuild(client, index, parent_index.as_deref(), limits).await?;
        }
        Fix::MakePartitions { needed } => {
            let applied =
                partitions::ensure(client, rules.policy, limits.budget, rules.now, needed).await?;
            let reasons = applied.failed.into_iter().map(|(_, reason)| reason);
            let in_the_way = applied.conflicts.into_iter().map(|conflict| conflict.detail);
            return match reasons.chain(in_the_way).next() {
                Some(reason) => Err(Error::Refused(reason)),
                None => Ok(Waits { tries: applied.lock_tries, ..Waits::default() }),
            };
        }
        Fix::FinishDetach { member, table, range } => {
            let leaf = Leaf { member: *member, name: table.clone(), range: *range, closed: false };
            let held = MANAGER_LOCK.take(client).await?;
            // A line of its own in the ledger tells its waits.
            let done = retire::finish_detach(held.client, &leaf, limits.budget).await;
            let released = held.release().await;
            done.and(released)?;
        }
        _ => return Err(no_statement(fix)),
    }
    Ok(Waits::default())
}

/// A repair whose last transaction, mostly its only one, has the line in the ledger.
async fn in_one(
    client: &mut Client,
    fix: &Fix,
    budget: LockBudget,
    line: &mut Entry,
) -> Result<Waits> {
    match fix {
        // These read rows, so creation does not wait for them.
        Fix::ValidateConstraint { table, constraint } => {
            validate(client, (table, constraint), budget, line).await
        }
        Fix::CheckRange { table, range, replace } => {
            let add = [ddl::add_range(table, *range, replace.as_deref())];
            let work = Work { tables: std::slice::from_ref(table), first: &add, then: &[] };
            let added = alone(client, budget, work, None).await?;
            let range = format!("{table}_range");
            Ok(added + validate(client, (table, &range), budget, line).await?)
        }
        Fix::Analyze { table } => analyze(client, table, line).await,
        Fix::MarkRestored { range, parts } => mark_restored(client, *range, parts, line).await,
        Fix::GrantReader => {
            let grants = [crate::migrate::GRANTS.to_owned()];
            let work = Work { tables: &[], first: &[], then: &grants };
            alone(client, budget, work, Some(line)).await
        }
        _ => {
            let Some(Statements { first, then }) = ddl::statements(fix) else {
                return Err(no_statement(fix));
            };
            let tables: Vec<String> = fix.table().map(str::to_owned).into_iter().collect();
            let work = Work { tables: &tables, first: &first, then: &then };
            alone(client, budget, work, Some(line)).await
        }
    }
}

fn no_statement(fix: &Fix) -> Error {
    Error::Refused(format!("there is no statement for {fix:?}"))
}

async fn build_index(
    client: &mut Client,
    member: Member,
    index: &str,
    limits: Limits,
) -> Result<()> {
    let declared: Vec<_> = INDEXES
        .iter()
        .filter(|declared| declared.name == index && declared.member == member)
        .copied()
        .collect();
    index_rollout::roll_out(client, &declared, limits).await?;
    index_rollout::finish(client, index, limits).await?;
    Ok(())
}

/// Short repairs that other partition managers must not get between.
async fn alone(
    client: &mut Client,
    budget: LockBudget,
    work: Work<'_>,
    line: Option<&mut Entry>,
) -> Result<Waits> {
    let held = MANAGER_LOCK.take(client).await?;
    let done = within(held.client, budget, work, line).await;
    let released = held.release().await;
    done.and_then(|spent| released.map(|()| spent))
}

async fn validate(
    client: &mut Client,
    (table, constraint): (&String, &str),
    budget: LockBudget,
    line: &mut Entry,
) -> Result<Waits> {
    let Statements { first, then } = ddl::validate(table, constraint);
    let work = Work { tables: std::slice::from_ref(table), first: &first, then: &then };
    within(client, budget, work, Some(line)).await
}

async fn analyze(client: &mut Client, table: &str, line: &Entry) -> Result<Waits> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(&limit(READING_TIME_MAX)).await?;
    transaction.batch_execute(&ddl::analyze(table)).await?;
    ledger::append(&transaction, line).await?;
    transaction.commit().await?;
    Ok(Waits::default())
}

/// The files answer nothing any more; readers of both are told by the epoch. Counted once more, while nobody moves months.
async fn mark_restored(
    client: &mut Client,
    range: TimeRange,
    parts: &[PartName],
    line: &mut Entry,
) -> Result<Waits> {
    line.waits = Waits { tries: 1, ..Waits::default() };
    let held = RETIREMENT_LOCK.take(client).await?;
    let done = try_mark_restored(held.client, range, parts, line).await;
    let released = held.release().await;
    done.and_then(|()| released.map(|()| line.waits))
}

async fn try_mark_restored(
    client: &mut Client,
    range: TimeRange,
    parts: &[PartName],
    line: &Entry,
) -> Result<()> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(&limit(READING_TIME_MAX)).await?;
    let sql = include_str!("../../sql/drift/counted.sql");
    let row = transaction.query_one(sql, &[&range.from, &range.to]).await?;
    let (registered, stored): (i64, i64) = (row.get("registered"), row.get("stored"));
    let archived: i64 = row.get("archived");
    if !(RangeRows { range, registered, dropped: 0, stored }).is_all_stored(archived) {
        return Err(Error::Refused(format!(
            "the tables have {stored} kills of {range} now, the archive {archived}, and {registered} are registered: the \
             files go on answering; look again with `noctis doctor`"
        )));
    }
    for part in parts {
        let number = i32::try_from(part.part).unwrap_or(i32::MAX);
        let sql = include_str!("../../sql/drift/mark_restored.sql");
        transaction.execute(sql, &[&part.month, &number]).await?;
    }
    raise_epoch(&transaction).await?;
    ledger::append(&transaction, line).await?;
    Ok(transaction.commit().await?)
}

fn limit(time: Duration) -> String {
    partitions::ddl::lock_budget(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
