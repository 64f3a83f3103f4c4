//! Words → ids, amounts, times and choices, each refused with what to write instead.

use jiff::Timestamp;

use crate::isk::Isk;
use crate::question::asked::{Group, Pair, Word};
use crate::question::condition::{Condition, Fact, Role};
use crate::question::fault::Fault;
use crate::question::key::Key;
use crate::question::{Fields, Format, LIMIT_MAX, Order};
use crate::time::parse_time;

/// Values of which one has to be, and values of which none may be.
#[derive(Debug)]
pub(super) struct Choice<T> {
    pub(super) wanted: Vec<T>,
    pub(super) unwanted: Vec<T>,
}

impl<T> Choice<T> {
    pub(super) fn demands(self, fact: impl Fn(Vec<T>) -> Fact) -> Vec<Condition> {
        let mut demands = Vec::new();
        if !self.wanted.is_empty() {
            demands.push(Condition::Is(fact(self.wanted)));
        }
        if !self.unwanted.is_empty() {
            demands.push(Condition::Not(Box::new(Condition::Is(fact(self.unwanted)))));
        }
        demands
    }
}

/// Reads each word, a `-` in front or `{"not": …}` around it aside.
pub(super) fn choose<T>(
    pair: &Pair,
    read: impl Fn(&Pair, &str) -> Result<T, Fault>,
) -> Result<Choice<T>, Fault> {
    let mut choice = Choice { wanted: Vec::new(), unwanted: Vec::new() };
    for word in &pair.words {
        match word.text.strip_prefix('-') {
            _ if word.negated => choice.unwanted.push(read(pair, &word.text)?),
            Some(rest) => choice.unwanted.push(read(pair, rest)?),
            None => choice.wanted.push(read(pair, &word.text)?),
        }
    }
    Ok(choice)
}

/// Looks each name up. Whoever is called so with the `-` comes before the `-` that means *not*.
pub(super) fn names(
    pair: &Pair,
    find: impl Fn(&str) -> Vec<(i64, String)>,
) -> Result<Choice<i64>, Fault> {
    let mut choice = Choice { wanted: Vec::new(), unwanted: Vec::new() };
    for Word { text, negated } in &pair.words {
        let (unwanted, name) = match text.strip_prefix('-') {
            Some(rest) if !negated && find(text).is_empty() => (true, rest),
            _ => (*negated, text.as_str()),
        };
        let mut candidates = find(name);
        let id = match candidates.as_slice() {
            [] => return Err(Fault::unknown_name(&pair.typed, name)),
            [(id, _)] => *id,
            _ => {
                candidates.sort();
                let (key, name) = (pair.typed.clone(), name.to_owned());
                return Err(Fault::Ambiguous { key, name, candidates });
            }
        };
        if unwanted { choice.unwanted.push(id) } else { choice.wanted.push(id) }
    }
    Ok(choice)
}

/// The one word of a key that takes one.
pub(super) fn single(pair: &Pair) -> Result<&str, Fault> {
    match pair.words.as_slice() {
        [Word { text, negated: false }] => Ok(text),
        _ => Err(Fault::refused(&pair.typed, "this key takes one value")),
    }
}

/// The value of a key that is given once at most.
pub(super) fn read_one<T>(
    group: &Group,
    key: Key,
    read: impl Fn(&str, &str) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let Some(pair) = group.pairs.iter().find(|pair| pair.key == key) else { return Ok(None) };
    read(&pair.typed, single(pair)?).map(Some)
}

pub(super) fn id(pair: &Pair, word: &str) -> Result<i64, Fault> {
    let read = word.parse().ok().filter(|_| word.bytes().all(|byte| byte.is_ascii_digit()));
    let expected = "expected ids, with commas between and `-` for not";
    read.ok_or_else(|| Fault::bad(&pair.typed, word, expected))
}

#[allow(clippy::unnecessary_wraps, reason = "read as the others are")]
pub(super) fn word(_: &Pair, word: &str) -> Result<String, Fault> {
    Ok(word.to_owned())
}

/// One of few words.
pub(super) fn one_of<T: Copy>(
    pair: &Pair,
    word: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, Fault> {
    let found = all.iter().copied().find(|one| name(*one) == word);
    let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
    let expected = format!("expected {}", names.join(", "));
    found.ok_or_else(|| Fault::bad(&pair.typed, word, &expected))
}

pub(super) fn isk(typed: &str, value: &str) -> Result<Isk, Fault> {
    let expected = "expected an amount of ISK from 0 to 1e18";
    Isk::parse(value).ok_or_else(|| Fault::bad(typed, value, expected))
}

pub(super) fn count(typed: &str, value: &str) -> Result<i64, Fault> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let read = value.parse::<u32>().ok().filter(|_| digits).map(i64::from);
    read.ok_or_else(|| Fault::bad(typed, value, "expected a whole number"))
}

pub(super) fn boolean(typed: &str, value: &str) -> Result<bool, Fault> {
    value.parse().map_err(|_| Fault::bad(typed, value, "expected true or false"))
}

pub(super) fn role(typed: &str, value: &str) -> Result<Role, Fault> {
    match value {
        "victim" => Ok(Role::Victim),
        "attacker" => Ok(Role::Attacker),
        "final_blow" => Ok(Role::FinalBlow),
        "any" => Ok(Role::Any),
        _ => Err(Fault::bad(typed, value, "expected victim, attacker, final_blow or any")),
    }
}

pub(super) fn order(typed: &str, value: &str) -> Result<Order, Fault> {
    match value {
        "time" => Ok(Order::Time),
        "arrival" => Ok(Order::Arrival),
        "value" => Ok(Order::Value),
        _ => Err(Fault::bad(typed, value, "expected time, arrival or value")),
    }
}

pub(super) fn fields(typed: &str, value: &str) -> Result<Fields, Fault> {
    match value {
        "all" => Ok(Fields::All),
        "ids" => Ok(Fields::Ids),
        _ => Err(Fault::bad(typed, value, "expected all or ids")),
    }
}

pub(super) fn format(typed: &str, value: &str) -> Result<Format, Fault> {
    match value {
        "json" => Ok(Format::Json),
        "ndjson" => Ok(Format::Ndjson),
        "csv" => Ok(Format::Csv),
        _ => Err(Fault::bad(typed, value, "expected json, ndjson or csv")),
    }
}

pub(super) fn limit(typed: &str, value: &str) -> Result<u32, Fault> {
    let limit = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| Fault::bad(typed, value, &format!("expected 1 to {LIMIT_MAX}")))
}

pub(super) fn time(typed: &str, value: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    let expected = "expected RFC 3339, 2026-11-22, `2026-11-22 14:00`, 1h or 7d";
    parse_time(value, now).ok_or_else(|| Fault::bad(typed, value, expected))
}
