//! What a question asks, one chip a key: in words where the ids have names, each with the question without it.

use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Party;
use noctis_store::killmails::{self, Names};
use noctis_store::{Connection, Result};

use crate::web::links::{self, Pairs};

/// Keys of pages, which filter nothing.
const PAGING: [&str; 5] = ["cursor", "limit", "order", "fields", "format"];

/// A filter, and the question without it.
pub(super) struct Chip {
    pub(super) text: String,
    pub(super) href: String,
}

/// Looks up the names of the people who are asked for by id; at most one a pair.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn names(client: &Connection, pairs: &Pairs) -> Result<Names> {
    let mut parties = Vec::new();
    for (key, value) in pairs {
        let id = value.parse().ok();
        match bare(key) {
            "character_id" => parties.push(Party { character_id: id, ..Party::default() }),
            "corporation_id" => parties.push(Party { corporation_id: id, ..Party::default() }),
            "alliance_id" => parties.push(Party { alliance_id: id, ..Party::default() }),
            _ => {}
        }
    }
    if parties.is_empty() {
        Ok(Names::default())
    } else {
        killmails::names(client, parties.iter()).await
    }
}

/// The chips in the order of the question.
pub(super) fn chips(pairs: &Pairs, catalogue: &Catalogue, names: &Names) -> Vec<Chip> {
    pairs
        .iter()
        .enumerate()
        .filter(|(_, (key, _))| !PAGING.contains(&key.as_str()))
        .map(|(index, (key, value))| Chip {
            text: text(key, value, catalogue, names),
            href: links::without(pairs, Some(index)),
        })
        .collect()
}

/// `victim ship group: Dreadnought`.
fn text(key: &str, value: &str, catalogue: &Catalogue, names: &Names) -> String {
    let (sign, digits) = match value.strip_prefix('-') {
        Some(rest) => ("not ", rest),
        None => ("", value),
    };
    let name = digits.parse().ok().and_then(|id: i64| match bare(key) {
        "solar_system_id" | "system_id" => catalogue.systems.name(id),
        "constellation_id" => catalogue.constellations.name(id),
        "region_id" => catalogue.regions.name(id),
        "ship_type_id" | "weapon_type_id" | "item_type_id" => catalogue.types.name(id),
        "ship_group_id" => catalogue.groups.name(id),
        "character_id" => names.characters.get(&id).map(String::as_str),
        "corporation_id" => names.corporations.get(&id).map(String::as_str),
        "alliance_id" => names.alliances.get(&id).map(String::as_str),
        _ => None,
    });
    match name {
        Some(name) => {
            let key = key.strip_suffix("_id").unwrap_or(key);
            format!("{}: {sign}{name}", key.replace(['_', '.'], " "))
        }
        None => format!("{}: {value}", key.replace(['_', '.'], " ")),
    }
}

/// The key without the role or place before its point.
fn bare(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}
