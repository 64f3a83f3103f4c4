//! An import over existing, indexed months, and one of whole months that are not there yet, each against `psql \copy` of the
//! same rows into the same indexed tables.

use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use noctis_core::partition::{Interval, Period, Policy};
use noctis_store::bench::{LOAD, SEED_BEFORE, SEED_MEASURED, SEED_MONTHS, UNLOAD};
use noctis_store::partitions::{self, LockBudget};
use serde::Serialize;

use super::work::{FROM, TO};
use super::{Work, median};
use crate::database::Database;

/// Kills that are in the store before the measured import, as a share of the measured ones: one in so many.
const BEFORE_SHARE: u64 = 4;
/// The whole months, before those of all others.
const MONTHS_FROM: &str = "2025-06-01T00:00:00Z";
const MONTHS_TO: &str = "2025-08-01T00:00:00Z";

/// What one round took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Round {
    pub import_seconds: f64,
    pub copy_seconds: f64,
}

/// All rounds of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    pub kills: u64,
    pub rounds: Vec<Round>,
    /// The import's speed as a share of plain COPY's; the median of the rounds.
    pub ratio: f64,
    /// The importing process' largest resident memory.
    pub memory_peak_bytes: u64,
}

/// Both kinds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Into months that hold some kills already.
    pub over_months: Compared,
    /// Two months that are not there yet; `\copy` finds them made, empty and indexed.
    pub whole_months: Compared,
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
    let before =
        work.killmails("before.ndjson", (kills / BEFORE_SHARE).max(1), SEED_BEFORE, (FROM, TO))?;
    let measured = work.killmails("measured.ndjson", kills, SEED_MEASURED, (FROM, TO))?;
    let over_months = Box::pin(compare(work, &before, &measured, rounds, &tell)).await?;
    std::fs::remove_file(&measured)?;
    let range = (MONTHS_FROM, MONTHS_TO);
    let months = work.killmails("months.ndjson", kills, SEED_MONTHS, range)?;
    let whole_months = Box::pin(compare(work, &before, &months, rounds, &tell)).await?;
    let compared = |(rounds, memory_peak_bytes): (Vec<Round>, u64)| Compared {
        kills,
        ratio: ratio(&rounds),
        rounds,
        memory_peak_bytes,
    };
    Ok(Report { over_months: compared(over_months), whole_months: compared(whole_months) })
}

fn ratio(rounds: &[Round]) -> f64 {
    median(rounds.iter().map(|round| round.copy_seconds / round.import_seconds).collect())
}

/// The rounds, and the largest memory of them.
async fn compare(
    work: &Work,
    before: &Path,
    measured: &Path,
    rounds: u32,
    tell: &impl Fn(&str),
) -> anyhow::Result<(Vec<Round>, u64)> {
    let (mut done, mut memory_peak_bytes) = (Vec::new(), 0);
    let name = measured.file_stem().unwrap_or_default().display().to_string();
    for round in 1..=rounds {
        let ours = work.store("ours").await?;
        work.import("ours", before)?;
        let start = Instant::now();
        memory_peak_bytes = work.import("ours", measured)?.max(memory_peak_bytes);
        let import_seconds = start.elapsed().as_secs_f64();
        if round == 1 {
            work.psql(&ours, "unload.sql", UNLOAD)?;
        }
        work.remove(ours, "ours").await?;

        let theirs = work.store("theirs").await?;
        work.import("theirs", before)?;
        make_months(&theirs).await?;
        let start = Instant::now();
        work.psql(&theirs, "load.sql", LOAD)?;
        let copy_seconds = start.elapsed().as_secs_f64();
        work.remove(theirs, "theirs").await?;
        tell(&format!(
            "{name}, round {round}: import {import_seconds:.1} s, psql {copy_seconds:.1} s"
        ));
        done.push(Round { import_seconds, copy_seconds });
    }
    Ok((done, memory_peak_bytes))
}

/// The whole months, empty, with all indexes.
async fn make_months(database: &Database) -> anyhow::Result<()> {
    let to: Timestamp = MONTHS_TO.parse()?;
    let mut month = Period::containing(Interval::Month, MONTHS_FROM.parse()?);
    let mut needed = Vec::new();
    while month.range().from < to {
        needed.push(month.range().from);
        month = month.next();
    }
    let mut client = database.store.client().await?;
    let now = crate::clock::now();
    let (policy, budget) = (Policy::default(), LockBudget::default());
    partitions::ensure(&mut client, &policy, budget, now, &needed).await?;
    Ok(())
}
