//! What the tables answer to a question: its newest kills through windows of time, its most valuable, and which of some
//! it means.
//!
//! Whoever puts pages together asks the archive for the rest.

mod time;
mod trail;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use futures_util::future::try_join_all;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::{Key, by_month};
use noctis_core::question::Question;
use noctis_core::time::{TimeRange, just_after};
use rust_decimal::Decimal;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::{Result, compose};

pub use time::newest;
pub use trail::months;

/// How long one page may look before it is given out as it is. A statement that is under way is not cut off by this.
pub const PAGE_TIME_MAX: Duration = Duration::from_secs(5);

/// The most valuable kills of a range, which the language bounds: one statement, by the index on the value of each month.
/// `below` is where the page before ended.
pub async fn highest(
    client: &Object,
    catalogue: &Catalogue,
    question: &Question,
    range: TimeRange,
    (below, limit): (Option<compose::Below>, usize),
) -> Result<Vec<(Isk, Key)>> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(limit).expect("a page has at most 1,000 kills");
    let composed = compose::highest(question, catalogue, range, below, limit);
    let value = |row: &tokio_postgres::Row| {
        Isk::new(row.get::<_, Decimal>(2)).expect("the column holds what Isk does")
    };
    let rows = rows(client, &composed).await?;
    Ok(rows.iter().map(|row| (value(row), (row.get(0), row.get(1)))).collect())
}

/// Those of some kills, known by their keys, that are in the tables and that the question means.
pub async fn among(
    client: &Object,
    catalogue: &Catalogue,
    question: &Question,
    keys: &[Key],
) -> Result<HashSet<Key>> {
    let months = by_month(keys, keys.len().max(1));
    let composed: Vec<compose::Composed> = months
        .iter()
        .map(|month| {
            let window = TimeRange { from: month.first, to: just_after(month.last) };
            compose::among(question, catalogue, month.ids(), window)
        })
        .collect();
    let rows = try_join_all(composed.iter().map(|composed| rows(client, composed))).await?;
    Ok(rows.iter().flatten().map(|row| (row.get(0), row.get(1))).collect())
}

/// The next `limit` kills in the order in which they were stored, wherever they are now, each with its number.
pub async fn arrived(client: &Object, after: i64, limit: i64) -> Result<Vec<(i64, Key)>> {
    let text = include_str!("../../sql/killmail/arrived.sql");
    let statement = client.prepare_cached(text).await?;
    let rows = client.query(&statement, &[&after, &limit]).await?;
    Ok(rows.iter().map(|row| (row.get(0), (row.get(2), row.get(1)))).collect())
}

/// The keys of those of these kills that have ever been stored and lie within a range: the registry knows their times,
/// so no month is searched.
pub async fn times_of(client: &Object, ids: &[i64], range: TimeRange) -> Result<Vec<Key>> {
    let rows = client
        .query_typed(
            include_str!("../../sql/killmail/times_of.sql"),
            &[
                (&ids, Type::INT8_ARRAY),
                (&range.from, Type::TIMESTAMPTZ),
                (&range.to, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn rows(client: &Client, composed: &compose::Composed) -> Result<Vec<tokio_postgres::Row>> {
    Ok(client.query_typed(&composed.sql, &composed.parameters()).await?)
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
