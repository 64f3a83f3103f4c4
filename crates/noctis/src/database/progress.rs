//! What a long start or a copy of our own PostgreSQL tells: a line that moves on a terminal, log lines elsewhere.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use noctis_store::server::{Progress, Reporter};

/// A start shorter than this is not worth a word.
const QUIET_SECONDS: u64 = 2;
/// Between two log lines of one download.
const LOG_EVERY_BYTES: u64 = 8 << 20;
/// Between two log lines of one copy.
const LOG_EVERY_COPIED_BYTES: u64 = 10 << 30;
const TICK: Duration = Duration::from_millis(100);

/// The line on the terminal, while there is one.
type Shown = Arc<Mutex<Option<ProgressBar>>>;

/// Takes the line off the terminal when it is dropped; what is told later goes to the log, as everything does where
/// there is no terminal.
pub(crate) struct Line(Shown);

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(bar) = lock(&self.0).take() {
            bar.finish_and_clear();
        }
    }
}

/// Tells people at a terminal for as long as the line is held.
pub(crate) fn reporter() -> (Reporter, Line) {
    let style = ProgressStyle::with_template("{spinner} {msg}").expect("the template is right");
    let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new_spinner().with_style(style));
    let line: Shown = Arc::new(Mutex::new(bar));
    let (shown, logged) = (Arc::clone(&line), Mutex::new(None));
    let reporter = Reporter::new(move |progress| {
        let Some(text) = sentence(progress) else { return };
        if let Some(bar) = &*lock(&shown) {
            bar.enable_steady_tick(TICK);
            bar.set_message(text);
        } else if lock(&logged).replace(step(progress)) != Some(step(progress)) {
            tracing::info!("{text}");
        }
    });
    (reporter, Line(line))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is logged once: the kind of progress, and for a download how many log lines it is worth.
fn step(progress: Progress) -> (std::mem::Discriminant<Progress>, u64) {
    let part = match progress {
        Progress::Downloading { received, .. } => received / LOG_EVERY_BYTES,
        Progress::Copying { done, .. } => done / LOG_EVERY_COPIED_BYTES,
        Progress::Unpacking
        | Progress::Creating
        | Progress::Upgrading
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
        Progress::Copying { done, total } => {
            Some(format!("copying: {} of {} MB", done / MB, total.max(done) / MB))
        }
        Progress::Upgrading => Some("moving to the newer PostgreSQL".to_owned()),
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
