//! Questions as people write them, in pairs and in JSON.

mod faults;
mod meaning;

use super::people::Kind;
use super::*;

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: std::sync::LazyLock<Catalogue> = std::sync::LazyLock::new(|| {
        let text = noctis_sde::text();
        Catalogue::parse(&text).unwrap()
    });
    &CATALOGUE
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Everybody that these tests know.
fn people() -> People {
    let mut people = People::default();
    let mut add = |kind, written: &str, id| people.add(kind, written.into(), id, written.into());
    add(Kind::Character, "Ann", 11);
    add(Kind::Corporation, "Miners", 21);
    add(Kind::Alliance, "Fleet", 31);
    add(Kind::Alliance, "-affliction-", 32);
    add(Kind::Character, "Twin", 12);
    add(Kind::Character, "Twin", 13);
    people
}

fn ask(query: &str) -> Result<Question, Fault> {
    let pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    parse(&pairs, catalogue(), &people(), now())
}

fn ask_json(text: &str) -> Result<Question, Fault> {
    Asked::from_json(text.as_bytes())?.understand(catalogue(), &people(), now())
}

/// What a query string demands, as the tree writes itself.
#[track_caller]
fn meant(query: &str) -> String {
    ask(query).unwrap_or_else(|fault| panic!("{query}: {fault}")).condition.to_string()
}
