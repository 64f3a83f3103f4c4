//! A batch at work: what its kills are enriched from, and their enrichment, computed while the database takes their bodies.

use std::sync::Arc;

use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::prices::{Prefer, PriceBook};
use noctis_core::enrich::{Enriched, Sources, enrich, priced_types};
use noctis_core::killmail::Killmail;
use noctis_core::time::day;
use tokio::task::JoinHandle;
use tokio_postgres::GenericClient;

use super::{Batch, IngestOptions};
use crate::Result;
use crate::prices::KeptPrices;

/// A batch with all that storing it needs.
pub(super) struct Work {
    pub(super) batch: Arc<Batch>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) kept: KeptPrices,
    /// Kills that were dropped are stored again.
    pub(super) again: bool,
    prices: Arc<PriceBook>,
    prefer: Prefer,
    enriching: Option<JoinHandle<Vec<Enriched>>>,
    enriched: Vec<Enriched>,
}

impl Work {
    /// Asks for the prices of the batch's kills, and begins to enrich these on another thread.
    pub(super) async fn begin(
        client: &impl GenericClient,
        batch: Batch,
        options: &IngestOptions,
        mut kept: KeptPrices,
    ) -> Result<Work> {
        let mails = batch.kills.iter().map(|incoming| &incoming.mail.killmail);
        let pairs = mails.flat_map(|killmail| needed(killmail, &options.catalogue));
        let prices = Arc::new(kept.book(client, pairs).await?);
        let mut work = Work {
            batch: Arc::new(batch),
            catalogue: Arc::clone(&options.catalogue),
            kept,
            again: options.again,
            prices,
            prefer: options.prefer,
            enriching: None,
            enriched: Vec::new(),
        };
        let (batch, catalogue, prices, prefer) = (
            Arc::clone(&work.batch),
            Arc::clone(&work.catalogue),
            Arc::clone(&work.prices),
            work.prefer,
        );
        work.enriching = Some(tokio::task::spawn_blocking(move || {
            enrich_all(&batch, &Sources { catalogue: &catalogue, prices: &prices, prefer })
        }));
        Ok(work)
    }

    /// What the batch's own kills are enriched from.
    pub(super) fn sources(&self) -> Sources<'_> {
        Sources { catalogue: &self.catalogue, prices: &self.prices, prefer: self.prefer }
    }

    /// The enrichment of each of the batch's kills, in their order.
    pub(super) async fn enriched(&mut self) -> &[Enriched] {
        if let Some(enriching) = self.enriching.take() {
            self.enriched = match enriching.await {
                Ok(enriched) => enriched,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            };
        }
        &self.enriched
    }
}

fn enrich_all(batch: &Batch, sources: &Sources<'_>) -> Vec<Enriched> {
    let mails = batch.kills.iter().map(|incoming| &incoming.mail);
    mails
        .map(|mail| enrich(&mail.killmail, mail.zkb.as_ref().map(|block| &block.zkb), sources))
        .collect()
}

/// The types whose prices on the kill's day make its own value; one may be named twice.
pub(crate) fn needed(
    killmail: &Killmail,
    catalogue: &Catalogue,
) -> impl Iterator<Item = (i64, Date)> {
    let day = day(killmail.killmail_time);
    priced_types(killmail, catalogue).into_iter().map(move |type_id| (type_id, day))
}
