//! The static data a generated galaxy is made of: real systems and real types, as few facts as are needed.

use std::collections::HashMap;

use crate::catalogue::{self, Catalogue};

/// A solar system to fight in. `security` is the true security status.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceSystem {
    pub system_id: i64,
    pub security: f64,
}

/// Where a module is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    High,
    Mid,
    Low,
    Rig,
    Subsystem,
    Service,
}

impl Slot {
    /// Reads the word the static data uses (`high`, `medium`, `low`, `rig`, `subsystem`, `service`).
    pub fn parse(word: &str) -> Option<Slot> {
        match word {
            "high" => Some(Slot::High),
            "medium" | "mid" => Some(Slot::Mid),
            "low" => Some(Slot::Low),
            "rig" => Some(Slot::Rig),
            "subsystem" => Some(Slot::Subsystem),
            "service" => Some(Slot::Service),
            _ => None,
        }
    }
}

/// A type that can be lost, fitted, fired or carried.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceType {
    pub type_id: i64,
    pub group_id: i64,
    pub category_id: i64,
    pub published: bool,
    pub meta_group_id: Option<i64>,
    /// Only modules have one; a module without one is carried but never fitted.
    pub slot: Option<Slot>,
}

/// What the generator needs to know of EVE. The order of the rows does not matter.
#[derive(Clone, Debug, Default)]
pub struct GalaxySource {
    pub systems: Vec<SourceSystem>,
    pub types: Vec<SourceType>,
}

impl GalaxySource {
    /// Takes what is needed out of the static data.
    pub fn of(catalogue: &Catalogue) -> GalaxySource {
        let slot = |slot| match slot {
            catalogue::Slot::High => Slot::High,
            catalogue::Slot::Medium => Slot::Mid,
            catalogue::Slot::Low => Slot::Low,
            catalogue::Slot::Rig => Slot::Rig,
            catalogue::Slot::Subsystem => Slot::Subsystem,
            catalogue::Slot::Service => Slot::Service,
        };
        let systems = catalogue.systems.iter();
        let types = catalogue.types.iter();
        GalaxySource {
            systems: systems
                .map(|row| SourceSystem { system_id: row.system_id, security: row.security })
                .collect(),
            types: types
                .map(|row| SourceType {
                    type_id: row.type_id,
                    group_id: row.group_id,
                    category_id: row.category_id,
                    published: row.published,
                    meta_group_id: row.meta_group_id,
                    slot: row.slot.map(slot),
                })
                .collect(),
        }
    }
}

/// The published types by group, each group's most common type first.
pub(super) struct TypesByGroup<'a>(HashMap<i64, Vec<&'a SourceType>>);

impl<'a> TypesByGroup<'a> {
    pub(super) fn new(source: &'a GalaxySource) -> TypesByGroup<'a> {
        let mut groups: HashMap<i64, Vec<&SourceType>> = HashMap::new();
        for of_type in source.types.iter().filter(|of_type| of_type.published) {
            groups.entry(of_type.group_id).or_default().push(of_type);
        }
        for types in groups.values_mut() {
            types.sort_by_key(|of_type| (rarity(of_type.meta_group_id), of_type.type_id));
        }
        TypesByGroup(groups)
    }

    /// Empty for a group without published types.
    pub(super) fn group(&self, group_id: i64) -> &[&'a SourceType] {
        self.0.get(&group_id).map_or(&[], Vec::as_slice)
    }

    /// The published types of a category, in the order of groups, then of how common they are.
    pub(super) fn category(&self, category_id: i64) -> Vec<&'a SourceType> {
        let mut types: Vec<&SourceType> = self
            .0
            .values()
            .flatten()
            .filter(|of_type| of_type.category_id == category_id)
            .copied()
            .collect();
        types.sort_by_key(|of_type| {
            (of_type.group_id, rarity(of_type.meta_group_id), of_type.type_id)
        });
        types
    }
}

/// Tech I is lost most, then Tech II, faction and Tech III; storyline, officer and the rest are rare.
fn rarity(meta_group_id: Option<i64>) -> u8 {
    match meta_group_id {
        Some(1) | None => 0,
        Some(2) => 1,
        Some(4) => 2,
        Some(14) => 3,
        Some(6) => 4,
        Some(_) => 5,
    }
}
