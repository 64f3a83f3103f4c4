//! `DuckDB` and Polars open the archive as it lies there, and find the same.

use serde_json::{Value, json};

use crate::python::python;
use crate::rows::{folder, head, june, kills, write};

/// Opens all parts at once, by folders, and prints what it finds.
const DUCKDB: &str = r#"
import duckdb, json, sys
def table(name):
    return f"read_parquet('{sys.argv[1]}/table={name}/*/*.parquet', hive_partitioning = true)"
one = lambda sql: duckdb.sql("SELECT " + sql).fetchall()[0][0]
raw, enriched, participants = map(table, ("killmails_raw", "killmails_enriched", "killmail_participants"))
print(json.dumps({
    "kills": one(f"count(*) FROM {raw}"),
    "months": one(f"count(DISTINCT month) FROM {raw}"),
    "ids": one(f"sum(killmail_id)::BIGINT FROM {raw}"),
    "systems": one(f"sum((raw_payload->>'solar_system_id')::BIGINT)::BIGINT FROM {raw}"),
    "items": one(f"sum(len(item_type_ids))::BIGINT FROM {raw}"),
    "isk": str(one(f"sum(isk_value) FROM {enriched}")),
    "labels": one(f"count(*) FROM {enriched} WHERE list_contains(labels, 'solo')"),
    "participants": one(f"count(*) FROM {participants}"),
    "damage": one(f"sum(damage)::BIGINT FROM {participants}"),
    "last": str(one(f"max(epoch_us(\"timestamp\")) FROM {participants}")),
}))
"#;

const POLARS: &str = r#"
import json, polars as pl, sys
def table(name):
    return pl.scan_parquet(f"{sys.argv[1]}/table={name}/**/*.parquet", hive_partitioning=True)
one = lambda frame, what: frame.select(what).collect().item()
raw, enriched, participants = map(table, ("killmails_raw", "killmails_enriched", "killmail_participants"))
print(json.dumps({
    "kills": one(raw, pl.len()),
    "months": one(raw, pl.col("month").n_unique()),
    "ids": one(raw, pl.col("killmail_id").sum()),
    "systems": one(raw, pl.col("raw_payload").str.json_path_match("$.solar_system_id").cast(pl.Int64).sum()),
    "items": one(raw, pl.col("item_type_ids").list.len().sum()),
    "isk": str(one(enriched, pl.col("isk_value").sum())),
    "labels": one(enriched, pl.col("labels").list.contains("solo").sum()),
    "participants": one(participants, pl.len()),
    "damage": one(participants, pl.col("damage").sum()),
    "last": str(one(participants, pl.col("timestamp").max().dt.epoch("us"))),
}))
"#;

#[tokio::test]
async fn duckdb_and_polars_find_the_same() {
    let folder = folder();
    // Two parts of the month: the second holds what came late.
    write(&folder.archive, head(june(), 0), &kills(3_000), 10_000).await.unwrap();
    let mut late = kills(3_100);
    late.raw.drain(..3_000);
    late.enriched.drain(..3_000);
    late.participants.drain(..9_000);
    write(&folder.archive, head(june(), 1), &late, 10_000).await.unwrap();
    let count = 3_100_i64;
    let sum = count * (count - 1) / 2;
    let cents = i128::from(sum) * 12_345;
    let wanted = json!({
        "kills": count,
        "months": 1,
        "ids": 100_000 * count + sum,
        "systems": 30_000_142 * count,
        "items": 2 * count,
        "isk": format!("{}.{:02}", cents / 100, cents % 100),
        "labels": count,
        "participants": 3 * count,
        "damage": 3 * sum,
        "last": (june().from.as_microsecond() + (count - 1) * 1_000_000).to_string(),
    });
    for (module, script) in [("duckdb", DUCKDB), ("polars", POLARS)] {
        let Some(mut python) = python(module, "reading with others") else { continue };
        let output = python.arg("-c").arg(script).arg(folder.path.path()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{module}: {errors}");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found, wanted, "{module}");
    }
}
