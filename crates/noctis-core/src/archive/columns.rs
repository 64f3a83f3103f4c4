//! The columns of the group's tables, in the order in which they are copied out and in.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::partition::Member;

/// A column as PostgreSQL has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    pub group: Group,
}

/// PostgreSQL's types that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Int4,
    Int8,
    Float4,
    /// `NUMERIC(20, 2)`, which holds no NaN of ours.
    Isk,
    Text,
    Bytea,
    Jsonb,
    Timestamptz,
    Date,
    TextArray,
    Int4Array,
}

/// Columns that have one checksum together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What identifies a row.
    Key,
    /// Numbers, flags and words.
    Facts,
    /// Amounts of ISK and where they came from.
    Values,
    /// JSON.
    Payload,
}

/// The columns of a member at the schema of this noctis.
pub fn columns(member: Member) -> &'static [Column] {
    match member {
        Member::Raw => RAW,
        Member::Enriched => ENRICHED,
        Member::Participants => PARTICIPANTS,
    }
}

const fn must(name: &'static str, kind: Kind, group: Group) -> Column {
    Column { name, kind, nullable: false, group }
}

const fn may(name: &'static str, kind: Kind, group: Group) -> Column {
    Column { name, kind, nullable: true, group }
}

const RAW: &[Column] = &[
    must("killmail_id", Kind::Int8, Group::Key),
    must("timestamp", Kind::Timestamptz, Group::Key),
    must("system_id", Kind::Int8, Group::Facts),
    must("ship_type_id", Kind::Int8, Group::Facts),
    may("war_id", Kind::Int8, Group::Facts),
    must("inserted_at", Kind::Timestamptz, Group::Facts),
    must("attacker_count", Kind::Int4, Group::Facts),
    must("player_count", Kind::Int4, Group::Facts),
    may("killmail_hash", Kind::Bytea, Group::Facts),
    must("raw_payload", Kind::Jsonb, Group::Payload),
    must("item_type_ids", Kind::Int4Array, Group::Facts),
];

const ENRICHED: &[Column] = &[
    must("killmail_id", Kind::Int8, Group::Key),
    must("timestamp", Kind::Timestamptz, Group::Key),
    must("enriched_at", Kind::Timestamptz, Group::Facts),
    may("points", Kind::Int4, Group::Facts),
    must("npc", Kind::Boolean, Group::Facts),
    must("solo", Kind::Boolean, Group::Facts),
    must("awox", Kind::Boolean, Group::Facts),
    must("value_source", Kind::Text, Group::Values),
    may("isk_value", Kind::Isk, Group::Values),
    may("fitted_value", Kind::Isk, Group::Values),
    may("dropped_value", Kind::Isk, Group::Values),
    may("destroyed_value", Kind::Isk, Group::Values),
    must("labels", Kind::TextArray, Group::Facts),
    must("module_tags", Kind::TextArray, Group::Facts),
    must("enrichment_blob", Kind::Jsonb, Group::Payload),
    may("own_value", Kind::Isk, Group::Values),
    may("unpriced_count", Kind::Int4, Group::Values),
    may("price_date", Kind::Date, Group::Values),
];

const PARTICIPANTS: &[Column] = &[
    must("killmail_id", Kind::Int8, Group::Key),
    must("timestamp", Kind::Timestamptz, Group::Key),
    may("character_id", Kind::Int8, Group::Facts),
    may("corporation_id", Kind::Int8, Group::Facts),
    may("alliance_id", Kind::Int8, Group::Facts),
    may("faction_id", Kind::Int8, Group::Facts),
    may("ship_type_id", Kind::Int8, Group::Facts),
    may("weapon_type_id", Kind::Int8, Group::Facts),
    must("damage", Kind::Int8, Group::Facts),
    must("ordinal", Kind::Int4, Group::Key),
    may("security_status", Kind::Float4, Group::Facts),
    must("final_blow", Kind::Boolean, Group::Facts),
    must("first_of_corporation", Kind::Boolean, Group::Facts),
    must("first_of_alliance", Kind::Boolean, Group::Facts),
];

/// A hash of the columns that the three tables have, by which an archive tells whether it knows a schema.
pub fn schema_hash(columns_of: impl Fn(Member) -> Vec<Column>) -> String {
    let mut hasher = Sha256::new();
    for member in Member::ALL {
        for column in columns_of(member) {
            let Column { name, kind, nullable, group } = column;
            let table = member.table();
            hasher.update(format!("{table}\t{name}\t{kind:?}\t{nullable}\t{group:?}\n"));
        }
    }
    hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
