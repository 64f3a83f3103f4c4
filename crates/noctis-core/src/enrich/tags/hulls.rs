//! The rules by which the victim's ship is tagged, as data: a row a tag.

use crate::catalogue::Type;
use crate::enrich::labels::ships::{
    CATEGORIES_STRUCTURE, GROUPS_BLACK_OPS, GROUPS_BUBBLER, GROUPS_CAPITAL, GROUPS_LOGI,
};

/// A tag the victim gets when its ship fits.
pub struct HullRule {
    pub tag: &'static str,
    pub meaning: &'static str,
    when: Hull,
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
const GROUP_CAPSULE: i64 = 29;

/// Venture and Pioneer with their Consortium Issues, Outrider, Perseverance: miners in groups of fighting ships.
const TYPES_MINER: &[i64] = &[32_880, 89_240, 89_647, 89_648, 89_649, 91_174];

const fn hull(tag: &'static str, when: Hull, meaning: &'static str) -> HullRule {
    HullRule { tag, meaning, when }
}

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
