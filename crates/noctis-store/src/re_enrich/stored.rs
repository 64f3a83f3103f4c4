//! A kill as it is stored, and whether what is computed of it today says anything else.

use jiff::Timestamp;
use noctis_core::killmail::parse::parse;
use noctis_core::killmail::{Killmail, Rejected};
use noctis_core::zkb::ZkbBlock;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::Row;

use crate::ingest::rows::EnrichedRow;

/// Keys of `enrichment_blob` that tell how a row was made, or are kept as they are: they alone make no difference.
const NO_DIFFERENCE: [&str; 3] = ["static_data", "zkb", "zkb_rank"];

/// A stored kill and what was added to it.
pub(super) struct Stored {
    pub(super) killmail: Killmail,
    pub(super) zkb: Option<ZkbBlock>,
    /// Another one as soon as anybody writes the row.
    pub(super) version: String,
    points: Option<i32>,
    flags: [bool; 3],
    value_source: String,
    amounts: [Option<Decimal>; 4],
    own_value: Option<Decimal>,
    unpriced_count: Option<i32>,
    labels: Vec<String>,
    module_tags: Vec<String>,
    blob: String,
}

impl Stored {
    pub(super) fn read(row: &Row, body: &str) -> Result<Stored, Rejected> {
        let zkb: Option<&str> = row.get("zkb");
        Ok(Stored {
            killmail: Killmail {
                killmail_time: row.get::<_, Timestamp>("timestamp"),
                ..parse(body)?
            },
            zkb: zkb.map(|text| ZkbBlock::parse(text, row.get("zkb_rank"))).transpose()?,
            version: row.get("version"),
            points: row.get("points"),
            flags: ["npc", "solo", "awox"].map(|flag| row.get(flag)),
            value_source: row.get("value_source"),
            amounts: ["isk_value", "fitted_value", "dropped_value", "destroyed_value"]
                .map(|amount| row.get(amount)),
            own_value: row.get("own_value"),
            unpriced_count: row.get("unpriced_count"),
            labels: row.get("labels"),
            module_tags: row.get("module_tags"),
            blob: row.get("blob"),
        })
    }

    /// Whether the row says the same already. With what it was made is told by the row, but is no reason to write it.
    pub(super) fn says(&self, row: &EnrichedRow<'_>) -> bool {
        let e = row.enriched;
        self.points == e.points
            && self.flags == [e.npc, e.solo, e.awox]
            && self.value_source == e.value_source.name()
            && self.amounts == row.amounts
            && self.own_value == row.own_value
            && self.unpriced_count == row.unpriced_count
            && self.labels == e.labels
            && self.module_tags == e.module_tags
            && essence(&self.blob) == essence(&row.blob)
    }
}

fn essence(blob: &str) -> Option<Value> {
    let mut blob: Value = serde_json::from_str(blob).ok()?;
    for key in NO_DIFFERENCE {
        blob.as_object_mut()?.remove(key);
    }
    Some(blob)
}
