//! Finding the kills of a page: through windows of time newest first, or along the order of arrival.

use deadpool_postgres::Object;
use jiff::{SignedDuration, Timestamp};
use noctis_core::partition::{Interval, Period};
use noctis_core::question::{Cursor, Position, Question};
use noctis_core::time::TimeRange;

use super::Key;
use crate::{Result, compose};

/// Months of the widest window: this month, then two, four, eight back.
const WINDOW_MONTHS_MAX: u32 = 8;
/// Months looked at for one page. Then the page is given out short, with a cursor to go on.
const PAGE_MONTHS_MAX: u32 = 240;
/// Arrivals looked at for one page, and at a time.
const PAGE_ARRIVALS_MAX: i64 = 20_000;
const ARRIVALS_AT_A_TIME: i64 = 2_000;

/// Walks windows of time, newest first, until the page is full, the range ends, or the budget of months does.
pub(super) async fn newest_first(
    client: &Object,
    question: &Question,
    now: Timestamp,
) -> Result<(Vec<Key>, Option<Cursor>)> {
    let range = question.range(now);
    let limit = question.limit as usize;
    let mut before = match question.cursor.as_ref().map(|cursor| cursor.position) {
        Some(Position::Before { time, killmail_id }) => Some((time, killmail_id)),
        _ => None,
    };
    // A cursor's own instant belongs to the window: kills of one second go on by id.
    let mut end = match before {
        Some((time, _)) => {
            range.to.min(time.checked_add(SignedDuration::from_micros(1)).unwrap_or(time))
        }
        None => range.to,
    };
    let mut keys: Vec<Key> = Vec::new();
    let (mut months, mut looked_at) = (1, 0);
    while keys.len() <= limit && end > range.from && looked_at < PAGE_MONTHS_MAX {
        let window = TimeRange { from: back(end, months).max(range.from), to: end };
        // One more than the page holds tells whether there is a next page.
        let missing =
            i64::try_from(limit + 1 - keys.len()).expect("a page has at most 1,000 kills");
        let composed = compose::newest(question, window, before, missing);
        let rows = client.query_typed(&composed.sql, &composed.parameters()).await?;
        keys.extend(rows.iter().map(|row| (row.get::<_, Timestamp>(0), row.get::<_, i64>(1))));
        before = None;
        end = window.from;
        looked_at += months;
        months = (months * 2).min(WINDOW_MONTHS_MAX);
    }
    let more = keys.len() > limit;
    keys.truncate(limit);
    let position = match keys.last() {
        Some(&(time, killmail_id)) if more => Some(Position::Before { time, killmail_id }),
        // The budget ended: the next page goes on where this one stopped looking.
        _ if end > range.from => Some(Position::Before { time: end, killmail_id: 0 }),
        _ => None,
    };
    let bounds = |position| Cursor {
        question: question.hash.clone(),
        position,
        from: question.from,
        to: question.to,
    };
    Ok((keys, position.map(bounds)))
}

/// The beginning of the month in which `end` lies (just before it), or of one further back.
fn back(end: Timestamp, months: u32) -> Timestamp {
    let last = end.checked_sub(SignedDuration::from_micros(1)).unwrap_or(end);
    let mut period = Period::containing(Interval::Month, last);
    for _ in 1..months {
        let before = period.range().from.checked_sub(SignedDuration::from_micros(1)).unwrap_or(end);
        period = Period::containing(Interval::Month, before);
    }
    period.range().from
}

/// Walks the registry in the order of arrival and keeps what the question means. There is always a next page: it may
/// be asked for until something arrives.
pub(super) async fn by_arrival(
    client: &Object,
    question: &Question,
    now: Timestamp,
) -> Result<(Vec<Key>, Option<Cursor>)> {
    let range = question.range(now);
    let limit = question.limit as usize;
    let mut after = match question.cursor.as_ref().map(|cursor| cursor.position) {
        Some(Position::After { arrival }) => arrival,
        _ => 0,
    };
    let mut keys: Vec<Key> = Vec::new();
    let mut looked_at = 0;
    while keys.len() < limit && looked_at < PAGE_ARRIVALS_MAX {
        let arrived = arrived(client, after).await?;
        let in_range: Vec<Key> =
            arrived.iter().map(|(_, key)| *key).filter(|key| range.contains(key.0)).collect();
        let meant = meant(client, question, &in_range).await?;
        let mut last = after;
        for (arrival, key) in &arrived {
            if keys.len() == limit {
                break;
            }
            last = *arrival;
            if meant.contains(key) {
                keys.push(*key);
            }
        }
        after = last;
        looked_at += ARRIVALS_AT_A_TIME;
        if (arrived.len() as i64) < ARRIVALS_AT_A_TIME {
            break;
        }
    }
    let position = Position::After { arrival: after };
    let next =
        Cursor { question: question.hash.clone(), position, from: question.from, to: question.to };
    Ok((keys, Some(next)))
}

async fn arrived(client: &Object, after: i64) -> Result<Vec<(i64, Key)>> {
    let statement = client.prepare_cached(include_str!("../../sql/killmail/arrived.sql")).await?;
    let rows = client.query(&statement, &[&after, &ARRIVALS_AT_A_TIME]).await?;
    Ok(rows.iter().map(|row| (row.get(0), (row.get(2), row.get(1)))).collect())
}

async fn meant(
    client: &Object,
    question: &Question,
    keys: &[Key],
) -> Result<std::collections::HashSet<Key>> {
    let (Some((first, _)), Some((last, _))) = (keys.iter().min(), keys.iter().max()) else {
        return Ok(std::collections::HashSet::new());
    };
    let to = last.checked_add(SignedDuration::from_micros(1)).unwrap_or(*last);
    let ids = keys.iter().map(|(_, id)| *id).collect();
    let composed = compose::among(question, ids, TimeRange { from: *first, to });
    let rows = client.query_typed(&composed.sql, &composed.parameters()).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
