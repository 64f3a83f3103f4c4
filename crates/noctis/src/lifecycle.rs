//! The life of partitions, as `serve` keeps it: look, plan, make what is missing, once at start and then every hour.

pub mod adopt;
mod disk;
pub mod owning;
mod progress;
pub mod restore;
pub mod retention;
pub mod retire;
pub mod waiting;

use std::time::Duration;

use metrics::counter;
use noctis_core::partition::Policy;
use noctis_store::Store;
use noctis_store::partitions::{self, Applied, LockBudget};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config;

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(3_600);
/// Between two looks after one that left something undone.
const INTERVAL_AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Steps that were put off, and looks that failed: counters for who watches.
pub(crate) const PUT_OFF: &str = "noctis_lifecycle_steps_put_off_total";
pub(crate) const FAILURES: &str = "noctis_lifecycle_failures_total";

/// What can end a stream of rows on its way between archive and tables.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Archive(noctis_archive::Error),
    #[error(transparent)]
    Store(#[from] noctis_store::Error),
}

/// What partitions are to be kept, and how long a step may wait for its locks.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub policy: Policy,
    pub budget: LockBudget,
}

impl Rules {
    pub fn of(config: &config::Partitions) -> Rules {
        let milliseconds_max =
            u64::try_from(config.lock_budget_max.as_millis()).unwrap_or(u64::MAX);
        Rules {
            policy: config.policy,
            budget: LockBudget { milliseconds_max, ..LockBudget::default() },
        }
    }
}

/// Looks once, makes what is missing, and says what was done.
///
/// # Errors
/// When the database does not answer or another manager holds the lock for too long.
pub async fn look(store: &Store, rules: Rules) -> noctis_store::Result<Applied> {
    let mut client = store.client().await?;
    let applied =
        partitions::ensure(&mut client, &rules.policy, rules.budget, clock::now(), &[]).await?;
    counter!(PUT_OFF).increment(applied.failed.len() as u64);
    if !applied.steps.is_empty() {
        tracing::info!(
            partitions = applied.steps.len(),
            lock_tries = applied.lock_tries,
            "made partitions"
        );
    }
    Ok(applied)
}

/// Looks every hour until it is told to stop; a failure is told and tried again soon.
pub async fn keep(store: Store, rules: Rules, stop: CancellationToken) {
    let mut pause = INTERVAL;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = match look(&store, rules).await {
            Ok(applied) if applied.failed.is_empty() && applied.conflicts.is_empty() => INTERVAL,
            Ok(_) => INTERVAL_AFTER_FAILURE,
            Err(error) => {
                counter!(FAILURES).increment(1);
                tracing::error!(%error, "the partitions could not be looked after");
                INTERVAL_AFTER_FAILURE
            }
        };
    }
}
