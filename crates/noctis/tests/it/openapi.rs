//! What the API promises, as a document: a change of it is a change of this snapshot.

use axum::http::StatusCode;

use crate::stocked::Stocked;

#[tokio::test]
async fn the_promise_is_the_one_that_was_reviewed() {
    let stocked = Stocked::empty().await;
    let answer = stocked.get("/api/v1/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_json_snapshot!(answer.json());
}
