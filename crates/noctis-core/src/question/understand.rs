//! What was written → what is meant: values are read, names looked up, keys become a tree of facts.

mod frame;
mod values;

use jiff::Timestamp;

use super::asked::{Group, Nested, Pair};
use super::condition::{Bound, Condition, Fact, Field, Party, Role, Trait};
use super::fault::Fault;
use super::key::{End, Form, Key, Place};
use super::people::{Kind, People};
use super::{Question, cursor};
use crate::catalogue::{Band, Catalogue, Row, Table};
use crate::enrich::ValueSource;
use values::{Choice, choose, id, names, one_of, read_one, single};

/// Tags of one key that all have to be there; no ship can carry as many.
const TAGS_MAX: usize = 64;

/// What understanding needs besides the words.
pub(super) struct Context<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) people: &'a People,
    pub(super) now: Timestamp,
}

pub(super) fn question(group: &Group, context: &Context<'_>) -> Result<Question, Fault> {
    let frame = frame::read(group, context.now)?;
    let condition = understand(group, &Outer { top: true, role: Role::Any }, context)?.normalised();
    let hash = frame::hash(&frame, &condition);
    let mut question = Question {
        from: frame.from.time,
        to: frame.to.time,
        condition,
        order: frame.order,
        limit: frame.limit,
        cursor: frame.cursor,
        fields: frame.fields,
        format: frame.format,
        hash,
    };
    cursor::adopt(&mut question)?;
    frame::check_span(&question, context.now)?;
    Ok(question)
}

/// What a group has from around it.
struct Outer {
    top: bool,
    /// The role that the outer group's `role` gave to keys without one.
    role: Role,
}

fn understand(group: &Group, outer: &Outer, context: &Context<'_>) -> Result<Condition, Fault> {
    refuse(group, outer)?;
    let role = read_one(group, Key::Role, values::role)?.unwrap_or(outer.role);
    let same_attacker = read_one(group, Key::SameAttacker, values::boolean)?.unwrap_or(false);
    let mut parts = Vec::new();
    let mut bound = Vec::new();
    for pair in &group.pairs {
        let Key::Party(own, field, form) = pair.key else {
            parts.extend(fact(pair, context)?);
            continue;
        };
        let role = own.unwrap_or(role);
        if role == Role::Victim && field == Field::WeaponType {
            let why = "a mail does not say what the victim fired; leave role=victim out";
            return Err(Fault::refused(&pair.typed, why));
        }
        let ids = party_ids(pair, field, form, context)?;
        if same_attacker && role == Role::Attacker {
            bound.extend(traits(field, ids));
        } else {
            parts.extend(ids.demands(|ids| {
                let traits = vec![Trait { field, ids, wanted: true }];
                Fact::Party(Party { role, traits })
            }));
        }
    }
    if !bound.is_empty() {
        parts.push(Condition::Is(Fact::Party(Party { role: Role::Attacker, traits: bound })));
    }
    let inner = Outer { top: false, role };
    for nested in &group.nested {
        let each = |groups: &[Group]| -> Result<Vec<Condition>, Fault> {
            groups.iter().map(|group| understand(group, &inner, context)).collect()
        };
        parts.push(match nested {
            Nested::All(groups) => Condition::All(each(groups)?),
            Nested::Any(groups) => Condition::Any(each(groups)?),
            Nested::Not(group) => Condition::Not(Box::new(understand(group, &inner, context)?)),
        });
    }
    Ok(Condition::All(parts))
}

/// A key of one value is given once: two would have to hold both. What frames a question stands at its top.
fn refuse(group: &Group, outer: &Outer) -> Result<(), Fault> {
    for (place, pair) in group.pairs.iter().enumerate() {
        let earlier = &group.pairs[..place];
        if !pair.key.repeats() && earlier.iter().any(|earlier| earlier.key == pair.key) {
            return Err(Fault::refused(&pair.typed, "this key is given twice"));
        }
        if !outer.top && frame::is_frame(pair.key) {
            let why = "this belongs at the top of the question, not into all, any or not";
            return Err(Fault::refused(&pair.typed, why));
        }
    }
    Ok(())
}

fn traits(field: Field, ids: Choice<i64>) -> impl Iterator<Item = Trait> {
    let sides = [(ids.wanted, true), (ids.unwanted, false)];
    let sides = sides.into_iter().filter(|(ids, _)| !ids.is_empty());
    sides.map(move |(ids, wanted)| Trait { field, ids, wanted })
}

fn fact(pair: &Pair, context: &Context<'_>) -> Result<Vec<Condition>, Fault> {
    let catalogue = context.catalogue;
    Ok(match pair.key {
        Key::Place(Place::System, form) => {
            named_ids(pair, form, &catalogue.systems)?.demands(Fact::System)
        }
        Key::Place(Place::Constellation, form) => {
            named_ids(pair, form, &catalogue.constellations)?.demands(Fact::Constellation)
        }
        Key::Place(Place::Region, form) => {
            named_ids(pair, form, &catalogue.regions)?.demands(Fact::Region)
        }
        Key::Item(carried, form) => {
            named_ids(pair, form, &catalogue.types)?.demands(|ids| Fact::Item(carried, ids))
        }
        Key::War => choose(pair, id)?.demands(Fact::War),
        Key::Killmail => choose(pair, id)?.demands(Fact::Killmail),
        Key::Security => choose(pair, |pair, word| one_of(pair, word, &Band::ALL, Band::name))?
            .demands(Fact::Security),
        Key::Labels => choose(pair, values::word)?.demands(Fact::Label),
        Key::ModuleTagsAny => choose(pair, values::word)?.demands(Fact::ModuleTag),
        Key::ModuleTags => {
            let Choice { wanted, unwanted } = choose(pair, values::word)?;
            if wanted.len() > TAGS_MAX {
                let many = format!("{} tags", wanted.len());
                return Err(Fault::bad(
                    &pair.typed,
                    &many,
                    &format!("expected {TAGS_MAX} at most"),
                ));
            }
            let each = wanted.into_iter().map(|tag| Choice { wanted: vec![tag], unwanted: vec![] });
            let none = Choice { wanted: vec![], unwanted };
            each.chain([none]).flat_map(|choice| choice.demands(Fact::ModuleTag)).collect()
        }
        Key::ValueSource => {
            const SOURCES: [ValueSource; 3] =
                [ValueSource::Zkb, ValueSource::Own, ValueSource::None];
            choose(pair, |pair, word| one_of(pair, word, &SOURCES, ValueSource::name))?
                .demands(Fact::ValueSource)
        }
        Key::Value(amount, end) => {
            let isk = values::isk(&pair.typed, single(pair)?)?;
            vec![Condition::Is(Fact::Value(amount, bound(end, isk)))]
        }
        Key::Count(count, end) => {
            let number = values::count(&pair.typed, single(pair)?)?;
            vec![Condition::Is(Fact::Count(count, bound(end, number)))]
        }
        Key::Flag(flag) => {
            let is = Condition::Is(Fact::Flag(flag));
            let wanted = values::boolean(&pair.typed, single(pair)?)?;
            vec![if wanted { is } else { Condition::Not(Box::new(is)) }]
        }
        Key::Party(..)
        | Key::Role
        | Key::SameAttacker
        | Key::From
        | Key::To
        | Key::Order
        | Key::Limit
        | Key::Cursor
        | Key::Fields
        | Key::Format => Vec::new(),
    })
}

fn bound<T>(end: End, value: T) -> Bound<T> {
    match end {
        End::Min => Bound::Min(value),
        End::Max => Bound::Max(value),
    }
}

fn named_ids<T: Row>(pair: &Pair, form: Form, table: &Table<T>) -> Result<Choice<i64>, Fault> {
    match form {
        Form::Id => choose(pair, id),
        Form::Name => names(pair, |name| {
            table.named(name).map(|row| (row.id(), row.name().to_owned())).collect()
        }),
    }
}

fn party_ids(
    pair: &Pair,
    field: Field,
    form: Form,
    context: &Context<'_>,
) -> Result<Choice<i64>, Fault> {
    let person = |kind| names(pair, |name| context.people.named(kind, name).to_vec());
    match field {
        Field::ShipType | Field::WeaponType => named_ids(pair, form, &context.catalogue.types),
        Field::ShipGroup => named_ids(pair, form, &context.catalogue.groups),
        Field::Character | Field::Corporation | Field::Alliance | Field::Faction
            if form == Form::Id =>
        {
            choose(pair, id)
        }
        Field::Character => person(Kind::Character),
        // NPC corporations are known from the static data, the others from the store.
        Field::Corporation => names(pair, |name| {
            let mut found = context.people.named(Kind::Corporation, name).to_vec();
            let npc = context.catalogue.npc_corporations.named(name);
            found.extend(npc.map(|row| (row.id(), row.name().to_owned())));
            found.sort();
            found.dedup_by_key(|(id, _)| *id);
            found
        }),
        Field::Alliance => person(Kind::Alliance),
        Field::Faction => names(pair, |name| context.catalogue.factions_named(name)),
    }
}
