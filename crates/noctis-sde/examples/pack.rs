//! Packs a folder of static data (`types.ndjson`, `systems.ndjson` …) into `data/static.txt.zst`.
//!
//! `cargo run -p noctis-sde --example pack -- ../shared/data/sde`: the same folder gives the same bytes.
#![allow(clippy::print_stdout, reason = "a command line tool speaks through its output")]

use std::path::Path;
use std::{env, fs};

use noctis_core::catalogue::{
    Catalogue, Category, Constellation, Group, Hardpoint, MarketGroup, MetaGroup, Region, Row,
    System, Table, Type,
};
use serde_json::Value;

/// The strongest level that unpacks in little memory; packing takes a few seconds.
const COMPRESSION_LEVEL: i32 = 19;

fn main() {
    let folder = env::args().nth(1).expect("give the folder of static data as the only argument");
    let catalogue = catalogue(Path::new(&folder));
    let text = catalogue.to_text();
    assert_eq!(Catalogue::parse(&text).as_ref(), Ok(&catalogue), "the text reads back the same");
    let packed =
        zstd::bulk::compress(text.as_bytes(), COMPRESSION_LEVEL).expect("zstd packs any bytes");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/static.txt.zst");
    fs::write(&target, &packed).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
    println!("{} bytes of text became {} bytes in {}", text.len(), packed.len(), target.display());
}

fn catalogue(folder: &Path) -> Catalogue {
    Catalogue {
        build: noctis_sde::BUILD.to_owned(),
        date: noctis_sde::DATE.to_owned(),
        categories: table(folder, "categories", |row| Category {
            category_id: id(row, "category_id"),
            name: name(row),
            published: row["published"] == true,
        }),
        groups: table(folder, "groups", |row| Group {
            group_id: id(row, "group_id"),
            name: name(row),
            category_id: id(row, "category_id"),
            published: row["published"] == true,
        }),
        meta_groups: table(folder, "meta_groups", |row| MetaGroup {
            meta_group_id: id(row, "meta_group_id"),
            name: name(row),
        }),
        market_groups: table(folder, "market_groups", |row| MarketGroup {
            market_group_id: id(row, "market_group_id"),
            name: name(row),
            parent_group_id: row["parent_group_id"].as_i64(),
        }),
        types: table(folder, "types", type_row),
        regions: table(folder, "regions", |row| Region {
            region_id: id(row, "region_id"),
            name: name(row),
        }),
        constellations: table(folder, "constellations", |row| Constellation {
            constellation_id: id(row, "constellation_id"),
            name: name(row),
            region_id: id(row, "region_id"),
        }),
        systems: systems(folder),
        ..Catalogue::default()
    }
}

fn type_row(row: &Value) -> Type {
    Type {
        type_id: id(row, "type_id"),
        name: name(row),
        group_id: id(row, "group_id"),
        category_id: id(row, "category_id"),
        published: row["published"] == true,
        market_group_id: row["market_group_id"].as_i64(),
        meta_group_id: row["meta_group_id"].as_i64(),
        parent_type_id: row["parent_type_id"].as_i64(),
        tech_level: row["tech_level"].as_i64().map(|level| level.try_into().expect("a level")),
        slot: row["slot"].as_str().map(|slot| slot.parse().expect("a slot")),
        hardpoint: match (row["turret"].as_bool(), row["launcher"].as_bool()) {
            (Some(true), _) => Some(Hardpoint::Turret),
            (_, Some(true)) => Some(Hardpoint::Launcher),
            _ => None,
        },
    }
}

/// A system's region is its constellation's.
fn systems(folder: &Path) -> Table<System> {
    let constellations = table(folder, "constellations", |row| Constellation {
        constellation_id: id(row, "constellation_id"),
        name: name(row),
        region_id: id(row, "region_id"),
    });
    table(folder, "systems", |row| {
        let constellation_id = id(row, "constellation_id");
        let constellation = constellations.get(constellation_id).expect("a known constellation");
        System {
            system_id: id(row, "system_id"),
            name: name(row),
            constellation_id,
            region_id: constellation.region_id,
            security: row["security"].as_f64().expect("a security status"),
            wormhole_class: row["wormhole_class"]
                .as_u64()
                .map(|class| u8::try_from(class).expect("a class")),
        }
    })
}

fn table<T: Row>(folder: &Path, table: &str, read: impl Fn(&Value) -> T) -> Table<T> {
    let path = folder.join(format!("{table}.ndjson"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = text.lines().enumerate().map(|(line, row)| {
        let row: Value = serde_json::from_str(row)
            .unwrap_or_else(|error| panic!("{table} line {}: {error}", line + 1));
        read(&row)
    });
    Table::new(rows.collect()).unwrap_or_else(|| panic!("{table} has an id twice"))
}

fn id(row: &Value, column: &str) -> i64 {
    row[column].as_i64().unwrap_or_else(|| panic!("{row} has no whole number {column}"))
}

fn name(row: &Value) -> Box<str> {
    row["name"].as_str().unwrap_or_else(|| panic!("{row} has no name")).into()
}
