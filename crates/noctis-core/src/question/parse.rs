//! Keys and values as text → [`Question`], or a fault that says what to write instead.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    Choice, Cursor, Entity, LIMIT_DEFAULT, LIMIT_MAX, Order, ParticipantClause, Position, Question,
    Role, VALUES_MAX,
};
use crate::catalogue::Catalogue;
use crate::isk::Isk;
use crate::time::parse_time;

/// Every key that can be asked by, with what it means.
pub const KEYS: &[(&str, &str)] = &[
    ("from", "kills at or after this time (RFC 3339, 2026-11-22, 7d)"),
    ("to", "kills before this time"),
    ("solar_system_id", "in one of these systems (alias system_id)"),
    ("system", "in a system of exactly this name, case folded"),
    ("ship_type_id", "the victim's ship is one of these types"),
    ("ship_type", "the victim's ship is of exactly this name, case folded"),
    ("character_id", "this character is on the mail (any.character_id)"),
    ("corporation_id", "this corporation is on the mail (any.corporation_id)"),
    ("alliance_id", "this alliance is on the mail (any.alliance_id)"),
    ("victim.character_id", "the victim is this character"),
    ("victim.corporation_id", "the victim is of this corporation"),
    ("victim.alliance_id", "the victim is of this alliance"),
    ("attacker.character_id", "an attacker is this character"),
    ("attacker.corporation_id", "an attacker is of this corporation"),
    ("attacker.alliance_id", "an attacker is of this alliance"),
    ("any.character_id", "victim or an attacker is this character"),
    ("any.corporation_id", "victim or an attacker is of this corporation"),
    ("any.alliance_id", "victim or an attacker is of this alliance"),
    ("role", "victim, attacker or any: narrows the keys without a role"),
    ("min_value", "worth at least this much ISK (alias min_isk)"),
    ("max_value", "worth at most this much ISK (alias max_isk)"),
    ("npc", "true or false: killed by NPCs alone"),
    ("solo", "true or false: killed by one pilot alone"),
    ("awox", "true or false: killed by one's own corporation"),
    ("module_tags", "carries all of these tags"),
    ("labels", "carries one of these labels"),
    ("limit", "kills a page, 1 to 1000; 50 by default"),
    ("cursor", "the `next` of the page before"),
    ("order", "time (newest first) or arrival"),
];

/// What is wrong with a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("there is no key `{key}`; did you mean `{nearest}`?")]
    UnknownKey { key: String, nearest: &'static str },
    #[error("{key} is {value}: {expected}")]
    BadValue { key: String, value: String, expected: String },
    #[error("{key}={name} can mean several: {candidates:?}; ask by id")]
    Ambiguous { key: String, name: String, candidates: Vec<(i64, String)> },
    #[error("this cursor belongs to another question: ask the first page again")]
    ForeignCursor,
}

/// Reads a question from its pairs of key and value. `now` is what `7d` counts from.
pub fn parse(
    pairs: &[(String, String)],
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Question, Fault> {
    let mut question = Question {
        from: None,
        to: None,
        systems: Vec::new(),
        ship_types: Vec::new(),
        participants: Vec::new(),
        value_min: None,
        value_max: None,
        npc: None,
        solo: None,
        awox: None,
        module_tags: Vec::new(),
        labels: Vec::new(),
        order: Order::Time,
        limit: LIMIT_DEFAULT,
        cursor: None,
        hash: hash(pairs),
    };
    let role = pairs.iter().rev().find(|(key, _)| key == "role");
    let bare_role = role.map_or(Ok(Role::Any), |(key, value)| read_role(key, value))?;
    refuse_twice(pairs)?;
    for (key, value) in pairs {
        read_pair(&mut question, key, value, &Context { catalogue, now, bare_role })?;
    }
    adopt_cursor(&mut question)?;
    Ok(question)
}

/// A key that can have one value only is given once: two would have to hold both.
fn refuse_twice(pairs: &[(String, String)]) -> Result<(), Fault> {
    const ONCE: [&str; 12] = [
        "from",
        "to",
        "min_value",
        "min_isk",
        "max_value",
        "max_isk",
        "npc",
        "solo",
        "awox",
        "limit",
        "order",
        "cursor",
    ];
    for (place, (key, value)) in pairs.iter().enumerate() {
        if ONCE.contains(&key.as_str()) && pairs[..place].iter().any(|(earlier, _)| earlier == key)
        {
            return Err(bad(key, value, "this key is given twice"));
        }
    }
    Ok(())
}

struct Context<'a> {
    catalogue: &'a Catalogue,
    now: Timestamp,
    bare_role: Role,
}

fn read_pair(
    question: &mut Question,
    key: &str,
    value: &str,
    context: &Context<'_>,
) -> Result<(), Fault> {
    match key {
        "from" => question.from = Some(time(key, value, context.now)?),
        "to" => question.to = Some(time(key, value, context.now)?),
        "solar_system_id" | "system_id" => question.systems.push(ids(key, value)?),
        "ship_type_id" => question.ship_types.push(ids(key, value)?),
        "system" | "solar_system" => {
            let find = |name: &str| {
                let found = context.catalogue.systems.named(name);
                found.map(|row| (row.system_id, row.name.to_string())).collect()
            };
            question.systems.push(named(key, value, find)?);
        }
        "ship_type" => {
            let find = |name: &str| {
                let found = context.catalogue.types.named(name);
                found.map(|row| (row.type_id, row.name.to_string())).collect()
            };
            question.ship_types.push(named(key, value, find)?);
        }
        "min_value" | "min_isk" => question.value_min = Some(isk(key, value)?),
        "max_value" | "max_isk" => question.value_max = Some(isk(key, value)?),
        "npc" => question.npc = Some(boolean(key, value)?),
        "solo" => question.solo = Some(boolean(key, value)?),
        "awox" => question.awox = Some(boolean(key, value)?),
        "module_tags" => question.module_tags.push(words(key, value)?),
        "labels" => question.labels.push(words(key, value)?),
        "limit" => question.limit = limit(key, value)?,
        "order" => question.order = order(key, value)?,
        "cursor" => question.cursor = Some(Cursor::decode(value).ok_or(Fault::ForeignCursor)?),
        "role" => {}
        _ => {
            let (role, entity) =
                participant_key(key, context.bare_role).ok_or_else(|| unknown(key))?;
            question.participants.push(ParticipantClause { role, entity, ids: ids(key, value)? });
        }
    }
    Ok(())
}

/// A cursor brings the range of the first page along, and is refused where it was not given out.
fn adopt_cursor(question: &mut Question) -> Result<(), Fault> {
    let Some(cursor) = &question.cursor else { return Ok(()) };
    let fits = matches!(
        (question.order, cursor.position),
        (Order::Time, Position::Before { .. }) | (Order::Arrival, Position::After { .. })
    );
    if cursor.question != question.hash || !fits {
        return Err(Fault::ForeignCursor);
    }
    question.from = cursor.from;
    question.to = cursor.to;
    Ok(())
}

/// Over all that decides which kills are meant, in any order of keys; the page's size may change between pages.
fn hash(pairs: &[(String, String)]) -> String {
    let mut meant: Vec<_> =
        pairs.iter().filter(|(key, _)| key != "cursor" && key != "limit").collect();
    meant.sort();
    let mut hasher = Sha256::new();
    for (key, value) in meant {
        hasher.update(format!("{}:{key}={}:{value};", key.len(), value.len()));
    }
    hasher.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn participant_key(key: &str, bare_role: Role) -> Option<(Role, Entity)> {
    let (role, entity) = match key.split_once('.') {
        None => (bare_role, key),
        Some(("victim", entity)) => (Role::Victim, entity),
        Some(("attacker", entity)) => (Role::Attacker, entity),
        Some(("any", entity)) => (Role::Any, entity),
        Some(_) => return None,
    };
    let entity = match entity {
        "character_id" => Entity::Character,
        "corporation_id" => Entity::Corporation,
        "alliance_id" => Entity::Alliance,
        _ => return None,
    };
    Some((role, entity))
}

fn ids(key: &str, value: &str) -> Result<Choice<i64>, Fault> {
    let mut choice = Choice::default();
    for word in split(key, value)? {
        let (unwanted, digits) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let id =
            digits.parse::<i64>().ok().filter(|_| digits.starts_with(|c: char| c.is_ascii_digit()));
        let id =
            id.ok_or_else(|| bad(key, value, "expected ids, with commas between and `-` for not"))?;
        if unwanted { choice.unwanted.push(id) } else { choice.wanted.push(id) }
    }
    Ok(choice)
}

fn words(key: &str, value: &str) -> Result<Choice<String>, Fault> {
    let mut choice = Choice::default();
    for word in split(key, value)? {
        match word.strip_prefix('-') {
            Some(rest) => choice.unwanted.push(rest.to_owned()),
            None => choice.wanted.push(word.to_owned()),
        }
    }
    Ok(choice)
}

fn split<'a>(key: &str, value: &'a str) -> Result<Vec<&'a str>, Fault> {
    let words: Vec<&str> = value.split(',').map(str::trim).collect();
    if words.len() > VALUES_MAX {
        return Err(bad(
            key,
            &format!("{} values long", words.len()),
            &format!("at most {VALUES_MAX} values"),
        ));
    }
    if words.iter().any(|word| word.is_empty() || *word == "-" || word.contains('\0')) {
        return Err(bad(key, value, "a value is empty"));
    }
    Ok(words)
}

/// Names, with commas between and `-` for not, as ids have it.
fn named(
    key: &str,
    value: &str,
    find: impl Fn(&str) -> Vec<(i64, String)>,
) -> Result<Choice<i64>, Fault> {
    let mut choice = Choice::default();
    for word in split(key, value)? {
        // Whoever is called so comes before the `-`.
        let (unwanted, name) = match word.strip_prefix('-') {
            Some(rest) if find(word).is_empty() => (true, rest),
            _ => (false, word),
        };
        let found = find(name);
        let id = match found.as_slice() {
            [] => return Err(bad(key, name, "no such name is known")),
            [(id, _)] => *id,
            _ => {
                let (key, name) = (key.to_owned(), name.to_owned());
                return Err(Fault::Ambiguous { key, name, candidates: found });
            }
        };
        if unwanted { choice.unwanted.push(id) } else { choice.wanted.push(id) }
    }
    Ok(choice)
}

fn time(key: &str, value: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    parse_time(value, now).ok_or_else(|| {
        bad(key, value, "expected RFC 3339, 2026-11-22, `2026-11-22 14:00`, 1h or 7d")
    })
}

fn isk(key: &str, value: &str) -> Result<Isk, Fault> {
    Isk::parse(value).ok_or_else(|| bad(key, value, "expected an amount of ISK from 0 to 1e18"))
}

fn boolean(key: &str, value: &str) -> Result<bool, Fault> {
    value.parse().map_err(|_| bad(key, value, "expected true or false"))
}

fn limit(key: &str, value: &str) -> Result<u32, Fault> {
    let limit = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| bad(key, value, &format!("expected 1 to {LIMIT_MAX}")))
}

fn order(key: &str, value: &str) -> Result<Order, Fault> {
    match value {
        "time" => Ok(Order::Time),
        "arrival" => Ok(Order::Arrival),
        _ => Err(bad(key, value, "expected time or arrival")),
    }
}

fn read_role(key: &str, value: &str) -> Result<Role, Fault> {
    match value {
        "victim" => Ok(Role::Victim),
        "attacker" => Ok(Role::Attacker),
        "any" => Ok(Role::Any),
        _ => Err(bad(key, value, "expected victim, attacker or any")),
    }
}

fn bad(key: &str, value: &str, expected: &str) -> Fault {
    let shown: String = value.chars().take(80).collect();
    Fault::BadValue { key: key.to_owned(), value: shown, expected: expected.to_owned() }
}

fn unknown(key: &str) -> Fault {
    let shown: String = key.chars().take(80).collect();
    let nearest = KEYS.iter().map(|(known, _)| *known).min_by_key(|known| distance(&shown, known));
    Fault::UnknownKey { nearest: nearest.unwrap_or("from"), key: shown }
}

/// Levenshtein's distance of two short words.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests;
