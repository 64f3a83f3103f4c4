//! Benchmarks: ratios in one run against a stated limit, on servers and folders of their own.
//!
//! Its story for questions: `shape` → `kept` → `questions` → `measure` and `open` → `goals`.
//!
//! Absolute times depend on the machine and its other work; each figure here is measured beside what it is compared with.

mod asking;
pub mod at_size;
pub mod cold;
pub mod feed;
pub mod goals;
pub mod import;
pub mod kept;
pub mod measure;
pub mod open;
pub mod questions;
pub mod read;
mod schedule;
pub mod shape;
mod work;

pub use work::{FROM, TO, Work};

use std::time::Duration;

/// The middle one of several figures.
#[must_use]
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The figure that this share (0 to 1) of all does not exceed, in milliseconds.
#[must_use]
pub fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort();
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let place = ((times.len().saturating_sub(1)) as f64 * share).round() as usize;
    times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}
