//! What benchmarks need of PostgreSQL: scripts to measure against, statements as they were sent, tables without partitions.

mod flat;
mod record;
mod replay;

pub use flat::{FLAT_PATH, make_flat, settle};
pub use record::Recorder;
pub use replay::{Replay, Sent, Told};

use deadpool_postgres::Object;
use noctis_core::time::TimeRange;
use tokio_postgres::types::Type;

use crate::Result;

/// Writes the rows of the measured import to files; a psql script.
pub const UNLOAD: &str = include_str!("../sql/bench/unload.sql");
/// Loads those files with plain `\copy` into the same tables; a psql script.
pub const LOAD: &str = include_str!("../sql/bench/load.sql");
/// The seed of kills that are there before the measured import begins; their ids are below those of [`UNLOAD`].
pub const SEED_BEFORE: u64 = 1;
/// The seed of the kills of the measured import.
pub const SEED_MEASURED: u64 = 2;
/// The seed of the kills of whole months; their ids are among those of [`UNLOAD`] too.
pub const SEED_MONTHS: u64 = 4;
/// The seed of the kills of the measured feed.
pub const SEED_FEED: u64 = 3;

/// Somebody or something that stands on mails, and how much of it there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentioned {
    /// `character`, `system`, `item_type`, `kill` and so on, as the statement has them.
    pub kind: String,
    /// `busiest`; `typical`, which a mention taken at random is likely to be of; or `rare`, the one with the fewest.
    pub rank: String,
    /// An id, or a tag.
    pub id: String,
}

/// Of every kind who is mentioned most, typically and least within a time.
///
/// # Errors
/// When the database does not answer.
pub async fn mentioned(client: &Object, range: TimeRange) -> Result<Vec<Mentioned>> {
    let parameters: [crate::entities::Parameter<'_>; 2] =
        [(&range.from, Type::TIMESTAMPTZ), (&range.to, Type::TIMESTAMPTZ)];
    let rows =
        client.query_typed(include_str!("../sql/arguments/mentioned.sql"), &parameters).await?;
    Ok(rows
        .iter()
        .map(|row| Mentioned { kind: row.get("kind"), rank: row.get("rank"), id: row.get("id") })
        .collect())
}

/// So many ids of a kind, spread evenly from the most mentioned to the least: `character` or `kill`.
///
/// # Errors
/// When the database does not answer.
pub async fn spread(client: &Object, kind: &str, range: TimeRange, count: i64) -> Result<Vec<i64>> {
    let sql = match kind {
        "kill" => include_str!("../sql/arguments/kills.sql"),
        _ => include_str!("../sql/arguments/characters.sql"),
    };
    let parameters: [crate::entities::Parameter<'_>; 3] =
        [(&range.from, Type::TIMESTAMPTZ), (&range.to, Type::TIMESTAMPTZ), (&count, Type::INT8)];
    let rows = client.query_typed(sql, &parameters).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
