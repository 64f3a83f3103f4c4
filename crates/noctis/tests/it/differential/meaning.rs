//! What a question means, evaluated the naive way: every condition on every kill, in memory.

use super::witness::{Kill, Party};

/// Values wanted, and values that must not be.
#[derive(Clone, Debug)]
pub(crate) struct Choice<T> {
    pub(crate) wanted: Vec<T>,
    pub(crate) unwanted: Vec<T>,
}

impl<T> Default for Choice<T> {
    fn default() -> Choice<T> {
        Choice { wanted: Vec::new(), unwanted: Vec::new() }
    }
}

impl<T: PartialEq> Choice<T> {
    /// Of several that a kill has, one is wanted and none unwanted.
    fn takes<'a>(&self, mut has: impl Iterator<Item = &'a T> + Clone) -> bool
    where
        T: 'a,
    {
        let wanted = self.wanted.is_empty() || has.clone().any(|one| self.wanted.contains(one));
        wanted && !has.any(|one| self.unwanted.contains(one))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Victim,
    Attacker,
    FinalBlow,
    Any,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Carried {
    Any,
    Fitted,
    Dropped,
}

/// One condition.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// Who is on the mail, by the facet of this place; without a role of its own in the one that the group gives.
    Somebody(Option<Role>, usize, Choice<i64>),
    /// The one id that a kill has of this, if any.
    Id(fn(&Kill) -> Option<i64>, Choice<i64>),
    Items(Carried, Choice<i64>),
    /// One of the wanted words, none of the unwanted.
    Words(fn(&Kill) -> &[String], Choice<String>),
    /// All of the wanted words, none of the unwanted.
    AllWords(fn(&Kill) -> &[String], Choice<String>),
    AtLeast(fn(&Kill) -> Option<i64>, i64),
    AtMost(fn(&Kill) -> Option<i64>, i64),
    Flag(fn(&Kill) -> bool, bool),
}

impl Meaning {
    pub(crate) fn holds(&self, kill: &Kill, bare: Role) -> bool {
        match self {
            Meaning::Somebody(role, facet, choice) => {
                let parties = in_role(kill, role.unwrap_or(bare));
                choice.takes(parties.filter_map(|party| party.ids[*facet].as_ref()))
            }
            Meaning::Id(of, choice) => choice.takes(of(kill).iter()),
            Meaning::Items(carried, choice) => {
                let counts = kill.held.iter().filter(|held| match carried {
                    Carried::Any => true,
                    Carried::Fitted => held.fitted,
                    Carried::Dropped => held.dropped,
                });
                choice.takes(counts.map(|held| &held.item_type))
            }
            Meaning::Words(of, choice) => choice.takes(of(kill).iter()),
            Meaning::AllWords(of, choice) => {
                choice.wanted.iter().all(|word| of(kill).contains(word))
                    && !choice.unwanted.iter().any(|word| of(kill).contains(word))
            }
            Meaning::AtLeast(of, bound) => of(kill).is_some_and(|amount| amount >= *bound),
            Meaning::AtMost(of, bound) => of(kill).is_some_and(|amount| amount <= *bound),
            Meaning::Flag(of, is) => of(kill) == *is,
        }
    }

    /// Whether this one attacker is whom it asks for; None where it asks for no attacker.
    pub(crate) fn holds_of(&self, attacker: &Party, bare: Role) -> Option<bool> {
        match self {
            Meaning::Somebody(role, facet, choice) if role.unwrap_or(bare) == Role::Attacker => {
                Some(choice.takes(attacker.ids[*facet].iter()))
            }
            _ => None,
        }
    }
}

fn in_role(kill: &Kill, role: Role) -> impl Iterator<Item = &Party> + Clone {
    let victim = matches!(role, Role::Victim | Role::Any).then_some(&kill.victim);
    let all: &[Party] =
        if matches!(role, Role::Attacker | Role::Any) { &kill.attackers } else { &[] };
    let last = if role == Role::FinalBlow { kill.final_blow() } else { None };
    victim.into_iter().chain(all).chain(last)
}
