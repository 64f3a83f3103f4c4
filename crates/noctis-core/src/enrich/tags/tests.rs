//! Each row of the rules with what it takes and what it leaves, and the strings as a whole.

use std::collections::BTreeMap;

use super::*;
use crate::enrich::tests::{CAPSULE, CATALOGUE, RIFTER, item, kill};
use crate::enrich::{Sources, enrich};

const HOWITZER_II: i64 = 2_961;
const HAIL_S: i64 = 12_608;

/// A row's tag; an item (type, flag) that gets it; items that do not.
type FitCase = (&'static str, (i64, i64), &'static [(i64, i64)]);

const FIT_CASES: [FitCase; FIT_RULES.len()] = [
    ("Low Slot", (2_048, 11), &[(2_048, 10), (2_048, 19), (2_048, 5), (2_048, 0)]),
    ("Mid Slot", (438, 26), &[(438, 18), (438, 27)]),
    ("High Slot", (HOWITZER_II, 27), &[(HAIL_S, 27), (HOWITZER_II, 35), (HOWITZER_II, 26)]),
    ("Drone Bay", (2_488, 87), &[(2_488, 5)]),
    ("Booster Slot", (9_950, 88), &[(9_950, 5)]),
    ("Implant Slot", (10_216, 89), &[(10_216, 5)]),
    ("Rig", (31_718, 92), &[(31_718, 5), (31_718, 100)]),
    ("Subsystem", (45_601, 125), &[(45_601, 124), (45_601, 133)]),
    ("Fighter Bay", (23_055, 158), &[(23_055, 159)]),
    ("Fighter Tube", (23_055, 163), &[(23_055, 158), (23_055, 164)]),
    ("Service Slot", (35_892, 164), &[(35_892, 172)]),
    ("T2", (2_048, 11), &[(2_048, 5), (HAIL_S, 27), (2_488, 87), (520, 11)]),
    ("Storyline", (518, 11), &[(518, 5)]),
    ("Faction", (15_681, 11), &[(15_681, 5), (2_048, 11), (21_898, 27)]),
    ("Officer", (14_484, 19), &[(14_484, 5), (14_166, 27)]),
    ("Deadspace", (18_710, 11), &[(18_710, 5)]),
    ("Abyssal Module", (47_408, 19), &[(47_408, 5)]),
    (
        "T2 Guns",
        (HOWITZER_II, 27),
        &[(HOWITZER_II, 5), (498, 27), (482, 27), (2_048, 11), (HAIL_S, 27)],
    ),
    ("T2 Launchers", (2_404, 27), &[(2_404, 5), (HOWITZER_II, 27), (499, 27)]),
];

fn tags_of(ship_type_id: i64, items: Vec<Item>) -> Vec<String> {
    let mut killmail = kill();
    killmail.victim.ship_type_id = ship_type_id;
    killmail.victim.items = items;
    enrich(&killmail, None, &Sources::without_prices(&CATALOGUE)).module_tags
}

#[test]
fn every_fit_rule_takes_its_item_and_leaves_others() {
    for ((tag, takes, leaves), rule) in FIT_CASES.iter().zip(&FIT_RULES) {
        assert_eq!(*tag, rule.tag, "the cases stand in the rules' order");
        let tags = tags_of(RIFTER, vec![item(takes.0, takes.1)]);
        assert!(tags.iter().any(|own| own == tag), "{takes:?} lacks {tag}: {tags:?}");
        for left in *leaves {
            let name = CATALOGUE.types.name(left.0).expect("the case names a known type");
            let tags = tags_of(RIFTER, vec![item(left.0, left.1)]);
            assert!(!tags.iter().any(|own| own == tag), "{name} {left:?} got {tag}");
        }
    }
}

/// A row's tag; a hull that gets it; hulls that do not.
type HullCase = (&'static str, &'static str, &'static [&'static str]);

const HULL_CASES: [HullCase; HULL_RULES.len()] = [
    ("T2 Hull", "Sabre", &["Rifter", "Tengu", "Dramiel"]),
    ("T3 Hull", "Tengu", &["Sabre", "Rifter"]),
    ("Faction Hull", "Dramiel", &["Rifter", "Sabre", "Capsule - Genolution 'Auroral' 197-variant"]),
    ("Logi", "Guardian", &["Osprey"]),
    ("Tackle", "Stiletto", &["Rifter", "Hound"]),
    ("Bomber", "Hound", &["Cheetah"]),
    ("Bubbler", "Devoter", &["Stiletto"]),
    ("Hauler", "Viator", &["Providence"]),
    ("Miner", "Venture", &["Rifter", "Catalyst"]),
    ("Black Ops", "Sin", &["Dominix"]),
    ("Freighter", "Rhea", &["Viator"]),
    ("Capital", "Erebus", &["Providence", "Orca"]),
    ("Structure", "Astrahus", &["Rifter", "Mobile Tractor Unit"]),
    ("Capsule", "Capsule", &["Ibis"]),
];

fn hull_tags(name: &str) -> Vec<String> {
    let hull = CATALOGUE
        .types
        .named(name)
        .find(|hull| hull.published)
        .expect("the case names a known hull");
    tags_of(hull.type_id, Vec::new())
}

#[test]
fn every_hull_rule_takes_its_hull_and_leaves_others() {
    for ((tag, takes, leaves), rule) in HULL_CASES.iter().zip(&HULL_RULES) {
        assert_eq!(*tag, rule.tag, "the cases stand in the rules' order");
        assert!(hull_tags(takes).iter().any(|own| own == tag), "{takes} lacks {tag}");
        for left in *leaves {
            assert!(!hull_tags(left).iter().any(|own| own == tag), "{left} got {tag}");
        }
    }
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
        ["Frigate", "High Slot", "Low Slot", "Mid Slot", "Rig", "T2", "T2 Guns"]
    );
    assert_eq!(tags_of(CAPSULE, vec![item(10_216, 89)]), ["Capsule", "Implant Slot"]);
}

#[test]
fn a_mail_of_2008_has_its_tech_but_no_slots() {
    let mut killmail = kill();
    killmail.killmail_time = "2008-06-01T12:00:00Z".parse().unwrap();
    killmail.victim.items = vec![item(HOWITZER_II, 0), item(HAIL_S, 0), item(15_681, 5)];
    let tags = enrich(&killmail, None, &Sources::without_prices(&CATALOGUE)).module_tags;
    assert_eq!(tags, ["Frigate", "T2", "T2 Guns"]);
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
    let fits = FIT_RULES.iter().map(|rule| rule.tag);
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    fits.chain(HULL_RULES.iter().map(|rule| rule.tag))
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
