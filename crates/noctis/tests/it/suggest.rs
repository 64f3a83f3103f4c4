//! Suggestions over HTTP and in the search box: who is suggested for what, and what is refused.

use axum::http::StatusCode;
use noctis_store::names::{self, NewNames};
use serde_json::Value;

use crate::stocked::Stocked;

async fn with_names() -> Stocked {
    let stocked = Stocked::empty().await;
    let told = NewNames {
        characters: vec![
            (90_000_001, "Dark Shadow".into(), None, None),
            (90_000_002, "Ünïcode Smith".into(), None, None),
            (90_000_003, "Shadow Jitaner".into(), None, None),
            (90_000_004, "<b>Юрий</b>".into(), None, None),
        ],
        corporations: vec![(98_000_001, "Perfect Days".into(), Some("SHADO".into()), None)],
        alliances: vec![(99_000_001, "Goonswarm Federation".into(), Some("CONDI".into()))],
    };
    let mut client = stocked.test.store.client().await.unwrap();
    names::put(&mut client, &told, "2026-11-22T12:00:00Z".parse().unwrap()).await.unwrap();
    let active = "INSERT INTO presence (entity_id, month, kind, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, \
                  isk_destroyed, isk_lost) VALUES (30000142, '2026-10-01', 6, 900, 0, 0, 0, 0, 0, 0, 0), \
                  (90000003, '2026-10-01', 1, 3, 0, 0, 2, 0, 0, 0, 0), (90000003, '2020-10-01', 1, 50, 0, 0, 0, 0, 0, 0, 0)";
    client.batch_execute(active).await.unwrap();
    drop(client);
    stocked
}

/// What is suggested, as `kind name fit`.
async fn suggested(stocked: &Stocked, query: &str) -> Vec<String> {
    let answer = stocked.get(&format!("/api/v1/suggest?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let json = answer.json();
    let text = |found: &Value, key: &str| found[key].as_str().unwrap().to_owned();
    let line = |found| [text(found, "kind"), text(found, "name"), text(found, "fit")].join(" ");
    json["suggestions"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn names_are_suggested_by_any_part_of_them_the_most_active_first() {
    let stocked = with_names().await;
    let found = suggested(&stocked, "q=jita&limit=2").await;
    assert_eq!(found, ["system Jita exact", "character Shadow Jitaner word"]);
    let found = suggested(&stocked, "q=SHADO&limit=3").await;
    assert_eq!(
        found,
        [
            "corporation Perfect Days exact",
            "character Shadow Jitaner begin",
            "character Dark Shadow word"
        ]
    );
    assert_eq!(suggested(&stocked, "q=unicode+sm").await, ["character Ünïcode Smith begin"]);
    assert_eq!(suggested(&stocked, "q=smith+uni").await, ["character Ünïcode Smith words"]);
    assert_eq!(
        suggested(&stocked, "q=condi&kind=alliance").await,
        ["alliance Goonswarm Federation exact"]
    );
    assert_eq!(suggested(&stocked, "q=drak+shadow").await, ["character Dark Shadow slip"]);
    assert_eq!(suggested(&stocked, "q=%D0%AE%D1%80%D0%B8").await, ["character <b>Юрий</b> middle"]);
    assert_eq!(suggested(&stocked, "q=rifter&kind=ship&limit=1").await, ["ship Rifter exact"]);
    assert_eq!(suggested(&stocked, "q=the+forge&limit=1").await, ["region The Forge exact"]);
    assert_eq!(suggested(&stocked, "q=j").await.len(), 10);
    assert_eq!(suggested(&stocked, "q=no+such+name+at+all").await, [""; 0]);
    assert_eq!(suggested(&stocked, "q=%CC%81").await, [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_with_what_can() {
    let stocked = Stocked::empty().await;
    for (query, told) in [
        ("", "q is missing"),
        ("?q=", "q is missing"),
        ("?q=a&kind=pilot", "expected one of all, character"),
        ("?q=a&limit=21", "a number from 1 to 20"),
        ("?q=a&cursor=b", "there is no key cursor"),
        (&format!("?q={}", "a".repeat(101)), "at most 100"),
    ] {
        let answer = stocked.get(&format!("/api/v1/suggest{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.text.contains(told), "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_search_box_leads_to_a_page_without_its_script() {
    let stocked = with_names().await;
    let page = stocked.get("/search?q=shadow").await;
    assert_eq!(page.status, StatusCode::OK);
    for told in ["/character/90000001", r#"name="q" value="shadow""#, "/static/suggest.js"] {
        assert!(page.text.contains(told), "{told} is not on {}", page.text);
    }
    assert!(
        page.header("content-security-policy").contains("script-src 'self'; connect-src 'self'")
    );
    let page = stocked.get("/search?q=%3Cb%3E").await;
    assert!(
        !page.text.contains("<b>") && page.text.contains("/character/90000004"),
        "{}",
        page.text
    );
    assert!(stocked.get("/search").await.text.contains("any part of its name"));
    assert!(stocked.get("/search?q=qqqqqqqq").await.text.contains("Nobody and nothing"));
    let script = stocked.get("/static/suggest.js").await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
}
