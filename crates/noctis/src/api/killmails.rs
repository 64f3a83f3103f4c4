//! `/api/v1/killmails`: a page of kills, one kill, the body of one.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::answering::{self, Page};
use super::error::Problem;
use super::question::{QuestionKeys, pairs, question};
use crate::answer::{self, KillDetail};
use crate::app::App;
use crate::clock;

/// The body under an id never changes: another body under a known id is parked.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Kills that a question means, one page of them.
///
/// A comma between values is *or*, two keys are *and*, a `-` before a value is *not*.
#[utoipa::path(
    get,
    path = "/killmails",
    operation_id = "list_killmails",
    tag = "killmails",
    params(QuestionKeys),
    responses(
        (status = 200, description = "A page of kills; with fields=ids the short one", content((Page = "application/json"), (String = "application/x-ndjson"), (String = "text/csv")),
            headers(("X-Next-Cursor" = String, description = "The cursor of the next page, left out at the end"), ("Link" = String, description = "The address of the next page"),
                ("X-Cold-Months" = String, description = "Archived months that were looked at for this page, as `2025-06, 2025-05`; left out where none was"), ("ETag" = String))),
        (status = 304, description = "The answer is still the one that If-None-Match names"),
        (status = 400, description = "A key, a value or the cursor cannot be taken", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A name can mean several", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = pairs(query.as_deref())?;
    let question = question(&asked, &app).await?;
    answering::respond(&app, &question, Some(&asked)).await
}

/// One kill, with every attacker and item.
#[utoipa::path(
    get,
    path = "/killmails/{killmail_id}",
    operation_id = "get_killmail",
    tag = "killmails",
    params(("killmail_id" = i64, Path, description = "The killmail's id")),
    responses(
        (status = 200, description = "The kill", body = KillDetail, headers(("ETag" = String))),
        (status = 304, description = "The kill is still the one that If-None-Match names"),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not stored here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<KillDetail>, Problem> {
    let killmail_id = read_id(&id)?;
    let kill = answer::kill(&app.kills, &app.catalogue(), killmail_id, clock::now()).await?;
    kill.map(Json).ok_or_else(|| Problem::no_such_kill(killmail_id))
}

/// The ESI body of one kill and nothing else; it never changes.
#[utoipa::path(
    get,
    path = "/killmails/{killmail_id}/esi",
    operation_id = "get_killmail_esi",
    tag = "killmails",
    params(("killmail_id" = i64, Path, description = "The killmail's id")),
    responses(
        (status = 200, description = "The body as ESI gave it, equal as JSON", body = Object),
        (status = 304, description = "The body with the ETag that If-None-Match names"),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not stored here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn esi(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let killmail_id = read_id(&id)?;
    let body = app.kills.body(killmail_id).await?;
    let body = body.ok_or_else(|| Problem::no_such_kill(killmail_id))?;
    let headers = [
        (header::CACHE_CONTROL, IMMUTABLE),
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    ];
    Ok((headers, body).into_response())
}

/// Reads the id in a path.
///
/// # Errors
/// When it is no number.
pub(crate) fn read_id(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Problem::bad_value(format!("{shown} is no killmail id: expected a number"))
    })
}
