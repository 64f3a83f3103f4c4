//! What a killmail is worth, its labels and its module tags: a pure function of mail, zkb block and static data.
//!
//! Where zKillboard and we both speak, the precedence is written in `docs/enrichment.md`. An id the static data does
//! not know is no error: what needs it is left out, and enriching again after the next static data adds it.

pub mod labels;
pub mod tags;
mod value;

#[cfg(test)]
mod tests;

use crate::catalogue::Catalogue;
use crate::isk::Isk;
use crate::killmail::Killmail;
use crate::zkb::Zkb;

/// Where `isk_value` came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// The feed brought zKillboard's value.
    Zkb,
    /// Nothing is known; the API answers null.
    None,
}

impl ValueSource {
    /// The word for it in the API and in the database.
    pub fn name(self) -> &'static str {
        match self {
            ValueSource::Zkb => "zkb",
            ValueSource::None => "none",
        }
    }
}

/// All that noctis adds to a killmail.
#[derive(Clone, Debug, PartialEq)]
pub struct Enriched {
    pub isk_value: Option<Isk>,
    pub fitted_value: Option<Isk>,
    pub dropped_value: Option<Isk>,
    pub destroyed_value: Option<Isk>,
    pub value_source: ValueSource,
    /// zKillboard's; we compute none.
    pub points: Option<i32>,
    pub npc: bool,
    pub solo: bool,
    pub awox: bool,
    /// Sorted, each once, in zKillboard's strings and ours.
    pub labels: Vec<String>,
    /// Sorted, each once.
    pub module_tags: Vec<String>,
}

/// Enriches one killmail, in some microseconds.
pub fn enrich(killmail: &Killmail, zkb: Option<&Zkb>, catalogue: &Catalogue) -> Enriched {
    let value = value::of(zkb);
    let flags = labels::Flags::of(killmail, zkb, catalogue);
    Enriched {
        isk_value: value.total,
        fitted_value: value.fitted,
        dropped_value: value.dropped,
        destroyed_value: value.destroyed,
        value_source: value.source,
        points: zkb.and_then(|zkb| zkb.points),
        npc: flags.npc,
        solo: flags.solo,
        awox: flags.awox,
        labels: labels::of(killmail, zkb, flags, catalogue),
        module_tags: tags::of(&killmail.victim, catalogue),
    }
}
