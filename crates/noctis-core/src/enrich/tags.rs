//! The module tags of a kill: what the victim had fitted and what hull it was, in stable strings.
//!
//! The rules are the tables of [`rules`]. One string has one meaning; charges never tag.

pub mod rules;

use std::borrow::Cow;

use self::rules::{FIT_RULES, HULL_RULES};
use crate::catalogue::{Catalogue, Type};
use crate::enrich::fitted::Fitted;
use crate::killmail::{Item, Killmail};

/// Ammunition and scripts: they say little of a fit, and most would be `Faction`.
const CATEGORY_CHARGE: i64 = 8;

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
    let fits = FIT_RULES.iter().map(|rule| (rule.tag, rule.meaning));
    let mut tags: Vec<Tag<'_>> = fits
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
fn add_fit(tags: &mut Vec<&str>, items: &[Item], fitted: Fitted, catalogue: &Catalogue) {
    let mut present = [false; FIT_RULES.len()];
    for item in items {
        let kind = catalogue.types.get(item.item_type_id);
        if kind.is_some_and(|kind| kind.category_id == CATEGORY_CHARGE) {
            continue;
        }
        for (seen, rule) in present.iter_mut().zip(&FIT_RULES) {
            *seen = *seen || rule.matches(item.flag, kind.filter(|_| fitted.holds(item.flag)));
        }
    }
    tags.extend(
        present.iter().zip(&FIT_RULES).filter(|(seen, _)| **seen).map(|(_, rule)| rule.tag),
    );
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
