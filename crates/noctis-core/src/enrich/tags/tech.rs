//! The rules by which the quality of a fit is tagged, as data: a row a tag.

use crate::catalogue::{Slot, Type};

/// A tag the victim gets when enough fitted modules are of a meta group.
pub struct TechRule {
    pub tag: &'static str,
    pub meaning: &'static str,
    meta_groups: &'static [i64],
    of: Of,
    pub(super) modules_min: usize,
}

/// Which modules count.
#[derive(Clone, Copy)]
enum Of {
    Any,
    /// Turrets; rigs for them are none.
    Guns,
    Launchers,
    /// What tanks the ship itself; neither rigs nor damage controls, which go with any tank.
    Tank,
    Rigs,
}

const TAGS_GUN: &[&str] = &["Energy", "Hybrid", "Projectile", "Disintegrator", "Vorton"];
const TAGS_LAUNCHER: &[&str] = &["Missile"];
const TAGS_TANK: &[&str] = &["Shield", "Armor", "Hull"];

/// Tech II, Structure Tech II.
const T2: &[i64] = &[2, 53];
/// Faction, Structure Faction.
const FACTION: &[i64] = &[4, 52];
const OFFICER: &[i64] = &[5];
const DEADSPACE: &[i64] = &[6];
const ABYSSAL: &[i64] = &[15];

/// From so many officer modules on it is the fit that is officer.
const OFFICER_FIT_MODULES_MIN: usize = 3;

const fn any(tag: &'static str, meta_groups: &'static [i64], meaning: &'static str) -> TechRule {
    TechRule { tag, meaning, meta_groups, of: Of::Any, modules_min: 1 }
}

const fn some(
    tag: &'static str,
    of: Of,
    meta_groups: &'static [i64],
    meaning: &'static str,
) -> TechRule {
    TechRule { tag, meaning, meta_groups, of, modules_min: 1 }
}

pub const TECH_RULES: [TechRule; 19] = [
    any("T2", T2, "A fitted module was Tech II"),
    any("Storyline", &[3], "A fitted module was storyline"),
    any("Faction", FACTION, "A fitted module was faction"),
    any("Officer", OFFICER, "A fitted module was officer"),
    any("Deadspace", DEADSPACE, "A fitted module was deadspace"),
    any("Abyssal Module", ABYSSAL, "A fitted module was mutated"),
    some("T2 Guns", Of::Guns, T2, "A fitted turret weapon was Tech II"),
    some("Faction Guns", Of::Guns, FACTION, "A fitted turret weapon was faction"),
    some("Officer Guns", Of::Guns, OFFICER, "A fitted turret weapon was officer"),
    some("T2 Launchers", Of::Launchers, T2, "A fitted missile launcher was Tech II"),
    some("Faction Launchers", Of::Launchers, FACTION, "A fitted missile launcher was faction"),
    some("Officer Launchers", Of::Launchers, OFFICER, "A fitted missile launcher was officer"),
    some("T2 Tank", Of::Tank, T2, "A fitted module of the tank was Tech II, rigs not counted"),
    some("Faction Tank", Of::Tank, FACTION, "A fitted module of the tank was faction"),
    some("Deadspace Tank", Of::Tank, DEADSPACE, "A fitted module of the tank was deadspace"),
    some("Officer Tank", Of::Tank, OFFICER, "A fitted module of the tank was officer"),
    some("Abyssal Tank", Of::Tank, ABYSSAL, "A fitted module of the tank was mutated"),
    some("T2 Rigs", Of::Rigs, T2, "A fitted rig was Tech II"),
    TechRule {
        tag: "Officer Fit",
        meaning: "Three fitted modules or more were officer",
        meta_groups: OFFICER,
        of: Of::Any,
        modules_min: OFFICER_FIT_MODULES_MIN,
    },
];

impl TechRule {
    /// Whether a fitted module with these tags counts.
    pub(super) fn counts(&self, module: &Type, tags: &[&str]) -> bool {
        let of_meta = module.meta_group_id.is_some_and(|meta| self.meta_groups.contains(&meta));
        let is_rig = module.slot == Some(Slot::Rig);
        let tagged = |wanted: &[&str]| !is_rig && tags.iter().any(|tag| wanted.contains(tag));
        of_meta
            && match self.of {
                Of::Any => true,
                Of::Guns => tagged(TAGS_GUN),
                Of::Launchers => tagged(TAGS_LAUNCHER),
                Of::Tank => tagged(TAGS_TANK),
                Of::Rigs => is_rig,
            }
    }
}
