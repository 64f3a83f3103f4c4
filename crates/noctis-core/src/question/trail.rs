//! Whose presence, and which traces, tell in which months the kills of a question can be.
//!
//! Ships and places are followed by the types and systems themselves, which stand on the mail: what belongs to a group or
//! to a constellation may have been another when the kill was counted.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::about::Side;
use super::condition::{Condition, Fact, Field, Party, Role, Trait};
use crate::catalogue::Catalogue;
use crate::presence::{Entity, Kind, Trace};

/// Entities or traces of one list. A longer list is of so much that it says little of when; it is not followed.
pub const TRAIL_ENTITIES_MAX: usize = 64;

/// Months are looked up for each list of entities, and put together as the question puts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trail {
    /// A kill that is meant has one of these on this side.
    Of(Vec<Entity>, Side),
    /// A kill that is meant has one of these.
    Having(Vec<Trace>),
    All(Vec<Trail>),
    Any(Vec<Trail>),
}

/// Entities of which one has to be on the mail, or traces of which it has to have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List<'a> {
    Entities(&'a [Entity], Side),
    Traces(&'a [Trace]),
}

impl Trail {
    /// The trail of a condition. None where it names nobody by whom to go.
    #[must_use]
    pub fn of(condition: &Condition, catalogue: &Catalogue) -> Option<Trail> {
        match condition {
            Condition::Not(_) => None,
            Condition::Is(fact) => of_fact(fact, catalogue),
            // What has to hold besides only makes them fewer.
            Condition::All(parts) => {
                let known = parts.iter().filter_map(|part| Trail::of(part, catalogue));
                several(known.collect(), Trail::All)
            }
            // One that can be anywhere is enough for all to be anywhere.
            Condition::Any(parts) => {
                let known: Option<Vec<Trail>> =
                    parts.iter().map(|part| Trail::of(part, catalogue)).collect();
                several(known?, Trail::Any)
            }
        }
    }

    /// What months are looked up for, in an order that [`months`](Trail::months) keeps to.
    #[must_use]
    pub fn lists(&self) -> Vec<List<'_>> {
        match self {
            Trail::Of(entities, side) => vec![List::Entities(entities, *side)],
            Trail::Having(traces) => vec![List::Traces(traces)],
            Trail::All(parts) | Trail::Any(parts) => parts.iter().flat_map(Trail::lists).collect(),
        }
    }

    /// The months in which there can be kills, of those in which something of each list is.
    #[must_use]
    pub fn months(&self, of_lists: &[BTreeSet<Date>]) -> BTreeSet<Date> {
        let mut rest = of_lists;
        self.put_together(&mut rest)
    }

    fn put_together(&self, rest: &mut &[BTreeSet<Date>]) -> BTreeSet<Date> {
        match self {
            Trail::Of(..) | Trail::Having(_) => {
                let (first, others) = rest.split_first().expect("there are months for each list");
                *rest = others;
                first.clone()
            }
            Trail::All(parts) => {
                let months = parts.iter().map(|part| part.put_together(rest));
                months.reduce(|one, other| &one & &other).unwrap_or_default()
            }
            Trail::Any(parts) => parts.iter().flat_map(|part| part.put_together(rest)).collect(),
        }
    }
}

fn several(mut parts: Vec<Trail>, many: fn(Vec<Trail>) -> Trail) -> Option<Trail> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(many(parts)),
    }
}

fn of_fact(fact: &Fact, catalogue: &Catalogue) -> Option<Trail> {
    match fact {
        Fact::System(ids) => list(Kind::System, ids.iter().copied(), Side::Kills),
        Fact::Constellation(ids) => {
            let within = catalogue.systems.iter().filter(|row| ids.contains(&row.constellation_id));
            list(Kind::System, within.map(|row| row.system_id), Side::Kills)
        }
        Fact::Party(party) => {
            let traits = party.traits.iter().filter(|one| one.wanted);
            several(traits.filter_map(|one| of_trait(party, one, catalogue)).collect(), Trail::All)
        }
        Fact::Item(_, ids) => having(ids.iter().map(|id| Trace::Item(*id)).collect()),
        Fact::Label(words) => having(words.iter().cloned().map(Trace::Label).collect()),
        Fact::ModuleTag(words) => having(words.iter().cloned().map(Trace::ModuleTag).collect()),
        // A region is hardly ever without a kill for a month.
        Fact::Region(_)
        | Fact::Killmail(_)
        | Fact::Security(_)
        | Fact::War(_)
        | Fact::ValueSource(_)
        | Fact::Value(..)
        | Fact::Count(..)
        | Fact::Flag(_) => None,
    }
}

fn of_trait(party: &Party, one: &Trait, catalogue: &Catalogue) -> Option<Trail> {
    let side = match party.role {
        Role::Victim => Side::Losses,
        Role::Attacker | Role::FinalBlow => Side::Kills,
        Role::Any => Side::Both,
    };
    let ids = one.ids.iter().copied();
    match one.field {
        Field::Character => list(Kind::Character, ids, side),
        Field::Corporation => list(Kind::Corporation, ids, side),
        Field::Alliance => list(Kind::Alliance, ids, side),
        Field::ShipType => list(Kind::ShipType, ids, side),
        Field::ShipGroup => {
            let types = catalogue.types.iter().filter(|row| one.ids.contains(&row.group_id));
            list(Kind::ShipType, types.map(|row| row.type_id), side)
        }
        Field::Faction | Field::WeaponType => None,
    }
}

fn list(kind: Kind, ids: impl Iterator<Item = i64>, side: Side) -> Option<Trail> {
    let entities: Vec<Entity> =
        ids.take(TRAIL_ENTITIES_MAX + 1).map(|id| Entity { kind, id }).collect();
    (entities.len() <= TRAIL_ENTITIES_MAX).then_some(Trail::Of(entities, side))
}

fn having(traces: Vec<Trace>) -> Option<Trail> {
    (traces.len() <= TRAIL_ENTITIES_MAX).then_some(Trail::Having(traces))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::question::{People, parse};

    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::parse(&noctis_sde::text()).unwrap());

    fn trail(query: &str) -> Option<Trail> {
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
        let pairs: Vec<(String, String)> =
            pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let question = parse(&pairs, &CATALOGUE, &People::default(), now).unwrap();
        Trail::of(&question.condition, &CATALOGUE)
    }

    fn of(kind: Kind, id: i64, side: Side) -> Trail {
        Trail::Of(vec![Entity { kind, id }], side)
    }

    #[test]
    fn who_has_to_be_on_a_mail_leads_and_who_may_be_does_not() {
        let pilot = of(Kind::Character, 5, Side::Losses);
        assert_eq!(trail("victim.character_id=5"), Some(pilot.clone()));
        assert_eq!(trail("victim.character_id=5&npc=true&min_value=5"), Some(pilot.clone()));
        let there = of(Kind::System, 30_000_142, Side::Kills);
        let both = Trail::All(vec![pilot.clone(), there]);
        assert_eq!(trail("victim.character_id=5&system=Jita"), Some(both));
        let own = Trail::All(vec![
            of(Kind::Alliance, 7, Side::Kills),
            of(Kind::ShipType, 670, Side::Kills),
        ]);
        let same = "attacker.alliance_id=7&attacker.ship_type_id=670&same_attacker=true";
        assert_eq!(trail(same), Some(own));
        for anywhere in
            ["victim.character_id=-5", "npc=true", "region=Delve", "any.faction_id=500001"]
        {
            assert_eq!(trail(anywhere), None, "{anywhere}");
        }
        // A mail has all the tags that are asked for.
        let tags = ["Officer Fit", "T2 Guns"]
            .map(|tag| Trail::Having(vec![Trace::ModuleTag(tag.to_owned())]));
        assert_eq!(trail("module_tags=T2 Guns,Officer Fit"), Some(Trail::All(tags.to_vec())));
        let item = Trail::Having(vec![Trace::Item(2_048)]);
        assert_eq!(trail("dropped.item_type_id=2048&victim.character_id=5"), {
            Some(Trail::All(vec![item, pilot]))
        });
        let label = Trail::Having(vec![Trace::Label("isk:1t+".to_owned())]);
        assert_eq!(trail("labels=isk:1t+&module_tags=-T2 Guns"), Some(label));
        let Some(Trail::Of(pods, Side::Losses)) = trail("ship_group=Capsule") else { panic!() };
        assert!(pods.contains(&Entity { kind: Kind::ShipType, id: 670 }));
    }

    #[test]
    fn one_of_two_that_can_be_anywhere_leads_nowhere() {
        let any = |parts: &[&str]| {
            let mut all = Vec::new();
            for part in parts {
                let (key, id) = part.split_once('=').unwrap();
                let value = id.parse::<i64>().unwrap();
                all.push(match key {
                    "war" => Condition::Is(Fact::War(vec![value])),
                    _ => Condition::Is(Fact::System(vec![value])),
                });
            }
            Trail::of(&Condition::Any(all), &CATALOGUE)
        };
        assert_eq!(any(&["system=1", "war=2"]), None);
        let either = [of(Kind::System, 1, Side::Kills), of(Kind::System, 2, Side::Kills)];
        assert_eq!(any(&["system=1", "system=2"]), Some(Trail::Any(either.to_vec())));
        let many = (0..65).collect();
        assert_eq!(Trail::of(&Condition::Is(Fact::System(many)), &CATALOGUE), None);
    }

    #[test]
    fn months_are_put_together_as_the_question_is() {
        let day = |month| jiff::civil::date(2026, month, 1);
        let months = |months: &[i8]| months.iter().map(|month| day(*month)).collect();
        let leaf = |id| of(Kind::System, id, Side::Kills);
        let trail = Trail::All(vec![leaf(1), Trail::Any(vec![leaf(2), leaf(3)])]);
        assert_eq!(trail.lists().len(), 3);
        let found = trail.months(&[months(&[1, 2, 3]), months(&[2]), months(&[3, 4])]);
        assert_eq!(found, months(&[2, 3]));
    }
}
