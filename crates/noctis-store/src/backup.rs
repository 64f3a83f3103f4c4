//! What a backup asks the store: who it is, which parts of the archive belong to it, and what it holds.

use jiff::Timestamp;
use noctis_core::archive::Manifest;
use noctis_core::partition::PartState;
use tokio_postgres::Client;

use crate::Result;
use crate::partitions::parts::{self, StoredPart};

/// Who a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub store_id: String,
    pub generation: i64,
    /// The server's version: `15.18`.
    pub postgres: String,
}

pub async fn identity(client: &Client) -> Result<Identity> {
    let row = client.query_one(include_str!("../sql/backup/identity.sql"), &[]).await?;
    Ok(Identity { store_id: row.get(0), generation: row.get(1), postgres: row.get(2) })
}

/// The manifests of all parts whose files answer, or soon will.
pub async fn parts(client: &Client) -> Result<Vec<Manifest>> {
    let answers = |part: &StoredPart| match part.state {
        PartState::Verified | PartState::Cold => true,
        PartState::Restored => false,
    };
    let parts = parts::parts(client).await?;
    Ok(parts.into_iter().filter(answers).map(|part| part.manifest).collect())
}

/// Ranges of time in one state.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Holding {
    /// `hot`, `cold` or `dropped`.
    pub state: String,
    pub ranges: i64,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What a store holds, by state; months that are both hot and cold count in both.
pub async fn holdings(client: &Client) -> Result<Vec<Holding>> {
    let rows = client.query(include_str!("../sql/backup/holdings.sql"), &[]).await?;
    let holding = |row: &tokio_postgres::Row| Holding {
        state: row.get(0),
        ranges: row.get(1),
        from: row.get(2),
        to: row.get(3),
    };
    Ok(rows.iter().map(holding).collect())
}
