//! `/api/v1/suggest`: names that somebody who types may mean.

use axum::Json;
use axum::extract::{RawQuery, State};
use noctis_core::suggest::tree::HEAVY_NAMES_KEPT;

use super::error::Problem;
use super::query::Query;
use super::question::pairs;
use crate::answer::{self, SUGGEST_KINDS, Suggestions};
use crate::app::App;

/// Letters of what was typed, at most; no name is longer.
const TYPED_LETTERS_MAX: usize = 100;
/// Suggestions of an answer, unless asked otherwise, and at most.
const ROWS_USUAL: i64 = 10;
const ROWS_MAX: i64 = HEAVY_NAMES_KEPT as i64;

/// Names that somebody who types may mean.
///
/// Characters, corporations and alliances (by ticker too), systems, regions and ships: those that are called so, then
/// those that begin so, then with a word that does, then with it in the middle; of each the most active first. Case and
/// accents do not count. Only if these are too few, names that hold all of its words, then names that differ by one slip.
#[utoipa::path(
    get,
    path = "/suggest",
    operation_id = "suggest",
    tag = "entities",
    params(
        ("q" = String, Query, description = "What was typed: from one letter to 100"),
        ("kind" = Option<String>, Query, description = "all, character, corporation, alliance, system, region or ship"),
        ("limit" = Option<i64>, Query, description = "Suggestions: 10, at most 20"),
    ),
    responses(
        (status = 200, description = "The suggestions, the best first", body = Suggestions),
        (status = 400, description = "A value cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do, or no database", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn suggest(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Suggestions>, Problem> {
    let pairs = pairs(query.as_deref())?;
    if Query::new(&pairs, &["q", "kind", "limit"])?.text("q").is_none() {
        return Err(Problem::bad_value(
            "q is missing: it takes what was typed, from one letter up",
        ));
    }
    find_suggestions(&app, &pairs).await.map(Json)
}

/// The suggestions that are asked for, for the API and the pages; none for nothing.
///
/// # Errors
/// When a value cannot be read, or the database does not answer in time.
pub(crate) async fn find_suggestions(
    app: &App,
    pairs: &[(String, String)],
) -> Result<Suggestions, Problem> {
    let query = Query::new(pairs, &["q", "kind", "limit"])?;
    let typed = query.text("q").unwrap_or_default();
    let letters = typed.chars().count();
    if letters > TYPED_LETTERS_MAX {
        return Err(Problem::bad_value(format!(
            "q has {letters} letters; at most {TYPED_LETTERS_MAX} are looked for"
        )));
    }
    let (_, kind) = query.choice("kind", &SUGGEST_KINDS)?;
    let limit = query.limit(ROWS_USUAL, ROWS_MAX)?.unsigned_abs() as usize;
    Ok(answer::suggestions(app, typed, kind, limit).await?)
}
