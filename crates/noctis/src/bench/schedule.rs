//! When which request is sent, decided before the first one is: an open loop waits for nobody.

use std::time::Duration;

/// Requests of one run.
const REQUESTS_MAX: u64 = 1_000_000;

/// The planned requests: when after the start, and which case.
///
/// Cases are drawn by their shares, the same for the same seed. `rate` is a second's requests, above zero.
#[must_use]
pub(super) fn schedule(
    rate: f64,
    lasting: Duration,
    shares: &[u32],
    seed: u64,
) -> Vec<(Duration, usize)> {
    let all: u64 = shares.iter().map(|share| u64::from(*share)).sum();
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of requests, bounded below"
    )]
    let count = ((lasting.as_secs_f64() * rate) as u64).min(REQUESTS_MAX);
    if all == 0 {
        return Vec::new();
    }
    (0..count)
        .map(|index| {
            #[allow(clippy::cast_precision_loss, reason = "below a million")]
            let planned = Duration::from_secs_f64(index as f64 / rate);
            let mut place = scattered(seed.wrapping_add(index)) % all;
            let case = shares.iter().position(|share| {
                let is_here = place < u64::from(*share);
                place = place.saturating_sub(u64::from(*share));
                is_here
            });
            (planned, case.unwrap_or(0))
        })
        .collect()
}

/// Spreads a number over all 64 bits (the finalizer of `SplitMix64`).
fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_planned_evenly_and_cases_come_by_their_shares() {
        let planned = schedule(200.0, Duration::from_secs(50), &[1, 0, 9], 7);
        assert_eq!(planned.len(), 10_000);
        assert_eq!(planned[1].0, Duration::from_millis(5));
        assert_eq!(planned[9_999].0, Duration::from_millis(49_995));
        let of = |case| planned.iter().filter(|(_, drawn)| *drawn == case).count();
        assert_eq!(of(1), 0);
        assert!((900..1_100).contains(&of(0)), "{}", of(0));
    }

    #[test]
    fn the_same_seed_plans_the_same_and_nothing_is_planned_of_nothing() {
        let run = |seed| schedule(10.0, Duration::from_secs(3), &[1, 1, 1], seed);
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!(schedule(10.0, Duration::from_secs(3), &[], 1).is_empty());
    }
}
