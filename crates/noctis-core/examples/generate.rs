//! Measures the generator: `cargo run --release -p noctis-core --example generate [KILLS]` prints its speed and means.
#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use std::time::Instant;

use jiff::Timestamp;
use noctis_core::generate::{
    GalaxySource, GenerateError, Generator, Options, Slot, SourceSystem, SourceType,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let kills = std::env::args().nth(1).map_or(Ok(200_000), |kills| kills.parse())?;
    let source = source()?;
    let (mut bytes, mut largest) = (0, 0);
    let started = Instant::now();
    let mut generator = generator(&source, kills)?;
    let prepared = started.elapsed();
    let mut line = Vec::new();
    while generator.write_next(&mut line) {
        bytes += line.len();
        largest = largest.max(line.len());
        line.clear();
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("prepared in {} ms", prepared.as_millis());
    println!("{kills} kills, {} bytes a kill, the largest {largest}", bytes as u64 / kills);
    println!(
        "{:.2} s, {:.0} MB/s, {:.0} kills/s",
        seconds,
        bytes as f64 / 1e6 / seconds,
        kills as f64 / seconds
    );
    Ok(())
}

fn generator(source: &GalaxySource, kills: u64) -> Result<Generator, GenerateError> {
    let second =
        |second| Timestamp::from_second(second).expect("a second of this century is a timestamp");
    let (from, to) = (second(1_199_145_600), second(1_782_864_000));
    Generator::new(source, Options { kills, from, to, seed: 1, oddities: false, zkb: false })
}

/// CCP's static data beside the checkout.
fn source() -> Result<GalaxySource, Box<dyn std::error::Error>> {
    let rows = |name: &str| -> Result<Vec<serde_json::Value>, Box<dyn std::error::Error>> {
        let path = format!("{}/../../../shared/data/sde/{name}.ndjson", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path)?;
        Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    };
    let (systems, types) = (rows("systems")?, rows("types")?);
    let systems = systems.iter().map(|row| SourceSystem {
        system_id: row["system_id"].as_i64().unwrap_or(0),
        security: row["security"].as_f64().unwrap_or(0.0),
    });
    let types = types.iter().map(|row| SourceType {
        type_id: row["type_id"].as_i64().unwrap_or(0),
        group_id: row["group_id"].as_i64().unwrap_or(0),
        category_id: row["category_id"].as_i64().unwrap_or(0),
        published: row["published"] == true,
        meta_group_id: row["meta_group_id"].as_i64(),
        slot: row["slot"].as_str().and_then(Slot::parse),
    });
    Ok(GalaxySource { systems: systems.collect(), types: types.collect() })
}
