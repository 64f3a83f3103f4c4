//! The rules by which what lay where is tagged, as data: a row a tag.

use std::ops::RangeInclusive;

use super::modules::Which;
use crate::catalogue::{Catalogue, Type};

/// A tag the victim gets when something lies in one of these flags.
pub struct PlaceRule {
    pub tag: &'static str,
    pub meaning: &'static str,
    flags: &'static [RangeInclusive<i64>],
    holds: Holds,
}

enum Holds {
    /// Anything but a charge, known or not.
    Anything,
    Categories(&'static [i64]),
    Which(Which),
}

const fn filled(
    tag: &'static str,
    flags: &'static [RangeInclusive<i64>],
    meaning: &'static str,
) -> PlaceRule {
    PlaceRule { tag, meaning, flags, holds: Holds::Anything }
}

const fn holding(
    tag: &'static str,
    flags: &'static [RangeInclusive<i64>],
    holds: Holds,
    meaning: &'static str,
) -> PlaceRule {
    PlaceRule { tag, meaning, flags, holds }
}

const DRONE_BAY: RangeInclusive<i64> = 87..=87;
const FIGHTER_BAY_AND_TUBES: RangeInclusive<i64> = 158..=163;
const RIG_SLOTS: RangeInclusive<i64> = 92..=99;
const SERVICE_SLOTS: RangeInclusive<i64> = 164..=171;

const CATEGORY_STRUCTURE_MODULE: i64 = 66;
const CATEGORY_IMPLANT: i64 = 20;
const CATEGORY_FIGHTER: i64 = 87;
/// Combat Drone, Hybrid Drone: those that shoot. Others mine, repair, jam.
const GROUPS_FIGHTING_DRONE: &[i64] = &[100, 5_239];
/// The market's "Booster": accelerators of training, which are of the same group, are listed elsewhere.
const MARKET_GROUP_BOOSTER: i64 = 977;

pub const PLACE_RULES: [PlaceRule; 17] = [
    filled("Low Slot", &[11..=18], "Something was fitted to a low slot"),
    filled("Mid Slot", &[19..=26], "Something was fitted to a mid slot"),
    filled("High Slot", &[27..=34], "Something was fitted to a high slot"),
    filled("Drone Bay", &[DRONE_BAY], "Something was in the drone bay"),
    filled("Booster Slot", &[88..=88], "The pilot had taken a booster of any kind"),
    filled("Implant Slot", &[89..=89], "Something was plugged in to the pilot's head"),
    filled("Rig", &[RIG_SLOTS], "Rigs were fitted"),
    filled("Subsystem", &[125..=132], "Subsystems were fitted"),
    filled("Fighter Bay", &[158..=158], "Fighters were in the bay"),
    filled("Fighter Tube", &[159..=163], "Fighters were in a launch tube"),
    filled("Service Slot", &[SERVICE_SLOTS], "Something was fitted to a service slot"),
    holding(
        "Drones",
        &[DRONE_BAY],
        Holds::Which(Which::Groups(GROUPS_FIGHTING_DRONE)),
        "Drones that shoot were in the drone bay",
    ),
    // Until 2016 fighters were carried in the drone bay.
    holding(
        "Fighters",
        &[DRONE_BAY, FIGHTER_BAY_AND_TUBES],
        Holds::Categories(&[CATEGORY_FIGHTER]),
        "Fighters were aboard",
    ),
    holding(
        "Pod Implants",
        &[89..=89],
        Holds::Categories(&[CATEGORY_IMPLANT]),
        "The capsule's pilot had implants",
    ),
    holding(
        "Combat Booster",
        &[88..=88],
        Holds::Which(Which::Market(&[MARKET_GROUP_BOOSTER])),
        "The pilot had taken a booster that is not one of training",
    ),
    holding(
        "Structure Rig",
        &[RIG_SLOTS],
        Holds::Categories(&[CATEGORY_STRUCTURE_MODULE]),
        "A structure's rig was fitted",
    ),
    holding(
        "Structure Service",
        &[SERVICE_SLOTS],
        Holds::Categories(&[CATEGORY_STRUCTURE_MODULE]),
        "A structure's service was fitted",
    ),
];

impl PlaceRule {
    /// `kind` is None where the static data does not know the item.
    pub(super) fn matches(&self, flag: i64, kind: Option<&Type>, catalogue: &Catalogue) -> bool {
        self.flags.iter().any(|flags| flags.contains(&flag))
            && match &self.holds {
                Holds::Anything => true,
                Holds::Categories(categories) => {
                    kind.is_some_and(|kind| categories.contains(&kind.category_id))
                }
                Holds::Which(which) => kind.is_some_and(|kind| which.matches(kind, catalogue)),
            }
    }
}
