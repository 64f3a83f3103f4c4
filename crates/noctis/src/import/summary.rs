//! What became of an import: counted, and told as a table or as JSON.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use noctis_store::ingest::Outcome;
use serde::Serialize;

use crate::signals::{Signal, Stop};

/// Failed files that are told by name; more are counted.
pub(crate) const FAILED_FILES_MAX: usize = 1_000;

/// How an import came to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum End {
    /// Every file was read, as far as it can be.
    #[default]
    Finished,
    /// Less than the minimum was free.
    DiskFull { folder: PathBuf, free_bytes: u64, bytes_min: u64 },
    /// Asked to end.
    Interrupted {
        #[serde(skip)]
        signal: Option<Signal>,
    },
    /// An error that no next file would escape.
    Failed { problem: String },
}

impl End {
    pub(crate) fn interrupted(stop: &Stop) -> Self {
        Self::Interrupted { signal: stop.signal() }
    }

    /// What to tell, if it is not all well.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        const MB: u64 = 1_000_000;
        match self {
            Self::Finished => None,
            Self::DiskFull { folder, free_bytes, bytes_min } => Some(format!(
                "the import stopped because {} MB are free at {} and --min-free-disk is {} MB; what was stored stays, \
                 and the same command goes on when there is room",
                free_bytes / MB,
                folder.display(),
                bytes_min / MB
            )),
            Self::Interrupted { .. } => Some(
                "the import was interrupted; what was stored stays, and the same command goes on"
                    .to_owned(),
            ),
            Self::Failed { problem } => Some(format!(
                "the import ended early: {problem}; what was stored stays, and the same command goes on"
            )),
        }
    }
}

/// Files by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// To their end.
    pub read: u64,
    /// Finished by an earlier import.
    pub skipped: u64,
    /// Not to their end.
    pub failed: u64,
}

impl Files {
    pub(crate) fn done(&self) -> u64 {
        self.read + self.skipped + self.failed
    }
}

/// A file that could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedFile {
    pub name: String,
    pub problem: String,
}

/// What was read and what became of it: `read` is the sum of what follows it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    pub files: Files,
    pub failed_files: Vec<FailedFile>,
    pub read: u64,
    #[serde(flatten)]
    pub outcome: Outcome,
    pub seconds: f64,
    /// Inputs read a second.
    pub per_second: f64,
    pub end: End,
}

impl Summary {
    pub(super) fn fail(&mut self, file: FailedFile) {
        if self.failed_files.len() < FAILED_FILES_MAX {
            self.failed_files.push(file);
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn took(&mut self, elapsed: Duration) {
        self.seconds = (elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0;
        self.per_second = (self.read as f64 / elapsed.as_secs_f64().max(0.001)).round();
    }

    /// Writes the aligned table.
    ///
    /// # Errors
    /// When `out` is closed.
    pub fn write_table(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let outcome = &self.outcome;
        let mut line = |name: &str, count: u64| writeln!(out, "{name:<20}{count:>12}");
        line("files read", self.files.read)?;
        line("files skipped", self.files.skipped)?;
        line("files failed", self.files.failed)?;
        line("read", self.read)?;
        line("stored", outcome.stored)?;
        line("enriched further", outcome.enriched_further)?;
        line("already there", outcome.already_there)?;
        line("wanted", outcome.wanted)?;
        line("parked", outcome.parked_total())?;
        for (reason, count) in &outcome.parked {
            line(&format!("  {reason}"), *count)?;
        }
        writeln!(out, "{:<20}{:>12.1}", "seconds", self.seconds)?;
        writeln!(out, "{:<20}{:>12.0}", "read a second", self.per_second)?;
        if self.files.skipped > 0 {
            writeln!(out, "skipped files were finished before; --again reads them")?;
        }
        if outcome.parked_total() > 0 {
            writeln!(out, "`noctis parked list` shows what could not be stored")?;
        }
        for file in &self.failed_files {
            writeln!(out, "{} could not be read to its end: {}", file.name, file.problem)?;
        }
        Ok(())
    }

    /// 0 for all well, 1 for what could not be read or stored, 2 for too many parked, 130 or 143 for a signal.
    #[must_use]
    pub fn exit_code(&self, parked_max: u64) -> u8 {
        match &self.end {
            End::Interrupted { signal } => signal.map_or(1, Signal::exit_code),
            End::DiskFull { .. } | End::Failed { .. } => 1,
            End::Finished if self.files.failed > 0 => 1,
            End::Finished if self.outcome.parked_total() > parked_max => 2,
            End::Finished => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        let mut summary = Summary::default();
        let mut outcome = Outcome { stored: 418, already_there: 3, ..Outcome::default() };
        outcome.parked.insert("broken_json", 2);
        summary.read = outcome.total();
        summary.outcome.add(&outcome);
        summary.files = Files { read: 2, skipped: 1, failed: 0 };
        summary.took(Duration::from_millis(1_500));
        summary
    }

    #[test]
    fn the_table_is_aligned() {
        let mut text = Vec::new();
        summary().write_table(&mut text).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @r"
        files read                     2
        files skipped                  1
        files failed                   0
        read                         423
        stored                       418
        enriched further               0
        already there                  3
        wanted                         0
        parked                         2
          broken_json                  2
        seconds                      1.5
        read a second                282
        skipped files were finished before; --again reads them
        `noctis parked list` shows what could not be stored
        ");
    }

    #[test]
    fn json_has_the_same_and_how_it_ended() {
        insta::assert_snapshot!(serde_json::to_string(&summary()).unwrap(), @r#"{"files":{"read":2,"skipped":1,"failed":0},"failed_files":[],"read":423,"stored":418,"enriched_further":0,"already_there":3,"wanted":0,"parked":{"broken_json":2},"seconds":1.5,"per_second":282.0,"end":{"how":"finished"}}"#);
    }

    #[test]
    fn the_exit_code_tells_signals_failures_and_too_many_parked_apart() {
        let mut summary = summary();
        assert_eq!(summary.exit_code(2), 0);
        assert_eq!(summary.exit_code(1), 2);
        summary.files.failed = 1;
        assert_eq!(summary.exit_code(1), 1);
        summary.end = End::Interrupted { signal: Some(Signal::Terminate) };
        assert_eq!(summary.exit_code(1), 143);
    }
}
