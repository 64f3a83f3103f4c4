//! What goes along with an answer: its hash, addresses with a slash at their end, and pages of other sites.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use noctis::api;
use noctis::config::Cors;

use crate::stocked::{Answer, Stocked};

async fn ask(stocked: &Stocked, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::get(path).body(Body::empty()).unwrap();
    with(stocked, request, headers).await
}

async fn with(stocked: &Stocked, mut request: Request<Body>, headers: &[(&str, &str)]) -> Answer {
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    stocked.ask(request).await
}

#[tokio::test]
async fn an_answer_that_is_known_is_not_sent_again_until_it_changes() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    for path in [
        "/api/v1/killmails",
        "/api/v1/killmails?fields=ids",
        "/api/v1/killmails?format=csv",
        "/api/v1/killmails/1",
        "/api/v1/openapi.json",
        "/kill/1",
        "/",
        "/static/style.css",
    ] {
        let first = ask(&stocked, path, &[]).await;
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with("W/\"") && etag.len() == 36, "{path}: {etag}");
        assert_eq!(first.header("cache-control"), "no-cache", "{path}");
        let known = [("if-none-match", etag.as_str()), ("accept-encoding", "gzip")];
        let again = ask(&stocked, path, &known).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!(again.header("etag"), etag, "{path}");
        assert_eq!(again.header("cache-control"), "no-cache", "{path}");
        let other = ask(&stocked, path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, StatusCode::OK, "{path}");
        let head = Request::builder().method(Method::HEAD).uri(path).body(Body::empty()).unwrap();
        let head = with(&stocked, head, &[]).await;
        assert_eq!((head.header("etag"), head.text.as_str()), (etag.as_str(), ""), "{path}");
        assert_eq!(head.header("content-length"), first.text.len().to_string(), "{path}");
    }
    let before = ask(&stocked, "/api/v1/killmails", &[]).await;
    stocked.add(&[(2, "2026-01-02T03:04:05Z")]).await;
    let known = [("if-none-match", before.header("etag"))];
    assert_eq!(ask(&stocked, "/api/v1/killmails", &known).await.status, StatusCode::OK);
}

#[tokio::test]
async fn figures_and_refusals_have_no_etag() {
    let stocked = Stocked::empty().await;
    for path in ["/metrics", "/healthz", "/api/v1/killmails/9", "/api/v1/killmails?x=1", "/no"] {
        assert_eq!(ask(&stocked, path, &[("if-none-match", "*")]).await.header("etag"), "");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_leads_to_the_address_without() {
    let stocked = Stocked::empty().await;
    for (path, location) in [
        ("/api/v1/killmails/", "/api/v1/killmails"),
        ("/api/v1/killmails/1/?a=b%2F", "/api/v1/killmails/1?a=b%2F"),
        ("/kill/1/", "/kill/1"),
        ("//elsewhere.example/", "/elsewhere.example"),
        ("/tags//", "/tags"),
    ] {
        let answer = ask(&stocked, path, &[]).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT, "{path}");
        assert_eq!(answer.header("location"), location, "{path}");
    }
    for path in ["/%5Celsewhere.example/", "/nothing"] {
        assert_eq!(ask(&stocked, path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

fn shared(mut stocked: Stocked, cors: Cors) -> Stocked {
    stocked.router = api::router(stocked.app.clone().with_cors(cors));
    stocked
}

const BOARD: (&str, &str) = ("origin", "https://board.example");

#[tokio::test]
async fn other_sites_read_nothing_unless_they_may() {
    let stocked = Stocked::empty().await;
    let answer = ask(&stocked, "/api/v1/killmails", &[BOARD]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let only = Cors::Only(vec!["https://board.example".parse().unwrap()]);
    for (cors, origin, path, allowed) in [
        (Cors::Any, BOARD.1, "/api/v1/killmails", BOARD.1),
        (Cors::Any, BOARD.1, "/api/v1/killmails?x=1", BOARD.1),
        (Cors::Any, BOARD.1, "/api/nothing", BOARD.1),
        (Cors::Any, BOARD.1, "/", ""),
        (Cors::Any, BOARD.1, "/metrics", ""),
        (only.clone(), BOARD.1, "/api/v1/killmails", BOARD.1),
        (only.clone(), "https://other.example", "/api/v1/killmails", ""),
        (only, "https://board.example.other.example", "/api/v1/killmails", ""),
    ] {
        let stocked = shared(Stocked::empty().await, cors);
        let answer = ask(&stocked, path, &[("origin", origin)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin} {path}");
        if !allowed.is_empty() {
            let told = answer.header("access-control-expose-headers").to_owned();
            for name in ["etag", "link", "x-next-cursor", "retry-after"] {
                assert!(told.contains(name), "{told}");
            }
        }
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_may_search() {
    let stocked = shared(Stocked::empty().await, Cors::Any);
    let asked = [
        BOARD,
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let path = "/api/v1/killmails/search";
    let request = Request::options(path).body(Body::empty()).unwrap();
    let answer = with(&stocked, request, &asked).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), BOARD.1);
    assert_eq!(answer.header("access-control-allow-methods"), "GET,HEAD,POST");
    assert!(answer.header("access-control-allow-headers").contains("content-type"));
    assert_eq!(answer.header("access-control-max-age"), "3600");
    let request = Request::post(path).body(Body::from("{}")).unwrap();
    let answer = with(&stocked, request, &[BOARD]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("access-control-allow-origin"), BOARD.1);
}
