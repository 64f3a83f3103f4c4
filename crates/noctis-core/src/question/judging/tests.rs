//! Verdicts against a plain reading of the whole kill, and that a verdict, once given, stays.

use proptest::prelude::*;

use super::*;
use crate::enrich::ValueSource;
use crate::partition::Member;
use crate::question::condition::{Amount, Bound, Carried, Count, Fact, Flag, Party, Role, Trait};

/// A kill with everything about it.
#[derive(Clone, Debug)]
struct Kill {
    id: i64,
    mail: (i64, i64, Option<i64>, i64),
    item_type_ids: Vec<i32>,
    points: Option<i64>,
    value: Option<Isk>,
    solo: bool,
    labels: Vec<&'static str>,
    participants: Vec<Participant>,
    items: Vec<Item>,
}

impl Kill {
    fn known<'a>(&'a self, stages: &[Stage]) -> Known<'a> {
        let (system_id, ship_type_id, war_id, attacker_count) = self.mail;
        let item_type_ids = &self.item_type_ids;
        let player_count = attacker_count;
        let mail =
            Mail { system_id, ship_type_id, war_id, attacker_count, player_count, item_type_ids };
        let enriched = Enriched {
            solo: self.solo,
            points: self.points,
            isk_value: self.value,
            value_source: if self.value.is_some() { "own" } else { "none" },
            labels: &self.labels,
            module_tags: &self.labels,
            ..Enriched::default()
        };
        let has = |stage| stages.contains(&stage);
        Known {
            killmail_id: self.id,
            mail: has(Stage::Mail).then_some(mail),
            enriched: has(Stage::Enriched).then_some(enriched),
            participants: has(Stage::Participants).then_some(self.participants.as_slice()),
            items: has(Stage::Payload).then_some(self.items.as_slice()),
        }
    }

    /// The same, written down plainly.
    fn is(&self, condition: &Condition) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.is(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.is(part)),
            Condition::Not(inner) => !self.is(inner),
            Condition::Is(fact) => self.has(fact),
        }
    }

    fn has(&self, fact: &Fact) -> bool {
        let some = |id: Option<i64>, ids: &[i64]| id.is_some_and(|id| ids.contains(&id));
        match fact {
            Fact::Killmail(ids) => ids.contains(&self.id),
            Fact::System(ids) => ids.contains(&self.mail.0),
            Fact::War(ids) => some(self.mail.2, ids),
            Fact::Party(Party { role, traits }) => self.participants.iter().any(|one| {
                let plays = match role {
                    Role::Victim => one.ordinal == 0,
                    Role::Attacker => one.ordinal != 0,
                    Role::FinalBlow => one.final_blow,
                    Role::Any => true,
                };
                let fits = |it: &Trait| {
                    let id = match it.field {
                        Field::Character => one.character_id,
                        Field::Alliance => one.alliance_id,
                        Field::ShipType => one.ship_type_id,
                        _ => unreachable!("not made below"),
                    };
                    some(id, &it.ids) == it.wanted
                };
                plays && traits.iter().all(fits)
            }),
            Fact::Item(carried, ids) => all_items(&self.items).iter().any(|(item, outermost)| {
                let how = match carried {
                    Carried::Anyhow => true,
                    Carried::Fitted => *outermost && item.flag == 27,
                    Carried::Dropped => item.quantity_dropped > Some(0),
                };
                how && ids.contains(&item.item_type_id)
            }),
            Fact::Label(words) | Fact::ModuleTag(words) => {
                words.iter().any(|word| self.labels.contains(&word.as_str()))
            }
            Fact::ValueSource(sources) => sources.contains(&match self.value {
                Some(_) => ValueSource::Own,
                None => ValueSource::None,
            }),
            Fact::Value(_, Bound::Min(least)) => self.value.is_some_and(|value| value >= *least),
            Fact::Value(_, Bound::Max(most)) => self.value.is_some_and(|value| value <= *most),
            Fact::Count(Count::Points, Bound::Min(least)) => self.points >= Some(*least),
            Fact::Count(Count::Points, Bound::Max(most)) => {
                self.points.is_some_and(|points| points <= *most)
            }
            Fact::Count(_, Bound::Min(least)) => self.mail.3 >= *least,
            Fact::Count(_, Bound::Max(most)) => self.mail.3 <= *most,
            Fact::Flag(_) => self.solo,
            Fact::Constellation(_) | Fact::Region(_) | Fact::Security(_) => {
                unreachable!("not made below")
            }
        }
    }
}

/// Each stack, and whether it lies in no container.
fn all_items(items: &[Item]) -> Vec<(&Item, bool)> {
    let mut all = Vec::new();
    for item in items {
        all.push((item, true));
        all.extend(all_items(&item.items).into_iter().map(|(one, _)| (one, false)));
    }
    all
}

fn ids() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(1..6_i64, 1..3)
}

fn fact() -> impl Strategy<Value = Fact> {
    let role =
        || prop::sample::select(vec![Role::Victim, Role::Attacker, Role::FinalBlow, Role::Any]);
    let field = prop::sample::select(vec![Field::Character, Field::Alliance, Field::ShipType]);
    let one = (field, ids(), any::<bool>());
    let one = one.prop_map(|(field, ids, wanted)| Trait { field, ids, wanted });
    let words = || prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..3);
    let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let bound = || (any::<bool>(), 0..4_i64);
    let count = prop::sample::select(vec![Count::Attackers, Count::Players, Count::Points]);
    prop_oneof![
        ids().prop_map(Fact::Killmail),
        ids().prop_map(Fact::System),
        ids().prop_map(Fact::War),
        (role(), prop::collection::vec(one, 1..3))
            .prop_map(|(role, traits)| Fact::Party(Party { role, traits })),
        (carried(), ids()).prop_map(|(carried, ids)| Fact::Item(carried, ids)),
        words().prop_map(move |words| Fact::Label(owned(words))),
        words().prop_map(move |words| Fact::ModuleTag(owned(words))),
        prop::sample::select(vec![ValueSource::Own, ValueSource::None])
            .prop_map(|source| Fact::ValueSource(vec![source])),
        bound().prop_map(|(is_min, isk)| {
            Fact::Value(Amount::Total, made(is_min, Isk::new(isk.into()).unwrap()))
        }),
        (count, bound())
            .prop_map(|(count, (is_min, number))| { Fact::Count(count, made(is_min, number)) }),
        Just(Fact::Flag(Flag::Solo)),
    ]
}

fn carried() -> impl Strategy<Value = Carried> {
    prop::sample::select(vec![Carried::Anyhow, Carried::Fitted, Carried::Dropped])
}

fn made<T>(is_min: bool, number: T) -> Bound<T> {
    if is_min { Bound::Min(number) } else { Bound::Max(number) }
}

fn condition() -> impl Strategy<Value = Condition> {
    fact().prop_map(Condition::Is).prop_recursive(3, 12, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            several.clone().prop_map(Condition::All),
            several.prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn item() -> impl Strategy<Value = Item> {
    let leaf = (1..6_i64, prop::sample::select(vec![5_i64, 27]), prop::option::of(0..2_i64));
    let leaf = leaf.prop_map(|(item_type_id, flag, quantity_dropped)| Item {
        item_type_id,
        flag,
        singleton: 0,
        quantity_destroyed: None,
        quantity_dropped,
        items: Vec::new(),
    });
    leaf.prop_recursive(1, 4, 2, |inner| {
        (inner.clone(), prop::collection::vec(inner, 0..2))
            .prop_map(|(outer, items)| Item { items, ..outer })
    })
}

fn kill() -> impl Strategy<Value = Kill> {
    let maybe = || prop::option::of(1..6_i64);
    let party = (maybe(), maybe(), maybe());
    let mail = (1..6_i64, maybe(), 0..4_i64);
    let words = prop::sample::subsequence(vec!["a", "b", "c"], 0..3);
    let concluded = (prop::option::of(0..4_i64), prop::option::of(0..4_i64), any::<bool>(), words);
    let parties = prop::collection::vec(party, 2..4);
    let items = prop::collection::vec(item(), 0..3);
    (1..6_i64, mail, concluded, parties, items).prop_map(|(id, mail, concluded, parties, items)| {
        let (points, value, solo, labels) = concluded;
        let mut participants: Vec<Participant> = parties
            .into_iter()
            .zip(0..)
            .map(|((character_id, alliance_id, ship_type_id), ordinal)| Participant {
                ordinal,
                character_id,
                alliance_id,
                ship_type_id,
                final_blow: ordinal == 1,
                ..Participant::default()
            })
            .collect();
        // The victim's ship stands in both places.
        participants[0].ship_type_id = Some(mail.0);
        let types = all_items(&items);
        let item_type_ids =
            types.iter().map(|(item, _)| i32::try_from(item.item_type_id).unwrap()).collect();
        let value = value.map(|value| Isk::new(value.into()).unwrap());
        let mail = (mail.0, mail.0, mail.1, mail.2);
        Kill { id, mail, item_type_ids, points, value, solo, labels, participants, items }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_known_in_full_is_judged_as_it_reads(condition in condition(), kill in kill()) {
        let judge = Judge::new(&condition, &Catalogue::default());
        let verdict = judge.verdict(&kill.known(&Stage::ALL));
        prop_assert_eq!(verdict, Some(kill.is(&condition)));
        let normalised = Judge::new(&condition.normalised(), &Catalogue::default());
        prop_assert_eq!(normalised.verdict(&kill.known(&Stage::ALL)), verdict);
    }

    #[test]
    fn a_verdict_stays_whatever_is_read_on(condition in condition(), kill in kill()) {
        let judge = Judge::new(&condition, &Catalogue::default());
        let mut given = None;
        for read in 0..=Stage::ALL.len() {
            let verdict = judge.verdict(&kill.known(&Stage::ALL[..read]));
            prop_assert!(given.is_none() || verdict == given);
            given = verdict;
        }
        prop_assert!(given.is_some());
    }

    #[test]
    fn a_stage_without_a_column_tells_nothing_more(condition in condition(), kill in kill()) {
        let judge = Judge::new(&condition, &Catalogue::default());
        let needed: Vec<Stage> =
            Stage::ALL.into_iter().filter(|stage| !judge.columns(*stage).is_empty()).collect();
        prop_assert!(judge.verdict(&kill.known(&needed)).is_some());
    }

    #[test]
    fn every_kill_that_is_meant_leaves_its_traces(condition in condition(), kill in kill()) {
        let judge = Judge::new(&condition, &Catalogue::default());
        let left = |trace: &Trace| {
            let has = |id: Option<i64>| id.is_some_and(|id| trace.ids.contains(&id));
            let anybody = |of: fn(&Participant) -> Option<i64>| {
                kill.participants.iter().any(|one| has(of(one)))
            };
            match (trace.member, trace.column) {
                (Member::Raw, "killmail_id") => has(Some(kill.id)),
                (Member::Raw, "system_id") => has(Some(kill.mail.0)),
                (Member::Raw, "ship_type_id") => has(Some(kill.mail.1)),
                (Member::Raw, "war_id") => has(kill.mail.2),
                (Member::Raw, "item_type_ids") => {
                    kill.item_type_ids.iter().any(|id| has(Some((*id).into())))
                }
                (Member::Participants, "character_id") => anybody(|one| one.character_id),
                (Member::Participants, "alliance_id") => anybody(|one| one.alliance_id),
                (Member::Participants, "ship_type_id") => anybody(|one| one.ship_type_id),
                other => unreachable!("{other:?}"),
            }
        };
        if kill.is(&condition) {
            prop_assert!(judge.traces().iter().all(|list| list.iter().any(left)));
        }
    }
}

#[test]
fn places_and_groups_are_looked_up() {
    let text = noctis_sde::text();
    let catalogue = Catalogue::parse(&text).unwrap();
    let jita = 30_000_142;
    let region = catalogue.systems.get(jita).unwrap().region_id;
    let capsule = 670;
    let group = catalogue.types.get(capsule).unwrap().group_id;
    let traits = vec![Trait { field: Field::ShipGroup, ids: vec![group], wanted: true }];
    let condition = Condition::All(vec![
        Condition::Is(Fact::Region(vec![region])),
        Condition::Is(Fact::Security(vec![crate::catalogue::Band::Highsec])),
        Condition::Is(Fact::Party(Party { role: Role::Victim, traits })),
    ]);
    let judge = Judge::new(&condition, &catalogue);
    let mail = Mail { system_id: jita, ship_type_id: capsule, ..Mail::default() };
    let known = Known { mail: Some(mail), ..Known::default() };
    assert_eq!(judge.verdict(&known), Some(true));
    let other = Mail { ship_type_id: 587, ..mail };
    assert_eq!(judge.verdict(&Known { mail: Some(other), ..known }), Some(false));
    assert!(judge.columns(Stage::Participants).is_empty(), "the mail says what was lost");
}
