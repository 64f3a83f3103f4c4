//! What is counted of somebody equals what the lists of kills hold, whatever of it is counted already; it is the same before
//! and after its months went to the archive; and feeds visit only the months in which there is something.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use noctis::presence::Counter;
use noctis::static_data::Current;
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_store::ingest::Ingester;
use noctis_store::testing::{catalogue, ingest_options, store_text};
use serde_json::{Value, json};

use crate::shelf::Shelf;
use crate::stocked::Stocked;

/// Who is asked about: path of the API, its id, and the questions for kills and losses.
type Whom = (&'static str, i64, String, Option<String>);

fn bodies(seed: u64) -> Vec<Value> {
    let options = Options {
        kills: 240,
        from: "2026-03-01T00:00:00Z".parse().unwrap(),
        to: "2026-07-01T00:00:00Z".parse().unwrap(),
        seed,
        oddities: true,
        zkb: true,
    };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let (mut bodies, mut body) = (Vec::new(), Vec::new());
    while generator.write_next(&mut body) {
        bodies.push(serde_json::from_slice(&std::mem::take(&mut body)).unwrap());
    }
    bodies
}

async fn store(stocked: &Stocked, bodies: &[Value]) {
    let text: String = bodies.iter().map(|body| format!("{body}\n")).collect();
    let mut ingester = Ingester::new(&stocked.test.store, ingest_options()).await.unwrap();
    store_text(&mut ingester, "generated", text.as_bytes(), 100).await;
}

async fn count(stocked: &Stocked) {
    let current = Current::new(catalogue());
    let counter = Counter::new(stocked.test.store.clone(), None, current);
    assert!(counter.catch_up(5).await.unwrap());
}

async fn get(stocked: &Stocked, path: &str) -> Value {
    let answer = stocked.get(&format!("/api/v1/{path}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()
}

/// Some of everybody who is on these mails, of each kind.
fn whom(bodies: &[Value]) -> Vec<Whom> {
    let mut seen: BTreeSet<(&'static str, &'static str, i64)> = BTreeSet::new();
    let (mut systems, mut ships) = (BTreeSet::new(), BTreeSet::new());
    for body in bodies {
        let mail = body.get("killmail").unwrap_or(body);
        let attackers = mail["attackers"].as_array().unwrap();
        for one in attackers.iter().chain([&mail["victim"]]) {
            for (path, key) in [
                ("characters", "character_id"),
                ("corporations", "corporation_id"),
                ("alliances", "alliance_id"),
            ] {
                seen.extend(one[key].as_i64().map(|id| (path, key, id)));
            }
            ships.extend(one["ship_type_id"].as_i64());
        }
        systems.extend(mail["solar_system_id"].as_i64());
    }
    let groups: BTreeSet<i64> = ships
        .iter()
        .filter_map(|ship| catalogue().types.get(*ship).map(|row| row.group_id))
        .collect();
    let region = |id: &i64| catalogue().systems.get(*id).map(|row| row.region_id);
    let regions: BTreeSet<i64> = systems.iter().filter_map(region).collect();
    seen.extend(ships.into_iter().map(|id| ("ships", "ship_type_id", id)));
    seen.extend(groups.into_iter().map(|id| ("ship-groups", "ship_group_id", id)));
    let sides = |(path, key, id)| {
        (path, id, format!("attacker.{key}={id}"), Some(format!("victim.{key}={id}")))
    };
    let mut whom: Vec<Whom> = seen.into_iter().step_by(23).map(sides).collect();
    let place = |path, key: &'static str| {
        move |id: i64| -> Whom { (path, id, format!("{key}={id}"), None) }
    };
    whom.extend(systems.into_iter().step_by(15).map(place("systems", "solar_system_id")));
    whom.extend(regions.into_iter().step_by(9).map(place("regions", "region_id")));
    whom
}

/// Kills, pods among them, and ISK in cents, by month.
async fn recount(stocked: &Stocked, question: Option<&String>) -> BTreeMap<String, [i64; 3]> {
    let mut months: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    let Some(question) = question else { return months };
    let page = get(stocked, &format!("killmails?{question}&limit=1000")).await;
    assert_eq!(page["next"], Value::Null);
    for kill in page["killmails"].as_array().unwrap() {
        let month = kill["killmail_time"].as_str().unwrap()[..7].to_owned();
        let sum = months.entry(month).or_default();
        sum[0] += 1;
        sum[1] += i64::from(kill["victim"]["ship"]["group"]["id"] == 29);
        sum[2] += cents(&kill["value"]["total"]);
    }
    months
}

fn cents(isk: &Value) -> i64 {
    (isk.as_f64().unwrap_or_default() * 100.0).round() as i64
}

async fn assert_counted(stocked: &Stocked, whom: &[Whom], what: &str) {
    for (path, id, kills, losses) in whom {
        let entity = get(stocked, &format!("{path}/{id}")).await;
        let told = |side: &str, pods: &str, isk: &str| -> BTreeMap<String, [i64; 3]> {
            let months = entity["months"].as_array().unwrap().iter();
            let months = months.map(|month| {
                assert_eq!(month["counts"], "exact", "{what}: {path} {id}");
                let number = |key: &str| month[key].as_i64().unwrap();
                let sum = [number(side), number(pods), cents(&month[isk])];
                (month["month"].as_str().unwrap().to_owned(), sum)
            });
            months.filter(|(_, sum)| sum[0] > 0).collect()
        };
        let killed = recount(stocked, Some(kills)).await;
        assert_eq!(told("kills", "pod_kills", "isk_destroyed"), killed, "{what}: {path} {id}");
        let lost = recount(stocked, losses.as_ref()).await;
        assert_eq!(told("losses", "pod_losses", "isk_lost"), lost, "{what}: {path} {id}");
        assert_eq!(entity["totals"]["counts"], "exact", "{what}: {path} {id}");
        assert_eq!(entity["not_counted"], json!([]), "{what}: {path} {id}");
    }
}

#[tokio::test]
async fn somebody_is_counted_as_the_lists_are_and_the_same_before_and_after_the_archive() {
    let shelf = Shelf::new();
    let stocked = Stocked::empty().await.with_archive(shelf.place());
    let bodies = bodies(11);
    // One in three of every month comes when the others are counted.
    let (late, first): (Vec<_>, Vec<_>) =
        bodies.into_iter().enumerate().partition(|(n, _)| n % 3 == 0);
    let plain =
        |some: Vec<(usize, Value)>| some.into_iter().map(|(_, body)| body).collect::<Vec<_>>();
    let first = plain(first);
    let whom = whom(&first);
    assert!(whom.len() > 30, "{}", whom.len());
    store(&stocked, &first).await;
    assert_counted(&stocked, &whom, "nothing counted").await;
    count(&stocked).await;
    assert_counted(&stocked, &whom, "everything counted").await;
    store(&stocked, &plain(late)).await;
    assert_counted(&stocked, &whom, "some late").await;
    let mut paths: Vec<String> =
        whom.iter().map(|(path, id, ..)| format!("/api/v1/{path}/{id}")).collect();
    for kind in ["characters", "corporations", "alliances", "systems", "regions", "ships", "groups"]
    {
        for by in ["kills", "losses", "isk"] {
            paths.push(format!("/api/v1/top?kind={kind}&by={by}&from=2026-04-01&to=2026-05-01"));
        }
    }
    paths
        .extend(["/character/90000001", "/region/10000002", "/system/30000142"].map(str::to_owned));
    let told = async |path: &str| {
        let answer = stocked.get(path).await;
        let mut json: Value = serde_json::from_str(&answer.text).unwrap_or(json!(answer.text));
        if let Value::Object(fields) = &mut json {
            fields.remove("cold_months");
        }
        json
    };
    let mut before = Vec::new();
    for path in &paths {
        before.push(told(path).await);
    }
    for month in ["2026-04", "2026-06"] {
        shelf.put(&stocked.test.store, month).await;
    }
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(told(path).await, *before, "{path}");
    }
    shelf.put(&stocked.test.store, "2026-03").await;
    shelf.put(&stocked.test.store, "2026-05").await;
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(told(path).await, *before, "{path}");
    }
    assert_counted(&stocked, &whom, "archived").await;
    // Of a part of an archived month nobody knows.
    let part = get(&stocked, "top?from=2026-04-01&to=2026-04-20").await;
    assert_eq!((&part["counts"], &part["not_counted"]), (&json!("at_least"), &json!(["2026-04"])));
}

/// Five kills a month; months two and six have a rare pilot, month four something rare that was fitted.
fn eight_months() -> Vec<Value> {
    let mut bodies = Vec::new();
    for month in 1..=8_i64 {
        for n in 0..5 {
            let time = format!("2025-{month:02}-{:02}T12:00:00Z", 3 + n);
            let mut body = crate::stocked::made_up(month * 100 + n, &time);
            // Months two and six have him, as an attacker and as a victim.
            match (month, n) {
                (2, 1) => body["attackers"][0]["character_id"] = 90_000_077.into(),
                (6, 3) => body["victim"]["character_id"] = 90_000_077.into(),
                // Month four has a damage control, fitted.
                (4, 2) => {
                    let items = body["victim"]["items"].as_array_mut().unwrap();
                    items.push(json!({"item_type_id": 2_048, "flag": 11, "singleton": 0, "quantity_destroyed": 1}));
                }
                _ => {}
            }
            bodies.push(body);
        }
    }
    bodies
}

#[tokio::test]
async fn a_rare_pilots_page_looks_at_his_months_alone_and_a_lagging_counter_loses_nothing() {
    let shelf = Shelf::new();
    let stocked = Stocked::empty().await.with_archive(shelf.place());
    store(&stocked, &eight_months()).await;
    for month in 1..=7 {
        shelf.put(&stocked.test.store, &format!("2025-{month:02}")).await;
    }
    for (query, kills, months) in [
        ("character_id=90000077", json!([603, 201]), json!(["2025-06", "2025-02"])),
        ("attacker.character_id=90000077", json!([201]), json!(["2025-02"])),
        ("victim.character_id=90000077", json!([603]), json!(["2025-06"])),
        (
            "victim.character_id=90000077&attacker.character_id=90000002",
            json!([603]),
            json!(["2025-06"]),
        ),
        ("character_id=90000099", json!([]), json!([])),
        (
            "solar_system_id=30000142&character_id=90000077&to=2025-06-01",
            json!([201]),
            json!(["2025-02"]),
        ),
        ("item_type_id=2048", json!([402]), json!(["2025-04"])),
        ("fitted.item_type_id=2048&character_id=90000001", json!([402]), json!(["2025-04"])),
        ("module_tags=Damage%20Control,Low%20Slot", json!([402]), json!(["2025-04"])),
        ("dropped.item_type_id=2048", json!([]), json!(["2025-04"])),
        ("labels=isk:1t%2B", json!([]), json!([])),
        (
            "order=value&from=2025-01-01&to=2025-12-01&character_id=90000077",
            json!([]),
            json!(["2025-06", "2025-02"]),
        ),
    ] {
        let page = get(&stocked, &format!("killmails?{query}")).await;
        let found =
            page["killmails"].as_array().unwrap().iter().map(|kill| kill["killmail_id"].clone());
        assert_eq!(Value::Array(found.collect()), kills, "{query}");
        assert_eq!(page["cold_months"], months, "{query}");
        assert_eq!(page["next"], Value::Null, "{query}");
    }
    let pilot = get(&stocked, "characters/90000077").await;
    assert_eq!(pilot["cold_months"], json!(["2025-06", "2025-02"]));
    // As if nobody had ever counted: nothing is lost, and what is archived is not known.
    let owner = stocked.test.database.owner().await;
    let forget = "TRUNCATE presence, presence_days, presence_traces; UPDATE presence_counted SET arrival = 0";
    owner.batch_execute(forget).await.unwrap();
    let page = get(&stocked, "killmails?character_id=90000077").await;
    assert_eq!(page["killmails"].as_array().unwrap().len(), 2);
    assert_eq!(page["cold_months"].as_array().unwrap().len(), 7);
    let lost = get(&stocked, "characters/90000077").await;
    assert_eq!(lost["totals"]["counts"], "at_least");
    assert_eq!(lost["not_counted"].as_array().unwrap().len(), 7);
    let current = Current::new(catalogue());
    let counter = Counter::new(stocked.test.store.clone(), Some(shelf.place()), current);
    assert!(counter.catch_up(5).await.unwrap());
    assert_eq!(get(&stocked, "characters/90000077").await, pilot);
}
