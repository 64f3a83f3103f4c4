//! A question as a JSON object: the same keys, arrays for *or*, and `all`, `any`, `not` around objects.
//!
//! `{"region": "Delve", "any": [{"min_value": 1e9}, {"labels": ["capital", "-npc"]}]}`

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Group, Nested, Pair, Word};
use crate::question::fault::Fault;
use crate::question::key::Key;
use crate::question::{DEPTH_MAX, LIST_MAX, PAIRS_MAX};

pub(super) fn read(text: &[u8]) -> Result<Group, Fault> {
    let json: Json = serde_json::from_slice(text)
        .map_err(|error| Fault::refused("the body", format!("it is no JSON: {error}")))?;
    let mut reader = Reader { pairs: 0 };
    match json {
        Json::Object(entries) => reader.group(entries, 1),
        _ => Err(Fault::refused("the body", "expected an object, such as {\"system\": \"Jita\"}")),
    }
}

struct Reader {
    /// Of the whole question, so far.
    pairs: usize,
}

impl Reader {
    fn group(&mut self, entries: Vec<(String, Json)>, depth: usize) -> Result<Group, Fault> {
        let mut group = Group::default();
        for (typed, value) in entries {
            self.pairs += 1;
            if self.pairs > PAIRS_MAX {
                let why = format!("a question has at most {PAIRS_MAX} keys");
                return Err(Fault::refused("the body", why));
            }
            match typed.as_str() {
                "all" => group.nested.push(Nested::All(self.groups(&typed, value, depth)?)),
                "any" => group.nested.push(Nested::Any(self.groups(&typed, value, depth)?)),
                "not" => group.nested.push(Nested::Not(self.object(&typed, value, depth)?)),
                _ => {
                    let key = Key::read(&typed)?;
                    let words = words(&typed, value)?;
                    group.pairs.push(Pair { key, typed, words });
                }
            }
        }
        Ok(group)
    }

    fn groups(&mut self, typed: &str, value: Json, depth: usize) -> Result<Vec<Group>, Fault> {
        match value {
            Json::Array(values) if !values.is_empty() => {
                values.into_iter().map(|value| self.object(typed, value, depth)).collect()
            }
            _ => Err(Fault::refused(typed, "expected an array of one object or more")),
        }
    }

    fn object(&mut self, typed: &str, value: Json, depth: usize) -> Result<Group, Fault> {
        if depth == DEPTH_MAX {
            let why = format!("objects lie inside one another at most {DEPTH_MAX} deep");
            return Err(Fault::refused(typed, why));
        }
        match value {
            Json::Object(entries) if !entries.is_empty() => self.group(entries, depth + 1),
            _ => Err(Fault::refused(typed, "expected an object of one key or more")),
        }
    }
}

fn words(typed: &str, value: Json) -> Result<Vec<Word>, Fault> {
    let mut words = Vec::new();
    add_words(typed, value, false, &mut words)?;
    if words.is_empty() {
        return Err(Fault::refused(typed, "the list is empty"));
    }
    Ok(words)
}

/// Within `{"not": …}` a text is taken as it is; a list stands in no other list.
fn add_words(typed: &str, value: Json, negated: bool, words: &mut Vec<Word>) -> Result<(), Fault> {
    let expected =
        "expected a text, a number, true or false, a list of these, or {\"not\": …} around them";
    let text = match value {
        Json::Text(text) if text.is_empty() || text == "-" || text.contains('\0') => {
            return Err(Fault::bad(typed, &text, "a value is empty"));
        }
        Json::Text(text) => text,
        Json::Array(values) => {
            for value in values {
                match value {
                    Json::Array(_) => return Err(Fault::refused(typed, expected)),
                    one => add_words(typed, one, negated, words)?,
                }
            }
            return Ok(());
        }
        Json::Object(mut entries) if !negated && entries.len() == 1 && entries[0].0 == "not" => {
            return add_words(typed, entries.remove(0).1, true, words);
        }
        Json::Object(_) | Json::Null => return Err(Fault::refused(typed, expected)),
    };
    if words.len() == LIST_MAX {
        let expected = format!("at most {LIST_MAX} values");
        return Err(Fault::bad(typed, &format!("more than {LIST_MAX} values long"), &expected));
    }
    words.push(Word { text, negated });
    Ok(())
}

/// A JSON value that keeps a key given twice, since two keys are *and*; numbers and truths are their texts.
enum Json {
    Null,
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            list.push(entry);
        }
        Ok(Json::Object(list))
    }
}
