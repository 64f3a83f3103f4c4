//! `/api/v1/killmails/{id}/battle`: what else happened there and then, and who took part.

use axum::Json;
use axum::extract::{Path, State};

use super::error::Problem;
use super::killmails::read_id;
use crate::answer::{self, Battle};
use crate::app::App;

/// The kills in the same system from half an hour before a kill to half an hour after, with everybody on them.
#[utoipa::path(
    get,
    path = "/killmails/{killmail_id}/battle",
    operation_id = "get_killmail_battle",
    tag = "killmails",
    params(("killmail_id" = i64, Path, description = "The killmail's id")),
    responses(
        (status = 200, description = "The battle, be it of this one kill", body = Battle),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not stored here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn battle(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Battle>, Problem> {
    find(&app, &id).await.map(Json)
}

/// The battle around a kill, for the API and the pages.
///
/// # Errors
/// When the id is no number, or not stored, or the database does not answer.
pub(crate) async fn find(app: &App, id: &str) -> Result<Battle, Problem> {
    let killmail_id = read_id(id)?;
    let battle = answer::battle(&app.kills, &app.catalogue(), killmail_id).await?;
    battle.ok_or_else(|| Problem::no_such_kill(killmail_id))
}
