//! A feed's batches of 1 to 20 kills, stored one after another into a filled store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use noctis_core::killmail::split::Piece;
use noctis_store::bench::SEED_FEED;
use noctis_store::ingest::{Batch, IngestOptions, Ingester};
use serde::Serialize;

use super::percentile;
use super::work::generator;
use crate::clock;
use crate::database::Database;
use crate::reading::value::{Reading, read};

const BATCHES: usize = 1_000;
const BATCH_KILLS_MAX: usize = 20;

/// How long a batch took until it was committed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub batches: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

/// Stores the batches.
///
/// # Errors
/// When the database fails.
pub async fn run(database: &Database, options: IngestOptions) -> anyhow::Result<Report> {
    let mut ingester = Ingester::new(&database.store, options).await?;
    let mut generator = generator((BATCHES * BATCH_KILLS_MAX) as u64, SEED_FEED)?;
    let mut times: Vec<Duration> = Vec::new();
    let source: Arc<str> = "bench".into();
    for index in 0..BATCHES {
        let mut batch = Batch::default();
        for _ in 0..=index % BATCH_KILLS_MAX {
            let mut line = Vec::new();
            generator.write_next(&mut line);
            if let Reading::Kill(kill) = read(Piece::Value(line), &source, clock::now()) {
                batch.add(*kill).ok().context("an id came twice")?;
            }
        }
        let start = Instant::now();
        ingester.store(batch, clock::now()).await?;
        times.push(start.elapsed());
    }
    Ok(Report {
        batches: times.len(),
        p50_ms: percentile(&mut times, 0.5),
        p99_ms: percentile(&mut times, 0.99),
        max_ms: percentile(&mut times, 1.0),
    })
}
