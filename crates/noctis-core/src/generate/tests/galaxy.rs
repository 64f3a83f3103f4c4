//! Static data for tests: a small galaxy built in, and CCP's own where the data folder is there.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::generate::{GalaxySource, Slot, SourceSystem, SourceType};

/// Real ids, a few of each kind; enough for every path of the generator.
pub(super) fn small() -> GalaxySource {
    let mut systems = Vec::new();
    for n in 0..30 {
        systems.push(SourceSystem { system_id: 30_000_001 + n, security: 0.9 });
        systems.push(SourceSystem { system_id: 30_002_001 + n, security: 0.3 });
        systems.push(SourceSystem { system_id: 30_004_001 + n, security: -0.4 });
        systems.push(SourceSystem { system_id: 31_000_001 + n, security: -1.0 });
    }
    let rows: [(i64, i64, Option<Slot>, &[i64]); 27] = [
        (6, 25, None, &[587, 593, 597, 603, 608, 602]),
        (6, 420, None, &[16_238, 16_236, 16_240, 16_242]),
        (6, 26, None, &[621, 627, 629, 624]),
        (6, 419, None, &[24_698, 24_702, 16_227, 24_696]),
        (6, 27, None, &[638, 639, 641, 645]),
        (6, 28, None, &[648, 650]),
        (6, 29, None, &[670]),
        (6, 963, None, &[29_984, 29_990]),
        (6, 485, None, &[19_720, 19_722, 19_724]),
        (6, 659, None, &[22_852, 23_913]),
        (6, 30, None, &[671, 3_764, 11_567]),
        (65, 1657, None, &[35_832, 35_833, 35_834]),
        (23, 365, None, &[12_235, 16_213]),
        (22, 1250, None, &[33_475]),
        (7, 74, Some(Slot::High), &[3_146, 3_170]),
        (7, 509, Some(Slot::High), &[2_404]),
        (7, 46, Some(Slot::Mid), &[434, 438, 440]),
        (7, 52, Some(Slot::Mid), &[447, 448]),
        (7, 60, Some(Slot::Low), &[2_046, 2_048]),
        (7, 774, Some(Slot::Rig), &[31_788, 31_790]),
        (32, 954, Some(Slot::Subsystem), &[45_589]),
        (8, 85, None, &[215, 222, 230]),
        (8, 384, None, &[209, 210]),
        (18, 100, None, &[2_454, 2_456]),
        (20, 745, None, &[9_899, 9_941]),
        (4, 18, None, &[34, 35, 36]),
        (2, 340, None, &[3_465, 3_466]),
    ];
    let mut types = Vec::new();
    for (category_id, group_id, slot, type_ids) in rows {
        types.extend(type_ids.iter().enumerate().map(|(n, &type_id)| SourceType {
            type_id,
            group_id,
            category_id,
            published: true,
            meta_group_id: Some(1 + (n % 2) as i64),
            slot,
        }));
    }
    GalaxySource { systems, types }
}

/// The real galaxy. None, said aloud, where the data folder is missing.
pub(super) fn real() -> Option<GalaxySource> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sde");
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let (Some(systems), Some(types)) = (read("systems.ndjson"), read("types.ndjson")) else {
        println!("skipped: no static data in {}", folder.display());
        return None;
    };
    let rows = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let system = |row: &Value| SourceSystem {
        system_id: row["system_id"].as_i64().unwrap(),
        security: row["security"].as_f64().unwrap_or(0.0),
    };
    let of_type = |row: &Value| SourceType {
        type_id: row["type_id"].as_i64().unwrap(),
        group_id: row["group_id"].as_i64().unwrap(),
        category_id: row["category_id"].as_i64().unwrap(),
        published: row["published"].as_bool().unwrap(),
        meta_group_id: row["meta_group_id"].as_i64(),
        slot: row["slot"].as_str().and_then(Slot::parse),
    };
    Some(GalaxySource {
        systems: rows(&systems).iter().map(system).collect(),
        types: rows(&types).iter().map(of_type).collect(),
    })
}
