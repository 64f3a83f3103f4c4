//! `POST /api/v1/killmails/search`: a question as JSON, for lists too long for an address, and for what nests.
//!
//! It changes nothing: it is answered as `GET /api/v1/killmails` answers.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;

use super::answering::{self, Page};
use super::body;
use super::error::Problem;
use super::question::{SearchQuestion, question_of_json};
use crate::app::App;

/// Kills that a question means, one page of them; the question is a JSON object of the same keys.
///
/// A list of values is *or*, two keys are *and*; `all`, `any` and `not` nest. The next page is asked with the same
/// question and `cursor` in it.
#[utoipa::path(
    post,
    path = "/killmails/search",
    operation_id = "search_killmails",
    tag = "killmails",
    request_body(content = SearchQuestion, content_type = "application/json", description = "Keys and values of the question",
        example = json!({"system": "Jita", "from": "7d", "any": [{"min_value": 1_000_000_000}, {"labels": ["solo"]}]})),
    responses(
        (status = 200, description = "A page of kills; with fields=ids the short one", content((Page = "application/json"), (String = "application/x-ndjson"), (String = "text/csv")),
            headers(("X-Next-Cursor" = String, description = "The cursor of the next page, left out at the end"))),
        (status = 400, description = "The question cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A name can mean several", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn search(State(app): State<App>, body: Body) -> Result<Response, Problem> {
    let question = question_of_json(&body::bytes(body).await?, &app).await?;
    answering::respond(&app, &question, None).await
}
