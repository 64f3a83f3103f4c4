//! The module tags of a kill: what the victim had fitted and what hull it was, in stable strings.
//!
//! The rules are tables: [`modules`] say what a module is for, [`tech`] how good a fit is, [`places`] what lay where and
//! [`hulls`] what was flown. One string has one meaning; charges never tag.

pub mod hulls;
pub mod meanings;
pub mod modules;
pub mod places;
pub mod tech;

use std::borrow::Cow;

use self::hulls::HULL_RULES;
use self::meanings::MEANINGS;
use self::modules::{Ancestors, MODULES, SIZES, Tags};
use self::places::PLACE_RULES;
use self::tech::TECH_RULES;
use crate::catalogue::{Catalogue, Type};
use crate::enrich::fitted::Fitted;
use crate::killmail::{Item, Killmail};

/// Ammunition and scripts: they say little of a fit, and most would be `Faction`.
const CATEGORY_CHARGE: i64 = 8;

/// Module, Subsystem, Structure Module.
const CATEGORIES_MODULE: [i64; 3] = [7, 32, 66];

/// Categories whose groups tag the victim: drone, deployable, starbase, sovereignty, orbital, structure, fighter.
const CATEGORIES_LOST: [i64; 8] = [6, 18, 22, 23, 40, 46, 65, 87];

/// A tag and what it says of the victim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    pub tag: &'a str,
    pub meaning: Cow<'static, str>,
}

/// Every tag there is, sorted: those of the rules and one a group that can be lost.
pub fn every(catalogue: &Catalogue) -> Vec<Tag<'_>> {
    let groups =
        catalogue.groups.iter().filter(|group| CATEGORIES_LOST.contains(&group.category_id));
    let modules = MEANINGS.iter().copied();
    let mut tags: Vec<Tag<'_>> = modules
        .chain(PLACE_RULES.iter().map(|rule| (rule.tag, rule.meaning)))
        .chain(TECH_RULES.iter().map(|rule| (rule.tag, rule.meaning)))
        .chain(HULL_RULES.iter().map(|rule| (rule.tag, rule.meaning)))
        .map(|(tag, meaning)| Tag { tag, meaning: meaning.into() })
        .chain(groups.map(|group| Tag {
            tag: &group.name,
            meaning: format!("The victim was of the group {}", group.name).into(),
        }))
        .collect();
    // A rule's meaning stands before its group's: the sort keeps their order.
    tags.sort_by_key(|tag| tag.tag);
    tags.dedup_by_key(|tag| tag.tag);
    tags
}

/// The tags of a kill's victim, sorted, each once.
pub(super) fn of(killmail: &Killmail, catalogue: &Catalogue) -> Vec<String> {
    let victim = &killmail.victim;
    let mut tags: Vec<&str> = Vec::with_capacity(16);
    add_fit(&mut tags, &victim.items, Fitted::of(killmail), catalogue);
    if let Some(hull) = catalogue.types.get(victim.ship_type_id) {
        add_hull(&mut tags, hull, catalogue);
    }
    tags.sort_unstable();
    tags.dedup();
    tags.into_iter().map(str::to_owned).collect()
}

/// Only what lies in the ship itself: what is in a container is cargo. An unknown type still fills its slot.
fn add_fit<'a>(tags: &mut Vec<&'a str>, items: &[Item], fitted: Fitted, catalogue: &'a Catalogue) {
    let mut places = [false; PLACE_RULES.len()];
    let mut tech = [0_usize; TECH_RULES.len()];
    // Equal modules mostly stand together; what the last one gave need not be looked up again.
    let mut last: Option<(i64, [Tags; 2])> = None;
    for item in items {
        let kind = catalogue.types.get(item.item_type_id);
        if kind.is_some_and(|kind| kind.category_id == CATEGORY_CHARGE) {
            continue;
        }
        for (seen, rule) in places.iter_mut().zip(&PLACE_RULES) {
            *seen = *seen || rule.matches(item.flag, kind, catalogue);
        }
        let Some(module) = kind.filter(|kind| is_module(kind) && fitted.holds(item.flag)) else {
            continue;
        };
        let given = match last {
            Some((type_id, given)) if type_id == module.type_id => given,
            _ => {
                let ancestors = Ancestors::of(module, catalogue);
                let given = [&MODULES, &SIZES].map(|table| table.tags(module, &ancestors));
                given.iter().for_each(|given| tags.extend_from_slice(given));
                given
            }
        };
        last = Some((module.type_id, given));
        for (count, rule) in tech.iter_mut().zip(&TECH_RULES) {
            if rule.counts(module, given[0]) {
                *count = count.saturating_add(quantity(item));
            }
        }
    }
    let seen = places.iter().zip(&PLACE_RULES).filter(|(seen, _)| **seen);
    tags.extend(seen.map(|(_, rule)| rule.tag));
    let enough = tech.iter().zip(&TECH_RULES).filter(|(count, rule)| **count >= rule.modules_min);
    tags.extend(enough.map(|(_, rule)| rule.tag));
}

/// Mails of 2008 to 2011 stack equal modules. One that says no quantity is there all the same.
fn quantity(item: &Item) -> usize {
    let both = [item.quantity_destroyed, item.quantity_dropped].into_iter().flatten();
    let sum = both.fold(0_i64, i64::saturating_add).max(1);
    usize::try_from(sum).unwrap_or(usize::MAX)
}

fn is_module(kind: &Type) -> bool {
    CATEGORIES_MODULE.contains(&kind.category_id)
}

fn add_hull<'a>(tags: &mut Vec<&'a str>, hull: &Type, catalogue: &'a Catalogue) {
    tags.extend(HULL_RULES.iter().filter(|rule| rule.matches(hull)).map(|rule| rule.tag));
    let group = catalogue.groups.get(hull.group_id);
    tags.extend(
        group
            .filter(|group| CATEGORIES_LOST.contains(&group.category_id))
            .map(|group| &*group.name),
    );
}

#[cfg(test)]
mod tests;
