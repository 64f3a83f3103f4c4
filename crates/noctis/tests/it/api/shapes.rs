//! The shapes of an answer: ids alone, lines, comma-separated values; whole, in chunks, and told where to go on.

use std::fmt::Write;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::stocked::{Answer, Stocked};

/// Kills of one day, a second apart, the last one the newest.
async fn day_of(count: i64) -> Stocked {
    let stocked = Stocked::empty().await;
    let times: Vec<(i64, String)> = (1..=count)
        .map(|id| (id, format!("2026-01-02T{:02}:{:02}:{:02}Z", id / 3_600, id / 60 % 60, id % 60)))
        .collect();
    let kills: Vec<(i64, &str)> = times.iter().map(|(id, time)| (*id, time.as_str())).collect();
    stocked.add(&kills).await;
    stocked
}

async fn post(stocked: &Stocked, path: &str, body: &Value) -> Answer {
    stocked.ask(Request::post(path).body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn ids_and_hashes_of_a_day_can_be_asked_page_by_page() {
    let stocked = day_of(5).await;
    let question = "fields=ids&from=2026-01-02&to=2026-01-03&limit=3";
    let first = stocked.get(&format!("/api/v1/killmails?{question}")).await.json();
    let whole = stocked.get("/api/v1/killmails/5").await.json();
    assert_eq!(
        first["killmails"][0],
        json!({
            "killmail_id": 5,
            "killmail_hash": whole["killmail_hash"],
            "killmail_time": "2026-01-02T00:00:05Z",
        })
    );
    assert_eq!(whole["killmail_hash"].as_str().map(str::len), Some(40));
    assert_eq!(stocked.all(question).await, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn lines_are_the_objects_of_the_page_and_columns_those_of_the_command_line() {
    let stocked = day_of(3).await;
    let page = stocked.get("/api/v1/killmails?limit=2").await;
    let lines = stocked.get("/api/v1/killmails?limit=2&format=ndjson").await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let objects: Vec<Value> =
        lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(objects), page.json()["killmails"]);
    let csv = stocked.get("/api/v1/killmails?limit=2&format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    let said = crate::program::noctis(&stocked.test, &["kills", "--limit", "2", "--csv"]).good();
    assert_eq!(csv.text, said.out);
    let ids = stocked.get("/api/v1/killmails?limit=1&fields=ids&format=csv").await.text;
    let hash = page.json()["killmails"][0]["killmail_hash"].as_str().unwrap().to_owned();
    assert_eq!(
        ids,
        format!("killmail_id,killmail_hash,killmail_time\n3,{hash},2026-01-02T00:00:03Z\n")
    );
}

#[tokio::test]
async fn every_format_tells_the_next_page_in_its_headers() {
    let stocked = day_of(3).await;
    for format in ["json", "ndjson", "csv"] {
        let question = format!("system=Jita&format={format}&limit=2");
        let first = stocked.get(&format!("/api/v1/killmails?{question}")).await;
        let cursor = first.header("x-next-cursor").to_owned();
        let link = format!(
            "</api/v1/killmails?system=Jita&format={format}&limit=2&cursor={cursor}>; rel=\"next\""
        );
        assert_eq!(first.header("link"), link);
        let address = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
        let last = stocked.get(&address).await;
        assert_eq!((last.status, last.header("x-next-cursor")), (StatusCode::OK, ""), "{format}");
        assert_eq!(last.header("link"), "");
        assert!(last.text.contains("2026-01-02T00:00:01Z"), "{}", last.text);
        // The cursor is the question's, whatever shape its pages have.
        let ids = format!("/api/v1/killmails?system=Jita&fields=ids&cursor={cursor}");
        assert_eq!(stocked.get(&ids).await.json()["killmails"][0]["killmail_id"], 1);
    }
}

#[tokio::test]
async fn a_long_answer_comes_in_chunks_and_compressed_as_well() {
    let stocked = day_of(250).await;
    let path = "/api/v1/killmails?limit=250&format=ndjson";
    let whole = stocked.get(path).await;
    assert_eq!(whole.header("content-length"), "", "it was known before it was read");
    assert_eq!(whole.header("etag"), "");
    let ids: Vec<i64> = whole
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["killmail_id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, (1..=250).rev().collect::<Vec<_>>());
    for (format, encoding) in [("ndjson", "gzip"), ("csv", "zstd")] {
        let path = format!("/api/v1/killmails?limit=250&format={format}");
        let request = Request::get(path).header("accept-encoding", encoding);
        let answer = stocked.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{format}");
        assert!(answer.text.len() < 40_000, "{format}: {}", answer.text.len());
    }
}

#[tokio::test]
async fn a_question_as_json_is_answered_as_the_same_one_in_an_address() {
    let stocked = day_of(4).await;
    let path = "/api/v1/killmails/search";
    let question = json!({"system": "Jita", "from": "2026-01-02", "limit": 3});
    let first = post(&stocked, path, &question).await;
    let same = stocked.get("/api/v1/killmails?system=Jita&from=2026-01-02&limit=3").await;
    assert_eq!(first.json()["killmails"], same.json()["killmails"]);
    assert_eq!((first.header("link"), first.header("etag")), ("", ""));
    let cursor = first.header("x-next-cursor");
    assert_eq!(first.json()["next"], cursor);
    let next = json!({"system": "Jita", "from": "2026-01-02", "cursor": cursor, "format": "csv", "fields": "ids"});
    let next = post(&stocked, path, &next).await;
    assert_eq!(next.text.lines().count(), 2, "{}", next.text);
    // More ids than an address has room for.
    let many = json!({"killmail_id": (3..=10_000).collect::<Vec<_>>(), "fields": "ids"});
    let found = post(&stocked, path, &many).await;
    assert_eq!(found.json()["killmails"].as_array().map(Vec::len), Some(2), "{}", found.text);
}

#[tokio::test]
async fn a_thousand_ids_are_parted_in_those_that_are_stored_and_those_that_are_not() {
    let stocked = day_of(3).await;
    let path = "/api/v1/killmails/exists";
    let said = post(&stocked, path, &json!({"killmail_ids": [9, 3, 1, 3, -1]})).await;
    assert_eq!(said.json(), json!({"exists": [3, 1], "missing": [9, -1]}));
    let empty = post(&stocked, path, &json!({"killmail_ids": []})).await;
    assert_eq!(empty.json(), json!({"exists": [], "missing": []}));
    let thousand: Vec<i64> = (1..=1_000).collect();
    let said = post(&stocked, path, &json!({ "killmail_ids": thousand })).await.json();
    assert_eq!(said["exists"], json!([1, 2, 3]));
    assert_eq!(said["missing"].as_array().map(Vec::len), Some(997));
    let mut refused = String::new();
    for body in [
        json!({"killmail_ids": (1..=1_001).collect::<Vec<i64>>()}).to_string(),
        json!({"killmail_ids": ["1"]}).to_string(),
        json!({"ids": [1]}).to_string(),
        "[1]".to_owned(),
        "{".to_owned(),
        "1".repeat(1_048_577),
    ] {
        let request = Request::post(path).body(Body::from_stream(futures_of(body)));
        let answer = stocked.ask(request.unwrap()).await;
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        writeln!(refused, "{} {}", problem["status"], problem["detail"].as_str().unwrap()).unwrap();
    }
    insta::assert_snapshot!(refused);
}

/// A body that does not say how long it is.
fn futures_of(
    text: String,
) -> impl futures_util::Stream<Item = Result<String, std::convert::Infallible>> {
    futures_util::stream::iter([Ok(text)])
}
