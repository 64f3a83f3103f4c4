//! Each row of the rules with what it takes and what it leaves, and the strings as a whole.

use std::collections::BTreeMap;

mod hulls;
mod modules;
mod places;
mod tech;

use super::*;
use crate::enrich::tests::{CAPSULE, CATALOGUE, RIFTER, item, kill};
use crate::enrich::{Sources, enrich};

const HOWITZER_II: i64 = 2_961;
const HAIL_S: i64 = 12_608;

fn tags_of(ship_type_id: i64, items: Vec<Item>) -> Vec<String> {
    let mut killmail = kill();
    killmail.victim.ship_type_id = ship_type_id;
    killmail.victim.items = items;
    enrich(&killmail, None, &Sources::without_prices(&CATALOGUE)).module_tags
}

/// The tags of a ship with one module in a slot.
fn fitted(ship_type_id: i64, name: &str) -> Vec<String> {
    tags_of(ship_type_id, vec![item(named(name).type_id, 27)])
}

fn named(name: &str) -> &'static Type {
    let id = CATALOGUE.types.named(name).next().map(|kind| kind.type_id);
    id.and_then(|id| CATALOGUE.types.get(id)).unwrap_or_else(|| panic!("no type is called {name}"))
}

#[test]
fn a_fit_is_tagged_as_a_pilot_would_say_it() {
    let fit = vec![
        item(HOWITZER_II, 27),
        item(HAIL_S, 27),
        item(2_048, 11),
        item(438, 19),
        item(31_718, 92),
        Item { items: vec![item(14_484, 19)], ..item(17_366, 5) },
        item(15_681, 5),
    ];
    assert_eq!(
        tags_of(RIFTER, fit),
        [
            "Afterburner",
            "Damage Control",
            "Frigate",
            "High Slot",
            "Large",
            "Low Slot",
            "Mid Slot",
            "Projectile",
            "Rig",
            "Shield",
            "T2",
            "T2 Guns"
        ]
    );
    assert_eq!(
        tags_of(CAPSULE, vec![item(10_216, 89)]),
        ["Capsule", "Implant Slot", "Pod Implants"]
    );
}

#[test]
fn a_mail_of_2008_has_its_tech_but_no_slots() {
    let mut killmail = kill();
    killmail.killmail_time = "2008-06-01T12:00:00Z".parse().unwrap();
    killmail.victim.items = vec![item(HOWITZER_II, 0), item(HAIL_S, 0), item(15_681, 5)];
    let tags = enrich(&killmail, None, &Sources::without_prices(&CATALOGUE)).module_tags;
    assert_eq!(tags, ["Frigate", "Large", "Projectile", "T2", "T2 Guns"]);
    // A structure's hangar has flag 0 today.
    assert_eq!(tags_of(RIFTER, killmail.victim.items), ["Frigate"]);
}

#[test]
fn no_charge_ever_tags() {
    let charges = CATALOGUE.types.iter().filter(|kind| kind.category_id == CATEGORY_CHARGE);
    let everywhere =
        charges.flat_map(|charge| [0, 11, 19, 27, 87, 92].map(|flag| item(charge.type_id, flag)));
    assert_eq!(tags_of(RIFTER, everywhere.collect()), ["Frigate"]);
}

#[test]
fn every_tag_has_one_meaning() {
    let places = PLACE_RULES.iter().map(|rule| rule.tag);
    let tech = TECH_RULES.iter().map(|rule| rule.tag);
    let modules = MEANINGS.iter().map(|(tag, _)| *tag);
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    places
        .chain(tech)
        .chain(modules)
        .chain(HULL_RULES.iter().map(|rule| rule.tag))
        .for_each(|tag| *rules.entry(tag).or_default() += 1);
    for (tag, count) in rules {
        assert_eq!(count, 1, "{tag} stands in two rows");
        // A group of the same name would mean it too, so all its types must be what the row means.
        for kind in CATALOGUE.types.iter() {
            let Some(group) =
                CATALOGUE.groups.get(kind.group_id).filter(|group| &*group.name == tag)
            else {
                continue;
            };
            let lost = CATEGORIES_LOST.contains(&group.category_id);
            let meant = HULL_RULES.iter().any(|rule| rule.tag == tag && rule.matches(kind));
            assert!(
                !lost || meant,
                "the group {tag} has {}, which the row does not mean",
                kind.name
            );
        }
    }
}

#[test]
fn the_list_of_tags_is_sorted_and_each_stands_once() {
    let tags = every(&CATALOGUE);
    assert!(tags.is_sorted_by(|one, next| one.tag < next.tag));
    let meaning =
        |tag| tags.iter().find(|known| known.tag == tag).map(|known| known.meaning.as_ref());
    assert_eq!(meaning("Freighter"), Some("A freighter or jump freighter"));
    assert_eq!(meaning("Jump Freighter"), Some("The victim was of the group Jump Freighter"));
    assert_eq!(meaning("T2 Guns"), Some("A fitted turret weapon was Tech II"));
}
