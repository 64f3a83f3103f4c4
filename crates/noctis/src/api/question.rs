//! A query string or a JSON body → a question, the names in it looked up.

use std::borrow::Cow;

use noctis_core::question::{self, Asked, People, Question};
use noctis_store::people;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::error::Problem;
use crate::app::App;
use crate::clock;

/// Keys and values of one question at most.
const PAIRS_MAX: usize = 64;

/// The pairs of a query string, escapes undone.
///
/// # Errors
/// When there are too many.
pub(crate) fn pairs(query: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    let decoded = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let pairs: Vec<_> = decoded
        .take(PAIRS_MAX + 1)
        .map(|(key, value)| (Cow::into_owned(key), Cow::into_owned(value)))
        .collect();
    if pairs.len() > PAIRS_MAX {
        return Err(Problem::bad_value(format!("a question has at most {PAIRS_MAX} keys")));
    }
    Ok(pairs)
}

/// Reads a question as of now.
///
/// # Errors
/// With what to write instead; when the database does not answer where names are to be looked up.
pub(crate) async fn question(pairs: &[(String, String)], app: &App) -> Result<Question, Problem> {
    understand(&Asked::from_pairs(pairs)?, app).await
}

/// Reads a question from a JSON body as of now.
///
/// # Errors
/// As [`question`].
pub(crate) async fn question_of_json(body: &[u8], app: &App) -> Result<Question, Problem> {
    understand(&Asked::from_json(body)?, app).await
}

async fn understand(asked: &Asked, app: &App) -> Result<Question, Problem> {
    let wanted = asked.people()?;
    let people = if wanted.is_empty() {
        People::default()
    } else {
        people::named(&app.store.client().await?, &wanted).await?
    };
    Ok(asked.understand(&app.catalogue(), &people, clock::now())?)
}

/// The keys of the language, for the OpenAPI document.
pub(super) struct QuestionKeys;

impl IntoParams for QuestionKeys {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = || ObjectBuilder::new().schema_type(Type::String);
        let keys = question::KEYS.iter().filter(|key| !key.alias);
        keys.map(|key| {
            ParameterBuilder::new()
                .name(key.name.as_str())
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(key.meaning.as_str()))
                .schema(Some(schema()))
                .build()
        })
        .collect()
    }
}
