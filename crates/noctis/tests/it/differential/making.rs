//! Making questions up: keys by chance, values out of the kills there are, so that they find something.

use std::collections::BTreeSet;

use super::dice::Dice;
use super::keys::{self, Key, Of, principal};
use super::meaning::{Choice, Meaning, Role};
use super::naming::Naming;
use super::question::{Clause, Group, Nested, Order, Question};
use super::witness::{FACETS, Kill};

const DAY: i64 = 86_400;
/// Groups lie inside one another at most this deep, the outermost not counted.
const DEPTH_MAX: usize = 3;
/// Tries at a clause: few kills have a war, or items.
const TRIES_MAX: usize = 1_000;

/// Makes questions on these kills.
pub(crate) struct Maker<'a> {
    kills: &'a [Kill],
    naming: &'a Naming,
    keys: Vec<Key>,
    dice: Dice,
    /// Of the keys asked by so far.
    pub(crate) asked: BTreeSet<String>,
}

/// Whom a clause shall mean.
#[derive(Clone, Copy)]
struct Aim<'a> {
    kill: &'a Kill,
    bare: Role,
    /// The one attacker whom all clauses mean.
    attacker: Option<usize>,
}

impl<'a> Maker<'a> {
    pub(crate) fn new(kills: &'a [Kill], naming: &'a Naming, seed: u64) -> Maker<'a> {
        Maker { kills, naming, keys: keys::all(), dice: Dice::new(seed), asked: BTreeSet::new() }
    }

    pub(crate) fn question(&mut self) -> Question {
        let kill = self.kill();
        let posted = self.dice.percent(35);
        let aim = Aim { kill, bare: Role::Any, attacker: None };
        let group = self.group(aim, if posted { DEPTH_MAX } else { 0 });
        let order = match self.dice.below(10) {
            0..6 => Order::Time,
            6..8 => Order::Arrival,
            _ => Order::Value,
        };
        let range = self.range(kill, order);
        let only_ids = self.dice.percent(70);
        Question { group, range, order, limit: 50, only_ids, posted }
    }

    fn kill(&mut self) -> &'a Kill {
        self.dice.pick(self.kills)
    }

    /// Mostly one that the kill aimed at answers to.
    fn group(&mut self, outer: Aim<'a>, depth: usize) -> Group {
        let mut group = Group::default();
        let mut aim = outer;
        if self.dice.percent(15) {
            // Not the victim: a key of weapons without a role would be refused.
            group.role = Some(*self.dice.pick(&[Role::Attacker, Role::FinalBlow, Role::Any]));
            aim.bare = group.role.unwrap_or(aim.bare);
        }
        if self.dice.percent(15) {
            group.same_attacker = true;
            aim.attacker = Some(self.dice.below(aim.kill.attackers.len()));
        }
        let count = if depth == DEPTH_MAX || depth == 0 { 1 + self.dice.below(4) } else { 1 };
        for _ in 0..count {
            let clause = self.clause(aim, group.same_attacker);
            // A key that takes one value is refused when it comes twice.
            let is_one = matches!(
                clause.means,
                Meaning::AtLeast(..) | Meaning::AtMost(..) | Meaning::Flag(..)
            );
            let same = |other: &Clause| principal(&other.key) == principal(&clause.key);
            if !(is_one && group.clauses.iter().any(same)) {
                self.asked.insert(clause.key.clone());
                group.clauses.push(clause);
            }
        }
        if depth > 0 && self.dice.percent(60) {
            let nested = self.nested(aim, depth - 1);
            group.nested.push(nested);
        }
        group
    }

    fn nested(&mut self, aim: Aim<'a>, depth: usize) -> Nested {
        let other = Aim { kill: self.kill(), attacker: None, ..aim };
        let aim = Aim { attacker: None, ..aim };
        match self.dice.below(4) {
            0 => Nested::All(vec![self.group(aim, depth), self.group(aim, depth)]),
            // What is said of another kill is mostly not so of this one.
            1 => Nested::Not(self.group(other, depth)),
            _ => Nested::Any(vec![self.group(other, depth), self.group(aim, depth)]),
        }
    }

    /// Mostly around the kill that shall be found.
    fn range(&mut self, aim: &Kill, order: Order) -> (Option<i64>, Option<i64>) {
        let days = *self.dice.pick(&[1, 2, 3, 5, 10, 20, 30, 90, 360]) * DAY;
        let before = i64::try_from(self.dice.below(usize::try_from(days).unwrap())).unwrap();
        // A bound that is a kill's own second tells `<` from `<=`.
        let from = if self.dice.percent(20) { aim.time } else { aim.time - before };
        match self.dice.below(100) {
            0 if order != Order::Value => (None, None),
            1 if order != Order::Value => (Some(from), None),
            2 if order != Order::Value => (None, Some(from + days)),
            3..6 => (Some(aim.time - days), Some(aim.time)),
            _ => (Some(from), Some(from + days)),
        }
    }

    fn clause(&mut self, aim: Aim<'a>, of_attackers: bool) -> Clause {
        for _ in 0..TRIES_MAX {
            let key = self.dice.pick(&self.keys).clone();
            let is_attacker = key.word.starts_with("attacker.");
            if of_attackers && !is_attacker && self.dice.percent(90) {
                continue;
            }
            let kill = if self.dice.percent(88) { aim.kill } else { self.kill() };
            let aim = if std::ptr::eq(kill, aim.kill) {
                aim
            } else {
                Aim { kill, attacker: None, ..aim }
            };
            if let Some(clause) = self.value(key, aim) {
                return clause;
            }
        }
        panic!("no key suits any kill");
    }

    /// A value that this kill answers to, with its meaning.
    fn value(&mut self, key: Key, aim: Aim<'a>) -> Option<Clause> {
        match key.of {
            Of::Somebody { role, facet, named } => {
                let choice = self.ids(aim, &mut |maker, aim| {
                    maker.somebody(aim, role.unwrap_or(aim.bare), facet)
                })?;
                let kind = named.then_some(FACETS[facet]);
                self.written(key.word, kind, Meaning::Somebody(role, facet, choice))
            }
            Of::Id { of, named } => {
                let choice = self.ids(aim, &mut |_, aim| of(aim.kill))?;
                self.written(key.word, named, Meaning::Id(of, choice))
            }
            Of::Item { carried, named } => {
                let choice = self.ids(aim, &mut |maker, aim| {
                    let held = &aim.kill.held;
                    (!held.is_empty()).then(|| maker.dice.pick(held).item_type)
                })?;
                let kind = named.then_some("item_type");
                self.written(key.word, kind, Meaning::Items(carried, choice))
            }
            Of::Words { of, all } => self.words(key.word, aim.kill, of, all),
            Of::Amount { .. } => self.amount(key, aim.kill),
            Of::Flag(of) => {
                let is = of(aim.kill);
                let means = Meaning::Flag(of, is);
                Some(Clause {
                    key: key.word,
                    wanted: vec![is.to_string()],
                    unwanted: vec![],
                    means,
                })
            }
        }
    }

    fn somebody(&mut self, aim: Aim<'_>, role: Role, facet: usize) -> Option<i64> {
        let kill = aim.kill;
        let chance = self.dice.below(kill.attackers.len());
        let attacker = &kill.attackers[aim.attacker.unwrap_or(chance)];
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
        aim: Aim<'a>,
        pick: &mut dyn FnMut(&mut Self, Aim<'a>) -> Option<i64>,
    ) -> Option<Choice<i64>> {
        let mut choice = Choice::default();
        let only_unwanted = self.dice.percent(12);
        if !only_unwanted {
            choice.wanted.push(pick(self, aim)?);
            let more = *self.dice.pick(&[0, 0, 0, 1, 2, 8]);
            for _ in 0..more {
                let other = Aim { kill: self.kill(), attacker: None, ..aim };
                choice.wanted.extend(pick(self, other));
            }
        }
        if only_unwanted || self.dice.percent(12) {
            let count = 1 + self.dice.below(3);
            for _ in 0..count {
                let other = Aim { kill: self.kill(), attacker: None, ..aim };
                choice.unwanted.extend(pick(self, other));
            }
        }
        (!choice.wanted.is_empty() || !choice.unwanted.is_empty()).then_some(choice)
    }

    /// Ids as digits, or all as names where each has one.
    fn written(&mut self, key: String, named: Option<&str>, means: Meaning) -> Option<Clause> {
        let (Meaning::Somebody(_, _, choice) | Meaning::Id(_, choice) | Meaning::Items(_, choice)) =
            &means
        else {
            panic!("{key} takes no ids");
        };
        let mut sides = [Vec::new(), Vec::new()];
        for (side, ids) in sides.iter_mut().zip([&choice.wanted, &choice.unwanted]) {
            for id in ids {
                side.push(match named {
                    None => id.to_string(),
                    Some(kind) => self.cased(&self.naming.of(kind, *id)?),
                });
            }
        }
        let [wanted, unwanted] = sides;
        Some(Clause { key, wanted, unwanted, means })
    }

    /// Names are found in any case.
    fn cased(&mut self, name: &str) -> String {
        match self.dice.below(3) {
            0 => name.to_lowercase(),
            1 => name.to_uppercase(),
            _ => name.to_owned(),
        }
    }

    fn words(
        &mut self,
        key: String,
        kill: &Kill,
        of: fn(&Kill) -> &[String],
        all: bool,
    ) -> Option<Clause> {
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
        let (wanted, unwanted) = (choice.wanted.clone(), choice.unwanted.clone());
        let means = if all { Meaning::AllWords(of, choice) } else { Meaning::Words(of, choice) };
        let is_empty = wanted.is_empty() && unwanted.is_empty();
        (!is_empty).then_some(Clause { key, wanted, unwanted, means })
    }

    fn amount(&mut self, key: Key, kill: &Kill) -> Option<Clause> {
        let Of::Amount { of, least, isk } = key.of else { return None };
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
        Some(Clause { key: key.word, wanted: vec![text], unwanted: vec![], means })
    }
}
