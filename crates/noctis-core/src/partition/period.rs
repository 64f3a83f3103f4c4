//! Calendar months and ISO weeks in UTC, the natural units of partitioning.

use jiff::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use serde::Serialize;

use crate::time::{TimeRange, day, midnight};

/// How long a partition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    Month,
    Week,
}

impl Interval {
    pub fn parse(text: &str) -> Option<Interval> {
        match text {
            "month" => Some(Interval::Month),
            "week" => Some(Interval::Week),
            _ => None,
        }
    }
}

/// One month or one ISO week, named by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    interval: Interval,
    first_day: Date,
}

impl Period {
    /// The period in which a point of time lies.
    pub fn containing(interval: Interval, time: Timestamp) -> Period {
        let day = day(time);
        let first_day = match interval {
            Interval::Month => day.first_of_month(),
            Interval::Week => {
                let week = day.iso_week_date();
                ISOWeekDate::new(week.year(), week.week(), Weekday::Monday)
                    .expect("each ISO week has a Monday")
                    .date()
            }
        };
        Period { interval, first_day }
    }

    /// The next period.
    #[must_use]
    pub fn next(self) -> Period {
        Period::containing(self.interval, self.range().to)
    }

    pub fn range(self) -> TimeRange {
        let span = match self.interval {
            Interval::Month => jiff::Span::new().months(1),
            Interval::Week => jiff::Span::new().weeks(1),
        };
        let end = self
            .first_day
            .checked_add(span)
            .expect("a year between 2007 and 9998 has a next month");
        TimeRange { from: midnight(self.first_day), to: midnight(end) }
    }

    /// `2025_06`, `2025_w23`.
    pub fn name(self) -> String {
        match self.interval {
            Interval::Month => {
                format!("{:04}_{:02}", self.first_day.year(), self.first_day.month())
            }
            Interval::Week => {
                let week = self.first_day.iso_week_date();
                format!("{:04}_w{:02}", week.year(), week.week())
            }
        }
    }

    /// The name of a leaf for this range of the period: the period's own, or with the day (and hour) where a leaf
    /// begins that bridges to what is there already: `2025_07_d0707`.
    pub fn leaf_suffix(self, range: TimeRange) -> String {
        if range == self.range() {
            return self.name();
        }
        let start = jiff::tz::Offset::UTC.to_datetime(range.from);
        let hour = if start.time() == jiff::civil::Time::midnight() { "" } else { "t%H%M%S" };
        format!("{}_{}", self.name(), start.strftime(&format!("d%m%d{hour}")))
    }
}
