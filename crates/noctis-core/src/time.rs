//! Points and half-open ranges of time, in UTC, which is EVE time.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// No killmail is older than this month: zKillboard's and CCP's records begin in December 2007.
pub const FIRST_DAY: Date = jiff::civil::date(2007, 12, 1);
/// A killmail dated later than its arrival by more than this is refused: one from 2062 would top every feed for ever.
pub const FUTURE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// From `from` (included) to `to` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl TimeRange {
    pub fn contains(self, time: Timestamp) -> bool {
        self.from <= time && time < self.to
    }

    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// What both have in common; empty when nothing is.
    #[must_use]
    pub fn intersection(self, other: TimeRange) -> TimeRange {
        TimeRange { from: self.from.max(other.from), to: self.to.min(other.to) }
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", eve_time(self.from), eve_time(self.to))
    }
}

/// The next point of time that the database can tell from this one: a microsecond on.
pub fn just_after(time: Timestamp) -> Timestamp {
    time.checked_add(SignedDuration::from_micros(1)).unwrap_or(time)
}

/// The one before, a microsecond back.
pub fn just_before(time: Timestamp) -> Timestamp {
    time.checked_sub(SignedDuration::from_micros(1)).unwrap_or(time)
}

/// The day a point of time lies in, in UTC.
pub fn day(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

/// Midnight, UTC, at which a day begins.
pub fn midnight(day: Date) -> Timestamp {
    Offset::UTC
        .to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
        .expect("a day between 2007 and 9999 is within the range of timestamps")
}

/// `2026-11-22 14:00:05`, as pages and the command line write it.
pub fn eve_time(time: Timestamp) -> String {
    Offset::UTC.to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Why a killmail of this time, arriving now, is refused; None when it is not.
pub fn absurdity(killmail_time: Timestamp, now: Timestamp) -> Option<String> {
    if killmail_time < midnight(FIRST_DAY) {
        return Some(format!(
            "killmail_time {killmail_time} is before {FIRST_DAY}, when records begin"
        ));
    }
    if killmail_time.duration_since(now) > FUTURE_MAX {
        return Some(format!(
            "killmail_time {killmail_time} is more than 24 hours after its arrival"
        ));
    }
    None
}

/// A point of time as people write it: RFC 3339, `2026-11-22`, `2026-11-22 14:00`, or how long ago (`1h`, `7d`, `30m`,
/// `90s`, `2w`). Without a zone it is EVE time. None when it is none of these.
pub fn parse_time(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<jiff::civil::DateTime>() {
        return Offset::UTC.to_timestamp(time).ok();
    }
    let unit = text.chars().last()?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    now.checked_sub(SignedDuration::from_secs(i64::from(count) * seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_times_in_several_ways() {
        let now: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                parse_time(text, now).map(|time| time.to_string()).as_deref(),
                expected,
                "{text}"
            );
        };
        check("2026-11-22T14:00:00+02:00", Some("2026-11-22T12:00:00Z"));
        check("2026-11-22", Some("2026-11-22T00:00:00Z"));
        check("2026-11-22 14:00", Some("2026-11-22T14:00:00Z"));
        check("1h", Some("2026-11-22T13:00:00Z"));
        check("7d", Some("2026-11-15T14:00:00Z"));
        check("4000000000w", None);
        check("99999999w", None);
        check("yesterday", None);
        check("é", None);
        check("", None);
    }
}
