//! Importing prices: a thread reads files and addresses, a bounded channel carries batches, here they are written.
//!
//! Each batch is a transaction of its own and says the same however often it is written: an import may end anywhere
//! and be repeated.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use jiff::civil::Date;
use noctis_store::Store;
use noctis_store::prices::PriceWriter;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::import::disk::FreeDisk;
use crate::import::progress::Progress;
use crate::import::summary::End;
use crate::import::{TICK, grace_is_over};
use crate::logging::sentence;
use crate::signals::Stop;

pub mod reading;

pub mod summary;

use reading::{Batch, Reader, Source};
use summary::Summary;

/// Batches that wait while one is written.
const BATCHES_WAITING: usize = 1;

/// What an import of prices is to do.
pub struct Plan {
    pub sources: Vec<Source>,
    /// The day of prices that do not tell theirs.
    pub day: Date,
    pub disk: FreeDisk,
}

/// Imports prices, and tells what became of them. An error that ends it is in the summary.
pub async fn import(store: &Store, plan: Plan, stop: &Stop) -> Summary {
    let started = Instant::now();
    let bytes = plan.sources.iter().map(|source| source.bytes).sum();
    let mut progress = Progress::start("prices", plan.sources.len(), bytes);
    let mut summary = Summary::default();
    summary.end = match through(store, plan, stop, &mut progress, &mut summary).await {
        Ok(end) => end,
        Err(error) => End::Failed { problem: sentence(&error) },
    };
    progress.end();
    summary.took(started.elapsed());
    summary
}

async fn through(
    store: &Store,
    plan: Plan,
    stop: &Stop,
    progress: &mut Progress,
    summary: &mut Summary,
) -> anyhow::Result<End> {
    let mut writer = PriceWriter::new(store).await?;
    let (batches, mut delivered) = mpsc::channel(BATCHES_WAITING);
    // Ends the reader however this function ends.
    let reading = CancellationToken::new();
    let _ends_reader = reading.clone().drop_guard();
    let reader = Reader {
        batches,
        runtime: Handle::current(),
        stop: reading.clone(),
        bytes_read: Arc::clone(&progress.bytes_read),
        day: plan.day,
    };
    // A thread of its own, not one of the runtime's, which would wait for it at the end.
    let reader = std::thread::Builder::new()
        .name("reading".to_owned())
        .spawn(move || reader.run(plan.sources))
        .context("starting the reading thread")?;
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            biased;
            () = stop.token().cancelled() => return Ok(End::interrupted(stop)),
            _ = tick.tick() => progress.show(summary.files.done(), summary.read()),
            batch = delivered.recv() => {
                let Some(batch) = batch else { break };
                if let Some(end) = plan.disk.too_full()? {
                    return Ok(end);
                }
                tokio::select! {
                    changed = write(&mut writer, &batch) => summary.add(batch, changed?),
                    // Given up, its transaction is rolled back.
                    () = grace_is_over(stop) => return Ok(End::interrupted(stop)),
                }
            }
        }
    }
    match reader.join() {
        Ok(()) => Ok(End::Finished),
        Err(_) => anyhow::bail!("the reading thread has panicked: this is a bug in noctis"),
    }
}

async fn write(writer: &mut PriceWriter, batch: &Batch) -> anyhow::Result<u64> {
    match batch.kind {
        Some(kind) => writer.write(kind, &batch.rows).await.context("writing prices"),
        None => Ok(0),
    }
}
