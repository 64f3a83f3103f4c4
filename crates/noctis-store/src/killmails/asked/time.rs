//! Newest first, through windows of time: this month, then two, four, eight back; where it is known in which months there
//! can be something, through these alone.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Key;
use noctis_core::partition::{Interval, Period};
use noctis_core::question::{Months, Question, Stretch};
use noctis_core::time::{TimeRange, just_after, just_before};
use tokio_postgres::Client;

use super::{Budget, rows};
use crate::{Result, Trouble, compose};

/// Months of the widest window.
const WINDOW_MONTHS_MAX: u32 = 8;
/// A window that took longer than this is followed by one that is no wider.
const WINDOW_TIME_QUICK: Duration = Duration::from_millis(250);
/// Months looked at for one page.
const PAGE_MONTHS_MAX: u32 = 240;

/// The newest kills of a question and one more than a page holds, which tells whether there is a next page.
///
/// Walks windows until they are found, the range ends, or the page's budget of months and time does. `now` bounds what
/// has no end. With `within`, no other months are looked at.
pub async fn newest(
    client: &Client,
    catalogue: &Catalogue,
    question: &Question,
    within: Option<&Months>,
    now: Timestamp,
) -> Result<Stretch> {
    let range = question.range(now);
    let limit = question.limit as usize;
    let mut before = question.before();
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
        let Some((window, width)) = window(within, range.from, end, months) else {
            end = range.from;
            break;
        };
        let missing =
            i64::try_from(limit + 1 - keys.len()).expect("a page has at most 1,000 kills");
        let started = Instant::now();
        let composed = compose::newest(question, catalogue, window, before, missing);
        let rows = match rows(client, &composed).await {
            Ok(rows) => rows,
            // What was found so far is a page; the next one begins here with a window of one month again.
            Err(error) if looked_at > 0 && error.trouble() == Trouble::StatementTimeout => break,
            Err(error) => return Err(error),
        };
        keys.extend(rows.iter().map(|row| (row.get::<_, Timestamp>(0), row.get::<_, i64>(1))));
        before = None;
        end = window.from;
        looked_at += width;
        if started.elapsed() < WINDOW_TIME_QUICK {
            months = (months * 2).min(WINDOW_MONTHS_MAX);
        }
    }
    let reached = match keys.last() {
        Some(last) if keys.len() > limit => Some(*last),
        // The budget ended: the next page goes on where this one stopped looking.
        _ => (end > range.from).then_some((end, 0)),
    };
    Ok(Stretch { keys, reached })
}

/// The next window up to `end`, and how many months it has. None where no more can hold anything.
fn window(
    within: Option<&Months>,
    from: Timestamp,
    end: Timestamp,
    months: u32,
) -> Option<(TimeRange, u32)> {
    let (window, width) = match within {
        Some(within) => within.window(end, months)?,
        None => (TimeRange { from: back(end, months), to: end }, months),
    };
    let window = TimeRange { from: window.from.max(from), ..window };
    (!window.is_empty()).then_some((window, width))
}

/// The beginning of the month in which `end` lies (just before it), or of one further back.
fn back(end: Timestamp, months: u32) -> Timestamp {
    let mut period = Period::containing(Interval::Month, just_before(end));
    for _ in 1..months {
        period = Period::containing(Interval::Month, just_before(period.range().from));
    }
    period.range().from
}
