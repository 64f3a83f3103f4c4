//! A transaction that may wait for its locks only so long: tried again with a longer wait, and put off at last.

use std::time::{Duration, Instant};

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::{LOCK_BUDGET_FIRST_MS, LOCK_PAUSE, LockBudget, blockers, ddl};
use crate::{Error, Result};

/// What a transaction under a budget cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub tries: u32,
    /// From the first try to the commit.
    pub took: Duration,
}

/// Runs `first` under the budget and `then` without it, in one transaction.
///
/// `first` takes every lock that somebody may wait behind; it is repeated, with `then`, until the locks were had.
///
/// # Errors
/// [`Error::LockBudget`] with who is in the way when all tries were in vain; what PostgreSQL refused.
pub async fn within(
    client: &mut Client,
    budget: LockBudget,
    first: &[String],
    then: &[String],
) -> Result<Spent> {
    let began = Instant::now();
    let mut wait_ms = LOCK_BUDGET_FIRST_MS.min(budget.milliseconds_max);
    for tries in 1..=budget.tries_max {
        match once(client, wait_ms, first, then).await {
            Ok(()) => return Ok(Spent { tries, took: began.elapsed() }),
            Err(error) if lock_was_not_had(&error) => {}
            Err(error) => return Err(error),
        }
        if tries < budget.tries_max {
            let jitter = Duration::from_millis(u64::from(tries) * 7 % 50);
            tokio::time::sleep(LOCK_PAUSE + jitter).await;
            wait_ms = (wait_ms * 2).min(budget.milliseconds_max);
        }
    }
    let named: Vec<String> = blockers(client)
        .await?
        .iter()
        .map(|blocker| format!("pid {} ({})", blocker.pid, blocker.query))
        .collect();
    let blockers = if named.is_empty() { "nobody any more".to_owned() } else { named.join(", ") };
    Err(Error::LockBudget { tries: budget.tries_max, blockers })
}

async fn once(client: &mut Client, wait_ms: u64, first: &[String], then: &[String]) -> Result<()> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(&ddl::lock_budget(wait_ms)).await?;
    for statement in first {
        transaction.batch_execute(statement).await?;
    }
    transaction.batch_execute(&ddl::lock_budget(0)).await?;
    for statement in then {
        transaction.batch_execute(statement).await?;
    }
    Ok(transaction.commit().await?)
}

fn lock_was_not_had(error: &Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::QUERY_CANCELED
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::T_R_DEADLOCK_DETECTED)
}
