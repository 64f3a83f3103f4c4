//! Indexes that a newer noctis declares, built by `serve` beside everything else, and taken up again after an end.

use std::time::Duration;

use noctis_store::partitions::index_rollout::{Limits, RolledOut};
use noctis_store::{Store, migrate};
use tokio_util::sync::CancellationToken;

use crate::lifecycle::Rules;

/// Between two tries, after one that failed: behind an old transaction, or because another noctis is at it.
const INTERVAL_AFTER_FAILURE: Duration = Duration::from_secs(600);

/// Builds what leaves lack of the declared indexes.
///
/// # Errors
/// When one could not be finished; what is built stays.
pub async fn build(store: &Store, rules: Rules) -> noctis_store::Result<Vec<RolledOut>> {
    let mut client = store.client().await?;
    let limits = Limits { budget: rules.budget, ..Limits::default() };
    migrate::build_indexes(&mut client, limits).await
}

/// Tries until all are there, or it is told to stop.
pub async fn keep(store: Store, rules: Rules, stop: CancellationToken) {
    while let Some(Err(error)) = stop.run_until_cancelled(build(&store, rules)).await {
        tracing::error!(%error, "an index could not be finished; it is tried again");
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL_AFTER_FAILURE)).await.is_none() {
            return;
        }
    }
}
