//! The rows of CCP's tables, as far as noctis needs them; every other field is skipped.

use serde::Deserialize;

/// A text in several languages; ours is English.
#[derive(Deserialize)]
pub(super) struct Name {
    pub(super) en: Box<str>,
}

/// `_sde.jsonl`, its one row.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Build {
    pub(super) build_number: i64,
    /// RFC 3339; its day is what counts.
    pub(super) release_date: String,
}

#[derive(Deserialize)]
pub(super) struct TypeRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    #[serde(rename = "groupID")]
    pub(super) group_id: i64,
    pub(super) name: Name,
    #[serde(default)]
    pub(super) published: bool,
    #[serde(rename = "marketGroupID")]
    pub(super) market_group_id: Option<i64>,
    #[serde(rename = "metaGroupID")]
    pub(super) meta_group_id: Option<i64>,
    #[serde(rename = "variationParentTypeID")]
    pub(super) parent_type_id: Option<i64>,
    /// Since June 2026; before, an attribute of dogma.
    #[serde(rename = "techLevel")]
    pub(super) tech_level: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DogmaRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    #[serde(default)]
    pub(super) dogma_attributes: Vec<Attribute>,
    #[serde(default)]
    pub(super) dogma_effects: Vec<Effect>,
}

#[derive(Deserialize)]
pub(super) struct Attribute {
    #[serde(rename = "attributeID")]
    pub(super) attribute_id: i64,
    pub(super) value: f64,
}

#[derive(Deserialize)]
pub(super) struct Effect {
    #[serde(rename = "effectID")]
    pub(super) effect_id: i64,
}

#[derive(Deserialize)]
pub(super) struct GroupRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    #[serde(rename = "categoryID")]
    pub(super) category_id: i64,
    pub(super) name: Name,
    #[serde(default)]
    pub(super) published: bool,
}

#[derive(Deserialize)]
pub(super) struct CategoryRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    pub(super) name: Name,
    #[serde(default)]
    pub(super) published: bool,
}

#[derive(Deserialize)]
pub(super) struct MarketGroupRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    pub(super) name: Name,
    #[serde(rename = "parentGroupID")]
    pub(super) parent_group_id: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct SystemRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    pub(super) name: Name,
    #[serde(rename = "constellationID")]
    pub(super) constellation_id: i64,
    #[serde(rename = "securityStatus")]
    pub(super) security_status: f64,
    #[serde(rename = "wormholeClassID")]
    pub(super) wormhole_class: Option<u8>,
}

#[derive(Deserialize)]
pub(super) struct ConstellationRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    pub(super) name: Name,
    #[serde(rename = "regionID")]
    pub(super) region_id: i64,
    #[serde(rename = "wormholeClassID")]
    pub(super) wormhole_class: Option<u8>,
}

#[derive(Deserialize)]
pub(super) struct RegionRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    pub(super) name: Name,
    #[serde(rename = "wormholeClassID")]
    pub(super) wormhole_class: Option<u8>,
}

/// A row of which only the name is needed.
#[derive(Deserialize)]
pub(super) struct NamedRow {
    #[serde(rename = "_key")]
    pub(super) key: i64,
    pub(super) name: Name,
}
