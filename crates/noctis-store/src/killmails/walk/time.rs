//! Newest first, through windows of time: this month, then two, four, eight back.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use noctis_core::partition::{Interval, Period};
use noctis_core::question::Position;
use noctis_core::time::TimeRange;

use super::{Budget, Key, Walk, just_after, just_before};
use crate::{Result, Trouble, compose};

/// Months of the widest window.
const WINDOW_MONTHS_MAX: u32 = 8;
/// A window that took longer than this is followed by one that is no wider.
const WINDOW_TIME_QUICK: Duration = Duration::from_millis(250);
/// Months looked at for one page.
const PAGE_MONTHS_MAX: u32 = 240;

impl Walk<'_> {
    /// Walks windows until the page is full, the range ends, or the budget does.
    pub(super) async fn newest_first(&self) -> Result<(Vec<Key>, Option<Position>)> {
        let range = self.question.range(self.now);
        let limit = self.limit();
        let mut before = match self.position() {
            Some(Position::Before { time, killmail_id }) => Some((time, killmail_id)),
            _ => None,
        };
        // A cursor's own instant belongs to the window: kills of one second go on by id.
        let mut end = before.map_or(range.to, |(time, _)| range.to.min(just_after(time)));
        let mut keys: Vec<Key> = Vec::new();
        let (mut months, mut looked_at) = (1, 0);
        let budget = Budget::start();
        while keys.len() <= limit
            && end > range.from
            && looked_at < PAGE_MONTHS_MAX
            && !budget.is_spent()
        {
            let window = TimeRange { from: back(end, months).max(range.from), to: end };
            // One more than the page holds tells whether there is a next page.
            let missing =
                i64::try_from(limit + 1 - keys.len()).expect("a page has at most 1,000 kills");
            let started = Instant::now();
            let composed = compose::newest(self.question, self.catalogue, window, before, missing);
            let rows = match self.rows(&composed).await {
                Ok(rows) => rows,
                // What was found so far is a page; the next one begins here with a window of one month again.
                Err(error) if looked_at > 0 && error.trouble() == Trouble::StatementTimeout => {
                    break;
                }
                Err(error) => return Err(error),
            };
            keys.extend(rows.iter().map(|row| (row.get::<_, Timestamp>(0), row.get::<_, i64>(1))));
            before = None;
            end = window.from;
            looked_at += months;
            if started.elapsed() < WINDOW_TIME_QUICK {
                months = (months * 2).min(WINDOW_MONTHS_MAX);
            }
        }
        let more = keys.len() > limit;
        keys.truncate(limit);
        let position = match keys.last() {
            Some(&(time, killmail_id)) if more => Some(Position::Before { time, killmail_id }),
            // The budget ended: the next page goes on where this one stopped looking.
            _ if end > range.from => Some(Position::Before { time: end, killmail_id: 0 }),
            _ => None,
        };
        Ok((keys, position))
    }
}

/// The beginning of the month in which `end` lies (just before it), or of one further back.
fn back(end: Timestamp, months: u32) -> Timestamp {
    let mut period = Period::containing(Interval::Month, just_before(end));
    for _ in 1..months {
        period = Period::containing(Interval::Month, just_before(period.range().from));
    }
    period.range().from
}
