//! Inputs that could not be stored: counted, shown, and handed out to be tried again.

use jiff::Timestamp;
use noctis_core::killmail::Reason;
use serde::Serialize;
use tokio_postgres::{Client, Row};

use crate::Result;

/// Inputs handed out at once to be tried again.
pub const PAGE_INPUTS_MAX: i64 = 500;
/// Bytes handed out at once, but for one input that alone is larger.
pub const PAGE_BYTES_MAX: i64 = 8 << 20;

/// How many inputs are parked for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// As [`Reason::name`] has it; a text, since a newer noctis may have parked for a reason of its own.
    pub reason: String,
    pub count: i64,
    pub bytes: i64,
}

/// A parked input without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParkedRow {
    pub parked_id: i64,
    pub reason: String,
    pub killmail_id: Option<i64>,
    pub detail: String,
    pub source: String,
    pub bytes: i64,
    pub parked_at: Timestamp,
}

/// A parked input to be tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedInput {
    pub parked_id: i64,
    pub killmail_id: Option<i64>,
    pub source: String,
    pub bytes: Vec<u8>,
}

/// Which parked inputs are to be tried again.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Those of one reason only.
    pub reason: Option<Reason>,
    /// These only.
    pub ids: Option<Vec<i64>>,
}

/// How many there are, by reason.
pub async fn counts(client: &Client, reason: Option<Reason>) -> Result<Vec<Count>> {
    let rows = client
        .query(include_str!("../sql/parked/counts.sql"), &[&reason.map(Reason::name)])
        .await?;
    let count = |row: &Row| Count { reason: row.get(0), count: row.get(1), bytes: row.get(2) };
    Ok(rows.iter().map(count).collect())
}

/// Those parked last, newest first.
pub async fn newest(client: &Client, reason: Option<Reason>, limit: i64) -> Result<Vec<ParkedRow>> {
    let query = include_str!("../sql/parked/newest.sql");
    let rows = client.query(query, &[&reason.map(Reason::name), &limit]).await?;
    Ok(rows.iter().map(parked_row).collect())
}

/// One with its bytes; None when there is none of that number.
pub async fn get(client: &Client, parked_id: i64) -> Result<Option<(ParkedRow, Vec<u8>)>> {
    let row = client.query_opt(include_str!("../sql/parked/get.sql"), &[&parked_id]).await?;
    Ok(row.map(|row| (parked_row(&row), row.get("bytes"))))
}

/// The next ones after a number, oldest first; empty at the end. Bounded by [`PAGE_INPUTS_MAX`] and [`PAGE_BYTES_MAX`].
pub async fn page(client: &Client, chosen: &Chosen, after: i64) -> Result<Vec<ParkedInput>> {
    let rows = client
        .query(
            include_str!("../sql/parked/page.sql"),
            &[
                &after,
                &chosen.reason.map(Reason::name),
                &chosen.ids,
                &PAGE_INPUTS_MAX,
                &PAGE_BYTES_MAX,
            ],
        )
        .await?;
    let input = |row: &Row| ParkedInput {
        parked_id: row.get(0),
        killmail_id: row.get(1),
        source: row.get(2),
        bytes: row.get(3),
    };
    Ok(rows.iter().map(input).collect())
}

/// Forgets those that are stored now.
pub async fn remove(client: &Client, ids: &[i64]) -> Result<()> {
    client.execute(include_str!("../sql/parked/remove.sql"), &[&ids]).await?;
    Ok(())
}

fn parked_row(row: &Row) -> ParkedRow {
    ParkedRow {
        parked_id: row.get(0),
        reason: row.get(1),
        killmail_id: row.get(2),
        detail: row.get(3),
        source: row.get(4),
        bytes: row.get(5),
        parked_at: row.get(6),
    }
}
