//! What is fitted, fired and carried: the static data's modules, charges, drones and goods, by how common they are.

use std::collections::HashMap;

use super::dice::{Dice, Weighted};
use super::source::{GalaxySource, Slot, SourceType, TypesByGroup};

/// Types to draw from; may be empty where the static data has none.
#[derive(Default)]
pub(super) struct Shelf {
    type_ids: Vec<i64>,
    weighted: Option<Weighted>,
}

impl Shelf {
    /// None from an empty shelf.
    pub(super) fn draw(&self, dice: &mut Dice) -> Option<i64> {
        let weighted = self.weighted.as_ref()?;
        Some(self.type_ids[weighted.draw(dice)])
    }

    /// Every type of the groups: by the group's popularity first, then by meta group.
    fn new(types: &[&SourceType], popularity: impl Fn(i64) -> f64) -> Shelf {
        let mut siblings: HashMap<(i64, Option<i64>), f64> = HashMap::new();
        for of_type in types {
            *siblings.entry((of_type.group_id, of_type.meta_group_id)).or_default() += 1.0;
        }
        let weigh = |of_type: &&SourceType| {
            let siblings = siblings[&(of_type.group_id, of_type.meta_group_id)];
            popularity(of_type.group_id) * meta_share(of_type.meta_group_id) / siblings
        };
        let weights: Vec<f64> = types.iter().map(weigh).collect();
        Shelf {
            type_ids: types.iter().map(|of_type| of_type.type_id).collect(),
            weighted: Weighted::new(&weights),
        }
    }
}

/// A gun with the charges that go into it.
pub(super) struct Gun {
    pub(super) type_id: i64,
    charges: usize,
}

/// All shelves.
pub(super) struct Armoury {
    guns: Vec<Gun>,
    guns_weighted: Option<Weighted>,
    charges: Vec<Shelf>,
    pub(super) utility_high: Shelf,
    pub(super) mid: Shelf,
    pub(super) low: Shelf,
    pub(super) rig: Shelf,
    pub(super) subsystems: Vec<Shelf>,
    pub(super) drone: Shelf,
    pub(super) fighter: Shelf,
    pub(super) implant: Shelf,
    pub(super) tackle: Shelf,
    pub(super) missile: Shelf,
    pub(super) goods: Shelf,
    pub(super) blueprint: Shelf,
    pub(super) container: Shelf,
    pub(super) fuel: Shelf,
    pub(super) structure: HashMap<Slot, Shelf>,
}

/// Gun groups, how common they are, and the groups of what they fire.
const GUNS: [(i64, f64, &[i64]); 12] = [
    (74, 10.0, &[85, 373, 377]),
    (53, 7.0, &[86, 374, 375]),
    (55, 7.0, &[83, 372, 376]),
    (509, 3.0, &[384, 653, 394]),
    (510, 2.0, &[385, 655, 395]),
    (771, 1.5, &[772, 654]),
    (507, 2.0, &[387, 648]),
    (511, 1.5, &[384, 653]),
    (508, 1.0, &[89, 657]),
    (506, 0.7, &[386, 656, 396]),
    (1245, 0.5, &[385, 655]),
    (1986, 0.5, &[1987, 1989]),
];
const MID_GROUPS: [(i64, f64); 10] = [
    (46, 10.0),
    (52, 9.0),
    (38, 8.0),
    (65, 4.0),
    (212, 4.0),
    (77, 3.0),
    (76, 2.0),
    (338, 1.0),
    (201, 1.0),
    (61, 1.0),
];
const LOW_GROUPS: [(i64, f64); 14] = [
    (60, 12.0),
    (302, 7.0),
    (59, 5.0),
    (763, 5.0),
    (205, 5.0),
    (326, 4.0),
    (329, 4.0),
    (367, 4.0),
    (98, 3.0),
    (328, 3.0),
    (645, 3.0),
    (211, 3.0),
    (339, 3.0),
    (1199, 2.5),
];
const RIG_GROUPS: [(i64, f64); 8] = [
    (774, 14.0),
    (773, 8.0),
    (781, 6.0),
    (782, 6.0),
    (776, 3.0),
    (775, 2.0),
    (777, 1.0),
    (779, 1.0),
];
const UTILITY_GROUPS: [(i64, f64); 4] = [(71, 4.0), (330, 3.0), (68, 2.0), (481, 1.0)];
const TACKLE_GROUPS: [i64; 5] = [52, 65, 201, 208, 379];
const SUBSYSTEM_GROUPS: [i64; 4] = [954, 956, 957, 958];
const CONTAINER_GROUPS: [i64; 4] = [12, 340, 448, 649];
const FUEL_GROUPS: [i64; 2] = [1136, 423];
const QUANTUM_CORES: i64 = 4086;
/// A group nobody listed still turns up now and then.
const OTHER_GROUP: f64 = 0.15;

const MODULE: i64 = 7;
const CHARGE: i64 = 8;
const BLUEPRINT: i64 = 9;
const DRONE: i64 = 18;
const IMPLANT: i64 = 20;
const STRUCTURE_MODULE: i64 = 66;
const FIGHTER: i64 = 87;
/// Material, commodities, asteroids and planetary goods: what haulers haul.
const GOODS: [(i64, f64); 5] = [(4, 4.0), (17, 2.0), (25, 1.0), (43, 2.0), (CHARGE, 6.0)];

impl Armoury {
    pub(super) fn new(source: &GalaxySource) -> Armoury {
        let types = TypesByGroup::new(source);
        let modules = types.category(MODULE);
        let (guns, charges, guns_weighted) = gun_rack(&types);
        let slot = |slot: Slot| -> Vec<&SourceType> {
            let of_slot = modules.iter().filter(|module| module.slot == Some(slot));
            of_slot.filter(|module| gun_popularity(module.group_id) == 0.0).copied().collect()
        };
        let category = |category_id: i64| Shelf::new(&types.category(category_id), |_| 1.0);
        let groups = |group_ids: &[i64]| {
            let of_groups: Vec<&SourceType> =
                group_ids.iter().flat_map(|&group_id| types.group(group_id)).copied().collect();
            Shelf::new(&of_groups, |_| 1.0)
        };
        let missiles: Vec<i64> =
            GUNS[3..].iter().flat_map(|(_, _, charges)| charges.iter().copied()).collect();
        let structure_modules = types.category(STRUCTURE_MODULE);
        let structure_slots = [Slot::High, Slot::Mid, Slot::Low, Slot::Rig, Slot::Service];
        let structure = structure_slots.map(|slot| {
            let fits = structure_modules
                .iter()
                .filter(|module| module.slot == Some(slot) && module.group_id != QUANTUM_CORES);
            (slot, Shelf::new(&fits.copied().collect::<Vec<&SourceType>>(), |_| 1.0))
        });
        Armoury {
            guns,
            guns_weighted,
            charges,
            utility_high: Shelf::new(&slot(Slot::High), |group_id| {
                popularity(&UTILITY_GROUPS, group_id)
            }),
            mid: Shelf::new(&slot(Slot::Mid), |group_id| popularity(&MID_GROUPS, group_id)),
            low: Shelf::new(&slot(Slot::Low), |group_id| popularity(&LOW_GROUPS, group_id)),
            rig: Shelf::new(&slot(Slot::Rig), |group_id| popularity(&RIG_GROUPS, group_id)),
            subsystems: SUBSYSTEM_GROUPS.iter().map(|&group_id| groups(&[group_id])).collect(),
            drone: category(DRONE),
            fighter: category(FIGHTER),
            implant: category(IMPLANT),
            tackle: groups(&TACKLE_GROUPS),
            missile: groups(&missiles),
            goods: goods_shelf(&types),
            blueprint: category(BLUEPRINT),
            container: groups(&CONTAINER_GROUPS),
            fuel: groups(&FUEL_GROUPS),
            structure: structure.into_iter().collect(),
        }
    }

    /// None where the static data has no guns.
    pub(super) fn gun(&self, dice: &mut Dice) -> Option<&Gun> {
        let weighted = self.guns_weighted.as_ref()?;
        Some(&self.guns[weighted.draw(dice)])
    }

    /// A charge that fits into the gun.
    pub(super) fn charge_for(&self, gun: &Gun, dice: &mut Dice) -> Option<i64> {
        self.charges[gun.charges].draw(dice)
    }
}

fn gun_rack(types: &TypesByGroup<'_>) -> (Vec<Gun>, Vec<Shelf>, Option<Weighted>) {
    let mut guns = Vec::new();
    let mut weights = Vec::new();
    let mut charges = Vec::new();
    for (row, (group_id, share, charge_groups)) in GUNS.iter().enumerate() {
        let group = types.group(*group_id);
        let fit = group.iter().filter(|gun| gun.slot == Some(Slot::High));
        for gun in fit {
            let siblings =
                group.iter().filter(|other| other.meta_group_id == gun.meta_group_id).count();
            guns.push(Gun { type_id: gun.type_id, charges: row });
            weights.push(share * meta_share(gun.meta_group_id) / siblings as f64);
        }
        let fired: Vec<&SourceType> =
            charge_groups.iter().flat_map(|&group_id| types.group(group_id)).copied().collect();
        charges.push(Shelf::new(&fired, |_| 1.0));
    }
    let weighted = Weighted::new(&weights);
    (guns, charges, weighted)
}

fn goods_shelf(types: &TypesByGroup<'_>) -> Shelf {
    let mut goods = Vec::new();
    let mut weights = Vec::new();
    for (category_id, share) in GOODS {
        let category = types.category(category_id);
        weights.extend(category.iter().map(|_| share / category.len() as f64));
        goods.extend(category.iter().map(|of_type| of_type.type_id));
    }
    Shelf { weighted: Weighted::new(&weights), type_ids: goods }
}

fn gun_popularity(group_id: i64) -> f64 {
    GUNS.iter().find(|(gun_group, _, _)| *gun_group == group_id).map_or(0.0, |(_, share, _)| *share)
}

fn popularity(groups: &[(i64, f64)], group_id: i64) -> f64 {
    groups.iter().find(|(listed, _)| *listed == group_id).map_or(OTHER_GROUP, |(_, share)| *share)
}

/// Shares of fitted items by meta group, as measured.
fn meta_share(meta_group_id: Option<i64>) -> f64 {
    match meta_group_id {
        Some(1) => 40.3,
        Some(2) => 39.8,
        Some(4) => 11.2,
        None => 6.0,
        Some(6) => 1.2,
        Some(_) => 0.4,
    }
}
