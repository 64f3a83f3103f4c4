//! What the ledger says of the lifecycle, for figures that are asked for all the time.

use jiff::Timestamp;
use tokio_postgres::Client;

use crate::Result;

/// The ledger in a few figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerFigures {
    /// When a range last left the tables; none when none ever did.
    pub retired_at: Option<Timestamp>,
    /// Tries for locks of everything that was done.
    pub lock_tries: i64,
    /// The longest that something done within a day tried for its locks, milliseconds.
    pub lock_ms_max: i64,
    /// Repairs of `noctis doctor --fix`.
    pub mended: i64,
    /// When this store was made.
    pub created_at: Timestamp,
}

/// # Errors
/// When the database refuses.
pub async fn figures(client: &Client) -> Result<LedgerFigures> {
    let row = client.query_one(include_str!("../../sql/drift/figures.sql"), &[]).await?;
    Ok(LedgerFigures {
        retired_at: row.get("retired_at"),
        lock_tries: row.get("lock_tries"),
        lock_ms_max: row.get("lock_ms_max"),
        mended: row.get("mended"),
        created_at: row.get("created_at"),
    })
}
