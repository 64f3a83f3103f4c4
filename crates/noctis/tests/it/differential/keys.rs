//! The keys of the language, written down a second time: what each word asks for.

use super::meaning::{Carried, Role};
use super::witness::{FACETS, Kill};

/// A key and what it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) word: String,
    pub(crate) of: Of,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Of {
    Somebody { role: Option<Role>, facet: usize, named: bool },
    Id { of: fn(&Kill) -> Option<i64>, named: Option<&'static str> },
    Item { carried: Carried, named: bool },
    Words { of: fn(&Kill) -> &[String], all: bool },
    Amount { of: fn(&Kill) -> Option<i64>, least: bool, isk: bool },
    Flag(fn(&Kill) -> bool),
}

/// Every key that is a condition.
pub(crate) fn all() -> Vec<Key> {
    let mut keys = parties();
    keys.extend(places());
    keys.extend(amounts());
    keys.extend(words());
    keys
}

/// Aliases are known by the key that they stand for.
pub(crate) fn principal(word: &str) -> &str {
    match word {
        "system_id" => "solar_system_id",
        "solar_system" => "system",
        "min_isk" => "min_value",
        "max_isk" => "max_value",
        _ => word,
    }
}

fn parties() -> Vec<Key> {
    let mut keys = Vec::new();
    let roles = [
        ("victim.", Some(Role::Victim)),
        ("attacker.", Some(Role::Attacker)),
        ("final_blow.", Some(Role::FinalBlow)),
        ("any.", Some(Role::Any)),
        ("", None),
    ];
    for (facet, word) in FACETS.iter().enumerate() {
        for (prefix, role) in roles {
            // No mail says what the victim fired.
            if role == Some(Role::Victim) && *word == "weapon_type" {
                continue;
            }
            // Without a role, ships are the victim's.
            let is_ship = word.starts_with("ship_");
            let role = if prefix.is_empty() && is_ship { Some(Role::Victim) } else { role };
            for (named, suffix) in [(false, "_id"), (true, "")] {
                let of = Of::Somebody { role, facet, named };
                keys.push(Key { word: format!("{prefix}{word}{suffix}"), of });
            }
        }
    }
    keys
}

fn places() -> Vec<Key> {
    let id = |word: &str, of: fn(&Kill) -> Option<i64>, named| Key {
        word: word.to_owned(),
        of: Of::Id { of, named },
    };
    let item =
        |word: &str, carried, named| Key { word: word.to_owned(), of: Of::Item { carried, named } };
    vec![
        id("solar_system_id", |kill| Some(kill.system), None),
        id("system_id", |kill| Some(kill.system), None),
        id("system", |kill| Some(kill.system), Some("system")),
        id("solar_system", |kill| Some(kill.system), Some("system")),
        id("constellation_id", |kill| kill.constellation, None),
        id("constellation", |kill| kill.constellation, Some("constellation")),
        id("region_id", |kill| kill.region, None),
        id("region", |kill| kill.region, Some("region")),
        id("war_id", |kill| kill.war, None),
        id("killmail_id", |kill| Some(kill.id), None),
        item("item_type_id", Carried::Any, false),
        item("item_type", Carried::Any, true),
        item("fitted.item_type_id", Carried::Fitted, false),
        item("fitted.item_type", Carried::Fitted, true),
        item("dropped.item_type_id", Carried::Dropped, false),
        item("dropped.item_type", Carried::Dropped, true),
    ]
}

fn amounts() -> Vec<Key> {
    type Amount = fn(&Kill) -> Option<i64>;
    let amounts: [(&str, Amount, bool); 8] = [
        ("value", |kill| kill.values[0], true),
        ("isk", |kill| kill.values[0], true),
        ("fitted_value", |kill| kill.values[1], true),
        ("dropped_value", |kill| kill.values[2], true),
        ("destroyed_value", |kill| kill.values[3], true),
        ("attacker_count", |kill| i64::try_from(kill.attackers.len()).ok(), false),
        ("player_count", |kill| Some(kill.player_count), false),
        ("points", |kill| kill.points, false),
    ];
    let mut keys = Vec::new();
    for (word, of, isk) in amounts {
        for (side, least) in [("min", true), ("max", false)] {
            keys.push(Key { word: format!("{side}_{word}"), of: Of::Amount { of, least, isk } });
        }
    }
    keys
}

fn words() -> Vec<Key> {
    let words = |word: &str, of: fn(&Kill) -> &[String], all| Key {
        word: word.to_owned(),
        of: Of::Words { of, all },
    };
    let flag = |word: &str, of: fn(&Kill) -> bool| Key { word: word.to_owned(), of: Of::Flag(of) };
    vec![
        words("security", |kill| &kill.security, false),
        words("labels", |kill| &kill.labels, false),
        words("module_tags", |kill| &kill.module_tags, true),
        words("module_tags_any", |kill| &kill.module_tags, false),
        words("value.source", |kill| std::slice::from_ref(&kill.value_source), false),
        flag("npc", |kill| kill.npc),
        flag("solo", |kill| kill.solo),
        flag("awox", |kill| kill.awox),
    ]
}
