//! Making questions up: keys by chance, values out of the kills there are, so that they find something.

use std::collections::BTreeSet;

use noctis_core::question::KEYS;

use super::dice::Dice;
use super::meaning::{Carried, Choice, Meaning, Role};
use super::naming::Naming;
use super::question::{Clause, Node, Order, Question};
use super::witness::{FACETS, Kill};

const DAY: i64 = 86_400;

/// A key and what it asks for.
#[derive(Clone, Debug)]
struct Key {
    word: String,
    of: Of,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    Somebody { role: Role, facet: usize, named: bool },
    Id { of: fn(&Kill) -> Option<i64>, named: Option<&'static str> },
    Item { carried: Carried, named: bool },
    Words { of: fn(&Kill) -> &[String], all: bool },
    Amount { of: fn(&Kill) -> Option<i64>, least: bool, isk: bool },
    Flag(fn(&Kill) -> bool),
}

/// Makes questions on these kills.
pub(crate) struct Maker<'a> {
    pub(crate) kills: &'a [Kill],
    pub(crate) naming: &'a Naming,
    keys: Vec<Key>,
    pub(crate) dice: Dice,
}

impl<'a> Maker<'a> {
    pub(crate) fn new(kills: &'a [Kill], naming: &'a Naming, seed: u64) -> Maker<'a> {
        Maker { kills, naming, keys: known_keys(), dice: Dice::new(seed) }
    }

    /// The keys that questions are made of.
    pub(crate) fn words(&self) -> BTreeSet<&str> {
        self.keys.iter().map(|key| key.word.as_str()).collect()
    }

    pub(crate) fn question(&mut self) -> Question {
        let anchor = self.kill();
        let count = 1 + self.dice.below(4);
        let mut clauses: Vec<Clause> = Vec::new();
        for _ in 0..count {
            let clause = self.clause(anchor);
            // A key that takes one value is refused when it comes twice.
            let is_one = matches!(
                clause.means,
                Meaning::AtLeast(..) | Meaning::AtMost(..) | Meaning::Flag(..)
            );
            let same = |other: &Clause| principal(&other.key) == principal(&clause.key);
            if !(is_one && clauses.iter().any(same)) {
                clauses.push(clause);
            }
        }
        let nodes = clauses.into_iter().map(Node::Is).collect();
        let order = match self.dice.below(10) {
            0..6 => Order::Time,
            6..8 => Order::Arrival,
            _ => Order::Value,
        };
        let order = if has_order(order) { order } else { Order::Time };
        let range = self.range(anchor, order);
        Question { nodes, switches: Vec::new(), range, order, limit: 50, posted: false }
    }

    fn kill(&mut self) -> &'a Kill {
        self.dice.pick(self.kills)
    }

    /// Mostly around the kill that shall be found.
    fn range(&mut self, anchor: &Kill, order: Order) -> (Option<i64>, Option<i64>) {
        let days = *self.dice.pick(&[1, 3, 10, 40, 100, 400]) * DAY;
        let before = i64::try_from(self.dice.below(usize::try_from(days).unwrap())).unwrap();
        // A bound that is a kill's own second tells `<` from `<=`.
        let from = if self.dice.percent(20) { anchor.time } else { anchor.time - before };
        match self.dice.below(20) {
            0 if order != Order::Value => (None, None),
            1 if order != Order::Value => (Some(from), None),
            2 if order != Order::Value => (None, Some(from + days)),
            3 => (Some(from - days), Some(anchor.time)),
            _ => (Some(from), Some(from + days)),
        }
    }

    /// Mostly one that the anchor answers to.
    fn clause(&mut self, anchor: &'a Kill) -> Clause {
        loop {
            let index = self.dice.below(self.keys.len());
            let key = self.keys[index].clone();
            let of = if self.dice.percent(85) { anchor } else { self.kill() };
            if let Some((value, means)) = self.value(&key.of, of) {
                return Clause { key: key.word, value, means };
            }
        }
    }

    /// A value that this kill answers to, as text, with its meaning.
    fn value(&mut self, of: &Of, kill: &'a Kill) -> Option<(String, Meaning)> {
        match *of {
            Of::Somebody { role, facet, named } => {
                let mut pick = |maker: &mut Self, kill: &Kill| maker.somebody(kill, role, facet);
                let choice = self.ids(kill, &mut pick)?;
                let kind = named.then_some(FACETS[facet]);
                Some((self.text(kind, &choice)?, Meaning::Somebody(role, facet, choice)))
            }
            Of::Id { of, named } => {
                let choice = self.ids(kill, &mut |_, kill| of(kill))?;
                Some((self.text(named, &choice)?, Meaning::Id(of, choice)))
            }
            Of::Item { carried, named } => {
                let mut pick = |maker: &mut Self, kill: &Kill| {
                    let index = (!kill.held.is_empty()).then(|| maker.dice.below(kill.held.len()));
                    index.map(|index| kill.held[index].item_type)
                };
                let choice = self.ids(kill, &mut pick)?;
                let kind = named.then_some("item_type");
                Some((self.text(kind, &choice)?, Meaning::Items(carried, choice)))
            }
            Of::Words { of, all } => self.words_of(kill, of, all),
            Of::Amount { of, least, isk } => self.amount(kill, of, (least, isk)),
            Of::Flag(of) => {
                let is = of(kill);
                Some((is.to_string(), Meaning::Flag(of, is)))
            }
        }
    }

    fn somebody(&mut self, kill: &Kill, role: Role, facet: usize) -> Option<i64> {
        let attacker = self.dice.pick(&kill.attackers);
        match role {
            Role::Victim => kill.victim.ids[facet],
            Role::Attacker => attacker.ids[facet],
            Role::FinalBlow => kill.final_blow()?.ids[facet],
            Role::Any if self.dice.percent(30) => kill.victim.ids[facet],
            Role::Any => attacker.ids[facet],
        }
    }

    /// One of the kill's own and some of others; now and then some that must not be, or those alone.
    fn ids(
        &mut self,
        kill: &Kill,
        pick: &mut dyn FnMut(&mut Self, &Kill) -> Option<i64>,
    ) -> Option<Choice<i64>> {
        let mut choice = Choice::default();
        let only_unwanted = self.dice.percent(12);
        if !only_unwanted {
            choice.wanted.push(pick(self, kill)?);
            let more = *self.dice.pick(&[0, 0, 0, 1, 2, 8]);
            for _ in 0..more {
                let other = self.kill();
                choice.wanted.extend(pick(self, other));
            }
        }
        if only_unwanted || self.dice.percent(12) {
            let count = 1 + self.dice.below(3);
            for _ in 0..count {
                let other = self.kill();
                choice.unwanted.extend(pick(self, other));
            }
        }
        (!choice.wanted.is_empty() || !choice.unwanted.is_empty()).then_some(choice)
    }

    /// Ids as digits, or all as names where each has one.
    fn text(&mut self, named: Option<&str>, choice: &Choice<i64>) -> Option<String> {
        let mut words = Vec::new();
        for (sign, ids) in [("", &choice.wanted), ("-", &choice.unwanted)] {
            for id in ids {
                let word = match named {
                    None => id.to_string(),
                    Some(kind) => self.cased(&self.naming.of(kind, *id)?),
                };
                words.push(format!("{sign}{word}"));
            }
        }
        Some(words.join(","))
    }

    /// Names are found in any case.
    fn cased(&mut self, name: &str) -> String {
        match self.dice.below(3) {
            0 => name.to_lowercase(),
            1 => name.to_uppercase(),
            _ => name.to_owned(),
        }
    }

    fn words_of(
        &mut self,
        kill: &Kill,
        of: fn(&Kill) -> &[String],
        all: bool,
    ) -> Option<(String, Meaning)> {
        let mut choice = Choice::default();
        let own = of(kill);
        if !own.is_empty() && self.dice.percent(85) {
            let count = 1 + self.dice.below(3);
            for _ in 0..count {
                choice.wanted.push(self.dice.pick(own).clone());
            }
        }
        if choice.wanted.is_empty() || self.dice.percent(25) {
            let other = of(self.kill());
            let unwanted = other.iter().filter(|word| !own.contains(word)).take(2);
            choice.unwanted.extend(unwanted.cloned());
        }
        let wanted = choice.wanted.iter().cloned();
        let words: Vec<String> =
            wanted.chain(choice.unwanted.iter().map(|word| format!("-{word}"))).collect();
        let means = if all { Meaning::AllWords(of, choice) } else { Meaning::Words(of, choice) };
        (!words.is_empty()).then(|| (words.join(","), means))
    }

    fn amount(
        &mut self,
        kill: &Kill,
        of: fn(&Kill) -> Option<i64>,
        (least, isk): (bool, bool),
    ) -> Option<(String, Meaning)> {
        let own = of(kill)?;
        let other = of(self.kill()).unwrap_or(own);
        // Its own amount exactly, or one on the side where it still answers.
        let bound = match self.dice.below(3) {
            0 => own,
            _ if least => own.min(other),
            _ => own.max(other),
        };
        let text =
            if isk { format!("{}.{:02}", bound / 100, bound % 100) } else { bound.to_string() };
        let means = if least { Meaning::AtLeast(of, bound) } else { Meaning::AtMost(of, bound) };
        Some((text, means))
    }
}

/// Whether this build takes the order.
pub(crate) fn has_order(order: Order) -> bool {
    let meaning =
        KEYS.iter().find(|entry| entry.name == "order").map_or("", |entry| &entry.meaning);
    meaning.contains(order.word())
}

/// All keys of the language that this build knows.
fn known_keys() -> Vec<Key> {
    let mut keys = party_keys();
    keys.extend(place_keys());
    keys.extend(amount_keys());
    keys.extend(word_keys());
    keys.retain(|key| KEYS.iter().any(|entry| entry.name == principal(&key.word)));
    keys
}

/// Aliases are known by the key that they stand for.
fn principal(word: &str) -> &str {
    match word {
        "system_id" => "solar_system_id",
        "min_isk" => "min_value",
        "max_isk" => "max_value",
        _ => word,
    }
}

fn party_keys() -> Vec<Key> {
    let mut keys = Vec::new();
    let roles = [
        ("victim.", Role::Victim),
        ("attacker.", Role::Attacker),
        ("final_blow.", Role::FinalBlow),
        ("any.", Role::Any),
        ("", Role::Any),
    ];
    for (facet, word) in FACETS.iter().enumerate() {
        for (prefix, role) in roles {
            // Without a role, ships are the victim's.
            let is_ship = word.starts_with("ship_");
            let role = if prefix.is_empty() && is_ship { Role::Victim } else { role };
            for (named, suffix) in [(false, "_id"), (true, "")] {
                let of = Of::Somebody { role, facet, named };
                keys.push(Key { word: format!("{prefix}{word}{suffix}"), of });
            }
        }
    }
    keys
}

fn place_keys() -> Vec<Key> {
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

fn amount_keys() -> Vec<Key> {
    let amounts: [(&str, fn(&Kill) -> Option<i64>, bool); 8] = [
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

fn word_keys() -> Vec<Key> {
    let words = |word: &str, of: fn(&Kill) -> &[String], all| Key {
        word: word.to_owned(),
        of: Of::Words { of, all },
    };
    let flag = |word: &str, of: fn(&Kill) -> bool| Key { word: word.to_owned(), of: Of::Flag(of) };
    vec![
        words("labels", |kill| &kill.labels, false),
        words("module_tags", |kill| &kill.module_tags, true),
        words("module_tags_any", |kill| &kill.module_tags, false),
        words("value.source", |kill| std::slice::from_ref(&kill.value_source), false),
        flag("npc", |kill| kill.npc),
        flag("solo", |kill| kill.solo),
        flag("awox", |kill| kill.awox),
    ]
}
