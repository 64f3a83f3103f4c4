//! Kills that waited while their month was being archived, stored when a run of retention is over.

use noctis_core::killmail::Reason;
use noctis_store::Store;
use noctis_store::ingest::IngestOptions;
use noctis_store::parked::{self, Chosen};
use tokio_util::sync::CancellationToken;

use crate::import::retry::{Retried, retry};

/// Tries those again that were parked because their month was closed.
///
/// # Errors
/// When the database refuses; what was not stored stays parked.
pub async fn store_waiting(
    store: &Store,
    options: IngestOptions,
    stop: &CancellationToken,
) -> anyhow::Result<Retried> {
    let reason = Some(Reason::PartitionClosed);
    if parked::counts(&*store.client().await?, reason).await?.is_empty() {
        return Ok(Retried::default());
    }
    let retried = retry(store, options, &Chosen { reason, ids: None }, stop).await?;
    let Retried { stored, parked_still, .. } = retried;
    tracing::info!(stored, parked_still, "kills that waited for a month to be archived");
    Ok(retried)
}
