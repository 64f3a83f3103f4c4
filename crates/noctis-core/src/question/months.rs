//! The months in which there can be kills that are meant: a search goes from one to the next and leaves out the others.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::partition::{Interval, Period};
use crate::time::{TimeRange, day, just_before, midnight};

/// Calendar months, each by its first day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Months(BTreeSet<Date>);

impl Months {
    /// Any day says of which month it is.
    #[must_use]
    pub fn of(days: impl IntoIterator<Item = Date>) -> Months {
        Months(days.into_iter().map(Date::first_of_month).collect())
    }

    /// The newest of these months that begins before `end`, with those right before it, `months_max` at most: the time up
    /// to `end`, and how many they are.
    #[must_use]
    pub fn window(&self, end: Timestamp, months_max: u32) -> Option<(TimeRange, u32)> {
        let mut older = self.0.range(..=day(just_before(end))).rev();
        let newest = range_of(*older.next()?);
        let mut window = TimeRange { from: newest.from, to: newest.to.min(end) };
        let mut months = 1;
        for month in older.map(|month| range_of(*month)).take(months_max as usize - 1) {
            if month.to < window.from {
                break;
            }
            window.from = month.from;
            months += 1;
        }
        Some((window, months))
    }

    /// Whether a range of time lies in one of them, with any part.
    #[must_use]
    pub fn touch(&self, range: TimeRange) -> bool {
        let before = self.0.range(..=day(just_before(range.to))).next_back();
        !range.is_empty() && before.is_some_and(|month| range_of(*month).to > range.from)
    }
}

fn range_of(month: Date) -> TimeRange {
    Period::containing(Interval::Month, midnight(month)).range()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn months() -> Months {
        Months::of(
            ["2025-01-01", "2025-05-17", "2025-06-01", "2025-07-31"]
                .map(|day| day.parse().unwrap()),
        )
    }

    #[test]
    fn neighbours_are_one_window_and_gaps_are_left_out() {
        let months = months();
        let window = |end, most| {
            months.window(at(end), most).map(|(range, count)| (range.to_string(), count))
        };
        let all = "[2025-05-01 00:00:00, 2025-08-01 00:00:00)".to_owned();
        assert_eq!(window("2026-01-01T00:00:00Z", 8), Some((all, 3)));
        let two = "[2025-06-01 00:00:00, 2025-07-04 05:00:00)".to_owned();
        assert_eq!(window("2025-07-04T05:00:00Z", 2), Some((two, 2)));
        let first = "[2025-01-01 00:00:00, 2025-02-01 00:00:00)".to_owned();
        assert_eq!(window("2025-05-01T00:00:00Z", 8), Some((first, 1)));
        assert_eq!(window("2025-01-01T00:00:00Z", 8), None);
    }

    #[test]
    fn a_range_is_touched_by_any_part_of_a_month() {
        let months = months();
        let touch = |from, to| months.touch(TimeRange { from: at(from), to: at(to) });
        assert!(touch("2025-05-31T23:00:00Z", "2025-06-01T00:00:00Z"));
        assert!(touch("2024-01-01T00:00:00Z", "2026-01-01T00:00:00Z"));
        assert!(!touch("2025-02-01T00:00:00Z", "2025-05-01T00:00:00Z"));
        assert!(!touch("2025-08-01T00:00:00Z", "2026-01-01T00:00:00Z"));
        assert!(!touch("2025-06-02T00:00:00Z", "2025-06-02T00:00:00Z"));
    }
}
