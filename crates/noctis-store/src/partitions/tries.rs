//! Tries for locks: a budget that escalates, pauses in which others get through, an end, and who was in the way.

use std::time::{Duration, Instant};

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::{Blocker, LOCK_BUDGET_FIRST_MS, LOCK_PAUSE, LockBudget};
use crate::{Error, Result};

/// What getting the locks took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    pub tries: u32,
    /// From the first try to the last one's end, pauses included.
    pub waited: Duration,
}

/// Tries that were made, and the next one's budget.
pub(super) struct Tries {
    budget: LockBudget,
    wait_ms: u64,
    made: u32,
    started: Instant,
}

impl Tries {
    pub(super) fn new(budget: LockBudget) -> Tries {
        let wait_ms = LOCK_BUDGET_FIRST_MS.min(budget.milliseconds_max);
        Tries { budget, wait_ms, made: 1, started: Instant::now() }
    }

    /// How long this try may wait for its locks: 50, 100, 200, 400 ms up to the maximum.
    pub(super) fn wait_ms(&self) -> u64 {
        self.wait_ms
    }

    pub(super) fn waits(&self) -> Waits {
        Waits { tries: self.made, waited: self.started.elapsed() }
    }

    /// Pauses before the next try, if the error says that locks were not had; else, or after the last try, it is an error.
    pub(super) async fn again(
        &mut self,
        error: Error,
        client: &Client,
        tables: &[String],
    ) -> Result<()> {
        if !lock_was_not_had(&error) {
            return Err(error);
        }
        if self.made >= self.budget.tries_max {
            // Asked at once after the last try: who let go meanwhile cannot be named any more.
            return Err(Error::LockBudget {
                tries: self.made,
                blockers: named(&holders(client, tables).await?),
            });
        }
        tokio::time::sleep(LOCK_PAUSE + Duration::from_millis(u64::from(self.made) * 7 % 50)).await;
        self.made += 1;
        self.wait_ms = (self.wait_ms * 2).min(self.budget.milliseconds_max);
        Ok(())
    }
}

fn named(blockers: &[Blocker]) -> String {
    if blockers.is_empty() {
        return "nobody any more".to_owned();
    }
    let named: Vec<String> =
        blockers.iter().map(|blocker| format!("pid {} ({})", blocker.pid, blocker.query)).collect();
    named.join(", ")
}

/// Who holds any lock on these tables.
///
/// # Errors
/// When the database refuses.
pub async fn holders(client: &Client, tables: &[String]) -> Result<Vec<Blocker>> {
    let rows = client.query(include_str!("../../sql/archive/holders.sql"), &[&tables]).await?;
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

pub(super) fn lock_was_not_had(error: &Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::QUERY_CANCELED
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::T_R_DEADLOCK_DETECTED)
}
