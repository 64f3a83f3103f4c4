//! How large a kept store is: many kills in the newest month, few in each one before.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use noctis_core::time::{FIRST_DAY, TimeRange, day, midnight};
use serde::{Deserialize, Serialize};

/// The newest month holds one kill in so many, as EVE's does where 3 million are spread over 240 months.
const NEWEST_SHARE: u64 = 6;
/// Before this day of a month there is too little of it, and the month before counts as the newest.
const NEWEST_DAYS_MIN: i8 = 8;

/// A store's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Kills of the newest month.
    pub newest: u64,
    /// Kills of each month before.
    pub older: u64,
    /// Months in all, 1 to 1,200.
    pub months: u32,
}

impl Shape {
    /// So many kills over so many months, at least one in each.
    #[must_use]
    pub fn of(kills: u64, months: u32) -> Shape {
        let before = u64::from(months.saturating_sub(1));
        let newest = if before == 0 { kills } else { kills / NEWEST_SHARE }.max(1);
        let older = kills.saturating_sub(newest).checked_div(before).unwrap_or(0).max(1);
        Shape { newest, older, months }
    }

    /// The same months, newest first, but only so many of them.
    #[must_use]
    pub fn cut(self, months: u32) -> Shape {
        Shape { months, ..self }
    }

    /// The same with ten times the kills in each month.
    #[must_use]
    pub fn tenfold(self) -> Shape {
        Shape { newest: self.newest * 10, older: self.older * 10, ..self }
    }

    /// All kills.
    #[must_use]
    pub fn kills(self) -> u64 {
        self.newest + self.older * u64::from(self.months - 1)
    }

    /// The folder's name.
    #[must_use]
    pub fn name(self) -> String {
        format!("{}-months-{}-and-{}-kills", self.months, self.newest, self.older)
    }

    /// The months, oldest first, each with its kills and with how many months it lies before the newest, which ends at `end`.
    #[must_use]
    pub fn calendar(self, end: Timestamp) -> Vec<(u32, TimeRange, u64)> {
        let newest = newest_month(end);
        let months = (0..self.months).rev().filter_map(|back| {
            let first = newest.checked_sub(i64::from(back).months()).ok()?;
            let next = first.checked_add(1.month()).ok()?;
            let range = TimeRange { from: midnight(first), to: midnight(next).min(end) };
            Some((back, range, if back == 0 { self.newest } else { self.older }))
        });
        months.collect()
    }
}

/// The last moment of kills in a store that is made now: the last midnight, or the end of the month before in a month that
/// has hardly begun.
#[must_use]
pub fn end(now: Timestamp) -> Timestamp {
    let today = day(now);
    midnight(if today.day() < NEWEST_DAYS_MIN { today.first_of_month() } else { today })
}

/// The most months that a store may have that ends then: since records begin.
#[must_use]
pub fn months_max(end: Timestamp) -> u32 {
    let count = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
    u32::try_from(count(newest_month(end)) - count(FIRST_DAY) + 1).unwrap_or(1)
}

/// The newest month of a store: from its first day to `end`.
#[must_use]
pub fn newest(end: Timestamp) -> TimeRange {
    TimeRange { from: midnight(newest_month(end)), to: end }
}

fn newest_month(end: Timestamp) -> Date {
    day(noctis_core::time::just_before(end)).first_of_month()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_million_kills_over_240_months_have_half_a_million_in_the_newest() {
        let shape = Shape::of(3_000_000, 240);
        assert_eq!((shape.newest, shape.older), (500_000, 10_460));
        assert!(shape.kills().abs_diff(3_000_000) < 240);
    }

    #[test]
    fn fewer_months_are_the_newest_of_more() {
        let shape = Shape::of(300_000, 120);
        let end = end("2026-11-23T10:00:00Z".parse().unwrap());
        let (few, all) = (shape.cut(12).calendar(end), shape.calendar(end));
        assert_eq!(few, all[108..]);
        let (_, first, kills) = all[0];
        assert_eq!((first.from, kills), ("2016-12-01T00:00:00Z".parse().unwrap(), 2_100));
        let (back, last, kills) = all[119];
        assert_eq!((back, kills), (0, 50_000));
        assert_eq!(last, newest(end));
        assert_eq!(last.to, "2026-11-23T00:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_month_that_has_hardly_begun_is_not_the_newest() {
        let end = end("2026-12-02T10:00:00Z".parse().unwrap());
        assert_eq!(newest(end).from, "2026-11-01T00:00:00Z".parse().unwrap());
        assert_eq!(end, "2026-12-01T00:00:00Z".parse().unwrap());
    }

    #[test]
    fn no_month_is_older_than_records() {
        let end = end("2026-11-23T10:00:00Z".parse().unwrap());
        assert_eq!(months_max(end), 228);
        let months = Shape::of(300_000, 228).calendar(end);
        assert_eq!(months[0].1.from, midnight(FIRST_DAY));
    }

    #[test]
    fn one_month_holds_everything() {
        assert_eq!(Shape::of(1_000, 1).kills(), 1_000);
        assert_eq!(Shape::of(300, 60).tenfold().kills(), Shape::of(300, 60).kills() * 10);
    }
}
