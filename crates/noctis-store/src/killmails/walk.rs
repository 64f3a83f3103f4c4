//! Finding the kills of a page: through windows of time newest first, along the order of arrival, or by value.
//!
//! A page has a budget: of months or arrivals looked at, and of time. When it ends the page is given out as it is, short
//! or even empty, with a cursor to go on from where it stopped looking.

mod arrival;
mod listed;
mod time;
mod value;

use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::question::{Condition, Cursor, Fact, Order, Position, Question};

use super::Key;
use crate::{Result, compose};

/// How long one page may look before it is given out as it is. A statement that is under way is not cut off by this.
const PAGE_TIME_MAX: Duration = Duration::from_secs(5);

/// What a walk needs: a question, and what it is asked of.
pub(super) struct Walk<'a> {
    pub(super) client: &'a Object,
    pub(super) catalogue: &'a Catalogue,
    pub(super) question: &'a Question,
    pub(super) now: Timestamp,
}

impl Walk<'_> {
    /// The keys of one page in the order of the answer, and where the next begins.
    pub(super) async fn page(&self) -> Result<(Vec<Key>, Option<Cursor>)> {
        let (keys, position) = match (self.question.order, self.listed()) {
            (Order::Time, None) => self.newest_first().await?,
            (Order::Time, Some(ids)) => self.newest_of(ids).await?,
            (Order::Arrival, _) => self.by_arrival().await?,
            (Order::Value, _) => self.highest_first().await?,
        };
        let cursor = |position| Cursor {
            question: self.question.hash.clone(),
            position,
            from: self.question.from,
            to: self.question.to,
        };
        Ok((keys, position.map(cursor)))
    }

    /// The ids among which all answers are, where the question lists them.
    fn listed(&self) -> Option<&[i64]> {
        self.question.condition.conjuncts().iter().find_map(|demand| match demand {
            Condition::Is(Fact::Killmail(ids)) => Some(ids.as_slice()),
            Condition::Is(_) | Condition::Not(_) | Condition::All(_) | Condition::Any(_) => None,
        })
    }

    fn limit(&self) -> usize {
        self.question.limit as usize
    }

    fn position(&self) -> Option<Position> {
        self.question.cursor.as_ref().map(|cursor| cursor.position)
    }

    async fn rows(&self, composed: &compose::Composed) -> Result<Vec<tokio_postgres::Row>> {
        Ok(self.client.query_typed(&composed.sql, &composed.parameters()).await?)
    }

    /// Those of some kills, known by their keys, that the question means.
    async fn meant(&self, keys: &[Key]) -> Result<std::collections::HashSet<Key>> {
        let (Some((first, _)), Some((last, _))) = (keys.iter().min(), keys.iter().max()) else {
            return Ok(std::collections::HashSet::new());
        };
        let window = noctis_core::time::TimeRange { from: *first, to: just_after(*last) };
        let ids = keys.iter().map(|(_, id)| *id).collect();
        let composed = compose::among(self.question, self.catalogue, ids, window);
        let rows = self.rows(&composed).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}

/// The time of one page, running.
struct Budget(Instant);

impl Budget {
    fn start() -> Budget {
        Budget(Instant::now())
    }

    fn is_spent(&self) -> bool {
        self.0.elapsed() >= PAGE_TIME_MAX
    }
}

fn just_after(time: Timestamp) -> Timestamp {
    time.checked_add(jiff::SignedDuration::from_micros(1)).unwrap_or(time)
}

fn just_before(time: Timestamp) -> Timestamp {
    time.checked_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(time)
}
