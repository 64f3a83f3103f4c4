//! What a killmail is worth, its labels and its module tags: a pure function of mail, zkb block and static data.
//!
//! Where zKillboard and we both speak, the precedence is written in `docs/enrichment.md`. An id the static data does
//! not know is no error: what needs it is left out, and enriching again after the next static data adds it.

mod fitted;
pub mod labels;
pub mod prices;
pub mod tags;
mod value;

pub use value::{item_price, priced_types};

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::catalogue::Catalogue;
use crate::enrich::prices::{Prefer, PriceBook};
use crate::isk::Isk;
use crate::killmail::Killmail;
use crate::zkb::Zkb;

/// Where `isk_value` came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// The feed brought zKillboard's value.
    Zkb,
    /// Hull and items at the prices of the day, as [`OwnValue`] says.
    Own,
    /// Nothing is known; the API answers null.
    None,
}

impl ValueSource {
    /// The word for it in the API and in the database.
    pub fn name(self) -> &'static str {
        match self {
            ValueSource::Zkb => "zkb",
            ValueSource::Own => "own",
            ValueSource::None => "none",
        }
    }
}

/// What a killmail is enriched from besides itself and its zkb block.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    pub catalogue: &'a Catalogue,
    /// The prices of the kill's types on its day; empty where none are known.
    pub prices: &'a PriceBook,
    pub prefer: Prefer,
}

impl<'a> Sources<'a> {
    /// Static data alone: then no kill has a value of our own, but an empty capsule.
    pub fn without_prices(catalogue: &'a Catalogue) -> Sources<'a> {
        static NO_PRICES: LazyLock<PriceBook> = LazyLock::new(PriceBook::default);
        Sources { catalogue, prices: &NO_PRICES, prefer: Prefer::Zkb }
    }
}

/// What hull and items were worth at the prices of the day. `total` is `dropped` and `destroyed` together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnValue {
    pub total: Isk,
    /// Of what lay in a slot, loaded charges with it, the hull, drones and implants not.
    pub fitted: Isk,
    pub dropped: Isk,
    /// The hull counts as destroyed.
    pub destroyed: Isk,
    /// Types, each once, that have no price and count nothing.
    pub unpriced_count: u32,
    /// The day whose prices were taken: the kill's, in UTC.
    pub price_date: Date,
}

/// All that noctis adds to a killmail.
#[derive(Clone, Debug, PartialEq)]
pub struct Enriched {
    pub isk_value: Option<Isk>,
    pub fitted_value: Option<Isk>,
    pub dropped_value: Option<Isk>,
    pub destroyed_value: Option<Isk>,
    pub value_source: ValueSource,
    /// Kept beside zKillboard's, whichever of them is `isk_value`. None where no price is known.
    pub own: Option<OwnValue>,
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

/// Enriches one killmail, in some ten microseconds.
pub fn enrich(killmail: &Killmail, zkb: Option<&Zkb>, sources: &Sources<'_>) -> Enriched {
    let catalogue = sources.catalogue;
    let own = value::own(killmail, catalogue, sources.prices);
    let value = value::choose(zkb, own.as_ref(), sources.prefer);
    let flags = labels::Flags::of(killmail, zkb, catalogue);
    Enriched {
        isk_value: value.total,
        fitted_value: value.fitted,
        dropped_value: value.dropped,
        destroyed_value: value.destroyed,
        value_source: value.source,
        own,
        points: zkb.and_then(|zkb| zkb.points),
        npc: flags.npc,
        solo: flags.solo,
        awox: flags.awox,
        labels: labels::of(killmail, zkb, labels::Known { flags, value: &value }, catalogue),
        module_tags: tags::of(killmail, catalogue),
    }
}
