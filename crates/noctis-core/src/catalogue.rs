//! EVE's static data: what a type, group, category, system, constellation and region is called and belongs to.
//!
//! Ids in a killmail may be newer than this data: every look-up can answer "not known", and that is no error.

mod factions;
mod parse;
mod rows;
mod security;
mod table;
mod write;

pub use parse::ParseError;
pub use security::Band;
pub use table::{Row, Table};

/// A type: a ship, module, charge, structure, blueprint …
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    pub type_id: i64,
    pub name: Box<str>,
    pub group_id: i64,
    /// Its group's category.
    pub category_id: i64,
    pub published: bool,
    pub market_group_id: Option<i64>,
    pub meta_group_id: Option<i64>,
    /// What this is a variant of; for a mutated module what it was made from.
    pub parent_type_id: Option<i64>,
    /// 1, 2 or 3 on hulls and modules; more on a few oddities.
    pub tech_level: Option<u8>,
    pub slot: Option<Slot>,
    pub hardpoint: Option<Hardpoint>,
}

/// The rack a module is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    High,
    Medium,
    Low,
    Rig,
    Subsystem,
    Service,
}

impl Slot {
    /// The word for it in the static data's text.
    pub fn name(self) -> &'static str {
        match self {
            Slot::High => "high",
            Slot::Medium => "medium",
            Slot::Low => "low",
            Slot::Rig => "rig",
            Slot::Subsystem => "subsystem",
            Slot::Service => "service",
        }
    }
}

/// What a module in a high slot needs on the hull besides the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardpoint {
    Turret,
    Launcher,
}

impl Hardpoint {
    /// The word for it in the static data's text.
    pub fn name(self) -> &'static str {
        match self {
            Hardpoint::Turret => "turret",
            Hardpoint::Launcher => "launcher",
        }
    }
}

/// A group of types: `Interdictor`, `Hybrid Weapon` …
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub group_id: i64,
    pub name: Box<str>,
    pub category_id: i64,
    pub published: bool,
}

/// A category of groups: `Ship`, `Module`, `Charge` …
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    pub category_id: i64,
    pub name: Box<str>,
    pub published: bool,
}

/// How rare a type is: `Tech II`, `Faction`, `Officer` …
#[derive(Clone, Debug, PartialEq)]
pub struct MetaGroup {
    pub meta_group_id: i64,
    pub name: Box<str>,
}

/// Where the market lists a type. A top group has no parent.
#[derive(Clone, Debug, PartialEq)]
pub struct MarketGroup {
    pub market_group_id: i64,
    pub name: Box<str>,
    pub parent_group_id: Option<i64>,
}

/// A solar system. `security` is the true security status (-1.0 to 1.0), not rounded.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    pub system_id: i64,
    pub name: Box<str>,
    pub constellation_id: i64,
    /// Its constellation's region.
    pub region_id: i64,
    pub security: f64,
    /// CCP's class of wormhole space: 1 to 6, 12 Thera, 13 shattered, 14 to 18 Drifters; 7 to 9 are high, low and null
    /// security. None where the static data has none, as the embedded.
    pub wormhole_class: Option<u8>,
}

/// Neighbouring systems with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Constellation {
    pub constellation_id: i64,
    pub name: Box<str>,
    pub region_id: i64,
}

/// Neighbouring constellations with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub region_id: i64,
    pub name: Box<str>,
}

/// An empire, pirate nation or other power of EVE itself. The embedded data has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Faction {
    pub faction_id: i64,
    pub name: Box<str>,
}

/// A corporation that EVE itself runs. The embedded data has none.
#[derive(Clone, Debug, PartialEq)]
pub struct NpcCorporation {
    pub corporation_id: i64,
    pub name: Box<str>,
}

/// The static data, looked up by id or exact name, walked in id order.
#[derive(Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Which data this is: CCP's build number.
    pub build: String,
    /// The day CCP published it, as `2026-10-26`.
    pub date: String,
    pub types: Table<Type>,
    pub groups: Table<Group>,
    pub categories: Table<Category>,
    pub meta_groups: Table<MetaGroup>,
    pub market_groups: Table<MarketGroup>,
    pub systems: Table<System>,
    pub constellations: Table<Constellation>,
    pub regions: Table<Region>,
    pub factions: Table<Faction>,
    pub npc_corporations: Table<NpcCorporation>,
}

impl Catalogue {
    /// Reads the text `noctis_sde::text` gives. Takes some ten milliseconds for all of EVE.
    ///
    /// # Errors
    /// When a line is not as that text's tables say, or names a group, constellation or region that is missing.
    pub fn parse(text: &str) -> Result<Catalogue, ParseError> {
        parse::catalogue(text)
    }

    /// CCP's build as the number it is; newer builds have higher numbers. 0 where it is none.
    pub fn build_number(&self) -> i64 {
        self.build.parse().unwrap_or_default()
    }

    /// The group of a type, where both are known.
    pub fn group_of(&self, type_id: i64) -> Option<&Group> {
        self.groups.get(self.types.get(type_id)?.group_id)
    }
}

#[cfg(test)]
mod tests;
