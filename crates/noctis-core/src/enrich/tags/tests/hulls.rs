//! Each row of the hull rules with a hull it takes and hulls it leaves.

use super::super::hulls::HULL_RULES;
use super::tags_of;
use crate::enrich::tests::CATALOGUE;

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
