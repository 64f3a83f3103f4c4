//! Repairs: each its own transaction under the lock budget, or built concurrently; nothing that holds rows is dropped.

use std::time::Duration;

use jiff::Timestamp;
use noctis_core::archive::PartName;
use noctis_core::drift::{Drift, Fix};
use noctis_core::partition::{Member, Policy};
use noctis_core::time::TimeRange;
use serde_json::json;
use tokio_postgres::Client;

use super::ddl::{self, Statements};
use crate::ledger::{self, Entry};
use crate::migrate::INDEXES;
use crate::partitions::budget::within;
use crate::partitions::index_rollout::{self, Limits};
use crate::partitions::{self, LockBudget, MANAGER_LOCK, Waits};
use crate::{Error, Result};

/// A parent's ANALYZE reads a sample of every leaf.
const ANALYZE_TIME_MAX: Duration = Duration::from_secs(3_600);

/// What repairs need to know.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub policy: &'a Policy,
    pub limits: Limits,
    pub now: Timestamp,
}

/// Carries one repair out, and adds its line to the ledger. Cut off between the two, it is done and has none.
///
/// # Errors
/// As [`repair`], or when the line cannot be written.
pub async fn mend(
    client: &mut Client,
    drift: &Drift,
    fix: &Fix,
    rules: Rules<'_>,
) -> Result<Waits> {
    let mut line = Entry::new("mend", None);
    line.before = json!({ "kind": drift.kind, "table": drift.table, "detail": drift.detail });
    line.after = json!(fix);
    let waits = repair(client, fix, rules).await?;
    line.waits = waits;
    ledger::append(client, &line).await?;
    tracing::info!(table = drift.table, kind = drift.kind.name(), "mended");
    Ok(waits)
}

/// Does what a repair says.
///
/// # Errors
/// What PostgreSQL refused; [`Error::LockBudget`] when it was put off; [`Error::Refused`] when something is in the way.
async fn repair(client: &mut Client, fix: &Fix, rules: Rules<'_>) -> Result<Waits> {
    let limits = rules.limits;
    match fix {
        Fix::BuildIndex { member, index } => {
            build_index(client, *member, index, limits).await?;
            Ok(Waits::default())
        }
        Fix::DropInvalidIndex { table: _, index } => {
            index_rollout::drop_left_over(client, index, limits).await?;
            Ok(Waits::default())
        }
        Fix::Reindex { index, parent_index } => {
            index_rollout::rebuild(client, index, parent_index.as_deref(), limits).await?;
            Ok(Waits::default())
        }
        Fix::MakePartitions { needed } => {
            let applied =
                partitions::ensure(client, rules.policy, limits.budget, rules.now, needed).await?;
            let reasons = applied.failed.into_iter().map(|(_, reason)| reason);
            let in_the_way = applied.conflicts.into_iter().map(|conflict| conflict.detail);
            match reasons.chain(in_the_way).next() {
                Some(reason) => Err(Error::Refused(reason)),
                None => Ok(Waits { tries: applied.lock_tries, ..Waits::default() }),
            }
        }
        _ => alone(client, fix, limits.budget).await,
    }
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

/// Repairs that other partition managers must not get between.
async fn alone(client: &mut Client, fix: &Fix, budget: LockBudget) -> Result<Waits> {
    let held = MANAGER_LOCK.take(client).await?;
    let done = transaction(held.client, fix, budget).await;
    let released = held.release().await;
    done.and_then(|spent| released.map(|()| spent))
}

async fn transaction(client: &mut Client, fix: &Fix, budget: LockBudget) -> Result<Waits> {
    let tables: Vec<String> = fix.table().map(str::to_owned).into_iter().collect();
    if let Some(Statements { first, then }) = ddl::statements(fix) {
        return within(client, budget, &tables, &first, &then).await;
    }
    match fix {
        Fix::GrantReader => {
            client.batch_execute(crate::migrate::GRANTS).await?;
            Ok(Waits::default())
        }
        Fix::CheckRange { table, range, replace } => {
            check_range(client, table, *range, replace.as_deref(), budget).await
        }
        Fix::ValidateConstraint { table, constraint } => {
            let Statements { first, then } = ddl::validate(table, constraint);
            within(client, budget, &tables, &first, &then).await
        }
        Fix::FinishDetach { member, table, range } => {
            finish_detach(client, *member, table, *range, budget).await
        }
        Fix::Analyze { table } => {
            let transaction = client.transaction().await?;
            let milliseconds = u64::try_from(ANALYZE_TIME_MAX.as_millis()).unwrap_or(u64::MAX);
            transaction.batch_execute(&partitions::ddl::lock_budget(milliseconds)).await?;
            transaction.batch_execute(&ddl::analyze(table)).await?;
            transaction.commit().await?;
            Ok(Waits::default())
        }
        Fix::MarkRestored { parts } => mark_restored(client, parts).await,
        _ => Err(Error::Refused(format!("there is no statement for {fix:?}"))),
    }
}

async fn check_range(
    client: &mut Client,
    table: &str,
    range: TimeRange,
    replace: Option<&str>,
    budget: LockBudget,
) -> Result<Waits> {
    let tables = [table.to_owned()];
    let added =
        within(client, budget, &tables, &[ddl::add_range(table, range, replace)], &[]).await?;
    let Statements { first, then } = ddl::validate(table, &format!("{table}_range"));
    let validated = within(client, budget, &tables, &first, &then).await?;
    Ok(added + validated)
}

/// The table's kills were found until the detach began, and nobody said where they went: so they are found again.
async fn finish_detach(
    client: &mut Client,
    member: Member,
    table: &str,
    range: TimeRange,
    budget: LockBudget,
) -> Result<Waits> {
    let tables = [member.table().to_owned(), table.to_owned()];
    let first = ddl::finish_detach(member, table).first;
    let finished = within(client, budget, &tables, &first, &[]).await?;
    let Statements { first, then } = ddl::attach(member, table, range);
    let attached = within(client, budget, &tables, &first, &then).await?;
    let row = client.query_opt(include_str!("../../sql/drift/attached.sql"), &[&table]).await?;
    let found = row.map(|row| TimeRange { from: row.get(0), to: row.get(1) });
    if found != Some(range) {
        return Err(Error::Refused(format!("{table} came out with the bounds {found:?}")));
    }
    // What the detach left as a check stands beside our own.
    let left = ddl::drop_constraint(table, &format!("{table}_timestamp_check")).first;
    let tidied = within(client, budget, &tables, &left, &[]).await?;
    Ok(finished + attached + tidied)
}

/// The files answer nothing any more; readers of both are told by the epoch.
async fn mark_restored(client: &mut Client, parts: &[PartName]) -> Result<Waits> {
    let transaction = client.transaction().await?;
    for part in parts {
        let number = i32::try_from(part.part).unwrap_or(i32::MAX);
        let sql = include_str!("../../sql/drift/mark_restored.sql");
        transaction.execute(sql, &[&part.month, &number]).await?;
    }
    transaction.execute(include_str!("../../sql/drift/raise_epoch.sql"), &[]).await?;
    transaction.commit().await?;
    Ok(Waits { tries: 1, ..Waits::default() })
}
