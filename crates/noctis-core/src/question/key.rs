//! The keys that can be asked by: one table of names, what each stands for, and what it means.

mod nearest;

use std::sync::LazyLock;

use super::condition::{Amount, Carried, Count, Field, Flag, Role};
use super::fault::{Fault, shown};

/// What a key stands for. Two names of one key are one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    From,
    To,
    Order,
    Limit,
    Cursor,
    Fields,
    Format,
    Role,
    SameAttacker,
    /// Without a role it is `any`, unless `role` narrows it.
    Party(Option<Role>, Field, Form),
    Place(Place, Form),
    Item(Carried, Form),
    War,
    Killmail,
    Security,
    Labels,
    ModuleTags,
    ModuleTagsAny,
    ValueSource,
    Value(Amount, End),
    Count(Count, End),
    Flag(Flag),
}

/// How a value names what is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Id,
    Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    System,
    Constellation,
    Region,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Min,
    Max,
}

/// A key as documents list it.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    pub name: String,
    /// For people, one line.
    pub meaning: String,
    /// Another name of a key that is listed already.
    pub alias: bool,
    pub(super) key: Key,
}

/// Every key, aliases included.
pub static KEYS: LazyLock<Vec<KeyEntry>> = LazyLock::new(table);

impl Key {
    /// Finds a key by its name, or says which one may be meant.
    pub(super) fn read(typed: &str) -> Result<Key, Fault> {
        if let Some(entry) = KEYS.iter().find(|entry| entry.name == typed) {
            return Ok(entry.key);
        }
        if ["victim.weapon_type_id", "victim.weapon_type"].contains(&typed) {
            let why = "a mail does not say what the victim fired; ask attacker.weapon_type_id";
            return Err(Fault::refused(typed, why));
        }
        Err(Fault::UnknownKey { key: shown(typed), nearest: nearest::nearest(&shown(typed)) })
    }

    /// Whether a group takes several pairs of this key: two are *and*. All others would contradict themselves.
    pub(super) fn repeats(self) -> bool {
        match self {
            Key::Party(..)
            | Key::Place(..)
            | Key::Item(..)
            | Key::War
            | Key::Killmail
            | Key::Security
            | Key::Labels
            | Key::ModuleTags
            | Key::ModuleTagsAny
            | Key::ValueSource => true,
            Key::From
            | Key::To
            | Key::Order
            | Key::Limit
            | Key::Cursor
            | Key::Fields
            | Key::Format
            | Key::Role
            | Key::SameAttacker
            | Key::Value(..)
            | Key::Count(..)
            | Key::Flag(_) => false,
        }
    }
}

struct Table(Vec<KeyEntry>);

impl Table {
    fn add(&mut self, name: impl Into<String>, key: Key, meaning: impl Into<String>) {
        // The first name of a key is its own.
        let alias = self.0.iter().any(|entry| entry.key == key);
        self.0.push(KeyEntry { name: name.into(), meaning: meaning.into(), alias, key });
    }

    /// The key for ids, and the one without `_id` for names.
    fn add_both(&mut self, name: &str, key: impl Fn(Form) -> Key, meaning: &str) {
        self.add(format!("{name}_id"), key(Form::Id), meaning);
        self.add(name, key(Form::Name), format!("{meaning}; by exact name, case folded"));
    }
}

fn table() -> Vec<KeyEntry> {
    let mut table = Table(Vec::new());
    table.add("from", Key::From, "killed at or after this time (RFC 3339, 2026-11-22, 7d)");
    table.add("to", Key::To, "killed before this time");
    places(&mut table);
    parties(&mut table);
    table.add(
        "role",
        Key::Role,
        "victim, attacker, final_blow or any: narrows character, corporation, alliance, faction and weapon without a role",
    );
    table.add(
        "same_attacker",
        Key::SameAttacker,
        "true: all attacker. keys, their `-` too, mean one and the same attacker",
    );
    things(&mut table);
    numbers(&mut table);
    table.add("order", Key::Order, "time (newest first), arrival, or value (needs from)");
    table.add("limit", Key::Limit, "kills a page, 1 to 1000; 50 by default");
    table.add("cursor", Key::Cursor, "the `next` of the page before");
    table.add("fields", Key::Fields, "all, or ids: id, hash and time only");
    table.add("format", Key::Format, "json, ndjson or csv");
    table.0
}

fn places(table: &mut Table) {
    let system = |form| Key::Place(Place::System, form);
    table.add_both("solar_system", system, "in one of these systems");
    table.add_both("system", system, "as solar_system_id");
    let constellation = |form| Key::Place(Place::Constellation, form);
    table.add_both("constellation", constellation, "in one of these constellations");
    let region = |form| Key::Place(Place::Region, form);
    table.add_both("region", region, "in one of these regions");
    table.add("security", Key::Security, "in highsec, lowsec, nullsec, w-space or abyssal");
}

fn parties(table: &mut Table) {
    let victims = |field| move |form| Key::Party(Some(Role::Victim), field, form);
    table.add_both("ship_type", victims(Field::ShipType), "the victim's ship is of these types");
    table.add_both("ship_group", victims(Field::ShipGroup), "the victim's ship is of these groups");
    const WHO: [(Field, &str); 5] = [
        (Field::Character, "one of these characters"),
        (Field::Corporation, "of one of these corporations"),
        (Field::Alliance, "of one of these alliances"),
        (Field::Faction, "of one of these factions"),
        (Field::WeaponType, "firing one of these weapons, as the mail has it"),
    ];
    for (field, meaning) in WHO {
        let bare = |form| Key::Party(None, field, form);
        table.add_both(field.name(), bare, &format!("someone on the mail is {meaning}"));
    }
    const FLYING: [(Field, &str); 2] = [
        (Field::ShipType, "in a ship of these types"),
        (Field::ShipGroup, "in a ship of these groups"),
    ];
    const ROLES: [(Role, &str); 4] = [
        (Role::Victim, "the victim is"),
        (Role::Attacker, "an attacker is"),
        (Role::FinalBlow, "who fired last is"),
        (Role::Any, "victim or an attacker is"),
    ];
    for (role, who) in ROLES {
        for (field, meaning) in WHO.into_iter().chain(FLYING) {
            if (role, field) != (Role::Victim, Field::WeaponType) {
                let name = format!("{}.{}", role.name(), field.name());
                let key = |form| Key::Party(Some(role), field, form);
                table.add_both(&name, key, &format!("{who} {meaning}"));
            }
        }
    }
}

fn things(table: &mut Table) {
    for (name, carried, meaning) in [
        ("item_type", Carried::Anyhow, "the victim carried one of these types, in containers too"),
        ("fitted.item_type", Carried::Fitted, "one of these types was in a slot of the ship"),
        ("dropped.item_type", Carried::Dropped, "one of these types dropped"),
    ] {
        table.add_both(name, |form| Key::Item(carried, form), meaning);
    }
    table.add("labels", Key::Labels, "carries one of these labels");
    table.add("module_tags", Key::ModuleTags, "carries all of these tags");
    table.add("module_tags_any", Key::ModuleTagsAny, "carries one of these tags");
    table.add("war_id", Key::War, "within one of these wars");
    table.add("killmail_id", Key::Killmail, "is one of these");
}

fn numbers(table: &mut Table) {
    let value = |end| Key::Value(Amount::Total, end);
    table.add("min_value", value(End::Min), "worth at least this much ISK");
    table.add("max_value", value(End::Max), "worth at most this much ISK");
    table.add("min_isk", value(End::Min), "as min_value");
    table.add("max_isk", value(End::Max), "as max_value");
    for (amount, meaning) in [
        (Amount::Fitted, "what was fitted was worth"),
        (Amount::Dropped, "what dropped was worth"),
        (Amount::Destroyed, "what was destroyed was worth"),
    ] {
        let name = amount.name();
        let least = format!("{meaning} at least this much ISK");
        table.add(format!("min_{name}"), Key::Value(amount, End::Min), least);
        let most = format!("{meaning} at most this much ISK");
        table.add(format!("max_{name}"), Key::Value(amount, End::Max), most);
    }
    for (count, what) in [
        (Count::Attackers, "attackers"),
        (Count::Players, "attackers who are players"),
        (Count::Points, "zKillboard's points"),
    ] {
        let name = count.name();
        let least = format!("at least this many {what}");
        table.add(format!("min_{name}"), Key::Count(count, End::Min), least);
        let most = format!("at most this many {what}");
        table.add(format!("max_{name}"), Key::Count(count, End::Max), most);
    }
    for (flag, meaning) in [
        (Flag::Npc, "true or false: killed by NPCs alone"),
        (Flag::Solo, "true or false: killed by one pilot alone"),
        (Flag::Awox, "true or false: killed by one's own corporation"),
    ] {
        table.add(flag.name(), Key::Flag(flag), meaning);
    }
    table.add("value.source", Key::ValueSource, "its value is from zkb, own or none");
}
