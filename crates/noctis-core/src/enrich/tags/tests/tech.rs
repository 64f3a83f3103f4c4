//! Each row of the tech rules with a fit it takes and near misses, and what never counts.

use super::super::tech::TECH_RULES;
use super::{named, tags_of};
use crate::enrich::tests::{RIFTER, item};

/// A row's tag; a fit that gets it; modules that do not, each fitted alone.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

const CASES: [Case; TECH_RULES.len()] = [
    ("T2", &["Damage Control II"], &["Damage Control I", "Hail S", "Hammerhead II"]),
    (
        "Storyline",
        &["'Basic' Gyrostabilizer"],
        &["Gyrostabilizer I", "Republic Fleet Gyrostabilizer"],
    ),
    ("Faction", &["Republic Fleet Gyrostabilizer"], &["Gyrostabilizer II", "Republic Fleet EMP S"]),
    ("Officer", &["Mizuro's Modified Gyrostabilizer"], &["Republic Fleet Gyrostabilizer"]),
    ("Deadspace", &["Gistii C-Type 1MN Afterburner"], &["1MN Afterburner II"]),
    (
        "Abyssal Module",
        &["5MN Abyssal Microwarpdrive"],
        &["5MN Microwarpdrive II", "Unstable 5MN Microwarpdrive Mutaplasmid"],
    ),
    (
        "T2 Guns",
        &["1400mm Howitzer Artillery II"],
        &[
            "1400mm Howitzer Artillery I",
            "Miner II",
            "Damage Control II",
            "Hail S",
            "Torpedo Launcher II",
        ],
    ),
    (
        "Faction Guns",
        &["Shadow Serpentis 125mm Railgun"],
        &["125mm Railgun II", "Domination Torpedo Launcher"],
    ),
    (
        "Officer Guns",
        &["Gotan's Modified 800mm Repeating Cannon"],
        &["Mizuro's Modified Gyrostabilizer"],
    ),
    (
        "T2 Launchers",
        &["Torpedo Launcher II"],
        &["Torpedo Launcher I", "1400mm Howitzer Artillery II"],
    ),
    ("Faction Launchers", &["Domination Torpedo Launcher"], &["Torpedo Launcher II"]),
    (
        "Officer Launchers",
        &["Mizuro's Modified Cruise Missile Launcher"],
        &["Domination Torpedo Launcher", "Gotan's Modified 800mm Repeating Cannon"],
    ),
    (
        "T2 Tank",
        &["Large Shield Extender II"],
        &[
            "Large Shield Extender I",
            "Damage Control II",
            "Large Trimark Armor Pump II",
            "Large Remote Shield Booster II",
        ],
    ),
    (
        "Faction Tank",
        &["Domination Large Shield Booster"],
        &["Large Shield Booster II", "Republic Fleet Gyrostabilizer"],
    ),
    (
        "Deadspace Tank",
        &["Corpii C-Type Small Armor Repairer"],
        &["Small Armor Repairer II", "Gistii C-Type 1MN Afterburner"],
    ),
    (
        "Officer Tank",
        &["Mizuro's Modified Large Armor Repairer"],
        &["Tuvan's Modified Damage Control"],
    ),
    ("Abyssal Tank", &["Small Abyssal Armor Repairer"], &["5MN Abyssal Microwarpdrive"]),
    (
        "T2 Rigs",
        &["Large Trimark Armor Pump II"],
        &["Large Trimark Armor Pump I", "Damage Control II"],
    ),
    (
        "Officer Fit",
        &[
            "Mizuro's Modified Gyrostabilizer",
            "Tuvan's Modified Damage Control",
            "Mizuro's Modified Large Armor Repairer",
        ],
        &["Mizuro's Modified Gyrostabilizer"],
    ),
];

fn fit(names: &[&str]) -> Vec<String> {
    let items = names.iter().zip(11..).map(|(name, flag)| item(named(name).type_id, flag));
    tags_of(RIFTER, items.collect())
}

#[test]
fn every_tech_rule_takes_its_fit_and_leaves_others() {
    for ((tag, takes, leaves), rule) in CASES.iter().zip(&TECH_RULES) {
        assert_eq!(*tag, rule.tag, "the cases stand in the rules' order");
        let tags = fit(takes);
        assert!(tags.iter().any(|own| own == tag), "{takes:?} lacks {tag}: {tags:?}");
        for left in *leaves {
            let tags = fit(&[left]);
            assert!(!tags.iter().any(|own| own == tag), "{left} got {tag}");
        }
        let cargo = takes.iter().map(|name| item(named(name).type_id, 5)).collect();
        assert_eq!(tags_of(RIFTER, cargo), ["Frigate"], "{takes:?} in the cargo hold is no fit");
    }
}

#[test]
fn a_stack_of_2010_counts_each_of_its_modules() {
    let gyrostabilizers = named("Mizuro's Modified Gyrostabilizer").type_id;
    let stack = |quantity| {
        let mut stack = item(gyrostabilizers, 11);
        stack.quantity_destroyed = Some(quantity);
        tags_of(RIFTER, vec![stack]).iter().any(|tag| tag == "Officer Fit")
    };
    assert_eq!((stack(2), stack(3), stack(i64::MAX)), (false, true, true));
}
