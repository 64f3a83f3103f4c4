//! `POST /api/v1/killmails/exists`: which of many ids are stored, for whoever wants to fetch the rest.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use noctis_store::killmails;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body;
use super::error::Problem;
use crate::app::App;

/// Ids of one request at most.
const IDS_MAX: usize = 1_000;

/// The ids to look up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KillmailIds {
    #[schema(max_items = 1_000)]
    killmail_ids: Vec<i64>,
}

/// The same ids, each once and in their order, parted in two.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KillmailsExisting {
    exists: Vec<i64>,
    missing: Vec<i64>,
}

/// Which of these killmails are stored? Archived ones count as stored.
#[utoipa::path(
    post,
    path = "/killmails/exists",
    operation_id = "killmails_exist",
    tag = "killmails",
    request_body = KillmailIds,
    responses(
        (status = 200, description = "The ids that are stored, and those that are not", body = KillmailsExisting),
        (status = 400, description = "The body cannot be read, or names too many ids", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn exists(
    State(app): State<App>,
    body: Body,
) -> Result<Json<KillmailsExisting>, Problem> {
    let KillmailIds { mut killmail_ids } = body::json(body).await?;
    if killmail_ids.len() > IDS_MAX {
        let detail = format!("killmail_ids has {} ids; at most {IDS_MAX}", killmail_ids.len());
        return Err(Problem::bad_value(detail));
    }
    let mut seen = std::collections::HashSet::new();
    killmail_ids.retain(|id| seen.insert(*id));
    let client = app.store.client().await?;
    let stored = killmails::exists(&client, &killmail_ids).await?;
    let (exists, missing) = killmail_ids.into_iter().partition(|id| stored.contains(id));
    Ok(Json(KillmailsExisting { exists, missing }))
}
