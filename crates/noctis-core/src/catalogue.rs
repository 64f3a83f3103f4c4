//! EVE's static data: what a type, group, category, system, constellation and region is called and belongs to.

use std::collections::HashMap;

/// A type: a ship, module, charge, structure, blueprint …
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    pub type_id: i64,
    pub name: String,
    pub group_id: i64,
    pub category_id: i64,
    pub published: bool,
    pub market_group_id: Option<i64>,
    pub meta_group_id: Option<i64>,
}

/// A solar system. `security` is the true security status, not rounded.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    pub system_id: i64,
    pub name: String,
    pub constellation_id: i64,
    pub region_id: i64,
    pub security: f64,
}

/// The static data as look-ups by id.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Which data this is: CCP's build number and date.
    pub build: String,
    pub types: HashMap<i64, Type>,
    pub systems: HashMap<i64, System>,
}
