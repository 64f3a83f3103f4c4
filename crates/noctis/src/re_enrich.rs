//! Enriching stored kills again: leaf by leaf, in batches with a VACUUM between them, until the range of time is done.
//!
//! No journal is kept: a row that says today's already is only looked at, so the same command goes on wherever it ended,
//! and the time it ended at begins it there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::prices::Prefer;
use noctis_core::kill::Key;
use noctis_core::time::TimeRange;
use noctis_store::partitions::{self, LeafSize};
use noctis_store::prices::KeptPrices;
use noctis_store::re_enrich::{self, BATCH_KILLS_MAX, Batch, Rules};
use noctis_store::{Connection, Store};

use crate::logging::sentence;
use crate::signals::Stop;

mod progress;
pub mod summary;

use progress::Progress;
use summary::{End, Summary};

/// A leaf is vacuumed when one row of so many has been written since the last time: old versions then never make up
/// more of it than that and a batch.
const VACUUM_SHARE: u64 = 12;
/// A batch has at most one row of so many of its leaf.
const BATCH_SHARE: u64 = 24;
/// But no fewer than these: a table of some pages grows by a page whatever is done.
const BATCH_KILLS_MIN: u64 = 64;
/// Looks at a batch in which somebody else is writing, before that is told.
const LOOKS_MAX: u32 = 50;
/// Between two such looks; an import's transaction takes about as long.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// What to enrich again, and with what.
pub struct Plan {
    pub range: TimeRange,
    pub catalogue: Arc<Catalogue>,
    pub prefer: Prefer,
}

/// Enriches again, and tells what became of it. An error that ends it is in the summary, with what was done before.
pub async fn re_enrich(store: &Store, plan: &Plan, stop: &Stop) -> Summary {
    let started = Instant::now();
    let mut run = Run {
        plan,
        stop,
        kept: KeptPrices::default(),
        summary: Summary { from: plan.range.from, to: plan.range.to, ..Summary::default() },
        progress: Progress::start(),
    };
    run.summary.end = match run.through(store).await {
        Ok(end) => end,
        Err(error) => End::Failed { problem: sentence(&error) },
    };
    run.progress.end();
    run.summary.took(started.elapsed());
    run.summary
}

struct Run<'a> {
    plan: &'a Plan,
    stop: &'a Stop,
    kept: KeptPrices,
    summary: Summary,
    progress: Progress,
}

impl Run<'_> {
    async fn through(&mut self, store: &Store) -> anyhow::Result<End> {
        let mut client = store.client().await?;
        let leaves = re_enrich::leaves(&client, self.plan.range).await?;
        self.progress.expect(leaves.iter().map(|size| size.rows_estimated));
        for (place, size) in leaves.iter().enumerate() {
            let range = size.leaf.range.intersection(self.plan.range);
            let rows = re_enrich::count(&client, size.leaf.range).await?;
            let expected = if range == size.leaf.range {
                rows
            } else {
                re_enrich::count(&client, range).await?
            };
            self.progress.expect_exactly(place, expected);
            let done = self.leaf(&mut client, size, range, rows).await;
            if !done.with_context(|| format!("enriching {} again", size.leaf.name))? {
                return Ok(End::interrupted(self.stop));
            }
            self.summary.partitions += 1;
        }
        Ok(End::Finished)
    }

    /// One leaf; false when it was interrupted.
    async fn leaf(
        &mut self,
        client: &mut Connection,
        size: &LeafSize,
        range: TimeRange,
        rows: u64,
    ) -> anyhow::Result<bool> {
        let kills_max = (rows / BATCH_SHARE).clamp(BATCH_KILLS_MIN, u64::from(BATCH_KILLS_MAX));
        let kills_max = u32::try_from(kills_max).unwrap_or(BATCH_KILLS_MAX);
        let dead_max = (rows / VACUUM_SHARE).max(1);
        let mut after = (range.from, i64::MIN);
        let mut dead = 0;
        // Each batch moves on by one kill at least.
        loop {
            self.summary.go_on_from = Some(after.0);
            if self.stop.token().is_cancelled() {
                return Ok(false);
            }
            let batch = self.batch(client, (range, after), kills_max).await?;
            dead += batch.written;
            let at_end = batch.last.is_none();
            if dead >= dead_max || (at_end && dead > 0) {
                let vacuum = re_enrich::vacuum(client, &size.leaf);
                match self.stop.token().run_until_cancelled(vacuum).await {
                    Some(vacuumed) => vacuumed?,
                    None => return Ok(false),
                }
                self.summary.vacuums += 1;
                dead = 0;
            }
            let Some(last) = batch.last else { return Ok(true) };
            after = last;
        }
    }

    /// One batch, looked at again as long as somebody else writes in it.
    async fn batch(
        &mut self,
        client: &mut Connection,
        place: (TimeRange, Key),
        kills_max: u32,
    ) -> anyhow::Result<Batch> {
        let Plan { catalogue, prefer, .. } = self.plan;
        let rules = Rules { catalogue, prefer: *prefer };
        let mut written = 0;
        for look in 1..=LOOKS_MAX {
            let batch = re_enrich::batch(client, &rules, &mut self.kept, place, kills_max).await;
            let batch = match batch {
                // Its leaf has begun to leave for the archive, and takes nothing more.
                Err(error) if partitions::refusal(&error).is_some() => {
                    tracing::warn!(from = %place.0.from, "a month is being archived and stays as it is");
                    return Ok(Batch { written, ..Batch::default() });
                }
                batch => batch?,
            };
            written += batch.written;
            if batch.busy == 0 || look == LOOKS_MAX || self.stop.token().is_cancelled() {
                let batch = Batch { written, ..batch };
                self.summary.add(&batch);
                self.progress.show(&self.summary);
                return Ok(batch);
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        unreachable!("the last look returns")
    }
}

/// All the time there is.
#[must_use]
pub fn all_time() -> TimeRange {
    TimeRange { from: Timestamp::UNIX_EPOCH, to: Timestamp::MAX }
}
