//! Tries for locks: a budget that escalates, pauses in which others get through, an end, and who was in the way.

use std::time::{Duration, Instant};

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::patience::Patience;
use super::{Blocker, LOCK_PAUSE, LockBudget};
use crate::{Error, Result};

/// Who needs everybody out meets transactions that hold one of the tables and wait for another: beside eight endless readers
/// of two tables each, in any order, one try in thirty succeeds, whatever it may wait from 400 ms on. So it has this many times
/// the tries of a step that lets others go on: with the default budget, four minutes and a half.
const ALONE_TRIES: u32 = 12;

/// What getting the locks took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    pub tries: u32,
    /// From the first try to the last one's end, pauses included.
    pub waited: Duration,
    /// The longest that a try might wait, and keep others waiting, in milliseconds.
    pub longest_ms: u64,
}

impl std::ops::Add for Waits {
    type Output = Waits;

    /// What one step after another took.
    fn add(self, other: Waits) -> Waits {
        Waits {
            tries: self.tries + other.tries,
            waited: self.waited + other.waited,
            longest_ms: self.longest_ms.max(other.longest_ms),
        }
    }
}

/// Tries that were made, and the next one's budget.
pub(crate) struct Tries {
    patience: Patience,
    /// Others wait while it waits.
    alone: bool,
    made: u32,
    made_max: u32,
    started: Instant,
}

impl Tries {
    /// For locks beside which readers and writers go on.
    pub(crate) fn new(budget: LockBudget) -> Tries {
        let patience = Patience::new(budget.milliseconds_max);
        let made_max = budget.tries_max;
        Tries { patience, alone: false, made: 1, made_max, started: Instant::now() }
    }

    /// For locks that nobody else may hold, nor wait for in vain.
    pub(super) fn alone(budget: LockBudget) -> Tries {
        let made_max = budget.tries_max.saturating_mul(ALONE_TRIES);
        Tries { alone: true, made_max, ..Tries::new(budget) }
    }

    /// How long this try may wait for its locks: 50, 100, 200, 400 ms up to the maximum.
    pub(crate) fn wait_ms(&self) -> u64 {
        self.patience.wait_ms()
    }

    pub(crate) fn waits(&self) -> Waits {
        Waits {
            tries: self.made,
            waited: self.started.elapsed(),
            longest_ms: self.patience.longest_ms(),
        }
    }

    /// Pauses before the next try, if the error says that locks were not had; else, or after the last try, it is an error.
    pub(crate) async fn again(
        &mut self,
        error: Error,
        client: &Client,
        tables: &[String],
    ) -> Result<()> {
        if !lock_was_not_had(&error) {
            return Err(error);
        }
        if self.made >= self.made_max {
            // Asked at once after the last try: who let go meanwhile cannot be named any more.
            return Err(Error::LockBudget {
                tries: self.made,
                blockers: named(&holders(client, tables).await?),
            });
        }
        // A wait that is in nobody's way may be as long as it likes, whoever stays.
        let standing = if self.alone { standing(client, tables).await? } else { Vec::new() };
        self.patience.missed(standing, Instant::now());
        tokio::time::sleep(LOCK_PAUSE + Duration::from_millis(u64::from(self.made) * 7 % 50)).await;
        self.made += 1;
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

/// The transactions that hold any lock on these tables.
async fn standing(client: &Client, tables: &[String]) -> Result<Vec<String>> {
    let rows = client.query(include_str!("../../sql/partition/standing.sql"), &[&tables]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

pub(super) fn lock_was_not_had(error: &Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::QUERY_CANCELED
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::T_R_DEADLOCK_DETECTED)
}
