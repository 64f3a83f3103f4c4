//! Names that somebody who types may mean.

use noctis_core::suggest::{Asked, Entity, Fit, Kind};
use noctis_store::Result;
use serde::Serialize;
use utoipa::ToSchema;

use super::entity::EntityKind;
use crate::app::App;

/// Kinds that can be asked for alone, by the word for them; all, where none is.
pub const SUGGEST_KINDS: [(&str, Option<Kind>); 7] = [
    ("all", None),
    ("character", Some(Kind::Character)),
    ("corporation", Some(Kind::Corporation)),
    ("alliance", Some(Kind::Alliance)),
    ("system", Some(Kind::System)),
    ("region", Some(Kind::Region)),
    ("ship", Some(Kind::Ship)),
];

/// Suggestions, the best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Suggestions {
    pub suggestions: Vec<Suggestion>,
}

/// Somebody or something that may be meant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Suggestion {
    pub kind: EntityKind,
    pub id: i64,
    pub name: String,
    /// Of a corporation or an alliance.
    #[schema(required = true)]
    pub ticker: Option<String>,
    /// How it fits: `exact`, `begin` (the name or ticker begins so), `word` (one of its words does), `middle`, `words`
    /// (each word stands somewhere in it), `slip` (one letter is wrong, missing, too many, or two are swapped).
    pub fit: &'static str,
    /// Kills and losses of the last two years of kills, as they were counted when names were last put in order.
    pub activity: i64,
}

/// The best `limit` for what was typed; none if nothing of it can be looked for.
///
/// # Errors
/// When the database does not answer.
pub async fn suggestions(
    app: &App,
    typed: &str,
    kind: Option<Kind>,
    limit: usize,
) -> Result<Suggestions> {
    let Some(asked) = Asked::new(typed) else {
        return Ok(Suggestions { suggestions: Vec::new() });
    };
    let catalogue = app.catalogue();
    let found = app.suggest.find((&app.store, &catalogue), &asked, kind, limit).await?;
    Ok(Suggestions { suggestions: found.into_iter().map(Suggestion::new).collect() })
}

impl Suggestion {
    fn new((fit, entity): (Fit, Entity)) -> Suggestion {
        let Entity { kind, id, activity, name, ticker } = entity;
        let kind = match kind {
            Kind::Character => EntityKind::Character,
            Kind::Corporation => EntityKind::Corporation,
            Kind::Alliance => EntityKind::Alliance,
            Kind::System => EntityKind::System,
            Kind::Region => EntityKind::Region,
            Kind::Ship => EntityKind::Ship,
        };
        Suggestion { kind, id, name, ticker, fit: fit.name(), activity }
    }
}
