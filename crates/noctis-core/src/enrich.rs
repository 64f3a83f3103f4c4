//! What a killmail is worth, its labels and its module tags: a pure function of mail, zkb block and static data.

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

/// All that noctis adds to a killmail.
#[derive(Clone, Debug, PartialEq)]
pub struct Enriched {
    pub isk_value: Option<Isk>,
    pub fitted_value: Option<Isk>,
    pub dropped_value: Option<Isk>,
    pub destroyed_value: Option<Isk>,
    pub value_source: ValueSource,
    pub points: Option<i32>,
    pub npc: bool,
    pub solo: bool,
    pub awox: bool,
    /// Sorted, each once, in zKillboard's strings and ours.
    pub labels: Vec<String>,
    /// Sorted, each once.
    pub module_tags: Vec<String>,
}

pub fn enrich(killmail: &Killmail, zkb: Option<&Zkb>, catalogue: &Catalogue) -> Enriched {
    let _ = (killmail, zkb, catalogue);
    unimplemented!("written next")
}
