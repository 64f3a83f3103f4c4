//! How far an import is: a bar on a terminal, a log line now and then elsewhere.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two log lines.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Shows how far it is.
pub(crate) struct Progress {
    /// Of the files as on disk; the reader counts.
    pub(crate) bytes_read: Arc<AtomicU64>,
    bytes_all: u64,
    files_all: u64,
    /// What is read, in the plural.
    what: &'static str,
    bar: Option<ProgressBar>,
    logged: Instant,
    started: Instant,
}

impl Progress {
    pub(crate) fn start(what: &'static str, files_all: usize, bytes_all: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(bytes_all));
        Self {
            bytes_read: Arc::default(),
            bytes_all,
            files_all: files_all as u64,
            what,
            bar,
            logged: Instant::now(),
            started: Instant::now(),
        }
    }

    /// Brings the bar up to date, or writes a log line if the last is some time ago.
    pub(crate) fn show(&mut self, files: u64, read: u64) {
        let bytes = self.bytes_read.load(Ordering::Relaxed);
        let per_second = self.per_second(read);
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            bar.set_message(format!(
                "{files} of {} files, {read} {}, {per_second} a second",
                self.files_all, self.what
            ));
        } else if self.logged.elapsed() >= LOG_EVERY {
            self.logged = Instant::now();
            let (files_all, bytes_all) = (self.files_all, self.bytes_all);
            tracing::info!(files, files_all, bytes, bytes_all, read, per_second, "importing");
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn per_second(&self, read: u64) -> u64 {
        let milliseconds = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        read.saturating_mul(1_000) / milliseconds.max(1)
    }
}

/// Where the size is not known, as with standard input, there is no bar, only a line that moves.
fn bar(bytes_all: u64) -> ProgressBar {
    let (bar, template) = if bytes_all > 0 {
        (ProgressBar::new(bytes_all), "{bar:30} {percent}% {msg}, {eta} left")
    } else {
        (ProgressBar::new_spinner(), "{spinner} {msg}, {elapsed}")
    };
    bar.set_message("reading");
    bar.set_style(ProgressStyle::with_template(template).expect("the template is right"));
    bar
}
