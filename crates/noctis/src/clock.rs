//! The only reader of the time; everyone else takes it as a parameter.

use jiff::Timestamp;

/// The present moment, in UTC.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
