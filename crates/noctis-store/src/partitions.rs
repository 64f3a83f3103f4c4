//! Partitions as they are and as they are made: inspect, plan, apply, one transaction a step.

pub mod budget;
pub mod ddl;
pub mod index_rollout;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use noctis_core::partition::{Conflict, Inventory, Leaf, Member, Plan, Policy, Step, plan};
use noctis_core::time::TimeRange;
use serde::Serialize;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::advisory::AdvisoryLock;
use crate::{Error, Result};

/// The first wait for a step's locks; it doubles up to the policy's maximum.
const LOCK_BUDGET_FIRST_MS: u64 = 50;
/// Tries before a step is put off: with the default budget some twenty seconds.
const LOCK_TRIES_MAX: u32 = 40;
/// Between two tries others get through; grows with the tries by a little, so that two managers fall out of step.
const LOCK_PAUSE: Duration = Duration::from_millis(120);
/// The advisory lock of partition managers: "noctis" and 2. Several may run; one works at a time.
pub const MANAGER_LOCK: AdvisoryLock = AdvisoryLock {
    key: 0x6e6f_6374_6973_0002,
    name: "partition manager",
    poll: Duration::from_millis(50),
    polls_max: 1_200,
};

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

/// What `apply` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Applied {
    pub steps: Vec<Step>,
    /// Steps put off, each with the reason.
    pub failed: Vec<(Step, String)>,
    /// What stands in the way of steps that were not even planned.
    pub conflicts: Vec<Conflict>,
    pub lock_tries: u32,
}

/// What is there, by the catalog's word.
pub async fn inspect(client: &Client) -> Result<Inventory> {
    let leaves = sizes(client).await?.into_iter().map(|size| size.leaf).collect();
    let other_tables: BTreeSet<String> = client
        .query(include_str!("../sql/partition/other_tables.sql"), &[&group()])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    Ok(Inventory { leaves, other_tables, ..Inventory::default() })
}

/// The leaves with their sizes, oldest first. A DEFAULT partition covers nothing and is left out.
pub async fn sizes(client: &Client) -> Result<Vec<LeafSize>> {
    let rows = client.query(include_str!("../sql/partition/inventory.sql"), &[&group()]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let table: String = row.get("member");
            let member = Member::ALL.into_iter().find(|member| member.table() == table)?;
            let range =
                TimeRange { from: row.get::<_, Option<_>>("range_from")?, to: row.get("range_to") };
            Some(LeafSize {
                leaf: Leaf { member, name: row.get("name"), range, closed: row.get("closed") },
                rows_estimated: row.get("rows_estimated"),
                bytes: row.get("bytes"),
                table_bytes: row.get("table_bytes"),
            })
        })
        .collect())
}

/// Who holds a lock now that a step would wait for.
pub async fn blockers(client: &Client) -> Result<Vec<Blocker>> {
    let rows = client.query(include_str!("../sql/partition/blockers.sql"), &[&group()]).await?;
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

/// Why a row found no leaf that takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no leaf for its time.
    Missing,
    /// This leaf takes no new rows.
    Closed(String),
}

/// Reads PostgreSQL's 23514: without a constraint's name no leaf was found, with one a leaf said no.
pub fn refusal(error: &Error) -> Option<Refusal> {
    let Error::Database(error) = error else { return None };
    let error = error.as_db_error().filter(|db| *db.code() == SqlState::CHECK_VIOLATION)?;
    Some(match (error.constraint(), error.table()) {
        (Some(_), Some(leaf)) => Refusal::Closed(leaf.to_owned()),
        _ => Refusal::Missing,
    })
}

fn group() -> Vec<&'static str> {
    Member::ALL.map(Member::table).to_vec()
}

/// How long a step may wait for its locks.
#[derive(Clone, Copy, Debug)]
pub struct LockBudget {
    /// One try's wait for all its locks together, at most.
    pub milliseconds_max: u64,
    /// Tries before the step is put off.
    pub tries_max: u32,
}

impl Default for LockBudget {
    fn default() -> LockBudget {
        LockBudget { milliseconds_max: 400, tries_max: LOCK_TRIES_MAX }
    }
}

/// Makes what policy and need ask for, in one session under the managers' lock, and says what was done.
pub async fn ensure(
    client: &mut Client,
    policy: &Policy,
    budget: LockBudget,
    now: Timestamp,
    needed: &[Timestamp],
) -> Result<Applied> {
    let held = MANAGER_LOCK.take(client).await?;
    let applied = async {
        let inventory = inspect(held.client).await?;
        apply_steps(held.client, plan(policy, &inventory, now, needed), budget).await
    }
    .await;
    let released = held.release().await;
    applied.and_then(|applied| released.map(|()| applied))
}

/// Carries out a plan, if the world is still the one it was made for.
pub async fn apply(client: &mut Client, plan: Plan, budget: LockBudget) -> Result<Applied> {
    let held = MANAGER_LOCK.take(client).await?;
    let applied = async {
        if inspect(held.client).await?.fingerprint() != plan.inventory {
            return Err(Error::PlanOutdated);
        }
        apply_steps(held.client, plan, budget).await
    }
    .await;
    let released = held.release().await;
    applied.and_then(|applied| released.map(|()| applied))
}

/// One bad step does not stop the others: it is put off and told.
async fn apply_steps(client: &mut Client, plan: Plan, budget: LockBudget) -> Result<Applied> {
    let mut applied = Applied { conflicts: plan.conflicts, ..Applied::default() };
    for conflict in &applied.conflicts {
        tracing::warn!(table = conflict.table, "{}", conflict.detail);
    }
    for step in plan.steps {
        match apply_step(client, &step, budget).await {
            Ok(tries) => {
                applied.lock_tries += tries;
                applied.steps.push(step);
            }
            Err(
                error @ (Error::Database(_) | Error::LockBudget { .. } | Error::NoPartition(..)),
            ) => {
                if client.is_closed() {
                    return Err(error);
                }
                tracing::warn!(%error, "a partition could not be made");
                applied.failed.push((step, error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(applied)
}

/// Tries a step under a lock budget that escalates: 50, 100, 200, 400 ms up to the maximum.
async fn apply_step(client: &mut Client, step: &Step, budget: LockBudget) -> Result<u32> {
    let mut wait_ms = LOCK_BUDGET_FIRST_MS.min(budget.milliseconds_max);
    for tries in 1..=budget.tries_max {
        match try_step(client, step, wait_ms).await {
            Ok(()) => return Ok(tries),
            Err(error) if lock_was_not_had(&error) && tries < budget.tries_max => {
                tokio::time::sleep(LOCK_PAUSE + Duration::from_millis(u64::from(tries) * 7 % 50))
                    .await;
                wait_ms = (wait_ms * 2).min(budget.milliseconds_max);
            }
            Err(error) if lock_was_not_had(&error) => break,
            Err(error) => return Err(error),
        }
    }
    // Asked at once after the last try: who let go meanwhile cannot be named any more.
    let named: Vec<String> = blockers(client)
        .await?
        .iter()
        .map(|blocker| format!("pid {} ({})", blocker.pid, blocker.query))
        .collect();
    let blockers = if named.is_empty() { "nobody any more".to_owned() } else { named.join(", ") };
    Err(Error::LockBudget { tries: budget.tries_max, blockers })
}

fn lock_was_not_had(error: &Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::QUERY_CANCELED
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::T_R_DEADLOCK_DETECTED)
}

/// One transaction: all locks at once under the budget, the statements, and the bounds read back, since a statement
/// that succeeded proves nothing about the name it used.
async fn try_step(client: &mut Client, step: &Step, wait_ms: u64) -> Result<()> {
    let transaction = client.transaction().await?;
    let statements = ddl::statements(step);
    for (index, statement) in statements.iter().enumerate() {
        if index == 0 {
            transaction.batch_execute(&ddl::lock_budget(wait_ms)).await?;
        }
        transaction.batch_execute(&statement.sql).await?;
        if index == 0 {
            transaction.batch_execute(&ddl::lock_budget(0)).await?;
        }
    }
    let Step::Create { range, suffix, members } = step else {
        transaction.commit().await?;
        return Ok(());
    };
    for &member in members {
        let name = Step::leaf_name(member, suffix);
        let row =
            transaction.query_opt(include_str!("../sql/partition/bounds.sql"), &[&name]).await?;
        let found = row
            .map(|row| (row.get::<_, String>(0), TimeRange { from: row.get(1), to: row.get(2) }));
        if found != Some((member.table().to_owned(), *range)) {
            return Err(Error::NoPartition(
                range.to_string(),
                format!("{name} came out as {found:?}"),
            ));
        }
    }
    transaction.commit().await?;
    Ok(())
}
