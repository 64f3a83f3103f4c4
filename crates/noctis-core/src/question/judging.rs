//! Whether a kill is one that a question means, told from as much of it as has been read.
//!
//! A kill is read in stages, the cheap ones first. After each the verdict is yes, no, or not known yet, and only who is
//! not known yet is read on. What is said here means what `noctis-store`'s composed SQL means.

mod check;
#[cfg(test)]
mod tests;
mod traces;

use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::isk::Isk;
use crate::killmail::Item;

use super::condition::{Condition, Field};
use check::Check;
pub use traces::Trace;

/// What can be read of a kill by itself, in the order of what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Columns of `killmails_raw` but the payload.
    Mail,
    /// Columns of `killmails_enriched`.
    Enriched,
    /// Rows of `killmail_participants`.
    Participants,
    /// The body, for its items.
    Payload,
}

impl Stage {
    pub const ALL: [Stage; 4] = [Stage::Mail, Stage::Enriched, Stage::Participants, Stage::Payload];
}

/// What has been read of a kill. Of a stage that was read, the columns that [`Judge::columns`] does not name may hold
/// anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    pub killmail_id: i64,
    pub mail: Option<Mail<'a>>,
    pub enriched: Option<Enriched<'a>>,
    pub participants: Option<&'a [Participant]>,
    /// What the victim carried, as on the mail.
    pub items: Option<&'a [Item]>,
}

/// Where it happened, what was lost, and how many did it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mail<'a> {
    pub system_id: i64,
    pub ship_type_id: i64,
    pub war_id: Option<i64>,
    pub attacker_count: i64,
    pub player_count: i64,
    /// Containers' contents included.
    pub item_type_ids: &'a [i32],
}

/// What was concluded of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Enriched<'a> {
    pub npc: bool,
    pub solo: bool,
    pub awox: bool,
    pub points: Option<i64>,
    pub isk_value: Option<Isk>,
    pub fitted_value: Option<Isk>,
    pub dropped_value: Option<Isk>,
    pub destroyed_value: Option<Isk>,
    /// The name of a [`ValueSource`](crate::enrich::ValueSource).
    pub value_source: &'a str,
    pub labels: &'a [&'a str],
    pub module_tags: &'a [&'a str],
}

/// Somebody on the mail: ordinal 0 is the victim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Participant {
    pub ordinal: i32,
    pub character_id: Option<i64>,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub ship_type_id: Option<i64>,
    pub weapon_type_id: Option<i64>,
    /// Of no more than one.
    pub final_blow: bool,
}

/// A condition made ready to be asked of many kills: what the catalogue knows has been looked up.
#[derive(Clone, Debug)]
pub struct Judge {
    demand: Demand,
    traces: Vec<Vec<Trace>>,
}

#[derive(Clone, Debug)]
enum Demand {
    All(Vec<Demand>),
    Any(Vec<Demand>),
    Not(Box<Demand>),
    Is(Check),
}

impl Judge {
    #[must_use]
    pub fn new(condition: &Condition, catalogue: &Catalogue) -> Judge {
        let demand = Demand::new(condition, catalogue);
        let traces = traces::of(&demand);
        Judge { demand, traces }
    }

    /// Whether the kill is meant; none where what is known of it does not tell.
    #[must_use]
    pub fn verdict(&self, known: &Known<'_>) -> Option<bool> {
        self.demand.verdict(known)
    }

    /// The columns of a stage that the verdict may hang on, by their names in the tables; the ordinal of participants
    /// among them.
    #[must_use]
    pub fn columns(&self, stage: Stage) -> BTreeSet<&'static str> {
        let mut columns = BTreeSet::new();
        self.demand.each(&mut |check| {
            for (of, column) in check.columns() {
                if of == stage {
                    columns.insert(column);
                }
            }
        });
        columns
    }

    /// What every kill that is meant leaves in columns: of each list one trace at least. Where one list leaves none in
    /// a range of rows, no kill of it is meant.
    #[must_use]
    pub fn traces(&self) -> &[Vec<Trace>] {
        &self.traces
    }
}

impl Demand {
    fn new(condition: &Condition, catalogue: &Catalogue) -> Demand {
        let all = |parts: &[Condition]| {
            parts.iter().map(|part| Demand::new(part, catalogue)).collect::<Vec<_>>()
        };
        match condition {
            Condition::All(parts) => Demand::All(all(parts)),
            Condition::Any(parts) => Demand::Any(all(parts)),
            Condition::Not(inner) => Demand::Not(Box::new(Demand::new(inner, catalogue))),
            Condition::Is(fact) => Demand::Is(Check::new(fact, catalogue)),
        }
    }

    fn verdict(&self, known: &Known<'_>) -> Option<bool> {
        match self {
            Demand::Is(check) => check.verdict(known),
            Demand::Not(inner) => inner.verdict(known).map(|is| !is),
            Demand::All(parts) => of_several(parts, known, false),
            Demand::Any(parts) => of_several(parts, known, true),
        }
    }

    fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Check)) {
        match self {
            Demand::Is(check) => visit(check),
            Demand::Not(inner) => inner.each(visit),
            Demand::All(parts) | Demand::Any(parts) => {
                parts.iter().for_each(|part| part.each(visit));
            }
        }
    }
}

/// One that is `decisive` decides; the opposite takes all of them.
fn of_several(parts: &[Demand], known: &Known<'_>, decisive: bool) -> Option<bool> {
    let mut verdict = Some(!decisive);
    for part in parts {
        match part.verdict(known) {
            Some(is) if is == decisive => return Some(decisive),
            Some(_) => {}
            None => verdict = None,
        }
    }
    verdict
}

impl Participant {
    fn id(&self, field: Field) -> Option<i64> {
        match field {
            Field::Character => self.character_id,
            Field::Corporation => self.corporation_id,
            Field::Alliance => self.alliance_id,
            Field::Faction => self.faction_id,
            // A group is asked by its types.
            Field::ShipType | Field::ShipGroup => self.ship_type_id,
            Field::WeaponType => self.weapon_type_id,
        }
    }
}
