//! The rules by which a fit and a hull are tagged, as data: a row a tag.

use std::ops::RangeInclusive;

use crate::catalogue::{Hardpoint, Slot, Type};
use crate::enrich::labels::ships::{
    CATEGORIES_STRUCTURE, GROUPS_BLACK_OPS, GROUPS_BUBBLER, GROUPS_CAPITAL, GROUPS_LOGI,
};

/// A tag the victim gets when any item fits.
pub struct FitRule {
    pub tag: &'static str,
    pub meaning: &'static str,
    when: Fit,
}

/// A tag the victim gets when its ship fits.
pub struct HullRule {
    pub tag: &'static str,
    pub meaning: &'static str,
    when: Hull,
}

enum Fit {
    /// Something lies in one of these flags.
    In(RangeInclusive<i64>),
    /// A fitted module is of one of these meta groups.
    Meta(&'static [i64]),
    /// A fitted module of Tech II is of one of these groups.
    T2Gun(&'static [i64]),
    /// A fitted module of Tech II needs a launcher hardpoint.
    T2Launcher,
}

enum Hull {
    Groups(&'static [i64]),
    GroupsOrTypes(&'static [i64], &'static [i64]),
    Categories(&'static [i64]),
    /// A ship with this meta group or tech level, capsules left out.
    Tech {
        meta_group_id: i64,
        tech_level: Option<u8>,
    },
}

const CATEGORY_SHIP: i64 = 6;
/// Module, Subsystem, Structure Module.
const CATEGORIES_MODULE: [i64; 3] = [7, 32, 66];
const GROUP_CAPSULE: i64 = 29;

/// Tech II, Structure Tech II.
const META_T2: &[i64] = &[2, 53];

/// Energy, Hybrid, Projectile, Precursor Weapon, Vorton Projector. Mining lasers sit on turret hardpoints too.
const GROUPS_GUN: &[i64] = &[53, 55, 74, 1986, 4060];

/// Venture and Pioneer with their Consortium Issues, Outrider, Perseverance: miners in groups of fighting ships.
const TYPES_MINER: &[i64] = &[32_880, 89_240, 89_647, 89_648, 89_649, 91_174];

const fn fit(tag: &'static str, when: Fit, meaning: &'static str) -> FitRule {
    FitRule { tag, meaning, when }
}

const fn hull(tag: &'static str, when: Hull, meaning: &'static str) -> HullRule {
    HullRule { tag, meaning, when }
}

pub const FIT_RULES: [FitRule; 19] = [
    fit("Low Slot", Fit::In(11..=18), "Something was fitted to a low slot"),
    fit("Mid Slot", Fit::In(19..=26), "Something was fitted to a mid slot"),
    fit("High Slot", Fit::In(27..=34), "Something was fitted to a high slot"),
    fit("Drone Bay", Fit::In(87..=87), "Drones were aboard"),
    fit("Booster Slot", Fit::In(88..=88), "The pilot had taken a booster"),
    fit("Implant Slot", Fit::In(89..=89), "The pilot had implants plugged in"),
    fit("Rig", Fit::In(92..=99), "Rigs were fitted"),
    fit("Subsystem", Fit::In(125..=132), "Subsystems were fitted"),
    fit("Fighter Bay", Fit::In(158..=158), "Fighters were aboard"),
    fit("Fighter Tube", Fit::In(159..=163), "Fighters were in a launch tube"),
    fit("Service Slot", Fit::In(164..=171), "A structure service was fitted"),
    fit("T2", Fit::Meta(META_T2), "A fitted module was Tech II"),
    fit("Storyline", Fit::Meta(&[3]), "A fitted module was storyline"),
    fit("Faction", Fit::Meta(&[4, 52]), "A fitted module was faction"),
    fit("Officer", Fit::Meta(&[5]), "A fitted module was officer"),
    fit("Deadspace", Fit::Meta(&[6]), "A fitted module was deadspace"),
    fit("Abyssal Module", Fit::Meta(&[15]), "A fitted module was mutated"),
    fit("T2 Guns", Fit::T2Gun(GROUPS_GUN), "A fitted turret weapon was Tech II"),
    fit("T2 Launchers", Fit::T2Launcher, "A fitted missile launcher was Tech II"),
];

pub const HULL_RULES: [HullRule; 14] = [
    hull("T2 Hull", Hull::Tech { meta_group_id: 2, tech_level: Some(2) }, "The ship was Tech II"),
    hull("T3 Hull", Hull::Tech { meta_group_id: 14, tech_level: Some(3) }, "The ship was Tech III"),
    hull("Faction Hull", Hull::Tech { meta_group_id: 4, tech_level: None }, "The ship was faction"),
    hull(
        "Logi",
        Hull::Groups(GROUPS_LOGI),
        "A logistics ship, logistics frigate or force auxiliary",
    ),
    hull(
        "Tackle",
        Hull::Groups(&[831, 541, 894]),
        "An interceptor, interdictor or heavy interdictor",
    ),
    hull("Bomber", Hull::Groups(&[834]), "A stealth bomber"),
    hull("Bubbler", Hull::Groups(GROUPS_BUBBLER), "An interdictor or heavy interdictor"),
    hull(
        "Hauler",
        Hull::Groups(&[28, 380, 1202]),
        "A hauler, deep space transport or blockade runner",
    ),
    hull(
        "Miner",
        Hull::GroupsOrTypes(&[463, 543, 883, 941, 1283], TYPES_MINER),
        "A mining barge, exhumer, mining frigate or destroyer, or a ship that commands miners",
    ),
    hull("Black Ops", Hull::Groups(GROUPS_BLACK_OPS), "A Black Ops battleship"),
    hull("Freighter", Hull::Groups(&[513, 902]), "A freighter or jump freighter"),
    hull("Capital", Hull::Groups(GROUPS_CAPITAL), "A capital ship, freighters not included"),
    hull(
        "Structure",
        Hull::Categories(CATEGORIES_STRUCTURE),
        "A starbase, sovereignty structure, customs office, skyhook or Upwell structure",
    ),
    hull("Capsule", Hull::Groups(&[GROUP_CAPSULE]), "A capsule"),
];

impl FitRule {
    /// `kind` is None where the static data does not know the item or it was not fitted.
    pub(super) fn matches(&self, flag: i64, kind: Option<&Type>) -> bool {
        let module = kind.filter(|kind| CATEGORIES_MODULE.contains(&kind.category_id));
        match &self.when {
            Fit::In(flags) => flags.contains(&flag),
            Fit::Meta(groups) => module.is_some_and(|module| is_of_meta(module, groups)),
            Fit::T2Gun(groups) => module.is_some_and(|module| {
                module.hardpoint == Some(Hardpoint::Turret)
                    && groups.contains(&module.group_id)
                    && is_of_meta(module, META_T2)
            }),
            // A countermeasure launcher claims a launcher hardpoint as well, but from a mid slot.
            Fit::T2Launcher => module.is_some_and(|module| {
                module.hardpoint == Some(Hardpoint::Launcher)
                    && module.slot == Some(Slot::High)
                    && is_of_meta(module, META_T2)
            }),
        }
    }
}

impl HullRule {
    pub(super) fn matches(&self, ship: &Type) -> bool {
        match self.when {
            Hull::Groups(groups) => groups.contains(&ship.group_id),
            Hull::GroupsOrTypes(groups, types) => {
                groups.contains(&ship.group_id) || types.contains(&ship.type_id)
            }
            Hull::Categories(categories) => categories.contains(&ship.category_id),
            Hull::Tech { meta_group_id, tech_level } => {
                ship.category_id == CATEGORY_SHIP
                    && ship.group_id != GROUP_CAPSULE
                    && (ship.meta_group_id == Some(meta_group_id)
                        || tech_level.is_some() && ship.tech_level == tech_level)
            }
        }
    }
}

fn is_of_meta(module: &Type, meta_groups: &[i64]) -> bool {
    module.meta_group_id.is_some_and(|meta| meta_groups.contains(&meta))
}
