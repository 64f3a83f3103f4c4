//! Entities over HTTP: their answers against the lists of kills, their pages, pictures on and off, and what is refused.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use noctis::api;
use serde_json::{Value, json};

use crate::stocked::{Stocked, made_up};

const SERVER: &str = "https://images.example";

async fn get(stocked: &Stocked, path: &str) -> Value {
    let answer = stocked.get(&format!("/api/v1/{path}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()
}

async fn store(stocked: &Stocked, kills: &[Value]) {
    let text: String = kills.iter().map(|kill| format!("{kill}\n")).collect();
    let options = noctis_store::testing::ingest_options();
    let mut ingester =
        noctis_store::ingest::Ingester::new(&stocked.test.store, options).await.unwrap();
    let outcome =
        noctis_store::testing::store_text(&mut ingester, "made up", text.as_bytes(), 1_000).await;
    assert_eq!(outcome.stored, kills.len() as u64, "{outcome:?}");
}

async fn execute(stocked: &Stocked, sql: &str) {
    stocked.test.database.owner().await.execute(sql, &[]).await.unwrap();
}

fn recent(entity: &Value, list: &str) -> Vec<i64> {
    let kills = entity[list].as_array().unwrap();
    kills.iter().map(|kill| kill["killmail_id"].as_i64().unwrap()).collect()
}

/// Everybody on the real kills: path of the API, key of the language, id.
fn on_mails<'a>(
    bodies: impl Iterator<Item = &'a Value>,
) -> BTreeSet<(&'static str, &'static str, i64)> {
    let mut seen = BTreeSet::new();
    for body in bodies {
        let attackers = body["attackers"].as_array().unwrap();
        for one in attackers.iter().chain([&body["victim"]]) {
            for (path, key) in [
                ("characters", "character_id"),
                ("corporations", "corporation_id"),
                ("alliances", "alliance_id"),
            ] {
                seen.extend(one[key].as_i64().map(|id| (path, key, id)));
            }
        }
    }
    seen
}

#[tokio::test]
async fn an_entity_counts_what_the_lists_of_its_kills_and_losses_hold() {
    let Some((stocked, bodies)) = Stocked::real().await else { return };
    let everybody = on_mails(bodies.values());
    assert!(everybody.len() > 1_000);
    // Every fortieth: corporations, alliances and pilots, most of whom are on one mail.
    for (path, key, id) in everybody.into_iter().step_by(40) {
        let entity = get(&stocked, &format!("{path}/{id}")).await;
        let kills = stocked.all(&format!("attacker.{key}={id}&limit=1000")).await;
        let losses = stocked.all(&format!("victim.{key}={id}&limit=1000")).await;
        let totals = &entity["totals"];
        assert_eq!(totals["kills"], kills.len(), "{path} {id}");
        assert_eq!(totals["losses"], losses.len(), "{path} {id}");
        assert_eq!(totals["counts"], "exact");
        assert_eq!(recent(&entity, "recent_kills"), kills[..kills.len().min(20)], "{path} {id}");
        assert_eq!(recent(&entity, "recent_losses"), losses[..losses.len().min(20)], "{path} {id}");
    }
    for id in [30_000_142, 30_002_813] {
        let system = get(&stocked, &format!("systems/{id}")).await;
        let kills = stocked.all(&format!("solar_system_id={id}&limit=1000")).await;
        assert_eq!(system["totals"]["kills"], kills.len());
        assert!(system["name"].is_string() && system["region"]["name"].is_string());
    }
    let pods = get(&stocked, "ship-groups/29").await;
    let lost = stocked.all("ship_type_id=670,33328&limit=1000").await;
    assert!(lost.len() > 10);
    assert_eq!(pods["totals"]["losses"], lost.len());
    assert_eq!(pods["totals"]["pod_losses"], lost.len());
    assert_eq!(get(&stocked, "ships/670").await["group"]["name"], "Capsule");
}

#[tokio::test]
async fn the_names_say_whose_somebody_is_and_the_newest_mail_where_they_do_not() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let pilot = get(&stocked, "characters/90000002").await;
    assert_eq!(pilot["name"], Value::Null);
    assert_eq!(pilot["membership_from"], "mails");
    assert_eq!(pilot["corporation"], json!({"id": 98_000_002, "name": null}));
    assert_eq!(pilot["alliance"]["id"], 99_000_002);
    execute(&stocked, "INSERT INTO characters (eve_id, name, corporation_id) VALUES (90000002, 'Somebody', 98000009)").await;
    execute(
        &stocked,
        "INSERT INTO corporations (eve_id, name, ticker) VALUES (98000009, 'Some', 'SOME')",
    )
    .await;
    let pilot = get(&stocked, "characters/90000002").await;
    assert_eq!((&pilot["name"], &pilot["membership_from"]), (&json!("Somebody"), &json!("names")));
    assert_eq!(pilot["corporation"], json!({"id": 98_000_009, "name": "Some"}));
    assert_eq!(pilot["alliance"], Value::Null);
    assert_eq!(pilot["counted_from"], "2007-12-01T00:00:00Z");
    // Known to the names alone: there is nothing to tell, and that is no error.
    let idle = get(&stocked, "corporations/98000009").await;
    assert_eq!((&idle["ticker"], &idle["totals"]["kills"]), (&json!("SOME"), &json!(0)));
    assert_eq!(idle["months"], json!([]));
    for path in [
        "characters/7",
        "corporations/7",
        "alliances/7",
        "systems/7",
        "ships/999999999",
        "regions/7",
    ] {
        let answer = stocked.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text);
        assert_eq!(answer.json()["type"], "urn:noctis:problem:not-found");
    }
    let members = get(&stocked, "corporations/98000009/characters").await;
    assert_eq!(members["characters"][0]["name"], "Somebody");
    assert_eq!(members["characters"][0]["in_names"], true);
    assert_eq!(members["next"], Value::Null);
}

#[tokio::test]
async fn a_kill_tells_of_the_pod_after_it_and_of_the_battle_it_was_in() {
    let stocked = Stocked::empty().await;
    let mut pod = made_up(2, "2026-01-02T03:05:05Z");
    pod["victim"]["ship_type_id"] = 670.into();
    let mut other = made_up(3, "2026-01-02T03:10:00Z");
    other["victim"]["character_id"] = 90_000_009.into();
    store(&stocked, &[made_up(1, "2026-01-02T03:04:05Z"), pod, other]).await;
    let kill = get(&stocked, "killmails/1").await;
    assert_eq!(recent(&kill, "related"), [2]);
    assert_eq!(recent(&get(&stocked, "killmails/2").await, "related"), [1]);
    assert_eq!(recent(&get(&stocked, "killmails/3").await, "related"), [] as [i64; 0]);
    let battle = get(&stocked, "killmails/1/battle").await;
    assert_eq!((&battle["kills"], &battle["counts"]), (&json!(3), &json!("exact")));
    assert_eq!(recent(&battle, "killmails"), [1, 2, 3]);
    let sides = battle["sides"].as_array().unwrap();
    assert_eq!(sides.len(), 2);
    assert_eq!((&sides[0]["alliance"]["id"], &sides[0]["kills"]), (&json!(99_000_002), &json!(3)));
    let victims = (&sides[1]["corporation"]["id"], &sides[1]["losses"], &sides[1]["characters"]);
    assert_eq!(victims, (&json!(98_000_001), &json!(3), &json!(2)));
    assert_eq!(battle["characters"].as_array().unwrap().len(), 3);
    let missing = stocked.get("/api/v1/killmails/9/battle").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let page = stocked.get("/kill/1").await.text;
    for told in ["/kill/2", "/kill/1/battle", "lost within the hour"] {
        assert!(page.contains(told), "the page does not tell {told}");
    }
}

#[tokio::test]
async fn lists_over_a_time_are_bounded_and_say_what_they_take() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z"), (2, "2026-01-03T03:04:05Z")]).await;
    for (query, counts) in [
        ("from=2026-01-01&to=2026-01-08", vec![2]),
        ("kind=alliances&from=2026-01-01&to=2026-01-03", vec![1]),
        ("kind=ships&by=losses&from=2026-01-01&to=2026-01-08", vec![2]),
        ("kind=regions&by=isk&from=2026-01-01&to=2026-01-08", vec![2]),
        ("kind=groups&from=2025-01-01&to=2025-01-08", vec![]),
        ("from=-005000-01-01T00:00:00Z&to=-005000-01-02T00:00:00Z", vec![]),
    ] {
        let top = get(&stocked, &format!("top?{query}")).await;
        let rows = top["rows"].as_array().unwrap();
        let told: Vec<i64> = rows.iter().map(|row| row["count"].as_i64().unwrap()).collect();
        assert_eq!(told, counts, "{query}: {top}");
    }
    for (query, wanted) in [
        ("top?from=2026-01-01&to=2026-03-01", "at most 31 days"),
        ("top?kind=pilots", "one of characters, corporations"),
        ("top?by=value", "one of kills, losses, isk"),
        ("top?limit=201", "a number from 1 to 200"),
        ("top?sytem=Jita", "there is no key sytem"),
        ("most-valuable?from=yesterday", "a time such as 7d"),
        ("most-valuable?region_id=Delve", "expected a number"),
        ("corporations/x/characters", "no id of a corporation"),
        ("characters/x", "no id of a character"),
    ] {
        let answer = stocked.get(&format!("/api/v1/{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}: {}", answer.text);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(wanted), "{query}: {detail}");
    }
}

#[tokio::test]
async fn the_most_valuable_kills_come_first_everywhere_and_in_a_region() {
    let Some((stocked, _)) = Stocked::real().await else { return };
    let of = async |query: &str| -> (Vec<f64>, Vec<i64>) {
        let found = get(&stocked, &format!("most-valuable?limit=200&{query}")).await;
        let kills = found["killmails"].as_array().unwrap();
        let worth = kills.iter().map(|kill| kill["value"]["total"].as_f64().unwrap()).collect();
        let regions =
            kills.iter().map(|kill| kill["solar_system"]["region"]["id"].as_i64().unwrap());
        (worth, regions.collect())
    };
    let month = "from=2014-12-01&to=2015-01-01";
    let (worth, regions) = of(month).await;
    assert!(worth.len() > 3, "{worth:?}");
    assert!(worth.is_sorted_by(|one, next| one >= next), "{worth:?}");
    let region = regions[regions.len() - 1];
    let (in_region, only) = of(&format!("{month}&region_id={region}")).await;
    assert!(only.iter().all(|id| *id == region) && !only.is_empty());
    let there = worth.iter().zip(&regions).filter(|(_, id)| **id == region);
    assert_eq!(there.map(|(isk, _)| *isk).collect::<Vec<f64>>(), in_region);
}

/// The pages of entities of a made-up kill.
const PAGES: [&str; 12] = [
    "/character/90000002",
    "/corporation/98000002",
    "/corporation/98000002/characters",
    "/alliance/99000002",
    "/system/30000142",
    "/constellation/20000020",
    "/region/10000002",
    "/ship/587",
    "/ship-group/25",
    "/top?kind=alliances&from=2026-01-01&to=2026-01-08",
    "/most-valuable?from=2026-01-01&to=2026-01-08",
    "/kill/1/battle",
];

#[tokio::test]
async fn pictures_come_from_the_one_server_that_is_configured_or_not_at_all() {
    let mut stocked = Stocked::empty().await;
    store(&stocked, &[made_up(1, "2026-01-02T03:04:05Z")]).await;
    for path in PAGES {
        let answer = stocked.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert!(!answer.text.contains("<img"), "{path} shows a picture");
        assert!(answer.header("content-security-policy").contains("img-src 'self';"), "{path}");
    }
    stocked.router = api::router(stocked.app.clone().with_images(&format!("{SERVER}/")));
    for path in PAGES {
        let answer = stocked.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains(&format!("img-src 'self' {SERVER}/;")), "{path}: {policy}");
        for image in answer.text.split("<img").skip(1) {
            let image = image.split('>').next().unwrap();
            for needed in [&format!("src=\"{SERVER}/"), "alt=\"", "width=\"", "loading=\"lazy\""] {
                assert!(image.contains(needed), "{path}: no {needed} in {image}");
            }
        }
    }
    for (path, picture) in [
        ("/character/90000002", "/characters/90000002/portrait?size=256"),
        ("/alliance/99000002", "/alliances/99000002/logo?size=256"),
        ("/ship/587", "/types/587/render?size=256"),
        ("/kill/1", "/characters/90000001/portrait?size=64"),
        ("/", "/types/587/icon?size=64"),
    ] {
        let html = stocked.get(path).await.text;
        assert!(html.contains(&format!("{SERVER}{picture}")), "{path} does not show {picture}");
    }
}

#[tokio::test]
async fn the_pages_of_entities_say_what_their_answers_say() {
    let stocked = Stocked::empty().await;
    let mut pod = made_up(2, "2026-02-02T03:05:05Z");
    pod["victim"]["ship_type_id"] = 670.into();
    store(&stocked, &[made_up(1, "2026-01-02T03:04:05Z"), pod]).await;
    execute(
        &stocked,
        "INSERT INTO alliances (eve_id, name, ticker) VALUES (99000002, 'Some & Sons', 'S<S')",
    )
    .await;
    let html = stocked.get("/alliance/99000002").await.text;
    for told in [
        "Some &#38; Sons",
        "[S&#60;S]",
        "<title>2026-01: 1 kills, 0 losses</title>",
        "Counted over all killmails that are stored here.",
        "/character/90000002",
        "/corporation/98000002",
        "/?attacker.alliance_id=99000002",
        "Recent kills",
        "<a href=\"/kill/2\">Capsule</a>",
    ] {
        assert!(html.contains(told), "the page does not say {told}: {html}");
    }
    assert!(!html.contains("Recent losses"));
    let html = stocked.get("/region/10000002").await.text;
    assert!(html.contains("<h1>The Forge</h1>") && html.contains("/most-valuable?from=7d"));
    let html = stocked.get("/top?kind=ships&by=losses&from=2026-01-01&to=2026-01-08").await.text;
    assert!(html.contains("Rifter") && html.contains("Losses"));
    let missing = stocked.get("/character/7").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.text.contains("character 7 has no name here and stands on no killmail"));
    for path in ["/top?kind=x", "/most-valuable?from=90d", "/system/Jita", "/kill/x/battle"] {
        assert_eq!(stocked.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
}
