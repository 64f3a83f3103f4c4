//! The only reader of the time; everyone else takes it as a parameter.

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};
use noctis_core::time::parse_time;

/// How far a drill's clock is ahead of the real one.
static AHEAD: OnceLock<SignedDuration> = OnceLock::new();

/// The present moment, in UTC.
#[must_use]
pub fn now() -> Timestamp {
    let real = real();
    AHEAD.get().and_then(|&ahead| real.checked_add(ahead).ok()).unwrap_or(real)
}

/// For drills: from here on it is this time, and goes on from there. Once in a process.
///
/// # Errors
/// When the text is no time, or the clock is set already.
pub fn set(text: &str) -> Result<(), String> {
    let real = real();
    let time = parse_time(text, real)
        .ok_or("it must be a time, such as 2027-01-01 or 2027-01-01T12:00:00Z")?;
    AHEAD.set(time.duration_since(real)).map_err(|_| "the clock is set already".to_owned())
}

/// Whether it is a drill, and the time is the one that was given.
#[must_use]
pub fn is_set() -> bool {
    AHEAD.get().is_some()
}

#[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn real() -> Timestamp {
    Timestamp::now()
}
