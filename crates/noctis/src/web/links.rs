//! Addresses of pages: a question as a query string, with a pair more or less.

use form_urlencoded::Serializer;

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

/// The same question to the API.
pub(super) fn api(pairs: &Pairs) -> String {
    let pairs = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    format!("/api/v1/killmails?{}", query(pairs))
}
