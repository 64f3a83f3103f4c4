//! Names for ids, each naming one thing alone, so that a question can be asked by name.

use std::collections::{BTreeMap, BTreeSet};

use noctis_core::catalogue::{Catalogue, Row, Table};
use noctis_store::testing::TestDatabase;
use serde_json::Value;

/// Names by kind and id.
pub(crate) struct Naming(BTreeMap<(&'static str, i64), String>);

impl Naming {
    /// The names of the static data, and names given to everybody on these mails.
    pub(crate) async fn new(
        database: &TestDatabase,
        catalogue: &Catalogue,
        bodies: impl Iterator<Item = &Value>,
    ) -> Naming {
        let mut names = BTreeMap::new();
        for kind in ["ship_type", "weapon_type", "item_type"] {
            add(&mut names, kind, &catalogue.types);
        }
        add(&mut names, "ship_group", &catalogue.groups);
        add(&mut names, "system", &catalogue.systems);
        add(&mut names, "constellation", &catalogue.constellations);
        add(&mut names, "region", &catalogue.regions);
        names.extend(FACTIONS.map(|(id, name)| (("faction", id), name.to_owned())));
        let mut everybody: BTreeMap<&'static str, BTreeSet<i64>> = BTreeMap::new();
        for body in bodies {
            let attackers = body["attackers"].as_array().unwrap();
            for somebody in attackers.iter().chain([&body["victim"]]) {
                for kind in ["character", "corporation", "alliance"] {
                    let id = somebody[format!("{kind}_id")].as_i64();
                    everybody.entry(kind).or_default().extend(id);
                }
            }
        }
        for (kind, ids) in everybody {
            let ids: Vec<i64> = ids.into_iter().collect();
            // One letter beyond ASCII, since names are folded.
            let called: Vec<String> =
                ids.iter().map(|id| format!("Ünwritten {kind} {id}")).collect();
            let sql = format!(
                "INSERT INTO {kind}s (eve_id, name) SELECT * FROM unnest($1::bigint[], $2::text[])"
            );
            database.owner().await.execute(&sql, &[&ids, &called]).await.unwrap();
            names.extend(ids.into_iter().map(|id| (kind, id)).zip(called));
        }
        Naming(names)
    }

    pub(crate) fn of(&self, kind: &str, id: i64) -> Option<String> {
        let kind = KINDS.iter().find(|known| **known == kind)?;
        self.0.get(&(*kind, id)).cloned()
    }
}

/// Of those that real mails name most.
const FACTIONS: [(i64, &str); 6] = [
    (500_001, "Caldari State"),
    (500_002, "Minmatar Republic"),
    (500_003, "Amarr Empire"),
    (500_004, "Gallente Federation"),
    (500_010, "Guristas Pirates"),
    (500_019, "Sansha's Nation"),
];

const KINDS: [&str; 11] = [
    "faction",
    "character",
    "corporation",
    "alliance",
    "ship_type",
    "weapon_type",
    "item_type",
    "ship_group",
    "system",
    "constellation",
    "region",
];

/// Names that one row alone has, and that a list of names can hold.
fn add<T: Row>(
    names: &mut BTreeMap<(&'static str, i64), String>,
    kind: &'static str,
    table: &Table<T>,
) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in table {
        *counts.entry(row.name().to_lowercase()).or_default() += 1;
    }
    let fits = |name: &str| {
        counts[&name.to_lowercase()] == 1
            && name.trim() == name
            && !name.is_empty()
            && !name.starts_with('-')
            && !name.contains(',')
            && name.to_uppercase().to_lowercase() == name.to_lowercase()
    };
    names.extend(
        table
            .iter()
            .filter(|row| fits(row.name()))
            .map(|row| ((kind, row.id()), row.name().to_owned())),
    );
}
