//! Batch → staging → one merge: a batch's raw, enriched, participants and registry rows are one transaction.
//!
//! Never half a kill, never a kill twice, whatever is stored again, in whatever order or by several at a time.

pub mod batch;
mod copying;
mod facts;
mod load;
pub mod loader;
mod merge;
pub(crate) mod rows;
mod wanted;
pub(crate) mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::prices::Prefer;
use noctis_core::generate::{GENERATED_ID_MIN, is_generated};
use noctis_core::killmail::Reason;
use noctis_core::partition::{Inventory, Period, Policy};
use noctis_core::time::TimeRange;
use serde::Serialize;
use tokio_postgres::error::SqlState;

pub use batch::{Batch, Incoming, IncomingWanted, Parked};
pub use loader::{LoadRules, Loader};
pub(crate) use merge::{take_again_lock, take_merge_lock};

use work::Work;

use crate::partitions::{self, LockBudget, Refusal};
use crate::prices::KeptPrices;
use crate::{Error, Result, Store, fail};

/// Attempts at a batch that meets the same kills in other imports, or deadlocks.
const ATTEMPTS_MAX: u32 = 6;
/// Partitions an import may make on demand in one run.
pub const PARTITIONS_ON_DEMAND_IMPORT: u32 = 300;

/// What became of a batch, or of an import; every input read is counted in one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Kills that were new.
    pub stored: u64,
    /// Kills that were there and learned something: a value, a hash.
    pub enriched_further: u64,
    /// Inputs that said nothing new.
    pub already_there: u64,
    /// Ids whose body is wanted.
    pub wanted: u64,
    /// Inputs that could not be stored, by reason.
    pub parked: BTreeMap<&'static str, u64>,
}

impl Outcome {
    pub fn add(&mut self, other: &Outcome) {
        self.stored += other.stored;
        self.enriched_further += other.enriched_further;
        self.already_there += other.already_there;
        self.wanted += other.wanted;
        for (reason, count) in &other.parked {
            *self.parked.entry(reason).or_default() += count;
        }
    }

    pub fn parked_total(&self) -> u64 {
        self.parked.values().sum()
    }

    /// All inputs that were counted.
    pub fn total(&self) -> u64 {
        self.stored + self.enriched_further + self.already_there + self.wanted + self.parked_total()
    }

    fn park(&mut self, reason: Reason) {
        *self.parked.entry(reason.name()).or_default() += 1;
    }
}

/// What an ingester is allowed and needs to know.
#[derive(Clone)]
pub struct IngestOptions {
    pub catalogue: Arc<Catalogue>,
    /// Which value prevails where both are known.
    pub prefer: Prefer,
    pub policy: Policy,
    pub lock_budget: LockBudget,
    /// Kills that were dropped without an archive are stored again, and not taken for known.
    pub again: bool,
    /// Generated killmails may stand beside real ones.
    pub allow_generated: bool,
    /// Partitions that may be made on demand in this run.
    pub partitions_on_demand: u32,
}

/// Stores batches over one connection.
pub struct Ingester {
    store: Store,
    client: Object,
    options: IngestOptions,
    /// What partitions there were at the last look.
    inventory: Inventory,
    /// Prices that batches before this one asked for.
    kept: KeptPrices,
    /// Ranges without a leaf that are being loaded: none is made for kills of theirs that turn out to be known.
    loading: Vec<TimeRange>,
}

impl Ingester {
    pub async fn new(store: &Store, options: IngestOptions) -> Result<Ingester> {
        let client = store.client().await?;
        client.batch_execute(include_str!("../sql/ingest/create_staging.sql")).await?;
        let inventory = partitions::inspect(&client).await?;
        let kept = KeptPrices::default();
        Ok(Ingester { store: store.clone(), client, options, inventory, kept, loading: Vec::new() })
    }

    /// Stores a batch and says what became of each of its inputs. Safe to repeat.
    pub async fn store(&mut self, mut batch: Batch, now: Timestamp) -> Result<Outcome> {
        fail::point("import.batch_read");
        let mut outcome = batch.take_outcome();
        self.refuse_generated(&mut batch, false).await?;
        self.ensure_partitions(&batch, now, false).await?;
        let kept = std::mem::take(&mut self.kept);
        let mut work = Work::begin(&**self.client, batch, &self.options, kept).await?;
        outcome.add(&self.merge(&mut work, now).await?);
        self.kept = work.kept;
        Ok(outcome)
    }

    /// Merges a batch, as often as it takes.
    async fn merge(&mut self, work: &mut Work, now: Timestamp) -> Result<Outcome> {
        let batch = Arc::clone(&work.batch);
        let mut outcome = Outcome::default();
        let mut left: Vec<usize> = (0..batch.kills.len()).collect();
        let (mut first, mut refused) = (true, None);
        for _ in 0..ATTEMPTS_MAX {
            let closed = self.closed();
            match merge::merge(&mut self.client, work, &left, &closed, first).await {
                Ok(merged) => {
                    fail::point("import.committed");
                    outcome.add(&merged.outcome);
                    left = merged.left;
                    first = false;
                    if left.is_empty() {
                        return Ok(outcome);
                    }
                }
                Err(error) if let Some(refusal) = partitions::refusal(&error) => {
                    // If it is being archived that is seen now, if it has been it is gone; meanwhile another may be closed.
                    refused = match refusal {
                        Refusal::Closed(leaf) => Some(leaf),
                        _ => refused,
                    };
                    self.ensure_partitions(&batch, now, true).await?;
                }
                Err(Error::Contention(_)) => {}
                Err(error) if repeatable(&error) => {
                    tracing::debug!(%error, "a batch is tried again")
                }
                Err(error) => return Err(error),
            }
        }
        Err(refused.map_or(Error::Contention(ATTEMPTS_MAX), Error::PartitionClosed))
    }

    /// Ranges that take nothing new, as of the last look.
    fn closed(&self) -> Vec<TimeRange> {
        let closed = self.inventory.leaves.iter().filter(|leaf| leaf.closed);
        closed.map(|leaf| leaf.range).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Looks what partitions there are.
    async fn look(&mut self) -> Result<()> {
        self.inventory = partitions::inspect(&self.client).await?;
        Ok(())
    }

    /// Makes the partitions that the policy wants ahead, as storing the usual way does beside those it needs.
    async fn make_ahead(&mut self, now: Timestamp) -> Result<()> {
        let IngestOptions { policy, lock_budget, .. } = self.options;
        let mut client = self.store.client().await?;
        partitions::ensure(&mut client, &policy, lock_budget, now, &[]).await?;
        Ok(())
    }

    /// A store with real kills, or about to have some, takes no generated ones, unless told.
    async fn refuse_generated(&self, batch: &mut Batch, real_seen: bool) -> Result<()> {
        let generated = |incoming: &Incoming| is_generated(incoming.mail.killmail.killmail_id);
        if self.options.allow_generated || !batch.kills.iter().any(generated) {
            return Ok(());
        }
        let real_in_batch = real_seen || !batch.kills.iter().all(generated);
        let real: bool = self
            .client
            .query_one(include_str!("../sql/ingest/has_real.sql"), &[&GENERATED_ID_MIN])
            .await?
            .get(0);
        if real || real_in_batch {
            batch.park_all(
                generated,
                Reason::Generated,
                "this store holds real killmails; --allow-generated mixes them",
            );
        }
        Ok(())
    }

    /// Makes the partitions a batch is about to need.
    async fn ensure_partitions(
        &mut self,
        batch: &Batch,
        now: Timestamp,
        look_again: bool,
    ) -> Result<()> {
        let is_loading =
            |time: Timestamp| !look_again && self.loading.iter().any(|range| range.contains(time));
        let missing = |inventory: &Inventory| -> Vec<Timestamp> {
            let times = batch.kills.iter().map(|incoming| incoming.mail.killmail.killmail_time);
            times.filter(|&time| !inventory.covers(time) && !is_loading(time)).collect()
        };
        let closed = self.closed();
        let mut times = batch.kills.iter().map(|incoming| incoming.mail.killmail.killmail_time);
        // A month that was closed at the last look may be archived by now, or open again.
        let was_closed = times.any(|time| closed.iter().any(|range| range.contains(time)));
        if !look_again && !was_closed && missing(&self.inventory).is_empty() {
            return Ok(());
        }
        let mut client = self.store.client().await?;
        self.inventory = partitions::inspect(&client).await?;
        let needed = missing(&self.inventory);
        if needed.is_empty() {
            return Ok(());
        }
        let interval = self.options.policy.interval;
        let periods: BTreeSet<Timestamp> =
            needed.iter().map(|&time| Period::containing(interval, time).range().from).collect();
        // What is allowed is made in any case, so that each run gets further.
        let allowed: Vec<Timestamp> =
            periods.iter().copied().take(self.options.partitions_on_demand as usize).collect();
        let IngestOptions { policy, lock_budget, .. } = self.options;
        let applied = partitions::ensure(&mut client, &policy, lock_budget, now, &allowed).await?;
        let made = u32::try_from(applied.steps.len()).unwrap_or(u32::MAX);
        self.options.partitions_on_demand = self.options.partitions_on_demand.saturating_sub(made);
        self.inventory = partitions::inspect(&client).await?;
        match missing(&self.inventory).first() {
            None => Ok(()),
            Some(time) if allowed.len() < periods.len() => {
                let detail =
                    "this run has made as many partitions on demand as it may; start another run";
                Err(Error::NoPartition(time.to_string(), detail.to_owned()))
            }
            Some(time) => {
                let reasons: Vec<String> = applied
                    .failed
                    .into_iter()
                    .map(|(_, reason)| reason)
                    .chain(applied.conflicts.into_iter().map(|conflict| conflict.detail))
                    .collect();
                Err(Error::NoPartition(time.to_string(), reasons.join("; ")))
            }
        }
    }
}

/// Deadlocks and serialisation failures: the transaction was rolled back whole and may be tried again.
fn repeatable(error: &Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::T_R_DEADLOCK_DETECTED
        || *code == SqlState::T_R_SERIALIZATION_FAILURE
        || *code == SqlState::LOCK_NOT_AVAILABLE)
}
