//! Packs a folder of static data (`types.ndjson`, `systems.ndjson` …) into `data/static.txt.zst`.
//!
//! `cargo run -p noctis-sde --example pack -- ../shared/data/sde`: the same folder gives the same bytes.
#![allow(clippy::print_stdout, reason = "a command line tool speaks through its output")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

/// The strongest level that unpacks in little memory; packing takes a few seconds.
const COMPRESSION_LEVEL: i32 = 19;

/// The tables in the order in which a reader needs them: each after the ones it refers to.
const TABLES: [(&str, &[&str]); 8] = [
    ("categories", &["category_id", "published", "name"]),
    ("groups", &["group_id", "category_id", "published", "name"]),
    ("meta_groups", &["meta_group_id", "name"]),
    ("market_groups", &["market_group_id", "parent_group_id", "name"]),
    ("types", &TYPE_COLUMNS),
    ("regions", &["region_id", "name"]),
    ("constellations", &["constellation_id", "region_id", "name"]),
    ("systems", &["system_id", "constellation_id", "security", "name"]),
];

/// A type's category is its group's, so it is not repeated.
const TYPE_COLUMNS: [&str; 10] = [
    "type_id",
    "group_id",
    "published",
    "market_group_id",
    "meta_group_id",
    "parent_type_id",
    "tech_level",
    "slot",
    "hardpoint",
    "name",
];

fn main() {
    let folder = env::args().nth(1).expect("give the folder of static data as the only argument");
    let mut text = format!("@build\t{}\t{}\n", noctis_sde::BUILD, noctis_sde::DATE);
    for (table, columns) in TABLES {
        let path = Path::new(&folder).join(format!("{table}.ndjson"));
        let rows =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        pack_table(&mut text, table, columns, &rows);
    }
    let packed =
        zstd::bulk::compress(text.as_bytes(), COMPRESSION_LEVEL).expect("zstd packs any bytes");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/static.txt.zst");
    fs::write(&target, &packed).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
    println!("{} bytes of text became {} bytes in {}", text.len(), packed.len(), target.display());
}

fn pack_table(text: &mut String, table: &str, columns: &[&str], ndjson: &str) {
    let mut rows: Vec<Value> = ndjson
        .lines()
        .enumerate()
        .map(|(line, row)| {
            serde_json::from_str(row)
                .unwrap_or_else(|error| panic!("{table} line {}: {error}", line + 1))
        })
        .collect();
    rows.sort_by_key(|row| row[columns[0]].as_i64().expect("the first column is a whole number"));
    writeln!(text, "@{table}\t{}", columns.join("\t")).expect("a string takes any text");
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|column| cell(&row, column)).collect();
        writeln!(text, "{}", cells.join("\t")).expect("a string takes any text");
    }
}

/// Absent is empty, true is 1, false is 0; a turret's or launcher's hardpoint becomes one column.
fn cell(row: &Value, column: &str) -> String {
    if column == "hardpoint" {
        return match (row["turret"].as_bool(), row["launcher"].as_bool()) {
            (Some(true), _) => "turret".to_owned(),
            (_, Some(true)) => "launcher".to_owned(),
            _ => String::new(),
        };
    }
    match &row[column] {
        Value::Null => String::new(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(name) => {
            assert!(!name.contains(['\t', '\n']), "{name:?} would break the row");
            name.clone()
        }
        other => panic!("{column} is {other}, which no column holds"),
    }
}
