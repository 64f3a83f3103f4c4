//! How long the next try waits for its locks: while it waits, everybody who comes after it waits too.
//!
//! Behind one long transaction a longer wait is of no use, and many short ones stall others less. Behind short ones that
//! overlap without end only a wait that outlasts them all is of use. So the wait doubles, but not while somebody is there
//! who has been there for longer than the longest wait.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The first wait; it doubles up to the budget's maximum.
const LOCK_BUDGET_FIRST_MS: u64 = 50;
/// Tries at the first wait, in which it is seen who stays.
const FIRST_TRIES: u32 = 4;

/// What was seen while locks were not had.
pub(super) struct Patience {
    max_ms: u64,
    wait_ms: u64,
    /// Since somebody stayed.
    misses: u32,
    longest_ms: u64,
    /// Transactions that held a lock after the last try, and when that was seen first.
    standing: BTreeMap<String, Instant>,
}

impl Patience {
    /// None will be longer than `max_ms`.
    pub(super) fn new(max_ms: u64) -> Patience {
        let wait_ms = LOCK_BUDGET_FIRST_MS.min(max_ms);
        Patience { max_ms, wait_ms, misses: 0, longest_ms: wait_ms, standing: BTreeMap::new() }
    }

    /// How long the next try may wait for all its locks together, in milliseconds.
    pub(super) fn wait_ms(&self) -> u64 {
        self.wait_ms
    }

    /// The longest wait that a try was given, in milliseconds.
    pub(super) fn longest_ms(&self) -> u64 {
        self.longest_ms
    }

    /// A try has not had its locks, and these transactions hold some of them now.
    pub(super) fn missed(&mut self, holders: impl IntoIterator<Item = String>, now: Instant) {
        let mut standing = BTreeMap::new();
        for holder in holders {
            let since = self.standing.get(&holder).copied().unwrap_or(now);
            standing.insert(holder, since);
        }
        self.standing = standing;
        self.misses += 1;
        let longest = Duration::from_millis(self.max_ms);
        let stays = self.standing.values().any(|&since| now.duration_since(since) > longest);
        if stays {
            self.misses = 0;
        }
        self.wait_ms = if stays || self.misses < FIRST_TRIES {
            LOCK_BUDGET_FIRST_MS.min(self.max_ms)
        } else {
            (self.wait_ms * 2).min(self.max_ms)
        };
        self.longest_ms = self.longest_ms.max(self.wait_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits of so many tries, 200 ms apart, behind these holders.
    fn waits(tries: u32, holders: impl Fn(u32) -> Vec<&'static str>) -> Vec<u64> {
        let mut patience = Patience::new(400);
        let start = Instant::now();
        let mut waits = Vec::new();
        for number in 0..tries {
            waits.push(patience.wait_ms());
            let now = start + Duration::from_millis(200) * number;
            patience.missed(holders(number).into_iter().map(str::to_owned), now);
        }
        waits
    }

    #[test]
    fn behind_short_transactions_without_end_the_wait_doubles() {
        let holders = |number: u32| vec![["a", "b", "c"][number as usize % 3]];
        assert_eq!(waits(8, holders), [50, 50, 50, 50, 100, 200, 400, 400]);
    }

    #[test]
    fn behind_one_long_transaction_it_stays_short_and_grows_when_that_has_gone() {
        let holders = |number| if number < 8 { vec!["long"] } else { vec![] };
        assert_eq!(waits(14, holders), [[50; 12].as_slice(), &[100, 200]].concat());
    }
}
