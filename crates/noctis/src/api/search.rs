//! `POST /api/v1/killmails/search`: the same language as JSON, for lists too long for an address and for nesting.
//!
//! It changes nothing: it is a question, answered as `GET /api/v1/killmails` answers it.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;

use super::error::Problem;
use super::question::{SearchQuestion, question_of_json};
use crate::answer::{self, KillPage};
use crate::app::App;
use crate::clock;

/// Bytes of a question: room for a list of ten thousand ids.
pub(super) const SEARCH_BYTES_MAX: usize = 262_144;

/// Kills that a question means, one page of them.
///
/// The keys are those of `GET /killmails`; a list is *or*, a `-` before a value or `{"not": …}` around it is *not*. `all`,
/// `any` and `not` nest.
#[utoipa::path(
    post,
    path = "/killmails/search",
    operation_id = "search_killmails",
    tag = "killmails",
    request_body = SearchQuestion,
    responses(
        (status = 200, description = "A page of kills", body = KillPage),
        (status = 400, description = "The body, a key, a value or the cursor cannot be taken", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A name can mean several", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn search(State(app): State<App>, body: Body) -> Result<Json<KillPage>, Problem> {
    let bytes = axum::body::to_bytes(body, SEARCH_BYTES_MAX).await.map_err(|_| {
        // Cut off by whoever asked, or longer than it may be; only one of them reads the answer.
        let detail = format!("at most {SEARCH_BYTES_MAX} bytes of a question are read");
        Problem::too_long(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })?;
    let question = question_of_json(&bytes, &app).await?;
    let client = app.store.client().await?;
    Ok(Json(answer::page(&client, &app.catalogue(), &question, clock::now()).await?))
}
