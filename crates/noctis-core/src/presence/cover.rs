//! How a range of time is counted: by whole days and months that are counted already, and by mails at its ends.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::partition::{Interval, Period};
use crate::time::{FIRST_DAY, FUTURE_MAX, TimeRange, day, just_before, midnight};

/// The parts of a range. Days, month and what is added, less what is removed, are the range: each moment once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// From a day up to another one, itself excluded.
    pub days: (Date, Date),
    /// By its first day.
    pub month: Option<Date>,
    /// Whose mails are counted one by one.
    pub added: Vec<TimeRange>,
    /// Whose mails are counted one by one and taken away, being the smaller part of a day.
    pub removed: Vec<TimeRange>,
}

impl Cover {
    /// `days_from` is the first day that is counted by day, before it there are months; what lies in `without_mails` is
    /// not taken away, since its mails cannot be read.
    #[must_use]
    pub fn of(
        range: TimeRange,
        days_from: Date,
        now: Timestamp,
        without_mails: &[TimeRange],
    ) -> Cover {
        let last = now.checked_add(FUTURE_MAX).unwrap_or(Timestamp::MAX);
        let range = range.intersection(TimeRange { from: midnight(FIRST_DAY), to: last });
        let kept = midnight(days_from.max(FIRST_DAY));
        let mut cover = Cover {
            days: (FIRST_DAY, FIRST_DAY),
            month: None,
            added: Vec::new(),
            removed: Vec::new(),
        };
        cover.by_months(range.intersection(TimeRange { from: Timestamp::MIN, to: kept }));
        let recent = range.intersection(TimeRange { from: kept, to: Timestamp::MAX });
        if !recent.is_empty() {
            cover.by_days(recent, now, without_mails);
        }
        cover.added.retain(|part| !part.is_empty());
        cover.removed.retain(|part| !part.is_empty());
        cover
    }

    /// Whether the counts of a day are among those of whole days and months.
    #[must_use]
    pub fn counts(&self, day: Date) -> bool {
        (self.days.0 <= day && day < self.days.1) || self.month == Some(day.first_of_month())
    }

    fn by_months(&mut self, range: TimeRange) {
        let month = Period::containing(Interval::Month, range.from);
        let whole = match month.range().from == range.from {
            true => month,
            false => Period::containing(Interval::Month, month.range().to),
        }
        .range();
        if range.is_empty() || whole.to > range.to {
            self.added.push(range);
            return;
        }
        self.month = Some(day(whole.from));
        self.added.push(TimeRange { to: whole.from, ..range });
        self.added.push(TimeRange { from: whole.to, ..range });
    }

    fn by_days(&mut self, range: TimeRange, now: Timestamp, without_mails: &[TimeRange]) {
        let (first, last) = (whole_day(range.from), whole_day(just_before(range.to)));
        let (before, after) = (
            TimeRange { from: first.from, to: range.from },
            TimeRange { from: range.to, to: last.to },
        );
        let is_cheaper = |gaps: &[TimeRange], part: TimeRange, of: TimeRange| {
            let readable = without_mails.iter().all(|cold| cold.intersection(of).is_empty());
            let sum = gaps.iter().map(|gap| elapsed(*gap, now)).sum::<SignedDuration>();
            gaps.iter().all(|gap| gap.is_empty()) || (readable && sum < elapsed(part, now))
        };
        if first == last {
            if is_cheaper(&[before, after], range, first) {
                self.days = (day(first.from), day(first.to));
                self.removed.extend([before, after]);
            } else {
                self.added.push(range);
            }
            return;
        }
        let (head, tail) =
            (TimeRange { to: first.to, ..range }, TimeRange { from: last.from, ..range });
        self.days = (day(first.to), day(last.from));
        if is_cheaper(&[before], head, first) {
            self.days.0 = day(first.from);
            self.removed.push(before);
        } else {
            self.added.push(head);
        }
        if is_cheaper(&[after], tail, last) {
            self.days.1 = day(last.to);
            self.removed.push(after);
        } else {
            self.added.push(tail);
        }
    }
}

fn whole_day(time: Timestamp) -> TimeRange {
    let today = day(time);
    TimeRange { from: midnight(today), to: midnight(today.tomorrow().unwrap_or(Date::MAX)) }
}

/// How much of a range is past: there are hardly any mails of what is to come.
fn elapsed(range: TimeRange, now: Timestamp) -> SignedDuration {
    range.to.min(now).duration_since(range.from).max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn cover(from: &str, to: &str, cold: &[TimeRange]) -> Cover {
        let range = TimeRange { from: at(from), to: at(to) };
        Cover::of(range, "2026-10-14".parse().unwrap(), at("2026-11-23T15:00:00Z"), cold)
    }

    fn parts(parts: &[TimeRange]) -> Vec<String> {
        parts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn of_the_last_seven_days_only_the_smaller_part_of_a_day_is_read() {
        let week = cover("2026-11-16T15:00:00Z", "2026-11-23T15:00:00Z", &[]);
        assert_eq!(
            (week.days.0.to_string(), week.days.1.to_string()),
            ("2026-11-17".into(), "2026-11-24".into())
        );
        assert_eq!(parts(&week.added), ["[2026-11-16 15:00:00, 2026-11-17 00:00:00)"]);
        assert_eq!(parts(&week.removed), ["[2026-11-23 15:00:00, 2026-11-24 00:00:00)"]);
        let early = cover("2026-11-16T05:00:00Z", "2026-11-23T05:00:00Z", &[]);
        assert_eq!(parts(&early.removed), ["[2026-11-16 00:00:00, 2026-11-16 05:00:00)"]);
        assert_eq!(parts(&early.added), ["[2026-11-23 00:00:00, 2026-11-23 05:00:00)"]);
        let day = TimeRange { from: at("2026-11-16T00:00:00Z"), to: at("2026-11-17T00:00:00Z") };
        let cold = cover("2026-11-16T05:00:00Z", "2026-11-18T00:00:00Z", &[day]);
        assert_eq!(parts(&cold.added), ["[2026-11-16 05:00:00, 2026-11-17 00:00:00)"]);
        assert_eq!(cold.removed, []);
    }

    #[test]
    fn long_ago_a_whole_month_is_one_figure() {
        let june = cover("2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z", &[]);
        assert_eq!(june.month.map(|month| month.to_string()), Some("2025-06-01".into()));
        assert!(june.added.is_empty() && june.removed.is_empty());
        let most = cover("2025-01-31T10:00:00Z", "2025-03-02T00:00:00Z", &[]);
        assert_eq!(
            parts(&most.added),
            [
                "[2025-01-31 10:00:00, 2025-02-01 00:00:00)",
                "[2025-03-01 00:00:00, 2025-03-02 00:00:00)"
            ]
        );
        assert!(
            most.counts("2025-02-28".parse().unwrap())
                && !most.counts("2025-03-01".parse().unwrap())
        );
        let part = cover("2025-06-01T00:00:00Z", "2025-06-30T00:00:00Z", &[]);
        assert_eq!((part.month, part.added.len()), (None, 1));
        let never = cover("-005000-01-01T00:00:00Z", "-005000-01-02T00:00:00Z", &[]);
        assert!(never.added.is_empty() && never.days.0 == never.days.1);
    }

    proptest! {
        #[test]
        fn every_moment_of_the_range_is_counted_once_and_no_other(
            from in 0..100_i64 * 24,
            hours in 1..31_i64 * 24,
            days_from in 0..100_i64,
            now in 0..130_i64 * 24,
            cold in prop::option::of(0..100_i64),
        ) {
            let origin = at("2026-07-01T00:00:00Z");
            let hour = |hours: i64| origin + SignedDuration::from_hours(hours);
            let range = TimeRange { from: hour(from), to: hour(from + hours) };
            let cold: Vec<TimeRange> =
                cold.map(|d| TimeRange { from: hour(d * 24), to: hour(d * 24 + 240) }).into_iter().collect();
            let now = hour(now);
            let cover = Cover::of(range, day(hour(days_from * 24)), now, &cold);
            for moment in (0..135 * 24).map(hour) {
                let within = |parts: &[TimeRange]| parts.iter().filter(|part| part.contains(moment)).count() as i64;
                let whole = i64::from(cover.counts(day(moment)));
                let counted = whole + within(&cover.added) - within(&cover.removed);
                let wanted = range.contains(moment) && moment < now + FUTURE_MAX;
                prop_assert_eq!(counted == 1, wanted, "{} {:?}", moment, cover);
                prop_assert!(counted == 0 || counted == 1 || moment >= now + FUTURE_MAX);
                prop_assert!(within(&cover.removed) == 0 || !cold.iter().any(|cold| cold.contains(moment)));
            }
        }
    }
}
