//! How far a month is on its way to files or back: a line that moves on a terminal, a log line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two log lines.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Shows what is done and how much has passed.
pub(super) struct Progress {
    doing: String,
    bytes: u64,
    bar: Option<ProgressBar>,
    logged: Instant,
}

impl Progress {
    pub(super) fn start(doing: impl Into<String>) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg}, {bytes}, {bytes_per_sec}")
                .expect("the template is right");
            ProgressBar::new_spinner().with_style(style)
        });
        let progress = Progress { doing: doing.into(), bytes: 0, bar, logged: Instant::now() };
        progress.say(progress.doing.clone());
        progress
    }

    /// What is done from now on.
    pub(super) fn now(&self, what: &str) {
        self.say(format!("{}: {what}", self.doing));
    }

    /// So many bytes have passed.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        match &self.bar {
            Some(bar) => bar.set_position(self.bytes),
            None if self.logged.elapsed() >= LOG_EVERY => {
                self.logged = Instant::now();
                tracing::info!(bytes = self.bytes, "{}", self.doing);
            }
            None => {}
        }
    }

    fn say(&self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(text);
            bar.tick();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
