//! Carries steps out: one transaction each, all locks at once under a budget, a line of the ledger in it.

use jiff::Timestamp;
use noctis_core::partition::{Conflict, Member, Plan, Policy, Step, creations};
use noctis_core::time::TimeRange;
use serde::Serialize;
use tokio_postgres::{Client, Transaction};

use super::inspect::attached;
use super::tries::{Tries, Waits};
use super::{LockBudget, MANAGER_LOCK, ddl, inspect, inspect_with_touched};
use crate::ledger::{self, Entry};
use crate::{Error, Result};

/// Why a step was not even tried.
pub const AFTER_FAILURE: &str = "a step before it, for the same time, was put off";

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

impl Applied {
    /// Whether a step of this range was put off: later ones are then not to be tried.
    pub fn has_failed(&self, range: TimeRange) -> bool {
        self.failed.iter().any(|(step, _)| step.range() == range)
    }
}

/// Makes what policy and need ask for, in one session under the managers' lock, and says what was done. Nothing is retired.
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
        apply_steps(held.client, creations(policy, &inventory, now, needed), budget).await
    }
    .await;
    let released = held.release().await;
    applied.and_then(|applied| released.map(|()| applied))
}

/// Carries out a plan of what the tables alone need, if the world is still the one it was made for. Steps that need the
/// archive are put off.
pub async fn apply(client: &mut Client, plan: Plan, budget: LockBudget) -> Result<Applied> {
    let held = MANAGER_LOCK.take(client).await?;
    let applied = async {
        refuse_outdated(held.client, &plan).await?;
        apply_steps(held.client, plan, budget).await
    }
    .await;
    let released = held.release().await;
    applied.and_then(|applied| released.map(|()| applied))
}

/// # Errors
/// [`Error::PlanOutdated`] unless all is as it was when the plan was made.
pub async fn refuse_outdated(client: &Client, plan: &Plan) -> Result<()> {
    if inspect_with_touched(client, plan.cutoff).await?.fingerprint() == plan.inventory {
        Ok(())
    } else {
        Err(Error::PlanOutdated)
    }
}

/// One bad step does not stop the others: it is put off and told, and with it the later ones of its range.
async fn apply_steps(client: &mut Client, plan: Plan, budget: LockBudget) -> Result<Applied> {
    let mut applied = Applied { conflicts: plan.conflicts, ..Applied::default() };
    for conflict in &applied.conflicts {
        tracing::warn!(table = conflict.table, "{}", conflict.detail);
    }
    for step in plan.steps {
        if applied.has_failed(step.range()) {
            applied.failed.push((step, AFTER_FAILURE.to_owned()));
            continue;
        }
        match carry_out(client, &step, budget, Some(&plan.inventory)).await {
            Ok(waits) => {
                applied.lock_tries += waits.tries;
                applied.steps.push(step);
            }
            Err(error) if error.is_of_one_step() && !client.is_closed() => {
                tracing::warn!(%error, step = step.action(), range = %step.range(), "a step was put off");
                applied.failed.push((step, error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(applied)
}

/// Makes, closes or opens leaves: what a step took.
///
/// `plan` is the inventory that the step was planned for. Who makes leaves holds [`MANAGER_LOCK`]; who closes or opens them may wait for minutes and does not.
///
/// # Errors
/// [`Error::LockBudget`] where the locks were not had; [`Error::Refused`] for a step that needs the archive.
pub async fn carry_out(
    client: &mut Client,
    step: &Step,
    budget: LockBudget,
    plan: Option<&str>,
) -> Result<Waits> {
    let mut tries = match step {
        Step::Create { .. } => Tries::new(budget),
        Step::Close { .. } | Step::Reopen { .. } => Tries::alone(budget),
        Step::Archive { .. } | Step::Detach { .. } | Step::Discard { .. } | Step::Drop { .. } => {
            let text = format!("{} of {} is not for the tables alone", step.action(), step.range());
            return Err(Error::Refused(text));
        }
    };
    let mut entry = Entry::of(step, plan);
    loop {
        entry.waits = tries.waits();
        match try_step(client, step, tries.wait_ms(), &mut entry, &tries).await {
            Ok(()) => return Ok(entry.waits),
            // Everything is undone before the pause: nobody waits meanwhile.
            Err(error) => tries.again(error, client, &concerned(step)).await?,
        }
    }
}

/// The tables whose locks a step waits for.
fn concerned(step: &Step) -> Vec<String> {
    match step {
        Step::Create { members, .. } => {
            members.iter().map(|member| member.table().to_owned()).collect()
        }
        Step::Close { leaves, .. }
        | Step::Reopen { leaves, .. }
        | Step::Archive { leaves, .. }
        | Step::Detach { leaves, .. }
        | Step::Discard { leaves, .. } => leaves.iter().map(|leaf| leaf.name.clone()).collect(),
        Step::Drop { tables, .. } => tables.iter().map(|table| table.name.clone()).collect(),
    }
}

/// One transaction: all locks at once under the budget, the statements, what came of them read back, and the ledger's line.
async fn try_step(
    client: &mut Client,
    step: &Step,
    wait_ms: u64,
    entry: &mut Entry,
    tries: &Tries,
) -> Result<()> {
    let transaction = client.transaction().await?;
    for (index, statement) in ddl::statements(step).iter().enumerate() {
        if index == 0 {
            transaction.batch_execute(&ddl::lock_budget(wait_ms)).await?;
        }
        transaction.batch_execute(&statement.sql).await?;
        if index == 0 {
            transaction.batch_execute(&ddl::lock_budget(0)).await?;
            entry.waits = tries.waits();
        }
    }
    match step {
        Step::Create { range, suffix, members } => {
            for &member in members {
                read_back(&transaction, &Step::leaf_name(member, suffix), member, *range).await?;
            }
        }
        Step::Close { leaves, .. } => {
            for leaf in leaves {
                read_back(&transaction, &leaf.name, leaf.member, leaf.range).await?;
            }
        }
        Step::Reopen { range, leaves } => {
            for leaf in leaves {
                read_back(&transaction, &leaf.name, leaf.member, leaf.range).await?;
            }
            let sql = include_str!("../../sql/partition/forget_verified.sql");
            transaction.execute(sql, &[&range.from, &range.to]).await?;
        }
        Step::Archive { .. } | Step::Detach { .. } | Step::Discard { .. } | Step::Drop { .. } => {}
    }
    ledger::append(&transaction, entry).await?;
    transaction.commit().await?;
    Ok(())
}

/// Whether a leaf is attached to its parent with these bounds: a statement that succeeded proves nothing about the name it
/// used.
async fn read_back(
    transaction: &Transaction<'_>,
    name: &str,
    member: Member,
    range: TimeRange,
) -> Result<()> {
    let found = attached(transaction, name).await?;
    if found == Some((member.table().to_owned(), range)) {
        return Ok(());
    }
    Err(Error::NoPartition(range.to_string(), format!("{name} came out as {found:?}")))
}
