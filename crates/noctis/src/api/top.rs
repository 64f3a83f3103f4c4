//! `/api/v1/top` and `/api/v1/most-valuable`: lists over a bounded time.

use axum::Json;
use axum::extract::{RawQuery, State};
use jiff::SignedDuration;

use super::error::Problem;
use super::query::Query;
use super::question::pairs;
use crate::answer::{self, MEASURES, MostValuable, TOP_KINDS, Top, TopQuestion};
use crate::app::App;
use crate::clock;

/// The time that is counted, unless asked otherwise.
const TOP_TIME_USUAL: SignedDuration = SignedDuration::from_hours(7 * 24);
const VALUABLE_TIME_USUAL: SignedDuration = SignedDuration::from_hours(24);
/// The longest time that one answer counts: a month has a million participants.
const TIME_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Rows of an answer, unless asked otherwise, and at most.
const ROWS_USUAL: i64 = 20;
const ROWS_MAX: i64 = 200;

/// Who has the most kills, losses or ISK destroyed.
///
/// NPC corporations are left out. Places know no difference between kills and losses: what counts is what was lost there.
#[utoipa::path(
    get,
    path = "/top",
    operation_id = "get_top",
    tag = "entities",
    params(
        ("kind" = Option<String>, Query, description = "characters, corporations, alliances, systems, regions, ships or groups"),
        ("by" = Option<String>, Query, description = "kills, losses or isk (destroyed)"),
        ("from" = Option<String>, Query, description = "From then on: `7d` where nothing is said; at most 31 days before `to`"),
        ("to" = Option<String>, Query, description = "Until then; now where nothing is said"),
        ("limit" = Option<i64>, Query, description = "Rows: 20, at most 200"),
    ),
    responses(
        (status = 200, description = "The list, the most first", body = Top),
        (status = 400, description = "A value cannot be read, or the time is too long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn top(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Top>, Problem> {
    find_top(&app, &pairs(query.as_deref())?).await.map(Json)
}

/// The top list that is asked for, for the API and the pages.
///
/// # Errors
/// When a value cannot be read, or the database does not answer in time.
pub(crate) async fn find_top(app: &App, pairs: &[(String, String)]) -> Result<Top, Problem> {
    let query = Query::new(pairs, &["kind", "by", "from", "to", "limit"])?;
    let now = clock::now();
    let question = TopQuestion {
        kind: query.choice("kind", &TOP_KINDS)?,
        by: query.choice("by", &MEASURES)?,
        range: query.range(TOP_TIME_USUAL, TIME_MAX, now)?,
        limit: query.limit(ROWS_USUAL, ROWS_MAX)?,
    };
    Ok(answer::top(&app.kills, &app.catalogue(), &question, now).await?)
}

/// The most valuable kills, everywhere or in one region.
#[utoipa::path(
    get,
    path = "/most-valuable",
    operation_id = "get_most_valuable",
    tag = "entities",
    params(
        ("from" = Option<String>, Query, description = "From then on: `24h` where nothing is said; at most 31 days before `to`"),
        ("to" = Option<String>, Query, description = "Until then; now where nothing is said"),
        ("region_id" = Option<i64>, Query, description = "In this region only"),
        ("limit" = Option<i64>, Query, description = "Kills: 20, at most 200"),
    ),
    responses(
        (status = 200, description = "The kills, the most valuable first", body = MostValuable),
        (status = 400, description = "A value cannot be read, or the time is too long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn most_valuable(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<MostValuable>, Problem> {
    find_most_valuable(&app, &pairs(query.as_deref())?).await.map(Json)
}

/// The most valuable kills that are asked for, for the API and the pages.
///
/// # Errors
/// When a value cannot be read, or the database does not answer in time.
pub(crate) async fn find_most_valuable(
    app: &App,
    pairs: &[(String, String)],
) -> Result<MostValuable, Problem> {
    let query = Query::new(pairs, &["from", "to", "region_id", "limit"])?;
    let range = query.range(VALUABLE_TIME_USUAL, TIME_MAX, clock::now())?;
    let within = (range, query.id("region_id")?);
    let limit = query.limit(ROWS_USUAL, ROWS_MAX)?;
    Ok(answer::most_valuable(&app.kills, &app.catalogue(), within, limit).await?)
}
