//! Archived months answer: pages over tables and files, kills in full, what is counted, what is damaged.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use noctis_core::partition::{Interval, Period};
use serde_json::Value;

use crate::shelf::Shelf;
use crate::stocked::Stocked;

/// Kills of each of four months.
const KILLS_A_MONTH: i64 = 40;
const MONTHS: [&str; 4] = ["2026-03", "2026-04", "2026-05", "2026-06"];
/// Times that a month goes to the archive and comes back while pages are turned; so many in the long form.
const CYCLES: usize = 4;
const CYCLES_LONG: usize = 200;

/// Four months of kills, with an archive that is empty yet.
async fn four_months() -> (Stocked, Shelf) {
    let shelf = Shelf::new();
    let stocked = Stocked::empty().await.with_archive(shelf.place());
    for (month, name) in (0..).zip(MONTHS) {
        let time = |n: i64| format!("{name}-{:02}T{:02}:30:00Z", 1 + n % 28, n % 24);
        let kills: Vec<(i64, String)> =
            (0..KILLS_A_MONTH).map(|n| (1 + month * 1_000 + n, time(n))).collect();
        let kills: Vec<(i64, &str)> = kills.iter().map(|(id, time)| (*id, time.as_str())).collect();
        stocked.add(&kills).await;
    }
    (stocked, shelf)
}

async fn body(stocked: &Stocked, path: &str) -> String {
    let answer = stocked.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.text
}

#[tokio::test]
async fn a_kill_is_told_the_same_from_the_archive() {
    let (stocked, shelf) = four_months().await;
    let paths = [
        "/api/v1/killmails?limit=1000&format=ndjson",
        "/api/v1/killmails?limit=1000&format=csv",
        "/api/v1/killmails?limit=1000&format=csv&fields=ids&order=arrival",
        "/api/v1/killmails?killmail_id=1,1005,3001,77",
        "/api/v1/killmails/1001/esi",
        "/api/v1/killmails/1001",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(body(&stocked, path).await);
    }
    for month in ["2026-03", "2026-04", "2026-06"] {
        shelf.put(&stocked.test.store, month).await;
    }
    for (path, before) in paths.into_iter().zip(before) {
        let after = body(&stocked, path).await;
        let (Ok(Value::Object(mut before)), Ok(Value::Object(mut after))) =
            (serde_json::from_str(&before), serde_json::from_str(&after))
        else {
            assert_eq!(after, before, "{path}");
            continue;
        };
        // All but where it was read from.
        for told in ["archived", "cold_months"] {
            assert_eq!(before.remove(told).is_some(), after.remove(told).is_some());
        }
        assert_eq!(after, before, "{path}");
    }
}

#[tokio::test]
async fn an_answer_says_what_is_archived_and_what_is_not_counted() {
    let (stocked, shelf) = four_months().await;
    let months = |answer: &Value, field: &str| answer[field].as_array().unwrap().len();
    let list = stocked.get("/api/v1/killmails?limit=1000").await;
    assert_eq!((months(&list.json(), "cold_months"), list.header("x-cold-months")), (0, ""));
    shelf.put(&stocked.test.store, "2026-03").await;
    shelf.put(&stocked.test.store, "2026-05").await;
    let list = stocked.get("/api/v1/killmails?limit=1000&format=ndjson").await;
    assert_eq!(list.header("x-cold-months"), "2026-05, 2026-03");
    assert_eq!(list.text.lines().count() as i64, 4 * KILLS_A_MONTH);
    // The newest are in the tables: no file is looked at.
    let newest = stocked.get("/api/v1/killmails?limit=10").await.json();
    assert_eq!(months(&newest, "cold_months"), 0);
    for (id, archived) in [(1, true), (1_001, false)] {
        let kill = stocked.get(&format!("/api/v1/killmails/{id}")).await.json();
        assert_eq!(kill["archived"], archived);
    }
    // Counted before it was archived, it stays counted; what is read of the tables alone is not.
    let pilot = stocked.get("/api/v1/characters/90000001").await.json();
    assert_eq!(pilot["not_counted"], serde_json::json!([]));
    assert_eq!(pilot["totals"]["losses"], 4 * KILLS_A_MONTH);
    assert_eq!(pilot["totals"]["counts"], "exact", "{pilot}");
    for path in ["top?from=2026-05-01&to=2026-05-20", "most-valuable?from=2026-05-01&to=2026-05-20"]
    {
        let answer = stocked.get(&format!("/api/v1/{path}")).await.json();
        assert_eq!(answer["not_counted"], serde_json::json!(["2026-05"]), "{answer}");
    }
    let battle = stocked.get("/api/v1/killmails/1/battle").await.json();
    assert_eq!((months(&battle, "not_counted"), battle["counts"].as_str()), (1, Some("at_least")));
}

#[tokio::test]
async fn a_damaged_file_is_told_and_other_months_answer() {
    let (stocked, shelf) = four_months().await;
    shelf.put(&stocked.test.store, "2026-03").await;
    shelf.put(&stocked.test.store, "2026-04").await;
    let file = shelf.path().join("table=killmails_raw/month=2026-03/part-0.parquet");
    let mut bytes = std::fs::read(&file).unwrap();
    let footer = bytes.len() - 200;
    bytes[footer..].iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(&file, bytes).unwrap();
    let broken = stocked.get("/api/v1/killmails?limit=1000").await;
    assert_eq!(broken.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(broken.json()["type"], "urn:noctis:problem:archive");
    assert!(broken.text.contains("2026-03"), "{}", broken.text);
    assert!(!broken.text.contains(shelf.path().to_str().unwrap()), "{}", broken.text);
    let others = stocked.all("from=2026-04-01&limit=50").await;
    assert_eq!(others.len() as i64, 3 * KILLS_A_MONTH);
    std::fs::remove_file(&file).unwrap();
    let missing = stocked.get("/api/v1/killmails/1").await;
    assert_eq!(missing.status, StatusCode::SERVICE_UNAVAILABLE, "{}", missing.text);
}

/// Pages are turned without an end while months go to files and come back; how often all of them were.
async fn turn_pages_during(cycles: usize) -> u64 {
    let (stocked, shelf) = four_months().await;
    let stocked = Arc::new(stocked);
    let ended = Arc::new(AtomicBool::new(false));
    let every: BTreeSet<i64> = stocked.all("limit=1000").await.into_iter().collect();
    assert_eq!(every.len() as i64, 4 * KILLS_A_MONTH);
    let turner = tokio::spawn({
        let (stocked, ended, every) = (Arc::clone(&stocked), Arc::clone(&ended), every.clone());
        async move {
            let mut walks = 0_u64;
            while !ended.load(Ordering::SeqCst) || walks == 0 {
                for query in ["limit=7", "order=value&from=2026-03-01&to=2026-07-01&limit=9"] {
                    let found = stocked.all(query).await;
                    let distinct: BTreeSet<i64> = found.iter().copied().collect();
                    assert_eq!(distinct.len(), found.len(), "{query}: a kill came twice");
                    // None of these has a value.
                    if !query.contains("value") {
                        assert_eq!(distinct, every, "{query}: kills are missing");
                    }
                }
                for id in [1, 1_001, 2_001, 3_001] {
                    body(&stocked, &format!("/api/v1/killmails/{id}/esi")).await;
                }
                walks += 1;
            }
            walks
        }
    });
    for cycle in 0..cycles {
        let month = MONTHS[cycle % MONTHS.len()];
        shelf.put(&stocked.test.store, month).await;
        shelf.take(&stocked.test.store, month).await;
    }
    ended.store(true, Ordering::SeqCst);
    turner.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missing_or_double_while_months_go_to_files_and_come_back() {
    assert!(turn_pages_during(CYCLES).await > 0);
}

/// The long form, some minutes: `cargo test -p noctis --test it -- --ignored two_hundred`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; its short form runs always"]
async fn nothing_is_missing_or_double_in_two_hundred_cycles() {
    let walks = turn_pages_during(CYCLES_LONG).await;
    println!("{CYCLES_LONG} cycles, {walks} walks over all pages");
}

#[tokio::test]
async fn a_late_kill_stands_between_archived_ones() {
    let (stocked, shelf) = four_months().await;
    shelf.put(&stocked.test.store, "2026-04").await;
    stocked.add(&[(1_500, "2026-04-03T12:00:00Z")]).await;
    let range = Period::containing(Interval::Month, "2026-04-03T00:00:00Z".parse().unwrap());
    let query = format!("from={}&to={}&limit=3", range.range().from, range.range().to);
    let found = stocked.all(&query).await;
    assert_eq!(found.len() as i64, KILLS_A_MONTH + 1);
    let place = found.iter().position(|id| *id == 1_500).unwrap();
    assert!(0 < place && place < found.len() - 1);
    shelf.put(&stocked.test.store, "2026-04").await;
    assert_eq!(stocked.all(&query).await, found, "now in two parts");
}
