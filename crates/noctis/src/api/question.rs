//! A query string or a JSON body → a question, the names in it looked up.

use std::borrow::Cow;

use noctis_core::question::{self, Asked, People, Question};
use noctis_store::people;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Schema, SchemaType};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Required, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

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
/// As [`question()`].
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

/// A question as a JSON object, for the OpenAPI document.
pub(super) struct SearchQuestion;

impl PartialSchema for SearchQuestion {
    fn schema() -> RefOr<Schema> {
        let nested = || Ref::from_schema_name(SearchQuestion::name());
        let nested_list = || ArrayBuilder::new().items(nested()).min_items(Some(1));
        // A text, a number, a truth, a list of these, or one of them within `not`.
        let value = || ObjectBuilder::new().schema_type(SchemaType::AnyValue);
        let mut question = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "Keys of the language with a value, or a list of values of which one is enough.",
            ))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        for key in question::KEYS.iter() {
            let described = value().description(Some(key.meaning.as_str()));
            question = question.property(key.name.as_str(), described);
        }
        question
            .property("all", nested_list().description(Some("All of these questions hold")))
            .property("any", nested_list().description(Some("One of these questions holds")))
            .property("not", nested())
            .into()
    }
}

impl ToSchema for SearchQuestion {}

/// The keys of the language, for the OpenAPI document.
pub(super) struct QuestionKeys;

impl IntoParams for QuestionKeys {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let keys = question::KEYS.iter().filter(|key| !key.alias);
        keys.map(|key| {
            ParameterBuilder::new()
                .name(key.name.as_str())
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(key.meaning.as_str()))
                .schema(Some(written(&key.name)))
                .build()
        })
        .collect()
    }
}

/// How a key's value is written in a query string, as far as a schema can say.
fn written(key: &str) -> ObjectBuilder {
    const IDS: &str = "^-?[0-9]{1,18}(,-?[0-9]{1,18})*$";
    let value = ObjectBuilder::new();
    let text = || ObjectBuilder::new().schema_type(Type::String);
    match key {
        "limit" => {
            value.schema_type(Type::Integer).minimum(Some(1)).maximum(Some(question::LIMIT_MAX))
        }
        "order" => text().enum_values(Some(["time", "arrival", "value"])),
        "fields" => text().enum_values(Some(["all", "ids"])),
        "format" => text().enum_values(Some(["json", "ndjson", "csv"])),
        "role" => text().enum_values(Some(["victim", "attacker", "final_blow", "any"])),
        "npc" | "solo" | "awox" | "same_attacker" => value.schema_type(Type::Boolean),
        _ if key.ends_with("_count") || key.ends_with("_points") => {
            value.schema_type(Type::Integer).minimum(Some(0)).maximum(Some(u32::MAX))
        }
        _ if key.starts_with("min_") || key.starts_with("max_") => {
            value.schema_type(Type::Number).minimum(Some(0)).maximum(Some(1e17))
        }
        _ if key.ends_with("_id") => text().pattern(Some(IDS)),
        _ => text(),
    }
}
