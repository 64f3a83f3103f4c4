//! What is refused, and in which words.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use noctis::api;
use noctis::app::App;
use noctis_store::testing::catalogue;
use noctis_store::{Store, StoreOptions};

use crate::stocked::{Answer, Stocked};

/// Status, type and detail of a problem, after a look at its form.
#[track_caller]
fn problem(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    let json = answer.json();
    assert_eq!(json["status"], answer.status.as_u16());
    assert!(!json["title"].as_str().unwrap().is_empty());
    let kind = json["type"].as_str().unwrap().trim_start_matches("urn:noctis:problem:");
    format!("{} {kind}: {}", answer.status.as_u16(), json["detail"].as_str().unwrap())
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_what_to_write() {
    let stocked = Stocked::empty().await;
    let long = format!("/api/v1/killmails?labels={}", "x".repeat(17_000));
    let many = format!("/api/v1/killmails?{}", "npc=true&".repeat(65));
    let mut said = String::new();
    for path in [
        "/api/v1/killmails?allience_id=1",
        "/api/v1/killmails?solar_system_id=Jita",
        "/api/v1/killmails?system=Nowhere",
        "/api/v1/killmails?from=yesterday",
        "/api/v1/killmails?limit=1001",
        "/api/v1/killmails?npc=maybe",
        "/api/v1/killmails?min_value=lots",
        "/api/v1/killmails?order=value",
        "/api/v1/killmails?cursor=x",
        &many,
        &long,
        "/api/v1/killmails/none",
        "/api/v1/killmails/99",
        "/api/v1/killmails/99/esi",
        "/api/v1/nothing",
    ] {
        said.push_str(&problem(&stocked.get(path).await));
        said.push('\n');
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn an_ambiguous_name_is_answered_with_its_candidates() {
    let stocked = Stocked::empty().await;
    let catalogue = catalogue();
    let name = catalogue
        .types
        .iter()
        .map(|row| &*row.name)
        .find(|name| {
            catalogue.types.named(name).count() > 1
                && name.is_ascii()
                && !name.contains(['&', '+', '#', '%'])
        })
        .expect("some types share a name");
    let path = format!("/api/v1/killmails?ship_type={}", name.replace(' ', "%20"));
    let answer = stocked.get(&path).await;
    assert!(problem(&answer).starts_with("422 ambiguous-name: "));
    let candidates = answer.json()["candidates"].as_array().unwrap().len();
    assert_eq!(candidates, catalogue.types.named(name).count());
}

#[tokio::test]
async fn other_methods_and_too_much_are_refused() {
    let stocked = Stocked::empty().await;
    let post = Request::post("/api/v1/killmails").body(Body::empty()).unwrap();
    let answer = stocked.ask(post).await;
    assert_eq!(
        problem(&answer),
        "405 method-not-allowed: this method is not answered here; the header Allow lists those that are"
    );
    assert_eq!(answer.header("allow"), "GET,HEAD");
    let answer = stocked.get("/api/v1/killmails/exists").await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
    let large = Request::get("/api/v1/killmails").header("content-length", "1048577");
    let answer = stocked.ask(large.body(Body::empty()).unwrap()).await;
    assert_eq!(problem(&answer), "413 too-long: at most 1048576 bytes of a body are read");
}

#[tokio::test]
async fn a_page_that_is_not_there_is_a_page() {
    let stocked = Stocked::empty().await;
    for path in ["/nothing", "/kill/99", "/kill/none", "/static/nothing.css", "/healthz/no"] {
        let answer = stocked.get(path).await;
        assert!(answer.status.is_client_error(), "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    }
}

/// The same database through a pool with these bounds.
async fn bounded(stocked: Stocked, connections_max: usize, timeout: Duration) -> Stocked {
    let options = StoreOptions {
        config: stocked.test.database.owner_config(),
        connections_max,
        statement_timeout: Some(timeout),
    };
    let app = App::new(Store::connect(options).await.unwrap(), catalogue());
    Stocked { router: api::router(app.clone()), app, ..stocked }
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_ended_by_the_database() {
    let stocked = bounded(Stocked::empty().await, 2, Duration::from_millis(200)).await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let mut owner = stocked.test.database.owner().await;
    let lock = owner.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE killmails_raw IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let answer = stocked.get("/api/v1/killmails").await;
    lock.rollback().await.unwrap();
    insta::assert_snapshot!(problem(&answer), @"503 too-slow: the database had not answered when the time for one request was over; ask for a shorter time between from and to, or for something rarer");
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(stocked.get("/api/v1/killmails").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_statement_that_runs_for_too_long_is_ended_too() {
    let stocked = bounded(Stocked::empty().await, 2, Duration::from_millis(200)).await;
    // A registry that takes its time: nobody waits for a lock, the server computes.
    let slow = "ALTER TABLE killmail_registry RENAME TO registry_kept; \
                CREATE VIEW killmail_registry AS SELECT r.* FROM registry_kept r, \
                (SELECT count(*) FROM generate_series(1, 100000000000) n WHERE n % 2 = 1) c";
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    stocked.test.database.owner().await.batch_execute(slow).await.unwrap();
    let body = Body::from(r#"{"killmail_ids": [1]}"#);
    let request = Request::post("/api/v1/killmails/exists").body(body).unwrap();
    let answer = stocked.ask(request).await;
    assert!(problem(&answer).starts_with("503 too-slow: the database had not answered"));
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(stocked.get("/api/v1/killmails").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_without_its_words() {
    let stocked = Stocked::empty().await;
    assert_eq!(stocked.get("/readyz").await.text, "ready\n");
    stocked.app.store.close();
    for path in ["/readyz", "/api/v1/killmails", "/api/v1/killmails/1"] {
        let said = problem(&stocked.get(path).await);
        assert_eq!(
            said, "503 no-database: the database cannot be reached; try again soon",
            "{path}"
        );
    }
    assert_eq!(stocked.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(stocked.get("/metrics").await.status, StatusCode::OK);
    let page = stocked.get("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_broken_connection_is_no_mistake_of_ours() {
    let stocked = bounded(Stocked::empty().await, 1, Duration::from_secs(5)).await;
    let mut owner = stocked.test.database.owner().await;
    let lock = owner.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE killmails_raw IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let end = async {
        // Ends whoever waits for the lock, as soon as somebody does.
        let query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while lock.query_one(query, &[]).await.unwrap().get::<_, i64>(0) == 0 {}
    };
    let (answer, ()) = tokio::join!(stocked.get("/api/v1/killmails"), end);
    lock.rollback().await.unwrap();
    assert!(problem(&answer).starts_with("503 no-database: "), "{}", answer.text);
    // The pool may not have seen yet that its connection is gone; it has soon.
    let mut tries = 0;
    while stocked.get("/api/v1/killmails").await.status != StatusCode::OK {
        tries += 1;
        assert!(tries < 100, "the pool never gets well");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn readiness_tells_a_missing_schema_and_a_newer_one() {
    let stocked = Stocked::empty().await;
    let owner = stocked.test.database.owner().await;
    owner.batch_execute("UPDATE noctis_migrations SET version = version + 1000").await.unwrap();
    let newer = problem(&stocked.get("/readyz").await);
    assert!(newer.contains("install a newer noctis"), "{newer}");
    owner.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.unwrap();
    let missing = problem(&stocked.get("/readyz").await);
    assert!(missing.contains("run `noctis migrate`"), "{missing}");
    insta::assert_snapshot!(problem(&stocked.get("/api/v1/killmails").await), @"503 no-database: the database does not have the tables this noctis needs; `noctis migrate` makes them");
}
