//! What became of enriching again: counted, and told as a table or as JSON.

use std::io::Write;
use std::time::Duration;

use jiff::Timestamp;
use noctis_core::time::eve_time;
use noctis_store::re_enrich::Batch;
use serde::Serialize;

use crate::signals::{Signal, Stop};

/// How it came to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum End {
    /// Every kill of the range was looked at.
    #[default]
    Finished,
    /// Asked to end.
    Interrupted {
        #[serde(skip)]
        signal: Option<Signal>,
    },
    /// An error that no next batch would escape.
    Failed { problem: String },
}

impl End {
    pub(super) fn interrupted(stop: &Stop) -> Self {
        Self::Interrupted { signal: stop.signal() }
    }
}

/// What was looked at and what became of it: `looked` is the sum of the four that follow it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    pub from: Timestamp,
    pub to: Timestamp,
    pub looked: u64,
    /// Written, since they differed.
    pub differed: u64,
    pub unchanged: u64,
    /// They differ, but somebody else was writing them all the time.
    pub busy: u64,
    /// Their bodies cannot be read any more.
    pub unreadable: u64,
    /// Partitions gone through to their end.
    pub partitions: u64,
    pub vacuums: u64,
    pub seconds: f64,
    /// Kills looked at a second.
    pub per_second: f64,
    /// Where `--from` goes on, if it has not come to the end.
    pub go_on_from: Option<Timestamp>,
    pub end: End,
}

impl Summary {
    pub(super) fn add(&mut self, batch: &Batch) {
        self.looked += batch.looked;
        self.differed += batch.written;
        self.busy += batch.busy;
        self.unreadable += batch.unreadable;
        // A kill that arrives between two looks at a batch moves another out of it.
        let told = self.differed + self.busy + self.unreadable;
        self.unchanged = self.looked.saturating_sub(told);
    }

    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn took(&mut self, elapsed: Duration) {
        self.seconds = (elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0;
        self.per_second = (self.looked as f64 / elapsed.as_secs_f64().max(0.001)).round();
        if self.end == End::Finished {
            self.go_on_from = None;
        }
    }

    /// Writes the aligned table.
    ///
    /// # Errors
    /// When `out` is closed.
    pub fn write_table(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let mut line = |name: &str, count: u64| writeln!(out, "{name:<20}{count:>12}");
        line("looked at", self.looked)?;
        line("  differed", self.differed)?;
        line("  unchanged", self.unchanged)?;
        if self.busy > 0 {
            line("  busy", self.busy)?;
        }
        if self.unreadable > 0 {
            line("  unreadable", self.unreadable)?;
        }
        line("partitions", self.partitions)?;
        writeln!(out, "in {:.1} s, {:.0} a second", self.seconds, self.per_second)
    }

    /// What to tell, if it is not all well.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let what = match &self.end {
            End::Finished if self.busy > 0 => {
                return Some(format!(
                    "{} kills were being written by somebody else all the time; the same command looks at them again",
                    self.busy
                ));
            }
            End::Finished => return None,
            End::Interrupted { .. } => "it was interrupted".to_owned(),
            End::Failed { problem } => format!("it ended early: {problem}"),
        };
        let goes_on = self.go_on_from.map_or_else(
            || "the same command goes on".to_owned(),
            |from| format!("`--from '{}'` goes on there", eve_time(from)),
        );
        Some(format!("{what}; what was written stays, and {goes_on}"))
    }

    /// 0 when all is done, 2 when somebody else was in the way, 128 and the signal's number when asked to end, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match &self.end {
            End::Finished if self.busy > 0 => 2,
            End::Finished => 0,
            End::Interrupted { signal } => signal.map_or(1, Signal::exit_code),
            End::Failed { .. } => 1,
        }
    }
}
