//! CCP's static data in its own form, made from the binary's: tables of JSON Lines, in a folder or a zip.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use noctis_core::catalogue::{Catalogue, Hardpoint, Slot, Type};
use noctis_store::testing::catalogue;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

/// A battleship that the binary does not know.
pub(crate) const ABADDON_II: i64 = 990_001;
/// A system of class 3 that the binary does not know.
pub(crate) const J999999: i64 = 31_999_999;

/// The tables by their names, rows by their keys.
pub(crate) struct Export {
    pub(crate) build: i64,
    pub(crate) tables: BTreeMap<&'static str, BTreeMap<i64, Value>>,
}

impl Export {
    pub(crate) fn of_the_binary() -> Export {
        let catalogue = catalogue();
        let mut tables = BTreeMap::new();
        places(&catalogue, &mut tables);
        let mut types = BTreeMap::new();
        let mut dogma = BTreeMap::new();
        for row in &catalogue.types {
            types.insert(row.type_id, type_row(row));
            dogma.extend(dogma_row(row).map(|dogma| (row.type_id, dogma)));
        }
        tables.insert("types", types);
        tables.insert("typeDogma", dogma);
        tables.insert("factions", named([(500_001, "Caldari State")].into_iter()));
        tables.insert("npcCorporations", named([(1_000_035, "Caldari Navy")].into_iter()));
        let metas = catalogue.meta_groups.iter().map(|row| (row.meta_group_id, &*row.name));
        tables.insert("metaGroups", named(metas));
        let markets = catalogue.market_groups.iter().map(|row| {
            let (name, parent) = (names(&row.name), row.parent_group_id);
            (row.market_group_id, json!({"name": name, "parentGroupID": parent}))
        });
        tables.insert("marketGroups", markets.collect());
        let groups = catalogue.groups.iter().map(|row| {
            let (name, category) = (names(&row.name), row.category_id);
            let published = row.published;
            (row.group_id, json!({"name": name, "categoryID": category, "published": published}))
        });
        tables.insert("groups", groups.collect());
        let categories = catalogue.categories.iter().map(|row| {
            (row.category_id, json!({"name": names(&row.name), "published": row.published}))
        });
        tables.insert("categories", categories.collect());
        Export { build: 9_000_000, tables }
    }

    /// With a type and a system more, a type less, and one of another name.
    pub(crate) fn newer() -> Export {
        let mut export = Export::of_the_binary();
        export.put(
            "types",
            ABADDON_II,
            json!({
                "name": names("Abaddon II"), "groupID": 27, "published": true, "metaGroupID": 2,
                "techLevel": 2, "description": {"en": "A\nship"},
            }),
        );
        export.table("types").remove(&34);
        export.table("types").get_mut(&35).unwrap()["name"]["en"] = json!("Pyroxenite");
        export.put(
            "mapSolarSystems",
            J999999,
            json!({
                "name": names("J999999"), "constellationID": 21_000_324, "regionID": 11_000_031,
                "securityStatus": -0.99, "wormholeClassID": 3,
            }),
        );
        export
    }

    pub(crate) fn table(&mut self, name: &str) -> &mut BTreeMap<i64, Value> {
        self.tables.get_mut(name).unwrap()
    }

    pub(crate) fn put(&mut self, table: &str, key: i64, row: Value) {
        self.table(table).insert(key, row);
    }

    /// The file's text.
    pub(crate) fn text(&self, table: &str) -> String {
        let line = |(key, row): (&i64, &Value)| {
            let mut row = row.clone();
            row["_key"] = json!(key);
            row.to_string() + "\n"
        };
        self.tables[table].iter().map(line).collect()
    }

    fn files(&self) -> impl Iterator<Item = (String, String)> {
        let build = json!({
            "_key": "sde", "buildNumber": self.build, "releaseDate": "2027-01-02T11:08:57Z",
        });
        let tables = self.tables.keys().map(|table| (format!("{table}.jsonl"), self.text(table)));
        std::iter::once(("_sde.jsonl".to_owned(), format!("{build}\n"))).chain(tables)
    }

    /// Writes the files into a new folder in this one, and gives its path.
    pub(crate) fn write_folder(&self, parent: &Path) -> String {
        let folder = parent.join("static-data");
        fs::create_dir(&folder).unwrap();
        for (name, text) in self.files() {
            fs::write(folder.join(name), text).unwrap();
        }
        folder.to_str().unwrap().to_owned()
    }

    /// Writes the zip into this folder, and gives its path.
    pub(crate) fn write_zip(&self, parent: &Path) -> String {
        let path = parent.join("static-data.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        let options = SimpleFileOptions::default().compression_level(Some(1));
        for (name, text) in self.files() {
            zip.start_file(name, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn names(name: &str) -> Value {
    json!({"de": "Etwas", "en": name, "zh": "东西"})
}

fn named<'a>(rows: impl Iterator<Item = (i64, &'a str)>) -> BTreeMap<i64, Value> {
    rows.map(|(key, name)| (key, json!({"name": names(name), "iconID": 1}))).collect()
}

/// The Forge is of class 7, Thera's constellation of 12, as with CCP; all others of none.
fn places(catalogue: &Catalogue, tables: &mut BTreeMap<&'static str, BTreeMap<i64, Value>>) {
    let thera = catalogue.systems.get(31_000_005).unwrap().constellation_id;
    let mut regions = named(catalogue.regions.iter().map(|row| (row.region_id, &*row.name)));
    regions.get_mut(&10_000_002).unwrap()["wormholeClassID"] = json!(7);
    let constellations = catalogue.constellations.iter().map(|row| {
        let mut constellation = json!({"name": names(&row.name), "regionID": row.region_id});
        if row.constellation_id == thera {
            constellation["wormholeClassID"] = json!(12);
        }
        (row.constellation_id, constellation)
    });
    let constellations = constellations.collect();
    let systems = catalogue.systems.iter().map(|row| {
        let system = json!({
            "name": names(&row.name), "constellationID": row.constellation_id,
            "regionID": row.region_id, "securityStatus": row.security, "planetIDs": [1, 2],
        });
        (row.system_id, system)
    });
    tables.insert("mapSolarSystems", systems.collect());
    tables.insert("mapConstellations", constellations);
    tables.insert("mapRegions", regions);
}

fn type_row(row: &Type) -> Value {
    let mut json = json!({
        "name": names(&row.name), "groupID": row.group_id, "published": row.published,
        "description": {"en": "…", "de": "…"}, "portionSize": 1,
    });
    for (field, value) in [
        ("marketGroupID", row.market_group_id),
        ("metaGroupID", row.meta_group_id),
        ("variationParentTypeID", row.parent_type_id),
    ] {
        if let Some(value) = value {
            json[field] = json!(value);
        }
    }
    // As older builds did, some tell the level in dogma alone.
    if row.type_id % 2 == 0 && row.tech_level.is_some() {
        json["techLevel"] = json!(row.tech_level);
    }
    json
}

fn dogma_row(row: &Type) -> Option<Value> {
    let slot = row.slot.map(|slot| match slot {
        Slot::Low => 11,
        Slot::High => 12,
        Slot::Medium => 13,
        Slot::Rig => 2663,
        Slot::Subsystem => 3772,
        Slot::Service => 6306,
    });
    let hardpoint = row.hardpoint.map(|hardpoint| match hardpoint {
        Hardpoint::Launcher => 40,
        Hardpoint::Turret => 42,
    });
    let effects: Vec<Value> = slot
        .into_iter()
        .chain(hardpoint)
        .chain([16])
        .map(|id| json!({"effectID": id, "isDefault": false}))
        .collect();
    let level = row.tech_level.map(|level| json!({"attributeID": 422, "value": f64::from(level)}));
    (level.is_some() || effects.len() > 1).then(|| {
        let attributes: Vec<Value> = level.into_iter().collect();
        json!({"dogmaAttributes": attributes, "dogmaEffects": effects})
    })
}
