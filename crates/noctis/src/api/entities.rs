//! `/api/v1/characters/{id}` and its kin: one entity with what it did; the characters of a corporation.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use noctis_store::entities::USUAL_BUDGET;

use super::error::Problem;
use super::query::Query;
use super::question::pairs;
use crate::answer::{self, CharacterPage, Entity, EntityKey, EntityKind};
use crate::app::App;
use crate::clock;

/// Characters a page, unless asked otherwise, and at most.
const CHARACTERS_USUAL: i64 = 100;
const CHARACTERS_MAX: i64 = 1_000;

/// A character with its kills and losses by month, archived months included.
#[utoipa::path(
    get,
    path = "/characters/{character_id}",
    operation_id = "get_character",
    tag = "entities",
    params(("character_id" = i64, Path, description = "The character's id")),
    responses(
        (status = 200, description = "The character", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither named nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn character(app: State<App>, id: Path<String>) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::Character, id).await
}

/// A corporation with its kills and losses by month; a mail counts once, however many of its pilots were on it.
#[utoipa::path(
    get,
    path = "/corporations/{corporation_id}",
    operation_id = "get_corporation",
    tag = "entities",
    params(("corporation_id" = i64, Path, description = "The corporation's id")),
    responses(
        (status = 200, description = "The corporation", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither named nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn corporation(
    app: State<App>,
    id: Path<String>,
) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::Corporation, id).await
}

/// An alliance with its kills and losses by month; a mail counts once, however many of its pilots were on it.
#[utoipa::path(
    get,
    path = "/alliances/{alliance_id}",
    operation_id = "get_alliance",
    tag = "entities",
    params(("alliance_id" = i64, Path, description = "The alliance's id")),
    responses(
        (status = 200, description = "The alliance", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither named nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn alliance(app: State<App>, id: Path<String>) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::Alliance, id).await
}

/// A solar system with what was lost there by month, and who was there most often.
#[utoipa::path(
    get,
    path = "/systems/{system_id}",
    operation_id = "get_system",
    tag = "entities",
    params(("system_id" = i64, Path, description = "The system's id")),
    responses(
        (status = 200, description = "The system", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither in the static data nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn system(app: State<App>, id: Path<String>) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::System, id).await
}

/// A constellation with what was lost there by month, and who was there most often.
#[utoipa::path(
    get,
    path = "/constellations/{constellation_id}",
    operation_id = "get_constellation",
    tag = "entities",
    params(("constellation_id" = i64, Path, description = "The constellation's id")),
    responses(
        (status = 200, description = "The constellation", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither in the static data nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn constellation(
    app: State<App>,
    id: Path<String>,
) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::Constellation, id).await
}

/// A region with what was lost there by month, and who was there most often.
#[utoipa::path(
    get,
    path = "/regions/{region_id}",
    operation_id = "get_region",
    tag = "entities",
    params(("region_id" = i64, Path, description = "The region's id")),
    responses(
        (status = 200, description = "The region", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither in the static data nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn region(app: State<App>, id: Path<String>) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::Region, id).await
}

/// A type of ship, or of anything else that can be lost: kills with it and losses of it by month.
#[utoipa::path(
    get,
    path = "/ships/{ship_id}",
    operation_id = "get_ship",
    tag = "entities",
    params(("ship_id" = i64, Path, description = "The ship's id")),
    responses(
        (status = 200, description = "The ship", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither in the static data nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ship(app: State<App>, id: Path<String>) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::Ship, id).await
}

/// A group of ships: kills with them and losses of them by month.
#[utoipa::path(
    get,
    path = "/ship-groups/{ship_group_id}",
    operation_id = "get_ship_group",
    tag = "entities",
    params(("ship_group_id" = i64, Path, description = "The ship group's id")),
    responses(
        (status = 200, description = "The group", body = Entity),
        (status = 400, description = "The id is no number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither in the static data nor on a mail here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ship_group(app: State<App>, id: Path<String>) -> Result<Json<Entity>, Problem> {
    answer(app, EntityKind::ShipGroup, id).await
}

async fn answer(
    State(app): State<App>,
    kind: EntityKind,
    Path(id): Path<String>,
) -> Result<Json<Entity>, Problem> {
    find(&app, kind, &id).await.map(Json)
}

/// The entity that an address names, for the API and the pages.
///
/// # Errors
/// When the id is no number, nobody has it, or the database does not answer.
pub(crate) async fn find(app: &App, kind: EntityKind, id: &str) -> Result<Entity, Problem> {
    let key = EntityKey { kind, id: read_id(kind, id)? };
    let found =
        answer::entity(&app.kills, &app.catalogue(), key, clock::now(), USUAL_BUDGET).await?;
    found.ok_or_else(|| {
        let (word, id) = (kind.word(), key.id);
        Problem::not_found(format!("{word} {id} has no name here and stands on no killmail"))
    })
}

/// Reads the id in a path.
fn read_id(kind: EntityKind, text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Problem::bad_value(format!("{shown} is no id of a {}: expected a number", kind.word()))
    })
}

/// The characters of a corporation: those that the names have in it, and those seen on mails of the last 90 days.
#[utoipa::path(
    get,
    path = "/corporations/{corporation_id}/characters",
    operation_id = "list_corporation_characters",
    tag = "entities",
    params(
        ("corporation_id" = i64, Path, description = "The corporation's id"),
        ("limit" = Option<i64>, Query, description = "Characters a page: 100, at most 1,000"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of characters, in the order of their ids", body = CharacterPage),
        (status = 400, description = "A value cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn characters(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<CharacterPage>, Problem> {
    find_characters(&app, &id, &pairs(query.as_deref())?).await.map(Json)
}

/// A page of a corporation's characters, for the API and the pages.
///
/// # Errors
/// When a value cannot be read, or the database does not answer.
pub(crate) async fn find_characters(
    app: &App,
    id: &str,
    pairs: &[(String, String)],
) -> Result<CharacterPage, Problem> {
    let corporation_id = read_id(EntityKind::Corporation, id)?;
    let query = Query::new(pairs, &["limit", "cursor"])?;
    let limit = query.limit(CHARACTERS_USUAL, CHARACTERS_MAX)?;
    let after = query.id("cursor")?.unwrap_or(i64::MIN);
    let place = (corporation_id, after);
    let catalogue = app.catalogue();
    Ok(answer::corporation_characters(&app.kills, &catalogue, place, limit, clock::now()).await?)
}
