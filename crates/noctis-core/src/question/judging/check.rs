//! One fact made ready, and the columns it is read from.

use std::collections::HashSet;

use crate::catalogue::{Band, Catalogue, System};
use crate::isk::Isk;
use crate::killmail::Item;
use crate::question::condition::{
    Amount, Bound, Carried, Count, Fact, Field, Flag, Party, Role, Trait,
};

use super::{Enriched, Known, Mail, Participant, Stage};

/// Ids to look for, sorted.
#[derive(Clone, Debug)]
pub(super) struct Ids(Vec<i64>);

impl Ids {
    fn new(ids: impl IntoIterator<Item = i64>) -> Ids {
        let mut ids: Vec<i64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Ids(ids)
    }

    pub(super) fn has(&self, id: i64) -> bool {
        match self.0.as_slice() {
            [only] => *only == id,
            several => several.binary_search(&id).is_ok(),
        }
    }

    pub(super) fn all(&self) -> &[i64] {
        &self.0
    }
}

/// A fact whose places and groups are ids.
#[derive(Clone, Debug)]
pub(super) enum Check {
    Killmail(Ids),
    System(Ids),
    /// The victim's ship stands on the mail itself.
    Lost(Ids),
    War(Ids),
    /// One participant in this role has each trait: the field, the ids, and whether it shall be one of them.
    Party(Role, Vec<(Field, Ids, bool)>),
    Item(Carried, Ids),
    Label(Vec<String>),
    ModuleTag(Vec<String>),
    ValueSource(Vec<&'static str>),
    Value(Amount, Bound<Isk>),
    Count(Count, Bound<i64>),
    Flag(Flag),
}

impl Check {
    pub(super) fn new(fact: &Fact, catalogue: &Catalogue) -> Check {
        let systems = |within: &dyn Fn(&System) -> bool| {
            let systems = catalogue.systems.iter().filter(|system| within(system));
            Check::System(Ids::new(systems.map(|system| system.system_id)))
        };
        let ids = |ids: &[i64]| Ids::new(ids.iter().copied());
        match fact {
            Fact::Killmail(all) => Check::Killmail(ids(all)),
            Fact::System(all) => Check::System(ids(all)),
            Fact::Constellation(all) => {
                let wanted = ids(all);
                systems(&|system| wanted.has(system.constellation_id))
            }
            Fact::Region(all) => {
                let wanted = ids(all);
                systems(&|system| wanted.has(system.region_id))
            }
            Fact::Security(bands) => {
                systems(&|system| Band::of(system).is_some_and(|band| bands.contains(&band)))
            }
            Fact::War(all) => Check::War(ids(all)),
            Fact::Party(party) => Check::party(party, catalogue),
            Fact::Item(carried, all) => Check::Item(*carried, ids(all)),
            Fact::Label(words) => Check::Label(words.clone()),
            Fact::ModuleTag(words) => Check::ModuleTag(words.clone()),
            Fact::ValueSource(sources) => {
                Check::ValueSource(sources.iter().map(|source| source.name()).collect())
            }
            Fact::Value(amount, bound) => Check::Value(*amount, *bound),
            Fact::Count(count, bound) => Check::Count(*count, *bound),
            Fact::Flag(flag) => Check::Flag(*flag),
        }
    }

    fn party(party: &Party, catalogue: &Catalogue) -> Check {
        let ids = |one: &Trait| match one.field {
            Field::ShipGroup => {
                let groups: HashSet<i64> = one.ids.iter().copied().collect();
                let types = catalogue.types.iter().filter(|row| groups.contains(&row.group_id));
                Ids::new(types.map(|row| row.type_id))
            }
            Field::Character
            | Field::Corporation
            | Field::Alliance
            | Field::Faction
            | Field::ShipType
            | Field::WeaponType => Ids::new(one.ids.iter().copied()),
        };
        let ship = matches!(
            party.traits.as_slice(),
            [Trait { field: Field::ShipType | Field::ShipGroup, wanted: true, .. }]
        );
        match party.role {
            Role::Victim if ship => Check::Lost(ids(&party.traits[0])),
            role => {
                let traits = party.traits.iter().map(|one| (one.field, ids(one), one.wanted));
                Check::Party(role, traits.collect())
            }
        }
    }

    pub(super) fn verdict(&self, known: &Known<'_>) -> Option<bool> {
        match self {
            Check::Killmail(ids) => Some(ids.has(known.killmail_id)),
            Check::System(ids) => known.mail.map(|mail| ids.has(mail.system_id)),
            Check::Lost(ids) => known.mail.map(|mail| ids.has(mail.ship_type_id)),
            Check::War(ids) => known.mail.map(|mail| mail.war_id.is_some_and(|id| ids.has(id))),
            Check::Party(role, traits) => {
                known.participants.map(|all| all.iter().any(|one| is(one, *role, traits)))
            }
            Check::Item(carried, types) => item(*carried, types, known),
            Check::Label(words) => known.enriched.map(|it| shares(it.labels, words)),
            Check::ModuleTag(words) => known.enriched.map(|it| shares(it.module_tags, words)),
            Check::ValueSource(sources) => {
                known.enriched.map(|it| sources.contains(&it.value_source))
            }
            Check::Value(amount, bound) => {
                known.enriched.map(|it| within(it.amount(*amount), *bound))
            }
            Check::Count(count, bound) => match count {
                Count::Attackers => known.mail.map(|it| within(Some(it.attacker_count), *bound)),
                Count::Players => known.mail.map(|it| within(Some(it.player_count), *bound)),
                Count::Points => known.enriched.map(|it| within(it.points, *bound)),
            },
            Check::Flag(flag) => known.enriched.map(|it| it.flag(*flag)),
        }
    }

    /// Where it is read from.
    pub(super) fn columns(&self) -> Vec<(Stage, &'static str)> {
        let (stage, column) = match self {
            Check::Killmail(_) => return Vec::new(),
            Check::System(_) => (Stage::Mail, "system_id"),
            Check::Lost(_) => (Stage::Mail, "ship_type_id"),
            Check::War(_) => (Stage::Mail, "war_id"),
            Check::Party(role, traits) => {
                let mut columns = vec![(Stage::Participants, "ordinal")];
                if *role == Role::FinalBlow {
                    columns.push((Stage::Participants, "final_blow"));
                }
                let fields = traits.iter().map(|(field, ..)| (Stage::Participants, column(*field)));
                columns.extend(fields);
                return columns;
            }
            Check::Item(Carried::Anyhow, _) => (Stage::Mail, "item_type_ids"),
            Check::Item(Carried::Fitted | Carried::Dropped, _) => {
                return vec![(Stage::Mail, "item_type_ids"), (Stage::Payload, "raw_payload")];
            }
            Check::Label(_) => (Stage::Enriched, "labels"),
            Check::ModuleTag(_) => (Stage::Enriched, "module_tags"),
            Check::ValueSource(_) => (Stage::Enriched, "value_source"),
            Check::Value(Amount::Total, _) => (Stage::Enriched, "isk_value"),
            Check::Value(Amount::Fitted, _) => (Stage::Enriched, "fitted_value"),
            Check::Value(Amount::Dropped, _) => (Stage::Enriched, "dropped_value"),
            Check::Value(Amount::Destroyed, _) => (Stage::Enriched, "destroyed_value"),
            Check::Count(Count::Attackers, _) => (Stage::Mail, "attacker_count"),
            Check::Count(Count::Players, _) => (Stage::Mail, "player_count"),
            Check::Count(Count::Points, _) => (Stage::Enriched, "points"),
            Check::Flag(Flag::Npc) => (Stage::Enriched, "npc"),
            Check::Flag(Flag::Solo) => (Stage::Enriched, "solo"),
            Check::Flag(Flag::Awox) => (Stage::Enriched, "awox"),
        };
        vec![(stage, column)]
    }
}

/// The column of participants that holds this.
pub(super) fn column(field: Field) -> &'static str {
    match field {
        Field::Character => "character_id",
        Field::Corporation => "corporation_id",
        Field::Alliance => "alliance_id",
        Field::Faction => "faction_id",
        Field::ShipType | Field::ShipGroup => "ship_type_id",
        Field::WeaponType => "weapon_type_id",
    }
}

fn is(one: &Participant, role: Role, traits: &[(Field, Ids, bool)]) -> bool {
    let plays = match role {
        Role::Victim => one.ordinal == 0,
        Role::Attacker => one.ordinal > 0,
        Role::FinalBlow => one.final_blow,
        Role::Any => true,
    };
    // Who has no id has none of those asked for.
    let has = |(field, ids, wanted): &(Field, Ids, bool)| {
        one.id(*field).is_some_and(|id| ids.has(id)) == *wanted
    };
    plays && traits.iter().all(has)
}

/// The mail's list of types says no without the body; yes only where it does not matter what became of the item.
fn item(carried: Carried, types: &Ids, known: &Known<'_>) -> Option<bool> {
    let Mail { item_type_ids, .. } = known.mail?;
    if !item_type_ids.iter().any(|id| types.has((*id).into())) {
        return Some(false);
    }
    match carried {
        Carried::Anyhow => Some(true),
        Carried::Fitted => known.items.map(|items| items.iter().any(|one| is_fitted(one, types))),
        Carried::Dropped => known.items.map(|items| has_dropped(items, types)),
    }
}

/// In a slot of the ship: high, mid and low, rigs, subsystems, services. What lies in a container is in none.
fn is_fitted(item: &Item, types: &Ids) -> bool {
    matches!(item.flag, 11..=34 | 92..=99 | 125..=132 | 164..=171) && types.has(item.item_type_id)
}

/// In containers too, which nest no deeper than the reader of mails allows.
fn has_dropped(items: &[Item], types: &Ids) -> bool {
    items.iter().any(|one| {
        let dropped = one.quantity_dropped.is_some_and(|quantity| quantity > 0);
        dropped && types.has(one.item_type_id) || has_dropped(&one.items, types)
    })
}

fn shares(words: &[&str], wanted: &[String]) -> bool {
    words.iter().any(|word| wanted.iter().any(|one| one == word))
}

/// What is not known is within no bound.
fn within<T: PartialOrd>(amount: Option<T>, bound: Bound<T>) -> bool {
    amount.is_some_and(|amount| match bound {
        Bound::Min(least) => amount >= least,
        Bound::Max(most) => amount <= most,
    })
}

impl Enriched<'_> {
    fn amount(&self, amount: Amount) -> Option<Isk> {
        match amount {
            Amount::Total => self.isk_value,
            Amount::Fitted => self.fitted_value,
            Amount::Dropped => self.dropped_value,
            Amount::Destroyed => self.destroyed_value,
        }
    }

    fn flag(&self, flag: Flag) -> bool {
        match flag {
            Flag::Npc => self.npc,
            Flag::Solo => self.solo,
            Flag::Awox => self.awox,
        }
    }
}
