//! A page bit by bit: its keys first, then its kills a chunk at a time, as text that goes on where the last chunk ended.
//!
//! HTTP streams it and the command line exports it, so that neither holds more than a chunk of kills.

use std::io::Write;

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Key;
use noctis_core::killmail::KillmailHash;
use noctis_core::question::{Fields, Format, Question};
use serde::Serialize;
use utoipa::ToSchema;

use super::csv;
use crate::kills::{Kills, Result};

/// Kills read and written at a time.
pub const CHUNK_KILLS_MAX: usize = 100;

/// What of each kill is told, and in which format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub fields: Fields,
    pub format: Format,
}

impl Shape {
    /// As the question says.
    #[must_use]
    pub fn of(question: &Question) -> Shape {
        Shape { fields: question.fields, format: question.format }
    }
}

/// A kill where only ids are asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KillId {
    pub killmail_id: i64,
    /// Forty hexadecimal digits; null where no feed told it and it cannot be computed.
    #[schema(required = true, value_type = Option<String>)]
    pub killmail_hash: Option<KillmailHash>,
    #[schema(value_type = String, format = DateTime)]
    pub killmail_time: Timestamp,
}

/// Ids, hashes and times of these kills, in their order.
///
/// # Errors
/// When the database does not answer, or the archive cannot be read.
pub(super) async fn ids(kills: &Kills, keys: &[Key]) -> Result<Vec<KillId>> {
    let hashes = kills.hashes(keys).await?;
    let id = |&(killmail_time, killmail_id): &Key| KillId {
        killmail_id,
        killmail_hash: hashes.get(&killmail_id).copied(),
        killmail_time,
    };
    Ok(keys.iter().map(id).collect())
}

/// What stands before the first kill.
pub fn heading(shape: Shape) -> String {
    match (shape.format, shape.fields) {
        (Format::Csv, Fields::All) => csv::heading(&csv::COLUMNS),
        (Format::Csv, Fields::Ids) => csv::heading(&csv::ID_COLUMNS),
        (Format::Json | Format::Ndjson, _) => String::new(),
    }
}

/// These kills as lines, one a kill. `keys` are [`CHUNK_KILLS_MAX`] at most; JSON is written as ndjson is.
///
/// # Errors
/// When the database does not answer, or the archive cannot be read.
pub async fn lines(
    kills: &Kills,
    catalogue: &Catalogue,
    shape: Shape,
    keys: &[Key],
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    match shape.fields {
        Fields::All => {
            let rows = super::named(kills, catalogue, keys).await?;
            write(&rows, shape.format, csv::kill, &mut out);
        }
        Fields::Ids => write(&ids(kills, keys).await?, shape.format, csv::id, &mut out),
    }
    Ok(out)
}

fn write<T: Serialize>(rows: &[T], format: Format, csv: impl Fn(&T) -> String, out: &mut Vec<u8>) {
    for row in rows {
        match format {
            Format::Csv => out.extend_from_slice(csv(row).as_bytes()),
            Format::Json | Format::Ndjson => {
                serde_json::to_writer(&mut *out, row).expect("a kill can be written as JSON");
            }
        }
        out.write_all(b"\n").expect("a Vec takes every write");
    }
}
