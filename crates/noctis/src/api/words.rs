//! `/api/v1/tags` and `/api/v1/labels`: the words that kills carry, what they mean, and how often they occur.

use axum::Json;
use axum::extract::State;

use super::error::Problem;
use crate::answer::{self, LabelPage, TagPage};
use crate::app::App;
use crate::clock;

/// Every module tag there is.
#[utoipa::path(
    get,
    path = "/tags",
    operation_id = "list_tags",
    tag = "words",
    responses(
        (status = 200, description = "Every tag, sorted; archived months are not counted, and named", body = TagPage),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn tags(State(app): State<App>) -> Result<Json<TagPage>, Problem> {
    let counts = app.words.counts(&app.kills, &app.catalogue(), clock::now()).await?;
    Ok(Json(answer::tags(&app.catalogue(), &counts)))
}

/// Every label that noctis gives, in the order of its families. Feeds may bring others.
#[utoipa::path(
    get,
    path = "/labels",
    operation_id = "list_labels",
    tag = "words",
    responses(
        (status = 200, description = "Every label; archived months are not counted, and named", body = LabelPage),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn labels(State(app): State<App>) -> Result<Json<LabelPage>, Problem> {
    let counts = app.words.counts(&app.kills, &app.catalogue(), clock::now()).await?;
    Ok(Json(answer::labels(&app.catalogue(), &counts)))
}
