//! Each row of the place rules with an item it takes and items it leaves.

use super::super::places::PLACE_RULES;
use super::{HAIL_S, HOWITZER_II, tags_of};
use crate::enrich::tests::{CATALOGUE, RIFTER, item};

/// A row's tag; an item (type, flag) that gets it; items that do not.
type Case = (&'static str, (i64, i64), &'static [(i64, i64)]);

const CASES: [Case; PLACE_RULES.len()] = [
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
    // Hobgoblin II; a mining drone, a salvage drone.
    ("Drones", (2_456, 87), &[(2_456, 5), (10_246, 87), (32_787, 87)]),
    // Templar I, in the bay of today and in the one of 2008.
    ("Fighters", (23_055, 87), &[(23_055, 5), (2_456, 87), (23_055, 164)]),
    ("Pod Implants", (10_216, 89), &[(10_216, 5), (9_950, 88)]),
    // Standard Blue Pill Booster; an accelerator of training.
    ("Combat Booster", (9_950, 88), &[(9_950, 5), (55_826, 88)]),
    ("Structure Rig", (37_260, 92), &[(37_260, 5), (31_718, 92)]),
    ("Structure Service", (35_892, 164), &[(35_892, 5), (2_048, 164)]),
];

#[test]
fn every_place_rule_takes_its_item_and_leaves_others() {
    for ((tag, takes, leaves), rule) in CASES.iter().zip(&PLACE_RULES) {
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
