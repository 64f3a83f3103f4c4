//! What became of an import of prices: counted, and told as a table or as JSON.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use jiff::civil::Date;
use noctis_core::enrich::prices::rows::PriceKind;
use serde::Serialize;

use super::reading::Batch;
use crate::import::summary::{End, FAILED_FILES_MAX, FailedFile, Files};
use crate::signals::Signal;

/// Bad rows that are told with their lines; more are counted.
const BAD_ROWS_MAX: usize = 100;

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadRow {
    pub file: String,
    /// Of a CSV file the line, of ESI's JSON the element, from 1.
    pub line: u64,
    pub problem: String,
}

/// What was read and what became of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    pub files: Files,
    pub failed_files: Vec<FailedFile>,
    /// Rows that were written, or were there already, by kind.
    pub rows: BTreeMap<&'static str, u64>,
    /// Of them, those that were new or changed.
    pub changed: u64,
    /// Days of those rows.
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    /// Rows of markets other than the Forge's, passed over.
    pub other_regions: u64,
    /// Rows that could not be read; the others of their files were.
    pub bad_rows: u64,
    /// The first of them.
    pub bad: Vec<BadRow>,
    pub seconds: f64,
    pub end: End,
}

impl Summary {
    /// Rows of all kinds, those that could not be read too.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.rows.values().sum::<u64>() + self.other_regions + self.bad_rows
    }

    /// Counts a batch that was written, of which so many rows were new or changed.
    pub(super) fn add(&mut self, batch: Batch, changed: u64) {
        if let Some(kind) = batch.kind {
            *self.rows.entry(kind.name()).or_default() += batch.rows.len() as u64;
        }
        self.changed += changed;
        let days = || batch.rows.iter().map(|row| row.day);
        self.first_day = self.first_day.into_iter().chain(days().min()).min();
        self.last_day = self.last_day.max(days().max());
        self.other_regions += batch.other_regions;
        self.bad_rows += batch.bad_rows;
        let room = BAD_ROWS_MAX.saturating_sub(self.bad.len());
        self.bad.extend(batch.bad.into_iter().take(room));
        for (name, problem) in batch.ended {
            let Some(problem) = problem else {
                self.files.read += 1;
                continue;
            };
            tracing::warn!(file = name, problem, "a file could not be read to its end");
            self.files.failed += 1;
            if self.failed_files.len() < FAILED_FILES_MAX {
                self.failed_files.push(FailedFile { name, problem });
            }
        }
    }

    pub(super) fn took(&mut self, elapsed: Duration) {
        self.seconds = (elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0;
    }

    /// Writes the aligned table.
    ///
    /// # Errors
    /// When `out` is closed.
    pub fn write_table(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let mut line = |name: &str, count: u64| writeln!(out, "{name:<20}{count:>12}");
        line("files read", self.files.read)?;
        line("files failed", self.files.failed)?;
        for kind in PriceKind::ALL {
            if let Some(count) = self.rows.get(kind.name()) {
                line(&format!("{} prices", kind.name().replace('_', " ")), *count)?;
            }
        }
        line("new or changed", self.changed)?;
        line("other regions", self.other_regions)?;
        line("bad rows", self.bad_rows)?;
        if let Some((first, last)) = self.first_day.zip(self.last_day) {
            writeln!(out, "{:<20}{first:>12}\n{:<20}{last:>12}", "first day", "last day")?;
        }
        writeln!(out, "{:<20}{:>12.1}", "seconds", self.seconds)?;
        for BadRow { file, line, problem } in &self.bad {
            writeln!(out, "{file}, line {line} was left out: {problem}")?;
        }
        let untold = self.bad_rows - self.bad.len() as u64;
        if untold > 0 {
            writeln!(out, "and {untold} more bad rows")?;
        }
        for file in &self.failed_files {
            writeln!(out, "{} could not be read to its end: {}", file.name, file.problem)?;
        }
        Ok(())
    }

    /// 0 for all well, 1 for files that could not be read or stored, 2 for bad rows, 130 or 143 for a signal.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match &self.end {
            End::Interrupted { signal } => signal.map_or(1, Signal::exit_code),
            End::DiskFull { .. } | End::Failed { .. } => 1,
            End::Finished if self.files.failed > 0 => 1,
            End::Finished if self.bad_rows > 0 => 2,
            End::Finished => 0,
        }
    }
}
