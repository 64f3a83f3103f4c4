//! A query string → a question.

use std::borrow::Cow;

use noctis_core::catalogue::Catalogue;
use noctis_core::question::{self, Question};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::error::Problem;
use crate::answer::SHAPE_KEYS;
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
/// With what to write instead.
pub(crate) fn question(
    pairs: &[(String, String)],
    catalogue: &Catalogue,
) -> Result<Question, Problem> {
    Ok(question::parse(pairs, catalogue, clock::now())?)
}

/// The keys of the language, for the OpenAPI document.
pub(super) struct QuestionKeys;

impl IntoParams for QuestionKeys {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = || ObjectBuilder::new().schema_type(Type::String);
        question::KEYS
            .iter()
            .chain(&SHAPE_KEYS)
            .map(|(key, meaning)| {
                ParameterBuilder::new()
                    .name(*key)
                    .parameter_in(ParameterIn::Query)
                    .required(Required::False)
                    .description(Some(*meaning))
                    .schema(Some(schema()))
                    .build()
            })
            .collect()
    }
}
