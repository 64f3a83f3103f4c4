//! An import over existing, indexed months, against `psql \copy` of the same rows into the same tables.

use std::time::Instant;

use noctis_store::bench::{LOAD, SEED_BEFORE, SEED_MEASURED, UNLOAD};
use serde::Serialize;

use super::{Work, median};

/// Kills that are in the months before the measured import, as a share of the measured ones: one in so many.
const BEFORE_SHARE: u64 = 4;

/// What one round took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Round {
    pub import_seconds: f64,
    pub copy_seconds: f64,
}

/// All rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub kills: u64,
    pub rounds: Vec<Round>,
    /// The import's speed as a share of plain COPY's; the median of the rounds.
    pub ratio: f64,
    /// The importing process' largest resident memory.
    pub memory_peak_bytes: u64,
}

/// Runs the rounds, each on two fresh servers with the same rows in them; `tell` says how far it is.
///
/// # Errors
/// When PostgreSQL or the disk fails.
pub async fn run(
    work: &Work,
    kills: u64,
    rounds: u32,
    tell: impl Fn(&str),
) -> anyhow::Result<Report> {
    let before = work.killmails("before.ndjson", (kills / BEFORE_SHARE).max(1), SEED_BEFORE)?;
    let measured = work.killmails("measured.ndjson", kills, SEED_MEASURED)?;
    let (mut done, mut memory_peak_bytes) = (Vec::new(), 0);
    for round in 1..=rounds {
        let ours = work.store("ours").await?;
        work.import("ours", &before)?;
        let start = Instant::now();
        memory_peak_bytes = work.import("ours", &measured)?.max(memory_peak_bytes);
        let import_seconds = start.elapsed().as_secs_f64();
        if round == 1 {
            work.psql(&ours, "unload.sql", UNLOAD)?;
        }
        work.remove(ours, "ours").await?;

        let theirs = work.store("theirs").await?;
        work.import("theirs", &before)?;
        let start = Instant::now();
        work.psql(&theirs, "load.sql", LOAD)?;
        let copy_seconds = start.elapsed().as_secs_f64();
        work.remove(theirs, "theirs").await?;
        tell(&format!("round {round}: import {import_seconds:.1} s, psql {copy_seconds:.1} s"));
        done.push(Round { import_seconds, copy_seconds });
    }
    let ratio =
        median(done.iter().map(|round| round.copy_seconds / round.import_seconds).collect());
    Ok(Report { kills, rounds: done, ratio, memory_peak_bytes })
}
