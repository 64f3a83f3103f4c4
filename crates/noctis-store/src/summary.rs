//! What a store is and how its server keeps it, for `doctor`, benchmarks and the sample.

use jiff::Timestamp;
use tokio_postgres::Client;

use crate::Result;

/// A store in a few figures.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Summary {
    pub store_id: String,
    pub created_at: Timestamp,
    pub static_data_build: Option<String>,
    /// Kills that ever arrived.
    pub kills: i64,
    pub wanted: i64,
    pub parked: i64,
    /// The whole database, with indexes.
    pub bytes: i64,
}

pub async fn summary(client: &Client) -> Result<Summary> {
    let row = client.query_one(include_str!("../sql/store/summary.sql"), &[]).await?;
    Ok(Summary {
        store_id: row.get(0),
        created_at: row.get(1),
        static_data_build: row.get(2),
        kills: row.get(3),
        wanted: row.get(4),
        parked: row.get(5),
        bytes: row.get(6),
    })
}

/// The server's settings that decide whether what it confirms is kept, and how fast it is: name and value.
pub async fn settings(client: &Client) -> Result<Vec<(String, String)>> {
    let rows = client.query(include_str!("../sql/store/settings.sql"), &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The settings that have to be on for a confirmed kill to survive a power cut.
pub const DURABILITY_SETTINGS: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];
