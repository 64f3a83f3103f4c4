//! Partitions as they are and as they are made: inspect, plan, apply, one transaction a step.

pub mod adopting;
mod apply;
pub(crate) mod beside;
pub mod budget;
pub mod ddl;
pub mod export;
pub mod index_rollout;
mod inspect;
pub mod parts;
mod patience;
pub mod restore;
pub mod retire;
mod tries;

use std::time::Duration;

use noctis_core::partition::Member;
use tokio_postgres::error::SqlState;

use crate::Error;
use crate::advisory::AdvisoryLock;

pub use apply::{AFTER_FAILURE, Applied, apply, carry_out, ensure, refuse_outdated};
pub use inspect::{
    Blocker, LeafSize, LockTable, blockers, inspect, inspect_with_touched, lock_table, sizes,
};
pub(crate) use tries::Tries;
pub use tries::{Waits, holders};

/// Tries before a step is put off: with the default budget some twenty seconds.
const LOCK_TRIES_MAX: u32 = 40;
/// Between two tries others get through; grows with the tries by a little, so that two managers fall out of step.
const LOCK_PAUSE: Duration = Duration::from_millis(120);
/// The advisory lock of partition managers: "noctis" and 2. Several may run; one works at a time. Held for short steps
/// only, never while rows are read: creation does not wait for retention.
pub const MANAGER_LOCK: AdvisoryLock = AdvisoryLock {
    key: 0x6e6f_6374_6973_0002,
    name: "partition manager",
    poll: Duration::from_millis(50),
    polls_max: 1_200,
};
/// The advisory lock of whoever retires or restores months, held from the look to the last step: "noctis" and 10. It is
/// taken before [`MANAGER_LOCK`], never after it.
pub const RETIREMENT_LOCK: AdvisoryLock = AdvisoryLock {
    key: 0x6e6f_6374_6973_000a,
    name: "retirement",
    poll: Duration::from_millis(200),
    polls_max: 300,
};

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
