//! What a long start of our own PostgreSQL tells: a line that moves on a terminal, log lines elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use noctis_store::server::{Progress, Reporter};

/// A start shorter than this is not worth a word.
const QUIET_SECONDS: u64 = 2;
/// Between two log lines of one download.
const LOG_EVERY_BYTES: u64 = 8 << 20;
const TICK: Duration = Duration::from_millis(100);

/// Tells people at a terminal, or else the log.
pub(super) fn reporter() -> Reporter {
    if std::io::stderr().is_terminal() { on_terminal() } else { in_log() }
}

/// The line vanishes with the reporter, when the server is there.
fn on_terminal() -> Reporter {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").expect("the template is right"));
    let line = Line(bar);
    Reporter::new(move |progress| {
        if let Some(text) = sentence(progress) {
            line.0.enable_steady_tick(TICK);
            line.0.set_message(text);
        }
    })
}

struct Line(ProgressBar);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn in_log() -> Reporter {
    let last = Mutex::new(None);
    Reporter::new(move |progress| {
        let Some(text) = sentence(progress) else { return };
        let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let step = Some(step(progress));
        if *last != step {
            *last = step;
            tracing::info!("{text}");
        }
    })
}

/// What is logged once: the kind of progress, and for a download how many log lines it is worth.
fn step(progress: Progress) -> (std::mem::Discriminant<Progress>, u64) {
    let part = match progress {
        Progress::Downloading { received, .. } => received / LOG_EVERY_BYTES,
        Progress::Unpacking
        | Progress::Creating
        | Progress::Starting { .. }
        | Progress::Waiting { .. } => 0,
    };
    (std::mem::discriminant(&progress), part)
}

fn sentence(progress: Progress) -> Option<String> {
    const MB: u64 = 1_000_000;
    match progress {
        Progress::Downloading { received, total: Some(total) } => {
            Some(format!("downloading PostgreSQL: {} of {} MB", received / MB, total / MB))
        }
        Progress::Downloading { received, total: None } => {
            Some(format!("downloading PostgreSQL: {} MB", received / MB))
        }
        Progress::Unpacking => Some("unpacking PostgreSQL".to_owned()),
        Progress::Creating => Some("making a new PostgreSQL data folder".to_owned()),
        Progress::Starting { seconds } => {
            (seconds >= QUIET_SECONDS).then(|| format!("PostgreSQL is starting, {seconds} s"))
        }
        Progress::Waiting { seconds } => (seconds >= QUIET_SECONDS)
            .then(|| format!("another noctis starts or stops PostgreSQL, {seconds} s")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_start_says_nothing_and_a_download_how_far_it_is() {
        assert_eq!(sentence(Progress::Starting { seconds: 1 }), None);
        let half = Progress::Downloading { received: 12_000_000, total: Some(24_000_000) };
        assert_eq!(sentence(half).unwrap(), "downloading PostgreSQL: 12 of 24 MB");
    }

    #[test]
    fn a_download_is_logged_every_eight_mebibytes() {
        let at = |received| step(Progress::Downloading { received, total: None });
        assert_eq!(at(1), at(8 << 20 >> 1));
        assert_ne!(at(1), at(9 << 20));
        assert_ne!(at(0), step(Progress::Creating));
    }
}
