//! Each row of the module rules with a module it takes and a near miss, and the tables as a whole.

use std::collections::BTreeSet;

use super::super::meanings::MEANINGS;
use super::super::modules::{
    Ancestors, MODULE_RULES, MODULES, ModuleRule, SIZE_RULES, SIZES, Which,
};
use super::{fitted, named};
use crate::enrich::tests::{CATALOGUE, RIFTER, item};

/// What a row takes, and what looks like it but is none.
type Case = (&'static str, &'static str);

const MODULE_CASES: &[Case] = &[
    ("Polarized Mega Pulse Laser", "Mega Pulse Laser II"),
    ("Polarized Light Neutron Blaster", "Light Neutron Blaster II"),
    ("Polarized 200mm AutoCannon", "200mm AutoCannon II"),
    ("Polarized Torpedo Launcher", "Torpedo Launcher II"),
    ("Civilian Gatling Railgun", "Civilian Gatling Pulse Laser"),
    ("Civilian Gatling Autocannon", "Civilian Gatling Pulse Laser"),
    ("Pulse Activated Nexus Invulnerability Core", "Bosonic Field Generator"),
    ("Command Processor I", "Skirmish Warfare Link - Evasive Maneuvers I"),
    ("Assault Damage Control II", "Damage Control II"),
    ("Abyssal Warp Disruptor", "Abyssal Warp Scrambler"),
    ("Heavy Abyssal Warp Scrambler", "Heavy Abyssal Warp Disruptor"),
    ("10MN Abyssal Afterburner", "50MN Abyssal Microwarpdrive"),
    ("5MN Abyssal Microwarpdrive", "1MN Abyssal Afterburner"),
    ("Capital Micro Jump Drive", "Capital Micro Jump Field Generator"),
    ("Capital Micro Jump Field Generator", "Capital Micro Jump Drive"),
    ("Guidance Disruptor II", "Tracking Disruptor II"),
    ("Cynosural Field Generator I", "Covert Cynosural Field Generator I"),
    ("Covert Cynosural Field Generator I", "Cynosural Field Generator I"),
    ("Industrial Cynosural Field Generator", "Cynosural Field Generator I"),
    ("Siege Module II", "Triage Module II"),
    ("Triage Module II", "Siege Module II"),
    ("Bastion Module I", "Siege Module I"),
    ("Large Industrial Core II", "Bastion Module I"),
    ("ECM Jammer Burst Projector", "Sensor Dampening Burst Projector"),
    ("Stasis Webification Burst Projector", "ECM Jammer Burst Projector"),
    ("Energy Neutralization Burst Projector", "ECM Jammer Burst Projector"),
    ("Warp Disruption Burst Projector", "Weapon Disruption Burst Projector"),
    ("Sensor Dampening Burst Projector", "Target Illumination Burst Projector"),
    ("Target Illumination Burst Projector", "Sensor Dampening Burst Projector"),
    ("Weapon Disruption Burst Projector", "Warp Disruption Burst Projector"),
    ("Standup Remote Sensor Dampener II", "Standup Target Painter II"),
    ("Standup Weapon Disruptor I", "Standup Target Painter I"),
    ("Standup Target Painter I", "Standup Weapon Disruptor I"),
    ("Medium Trimark Armor Pump I", "Medium Auxiliary Nano Pump I"),
    ("Small Core Defense Field Extender II", "Small Core Defense Field Purger II"),
    ("Large Transverse Bulkhead I", "Large Trimark Armor Pump I"),
    ("Medium Remote Repair Augmentor I", "Medium Nanobot Accelerator I"),
    ("Small Cargohold Optimization I", "Small Auxiliary Thrusters I"),
    ("Warp Disruptor II", "Warp Scrambler II"),
    ("Initiated Compact Warp Scrambler", "Initiated Compact Warp Disruptor"),
    ("1MN Afterburner II", "5MN Microwarpdrive II"),
    ("50MN Cold-Gas Enduring Microwarpdrive", "10MN Afterburner II"),
    ("Heavy Pulse Laser II", "Small Energy Neutralizer II"),
    ("1400mm Howitzer Artillery II", "Gyrostabilizer II"),
    ("Heavy Neutron Blaster II", "Magnetic Field Stabilizer II"),
    ("Heavy Entropic Disintegrator II", "Entropic Radiation Sink II"),
    ("Medium Vorton Projector II", "Vorton Tuning System II"),
    ("Heavy Missile Launcher II", "Ballistic Control System II"),
    ("Standup Multirole Missile Launcher I", "Standup Guided Bomb Launcher I"),
    ("Bomb Launcher I", "Torpedo Launcher I"),
    ("Medium Breacher Pod Launcher", "Rocket Launcher II"),
    ("Large EMP Smartbomb II", "Heavy Energy Neutralizer II"),
    ("'Judgment' Electromagnetic Doomsday", "Amarr Phenomena Generator"),
    ("Large Shield Extender II", "Large Shield Booster II"),
    ("Large Shield Booster II", "Large Remote Shield Booster II"),
    ("Medium Ancillary Shield Booster", "Medium Shield Booster II"),
    ("Multispectrum Shield Hardener II", "Sensor Booster II"),
    ("1600mm Steel Plates II", "Reinforced Bulkheads II"),
    ("Medium Armor Repairer II", "Medium Remote Armor Repairer II"),
    ("Small Ancillary Armor Repairer", "Small Armor Repairer II"),
    ("Multispectrum Energized Membrane II", "Damage Control II"),
    ("Medium Hull Repairer II", "Medium Remote Hull Repairer II"),
    ("Reinforced Bulkheads II", "Expanded Cargohold II"),
    ("Damage Control II", "Assault Damage Control II"),
    ("Large Remote Shield Booster II", "Large Shield Booster II"),
    ("Medium Ancillary Remote Armor Repairer", "Medium Ancillary Armor Repairer"),
    ("Small Remote Hull Repairer II", "Small Hull Repairer II"),
    ("Large Remote Capacitor Transmitter II", "Large Cap Battery II"),
    ("Medium Micro Jump Drive", "Micro Jump Field Generator"),
    ("Micro Jump Field Generator", "Medium Micro Jump Drive"),
    ("Standup Focused Warp Disruptor I", "Standup Stasis Webifier I"),
    ("Stasis Webifier II", "Heavy Stasis Grappler II"),
    ("Heavy Stasis Grappler I", "Stasis Webifier I"),
    ("Interdiction Sphere Launcher I", "Warp Disruption Field Generator I"),
    ("Warp Disruption Field Generator II", "Warp Disruptor II"),
    ("Interdiction Nullifier I", "Warp Core Stabilizer I"),
    ("Warp Core Stabilizer I", "Inertial Stabilizers II"),
    ("Multispectral ECM II", "Signal Distortion Amplifier II"),
    ("Remote Sensor Dampener II", "Remote Sensor Booster II"),
    ("Tracking Disruptor II", "Remote Tracking Computer II"),
    ("Target Painter II", "Tracking Computer II"),
    ("Medium Energy Neutralizer II", "Medium Energy Nosferatu II"),
    ("Medium Energy Nosferatu II", "Medium Energy Neutralizer II"),
    ("Covert Ops Cloaking Device II", "Covert Cynosural Field Generator I"),
    ("Skirmish Warfare Link - Evasive Maneuvers I", "Command Processor I"),
    ("Covert Jump Portal Generator I", "Covert Cynosural Field Generator I"),
    ("Entosis Link I", "Salvager I"),
    ("Core Probe Launcher I", "Survey Probe Launcher I"),
    ("Modulated Strip Miner II", "Mining Laser Upgrade II"),
    ("Salvager II", "Small Tractor Beam I"),
    ("Relic Analyzer II", "Cargo Scanner II"),
    ("Expanded Cargohold II", "Overdrive Injector System II"),
];

const SIZE_CASES: &[Case] = &[
    ("Civilian Light Electron Blaster", "Medium Breacher Pod Launcher"),
    ("Medium Breacher Pod Launcher", "Small Breacher Pod Launcher"),
    ("Luther Veron's Modified Tachyon Beam Laser", "720mm 'Probe' Artillery I"),
    ("Light Neutron Blaster II", "Heavy Neutron Blaster II"),
    ("720mm Howitzer Artillery II", "1400mm Howitzer Artillery II"),
    ("Supratidal Entropic Disintegrator II", "Heavy Entropic Disintegrator II"),
    ("Quad Mega Pulse Laser I", "Mega Pulse Laser II"),
    ("Rocket Launcher II", "Rapid Light Missile Launcher II"),
    ("Rapid Light Missile Launcher II", "Light Missile Launcher II"),
    ("Torpedo Launcher II", "XL Torpedo Launcher I"),
    ("XL Torpedo Launcher I", "Torpedo Launcher I"),
];

#[track_caller]
fn check(table: &[ModuleRule], cases: &[Case]) {
    assert_eq!(table.len(), cases.len(), "a case a row, in the rows' order");
    for (place, (row, (takes, leaves))) in table.iter().zip(cases).enumerate() {
        let first = |name| table.iter().position(|row| row.when.matches(named(name), &CATALOGUE));
        assert_eq!(first(takes), Some(place), "{takes} is taken by its own row, {:?}", row.tags);
        assert_ne!(first(leaves), Some(place), "{leaves} is not of the row {:?}", row.tags);
        let tags = fitted(RIFTER, takes);
        for tag in row.tags {
            assert!(tags.iter().any(|own| own == tag), "{takes} lacks {tag}: {tags:?}");
        }
        let near_miss = fitted(RIFTER, leaves);
        let all = row.tags.iter().all(|tag| near_miss.iter().any(|own| own == tag));
        assert!(!all || row.tags.is_empty(), "{leaves} got {:?}", row.tags);
        let carried = super::tags_of(RIFTER, vec![item(named(takes).type_id, 5)]);
        assert_eq!(carried, ["Frigate"], "{takes} in the cargo hold is no fit");
    }
}

#[test]
fn every_module_rule_takes_its_module_and_leaves_its_near_miss() {
    check(MODULE_RULES, MODULE_CASES);
}

#[test]
fn every_size_rule_takes_its_weapon_and_leaves_its_near_miss() {
    check(SIZE_RULES, SIZE_CASES);
}

#[test]
fn the_most_specific_rule_stands_first() {
    let specific = |rule: &ModuleRule| match rule.when {
        Which::Types(_) => 0,
        Which::Market(_) => 1,
        Which::Groups(_) => 2,
    };
    assert!(MODULE_RULES.is_sorted_by_key(specific));
    assert!(SIZE_RULES.is_sorted_by_key(specific));
}

#[test]
fn every_id_in_a_rule_is_of_the_static_data_and_stands_once() {
    for table in [MODULE_RULES, SIZE_RULES] {
        let mut seen = BTreeSet::new();
        for rule in table {
            let (sort, ids) = match rule.when {
                Which::Types(ids) => ("type", ids),
                Which::Market(ids) => ("market group", ids),
                Which::Groups(ids) => ("group", ids),
            };
            for id in ids {
                let known = match rule.when {
                    Which::Types(_) => CATALOGUE.types.name(*id),
                    Which::Market(_) => CATALOGUE.market_groups.name(*id),
                    Which::Groups(_) => CATALOGUE.groups.name(*id),
                };
                assert!(known.is_some(), "{sort} {id} of {:?} is not known", rule.tags);
                assert!(seen.insert((sort, *id)), "{sort} {id} stands in two rows");
            }
        }
    }
}

#[test]
fn every_tag_of_a_module_has_a_meaning_and_every_meaning_a_module() {
    let tags: BTreeSet<&str> =
        MODULE_RULES.iter().chain(SIZE_RULES).flat_map(|rule| rule.tags).copied().collect();
    let meant: BTreeSet<&str> = MEANINGS.iter().map(|(tag, _)| *tag).collect();
    assert_eq!(tags, meant);
    assert_eq!(meant.len(), MEANINGS.len(), "a meaning stands once");
}

/// Where one group holds what pilots tell apart, each of its modules has exactly one of the words.
#[test]
fn what_shares_a_group_is_told_apart() {
    let cases: [(i64, &[&str]); 6] = [
        (52, &["Warp Disruptor", "Warp Scrambler"]),
        (46, &["Afterburner", "Microwarpdrive"]),
        (60, &["Damage Control", "Assault Damage Control"]),
        (291, &["Tracking Disruptor", "Guidance Disruptor"]),
        (515, &["Siege", "Triage", "Bastion", "Industrial Core"]),
        (658, &["Cyno", "Covert Cyno", "Industrial Cyno"]),
    ];
    for (group, words) in cases {
        for kind in CATALOGUE.types.iter().filter(|kind| kind.group_id == group && kind.published) {
            let tags = fitted(RIFTER, &kind.name);
            let told: Vec<_> =
                words.iter().filter(|word| tags.iter().any(|tag| tag == *word)).collect();
            assert_eq!(told.len(), 1, "{} is {told:?}", kind.name);
            // Names are no rule, but where they speak they must not contradict.
            let name = kind.name.to_lowercase();
            for word in
                ["Scrambler", "Disruptor", "Afterburner", "Microwarpdrive", "Assault", "Guidance"]
            {
                if name.contains(&word.to_lowercase()) {
                    assert!(told[0].contains(word), "{} is {told:?}", kind.name);
                }
            }
        }
    }
}

#[test]
fn every_gun_and_launcher_that_fits_a_slot_has_one_size() {
    const STRUCTURE_MODULE: i64 = 66;
    let weapons =
        ["Energy", "Hybrid", "Projectile", "Disintegrator", "Vorton", "Missile", "Breacher"];
    let sizes = ["Small", "Medium", "Large", "Capital Weapons"];
    let mut count = 0;
    for kind in
        CATALOGUE.types.iter().filter(|kind| kind.published && kind.category_id != STRUCTURE_MODULE)
    {
        let tags = MODULES.tags(kind, &Ancestors::of(kind, &CATALOGUE));
        if kind.slot.is_none() || !tags.iter().any(|tag| weapons.contains(tag)) {
            continue;
        }
        let size = SIZES.tags(kind, &Ancestors::of(kind, &CATALOGUE));
        assert!(matches!(size, [size] if sizes.contains(size)), "{} is {size:?}", kind.name);
        count += 1;
    }
    println!("{count} weapons have a size");
    assert!(count > 700);
}
