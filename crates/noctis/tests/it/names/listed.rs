//! Lists of names, and all commands about names, by the binary.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use noctis_store::testing::TestStore;
use serde_json::Value;

use crate::loopback::Loopback;
use crate::program::{noctis, noctis_reading, on, said};
use crate::stocked::{Stocked, made_up};

const LIST: &str = "../../../shared/data/names/entities.ndjson";

/// The real list; None, said aloud, where it is missing.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
fn real_list() -> Option<std::path::PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(LIST);
    if !path.is_file() {
        println!("skipped: there is no {LIST}");
        return None;
    }
    Some(path)
}

async fn count(test: &TestStore, table: &str) -> i64 {
    let client = test.store.client().await.unwrap();
    client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_real_list_is_read_compressed_twice_and_shows_in_answers() {
    let (Some(list), Some((stocked, _))) = (real_list(), Stocked::real().await) else { return };
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("names.gz");
    let mut gzip = flate2::write::GzEncoder::new(
        std::fs::File::create(&packed).unwrap(),
        flate2::Compression::fast(),
    );
    gzip.write_all(&std::fs::read(&list).unwrap()).unwrap();
    gzip.finish().unwrap();
    let arguments =
        ["names", "import", packed.to_str().unwrap(), "--as-of", "2026-08-01", "--json"];
    let summary = noctis(&stocked.test, &arguments).good().json();
    assert_eq!(summary["read"], 35_474, "{summary:#}");
    let of = |key: &str| summary[key].as_u64().unwrap();
    assert_eq!(of("entered") + of("kept") + of("of_no_kind"), 35_474, "{summary:#}");
    // The list does not tell the kind of these, their numbers are older than the ranges that do, and no kill shows them.
    assert_eq!(of("of_no_kind"), 4_675, "{summary:#}");
    let mut all = 0;
    for table in ["characters", "corporations", "alliances"] {
        all += count(&stocked.test, table).await;
    }
    assert_eq!(summary["entered"], all);
    let again = noctis(&stocked.test, &arguments).good().json();
    assert_eq!((&again["entered"], &again["renewed"]), (&0.into(), &0.into()), "{again:#}");

    let answer = stocked.get("/api/v1/killmails?limit=1000").await.json();
    let mut named: BTreeMap<bool, u32> = BTreeMap::new();
    for kill in answer["killmails"].as_array().unwrap() {
        let corporation = &kill["victim"]["corporation"];
        if !corporation.is_null() {
            *named.entry(corporation["name"].is_string()).or_default() += 1;
        }
    }
    println!("{summary:#}\nvictims' corporations with a name: {named:?}");
    assert!(named[&true] > 100, "{named:?}");
}

#[tokio::test]
async fn an_older_list_does_not_replace_newer_names_but_gives_tickers() {
    let test = TestStore::new().await;
    let import = |text: &str, as_of: &str| {
        let arguments = ["names", "import", "-", "--json", "--as-of", as_of];
        noctis_reading(&test, &arguments, text.as_bytes()).good().json()
    };
    import(r#"{"id":98000001,"name":"New","kind":"corporation"}"#, "2026-08-01");
    let old = import("id,name,kind,ticker\n98000001,Old,corporation,TICK\n", "2026-07-01");
    assert_eq!((&old["entered"], &old["renewed"]), (&0.into(), &1.into()), "{old:#}");
    let client = test.store.client().await.unwrap();
    let row = client
        .query_one("SELECT name, ticker, as_of::date::text FROM corporations", &[])
        .await
        .unwrap();
    let row: [String; 3] = [row.get(0), row.get(1), row.get(2)];
    assert_eq!(row, ["New", "TICK", "2026-08-01"]);
    import(r#"[{"category":"corporation","id":98000001,"name":"Newer"}]"#, "2026-09-01");
    let row = client.query_one("SELECT name, ticker FROM corporations", &[]).await.unwrap();
    let row: [String; 2] = [row.get(0), row.get(1)];
    assert_eq!(row, ["Newer", "TICK"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_file_and_row_and_the_rest_is_written() {
    let test = TestStore::new().await;
    let text = "{\"id\":98000001,\"name\":\"A\"}\n{\"id\":98000002}\n{\"id\":7,\"name\":\"B\"}\n{\"id\":98000003,\"name\":\"C\"}\n";
    let summary =
        noctis_reading(&test, &["names", "import", "-", "--json"], text.as_bytes()).good().json();
    assert_eq!((&summary["entered"], &summary["bad"]), (&2.into(), &1.into()), "{summary:#}");
    assert_eq!(summary["of_no_kind"], 1, "{summary:#}");
    let problems = summary["problems"].as_array().unwrap();
    assert!(problems[0].as_str().unwrap().starts_with("standard input, row 2: "), "{problems:?}");
}

#[tokio::test]
async fn an_id_of_no_told_kind_is_of_the_kind_that_a_stored_kill_shows() {
    let stocked = Stocked::empty().await;
    let mut kill = made_up(1, "2009-05-05T10:00:00Z");
    kill["victim"]["corporation_id"] = 667_531_913.into();
    stocked.add_bodies(&[kill]).await;
    let list = r#"[{"id": 667531913, "name": "GoonSwarm Holdings"}, {"id": 667531914, "name": "Whoever"}]"#;
    let arguments = ["names", "import", "-", "--json"];
    let summary = noctis_reading(&stocked.test, &arguments, list.as_bytes()).good().json();
    assert_eq!(
        (&summary["entered"], &summary["of_no_kind"]),
        (&1.into(), &1.into()),
        "{summary:#}"
    );
    let kill = stocked.get("/api/v1/killmails/1").await.json();
    assert_eq!(kill["victim"]["corporation"]["name"], "GoonSwarm Holdings", "{kill:#}");
}

#[tokio::test]
async fn names_that_come_along_with_a_killmail_are_taken_in_with_it() {
    let stocked = Stocked::empty().await;
    let mut kill = made_up(1, "2016-05-05T10:00:00Z");
    kill["victim"]["character_name"] = "Somebody".into();
    kill["attackers"][0]["corporation_name"] = "Some People".into();
    let text = kill.to_string();
    noctis_reading(&stocked.test, &["import", "-"], text.as_bytes()).good();
    let shown = stocked.get("/api/v1/killmails/1").await.json();
    assert_eq!(shown["victim"]["character"]["name"], "Somebody", "{shown:#}");
    assert_eq!(shown["attackers"][0]["corporation"]["name"], "Some People");
    let client = stocked.test.store.client().await.unwrap();
    let as_of = client.query_one("SELECT as_of::text FROM characters", &[]).await.unwrap();
    assert!(as_of.get::<_, String>(0).starts_with("2016-05-05 10:00:00"));
    // What came in comes out, names included.
    assert_eq!(stocked.get("/api/v1/killmails/1/esi").await.json(), kill);
}

#[tokio::test]
async fn resolve_asks_for_what_is_missing_and_status_tells() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add(&[(1, "2026-11-20T10:00:00Z"), (2, "2026-11-20T11:00:00Z")]).await;
    esi.characters([90_000_001, 90_000_002]);
    for (id, category, ticker) in [
        (98_000_001, "corporation", "ONE"),
        (98_000_002, "corporation", "TWO"),
        (99_000_002, "alliance", "ALL"),
    ] {
        esi.galaxy().names.insert(id, (category, format!("{category} {id}")));
        esi.galaxy().tickers.insert(id, ticker.into());
    }
    let base = format!("esi.base_url={}", esi.url());
    let run = |arguments: &[&str]| {
        let child = on(&stocked.test, &[arguments, &["--set", &base]].concat()).spawn().unwrap();
        tokio::task::spawn_blocking(move || said(child))
    };
    let refused = run(&["names", "resolve"]).await.unwrap();
    assert_eq!(refused.code(), 1);
    assert!(refused.err.contains("before `contact` is set"), "{}", refused.err);
    assert_eq!(esi.asked().len(), 0);

    let resolve = ["names", "resolve", "--json", "--set", "contact=pilot@example.org"];
    let summary = run(&resolve).await.unwrap().good().json();
    // The clock is the real one here; in downtime nothing is asked.
    if summary["ended"]["end"] == "closed" {
        println!("skipped: {summary}");
        return;
    }
    assert_eq!(summary["kills_looked_through"], 2, "{summary:#}");
    assert_eq!(
        (&summary["named"], &summary["tickers"], &summary["requests"]),
        (&5.into(), &3.into(), &4.into())
    );
    let status = run(&["names", "status", "--json", "--days", "3650"]).await.unwrap().good().json();
    assert_eq!(status["backlog"], Value::Array(vec![]), "{status:#}");
    for row in status["coverage"].as_array().unwrap() {
        assert_eq!(row["on_kills"], row["named"], "{status:#}");
    }
    let kill = stocked.get("/api/v1/killmails/1").await.json();
    assert_eq!(kill["victim"]["character"]["name"], "Pilot 90000001", "{kill:#}");
    assert_eq!(kill["attackers"][0]["alliance"]["name"], "alliance 99000002");
}
