//! What is asked of kills without wanting to see them: whether they are stored, their hashes, how many carry a word.

use std::collections::{HashMap, HashSet};

use deadpool_postgres::Object;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use noctis_core::kill::{OfMonth, by_month};
use noctis_core::killmail::KillmailHash;
use noctis_core::time::TimeRange;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::Key;
use crate::Result;

/// Kills of one statement.
const KILLS_AT_A_TIME: usize = 2_000;

/// How many of a range's kills carry each tag and each label.
#[derive(Clone, Debug, PartialEq)]
pub struct WordCounts {
    /// What was counted, all of it.
    pub range: TimeRange,
    /// Kills in that range.
    pub kills: i64,
    pub tags: HashMap<String, i64>,
    pub labels: HashMap<String, i64>,
}

/// Which of these have ever been stored, archived ones included; in one statement on the registry.
pub async fn exists(client: &Object, killmail_ids: &[i64]) -> Result<HashSet<i64>> {
    let statement = client.prepare_cached(include_str!("../../sql/killmail/exists.sql")).await?;
    let rows = client.query(&statement, &[&killmail_ids]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The hashes of these kills by id, as far as they are known.
pub async fn hashes(client: &Object, keys: &[Key]) -> Result<HashMap<i64, KillmailHash>> {
    let months = by_month(keys, KILLS_AT_A_TIME);
    let rows = try_join_all(months.into_iter().map(|month| hashes_of(client, month))).await?;
    let hash = |bytes: &[u8]| bytes.try_into().ok().map(KillmailHash);
    Ok(rows
        .iter()
        .flatten()
        .filter_map(|row| Some((row.get(0), hash(row.get::<_, Option<&[u8]>>(1)?)?)))
        .collect())
}

async fn hashes_of(client: &Object, month: OfMonth) -> Result<Vec<Row>> {
    let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
        (&month.ids(), Type::INT8_ARRAY),
        (&month.first, Type::TIMESTAMPTZ),
        (&month.last, Type::TIMESTAMPTZ),
    ];
    Ok(client.query_typed(include_str!("../../sql/killmail/hashes.sql"), &parameters).await?)
}

/// Counts over a range, or over its newest `kills_max` kills where it has more: then the range that comes back is
/// shorter, and the counts are exact for that one.
pub async fn word_counts(client: &Object, range: TimeRange, kills_max: i64) -> Result<WordCounts> {
    let rows = client
        .query_typed(
            include_str!("../../sql/killmail/word_counts.sql"),
            &[
                (&range.from, Type::TIMESTAMPTZ),
                (&range.to, Type::TIMESTAMPTZ),
                (&kills_max, Type::INT8),
            ],
        )
        .await?;
    let mut counts = WordCounts { range, kills: 0, tags: HashMap::new(), labels: HashMap::new() };
    for row in &rows {
        let (word, kills): (String, i64) = (row.get("word"), row.get("kills"));
        match row.get("kind") {
            "tag" => drop(counts.tags.insert(word, kills)),
            "label" => drop(counts.labels.insert(word, kills)),
            _ => {
                counts.kills = kills;
                let first: Option<Timestamp> = row.get("first");
                let is_cut = kills >= kills_max;
                counts.range.from = first.filter(|_| is_cut).unwrap_or(range.from);
            }
        }
    }
    Ok(counts)
}
