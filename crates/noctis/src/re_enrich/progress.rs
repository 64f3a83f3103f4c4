//! How far it is: a bar on a terminal, a log line now and then elsewhere, each with the time left.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::summary::Summary;

/// Between two log lines.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Shows how far it is.
pub(super) struct Progress {
    /// Kills by leaf: first by the statistics, then, when its turn comes, exactly.
    expected: Vec<u64>,
    bar: Option<ProgressBar>,
    logged: Instant,
    started: Instant,
}

impl Progress {
    pub(super) fn start() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = "{bar:30} {percent}% {msg}, {eta} left";
            let style = ProgressStyle::with_template(template).expect("the template is right");
            ProgressBar::new(0).with_style(style).with_message("looking")
        });
        Self { expected: Vec::new(), bar, logged: Instant::now(), started: Instant::now() }
    }

    pub(super) fn expect(&mut self, estimated: impl Iterator<Item = Option<i64>>) {
        let rows = |rows: Option<i64>| rows.and_then(|rows| u64::try_from(rows).ok());
        self.expected = estimated.map(|estimate| rows(estimate).unwrap_or_default()).collect();
    }

    pub(super) fn expect_exactly(&mut self, place: usize, kills: u64) {
        self.expected[place] = kills;
    }

    /// Brings the bar up to date, or writes a log line if the last is some time ago.
    pub(super) fn show(&mut self, summary: &Summary) {
        let expected: u64 = self.expected.iter().sum();
        if let Some(bar) = &self.bar {
            bar.set_length(expected.max(summary.looked));
            bar.set_position(summary.looked);
            bar.set_message(format!("{} kills, {} differed", summary.looked, summary.differed));
        } else if self.logged.elapsed() >= LOG_EVERY {
            self.logged = Instant::now();
            let left = left(self.started.elapsed(), summary.looked, expected).as_secs();
            let (looked, differed) = (summary.looked, summary.differed);
            tracing::info!(looked, expected, differed, seconds_left = left, "enriching again");
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The time left if it goes on as fast as until now.
#[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
fn left(elapsed: Duration, done: u64, expected: u64) -> Duration {
    let rest = expected.saturating_sub(done);
    elapsed.mul_f64(rest as f64 / done.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_goes_by_what_is_done() {
        let minute = Duration::from_secs(60);
        assert_eq!(left(minute, 100, 300), 2 * minute);
        assert_eq!(left(minute, 300, 100), Duration::ZERO);
        assert_eq!(left(minute, 0, 0), Duration::ZERO);
    }
}
