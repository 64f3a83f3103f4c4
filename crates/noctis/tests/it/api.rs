//! The API: what it answers, what it refuses, how it pages.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::stocked::Stocked;

mod conditions;
mod filters;
mod paging;
mod problems;
mod shapes;
mod words;

#[tokio::test]
async fn a_kill_in_a_list_carries_what_the_language_names() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let mut answer = stocked.get("/api/v1/killmails").await.json();
    assert!(answer["killmails"][0]["received_at"].take().is_string());
    assert_eq!(answer["next"], Value::Null);
    insta::assert_json_snapshot!(answer);
}

#[tokio::test]
async fn one_kill_adds_every_attacker_and_item() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let sql = "INSERT INTO characters (eve_id, name) VALUES (90000002, 'Tsuki')";
    stocked.test.database.owner().await.execute(sql, &[]).await.unwrap();
    let mut answer = stocked.get("/api/v1/killmails/1").await.json();
    assert!(answer["received_at"].take().is_string());
    let (attackers, items) = (answer["attackers"].take(), answer["items"].take());
    insta::assert_json_snapshot!(json!({ "attackers": attackers, "items": items }));
    assert_eq!(answer["victim"]["damage_taken"], 10);
    assert_eq!(answer["final_blow"]["character"]["name"], "Tsuki");
}

#[tokio::test]
async fn all_real_kills_come_by_id_and_their_bodies_as_they_went_in() {
    let Some((stocked, bodies)) = Stocked::real().await else { return };
    for (id, body) in &bodies {
        let kill = stocked.get(&format!("/api/v1/killmails/{id}")).await.json();
        assert_eq!(kill["killmail_id"], *id);
        assert_eq!(kill["attackers"].as_array().unwrap().len() as i64, kill["attacker_count"]);
        let items = body["victim"]["items"].as_array().map_or(0, Vec::len);
        assert_eq!(kill["items"].as_array().unwrap().len(), items, "{id}");
        let esi = stocked.get(&format!("/api/v1/killmails/{id}/esi")).await;
        let text = serde_json::to_string(body).unwrap();
        assert_eq!(esi.json().to_string().len(), text.len(), "{id}");
        assert_eq!(esi.json(), *body, "{id}");
    }
    assert!(bodies.len() > 400);
}

#[tokio::test]
async fn a_body_is_immutable_and_not_sent_again_to_who_has_it() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z"), (2, "2026-01-02T03:04:05Z")]).await;
    let first = stocked.get("/api/v1/killmails/1/esi").await;
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("cache-control"), "public, max-age=31536000, immutable");
    let etag = first.header("etag");
    for (asked, status) in [
        (etag.to_owned(), StatusCode::NOT_MODIFIED),
        (format!("\"other\", {etag}"), StatusCode::NOT_MODIFIED),
        ("*".to_owned(), StatusCode::NOT_MODIFIED),
        ("\"other\"".to_owned(), StatusCode::OK),
    ] {
        let request = Request::get("/api/v1/killmails/1/esi").header("if-none-match", &asked);
        let again = stocked.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(again.status, status, "{asked}");
        assert_eq!(again.text.is_empty(), status == StatusCode::NOT_MODIFIED);
        assert_eq!(again.header("etag"), etag);
    }
    assert_ne!(stocked.get("/api/v1/killmails/2/esi").await.header("etag"), etag);
}

#[tokio::test]
async fn every_route_answers_head_and_what_is_long_comes_compressed() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    for path in [
        "/",
        "/kill/1",
        "/tags",
        "/static/style.css",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/openapi.json",
        "/api/v1/killmails",
        "/api/v1/killmails/1",
        "/api/v1/killmails/1/esi",
        "/api/v1/killmails?format=csv",
        "/api/v1/killmails?format=ndjson",
        "/api/v1/tags",
        "/api/v1/labels",
    ] {
        let head = Request::builder().method(Method::HEAD).uri(path).body(Body::empty()).unwrap();
        let head = stocked.ask(head).await;
        assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""), "{path}");
        for encoding in ["gzip", "zstd"] {
            let request = Request::get(path).header("accept-encoding", encoding);
            let answer = stocked.ask(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::OK);
            let is_tiny = ["/healthz", "/readyz"].contains(&path);
            let expected = if is_tiny { "" } else { encoding };
            assert_eq!(answer.header("content-encoding"), expected, "{path}");
        }
    }
}

#[tokio::test]
async fn the_figures_tell_requests_pool_and_store() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    stocked.get("/api/v1/killmails/1?secret=x").await;
    let text = stocked.get("/metrics").await.text;
    let has = |start: &str| {
        assert!(text.lines().any(|line| line.starts_with(start)), "no {start} in:\n{text}");
    };
    has(
        r#"noctis_http_requests_total{method="GET",route="/api/v1/killmails/{killmail_id}",status="200"} "#,
    );
    has(
        r#"noctis_http_request_duration_seconds_bucket{route="/api/v1/killmails/{killmail_id}",le="#,
    );
    has("noctis_pool_connections_in_use 0");
    has("noctis_pool_connections_max 8");
    has("noctis_killmails_arrived 1");
    has("noctis_partitions_runway_days ");
    assert!(!text.contains("secret"));
}
