//! Addresses of pages: a question as a query string, with a pair more or less.

use form_urlencoded::Serializer;

pub(super) use crate::answer::EntityKind as Kind;

/// The page of an entity.
pub(super) fn entity(kind: Kind, id: i64) -> String {
    let path = match kind {
        Kind::Character => "character",
        Kind::Corporation => "corporation",
        Kind::Alliance => "alliance",
        Kind::System => "system",
        Kind::Constellation => "constellation",
        Kind::Region => "region",
        Kind::Ship => "ship",
        Kind::ShipGroup => "ship-group",
    };
    format!("/{path}/{id}")
}

/// Keys and values, as a question has them.
pub(super) type Pairs = [(String, String)];

/// A query string of these pairs, escaped.
pub(super) fn query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The first page of one key and value.
pub(super) fn by(key: &str, value: &str) -> String {
    format!("/?{}", query([(key, value)].into_iter()))
}

/// A page with these pairs, of which those that are given replace those that were.
pub(super) fn with(path: &str, pairs: &Pairs, given: &[(&str, &str)]) -> String {
    let kept = pairs
        .iter()
        .filter(|(key, _)| given.iter().all(|(replaced, _)| replaced != key))
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let given = given.iter().filter(|(_, value)| !value.is_empty()).copied();
    let query = query(kept.chain(given));
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// This question without its cursor, and without the pair at `left_out`.
pub(super) fn without(pairs: &Pairs, left_out: Option<usize>) -> String {
    let kept = pairs
        .iter()
        .enumerate()
        .filter(|(index, (key, _))| Some(*index) != left_out && key != "cursor")
        .map(|(_, (key, value))| (key.as_str(), value.as_str()));
    let query = query(kept);
    if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
}

/// This question's page at a cursor.
pub(super) fn at(pairs: &Pairs, cursor: &str) -> String {
    let kept = pairs
        .iter()
        .filter(|(key, _)| key != "cursor")
        .map(|(key, value)| (key.as_str(), value.as_str()));
    format!("/?{}", query(kept.chain([("cursor", cursor)])))
}

/// The kills of this page as comma-separated values.
pub(super) fn csv(pairs: &Pairs) -> String {
    let asked = pairs.iter().filter(|(key, _)| key != "format");
    let asked = asked.map(|(key, value)| (key.as_str(), value.as_str()));
    format!("/api/v1/killmails?{}", query(asked.chain([("format", "csv")])))
}

/// The same question to the API.
pub(super) fn api(pairs: &Pairs) -> String {
    let pairs = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    format!("/api/v1/killmails?{}", query(pairs))
}
