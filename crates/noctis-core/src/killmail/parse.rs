//! An ESI body as text → [`Killmail`]; what is missing or cannot be is said in a sentence.

use std::marker::PhantomData;

use jiff::Timestamp;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::{Attacker, Item, Killmail, Reason, Rejected, Victim};

/// Containers within containers; real mails have one level.
const ITEM_DEPTH_MAX: usize = 8;

/// Reads the typed view of a body. Fields it does not know are left to the text.
pub fn parse(body: &str) -> Result<Killmail, Rejected> {
    let Object(raw): Object<Body> = serde_json::from_str(body).map_err(|error| {
        Rejected::new(Reason::MissingField, format!("a field is missing or wrong: {error}"))
    })?;
    let killmail_time = raw.killmail_time.parse::<Timestamp>().map_err(|_| {
        Rejected::new(
            Reason::AbsurdField,
            format!("killmail_time `{}` is no time", clip(&raw.killmail_time)),
        )
    })?;
    if raw.attackers.is_empty() {
        return Err(Rejected::new(Reason::AbsurdField, "the mail has no attackers"));
    }
    Ok(Killmail {
        killmail_id: positive("killmail_id", raw.killmail_id)?,
        killmail_time,
        solar_system_id: positive("solar_system_id", raw.solar_system_id)?,
        war_id: optional("war_id", raw.war_id)?,
        victim: victim(raw.victim.0)?,
        attackers: raw
            .attackers
            .iter()
            .map(|Object(raw)| attacker(raw))
            .collect::<Result<_, _>>()?,
    })
}

fn victim(raw: RawVictim) -> Result<Victim, Rejected> {
    Ok(Victim {
        character_id: optional("victim.character_id", raw.character_id)?,
        corporation_id: optional("victim.corporation_id", raw.corporation_id)?,
        alliance_id: optional("victim.alliance_id", raw.alliance_id)?,
        faction_id: optional("victim.faction_id", raw.faction_id)?,
        ship_type_id: positive("victim.ship_type_id", raw.ship_type_id)?,
        damage_taken: count("victim.damage_taken", raw.damage_taken)?,
        items: items(raw.items.unwrap_or_default(), 1)?,
    })
}

fn attacker(raw: &RawAttacker) -> Result<Attacker, Rejected> {
    Ok(Attacker {
        character_id: optional("attacker.character_id", raw.character_id)?,
        corporation_id: optional("attacker.corporation_id", raw.corporation_id)?,
        alliance_id: optional("attacker.alliance_id", raw.alliance_id)?,
        faction_id: optional("attacker.faction_id", raw.faction_id)?,
        ship_type_id: optional("attacker.ship_type_id", raw.ship_type_id)?,
        weapon_type_id: optional("attacker.weapon_type_id", raw.weapon_type_id)?,
        damage_done: count("attacker.damage_done", raw.damage_done)?,
        final_blow: raw.final_blow.unwrap_or(false),
        security_status: raw.security_status.unwrap_or(0.0),
    })
}

fn items(raw: Vec<Object<RawItem>>, depth: usize) -> Result<Vec<Item>, Rejected> {
    if depth > ITEM_DEPTH_MAX {
        return Err(Rejected::new(Reason::AbsurdField, "containers are nested too deep"));
    }
    raw.into_iter()
        .map(|Object(raw)| {
            Ok(Item {
                item_type_id: positive("item.item_type_id", raw.item_type_id)?,
                flag: count("item.flag", raw.flag)?,
                singleton: count("item.singleton", raw.singleton)?,
                quantity_destroyed: raw
                    .quantity_destroyed
                    .map(|n| count("item.quantity_destroyed", Some(n)))
                    .transpose()?,
                quantity_dropped: raw
                    .quantity_dropped
                    .map(|n| count("item.quantity_dropped", Some(n)))
                    .transpose()?,
                items: items(raw.items.unwrap_or_default(), depth + 1)?,
            })
        })
        .collect()
}

fn positive(field: &str, Integer(value): Integer) -> Result<i64, Rejected> {
    if value > 0 { Ok(value) } else { Err(absurd(field, value)) }
}

/// Some services write 0 for "none".
fn optional(field: &str, value: Option<Integer>) -> Result<Option<i64>, Rejected> {
    match value {
        None | Some(Integer(0)) => Ok(None),
        Some(value) => positive(field, value).map(Some),
    }
}

/// Some services leave out what is zero.
fn count(field: &str, value: Option<Integer>) -> Result<i64, Rejected> {
    match value {
        Some(Integer(value)) if value < 0 => Err(absurd(field, value)),
        Some(Integer(value)) => Ok(value),
        None => Ok(0),
    }
}

fn absurd(field: &str, value: i64) -> Rejected {
    Rejected::new(Reason::AbsurdField, format!("{field} is {value}"))
}

fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}

#[derive(serde::Deserialize)]
struct Body {
    killmail_id: Integer,
    killmail_time: String,
    solar_system_id: Integer,
    war_id: Option<Integer>,
    victim: Object<RawVictim>,
    attackers: Vec<Object<RawAttacker>>,
}

#[derive(serde::Deserialize)]
struct RawVictim {
    character_id: Option<Integer>,
    corporation_id: Option<Integer>,
    alliance_id: Option<Integer>,
    faction_id: Option<Integer>,
    ship_type_id: Integer,
    damage_taken: Option<Integer>,
    items: Option<Vec<Object<RawItem>>>,
}

#[derive(serde::Deserialize)]
struct RawAttacker {
    character_id: Option<Integer>,
    corporation_id: Option<Integer>,
    alliance_id: Option<Integer>,
    faction_id: Option<Integer>,
    ship_type_id: Option<Integer>,
    weapon_type_id: Option<Integer>,
    damage_done: Option<Integer>,
    final_blow: Option<bool>,
    security_status: Option<f64>,
}

#[derive(serde::Deserialize)]
struct RawItem {
    item_type_id: Integer,
    flag: Option<Integer>,
    singleton: Option<Integer>,
    quantity_destroyed: Option<Integer>,
    quantity_dropped: Option<Integer>,
    items: Option<Vec<Object<RawItem>>>,
}

/// A JSON object and nothing else: derived readers take an array for a struct, field by field.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// An integer, also where a service writes `5.0` for it.
#[derive(Clone, Copy)]
pub(super) struct Integer(pub(super) i64);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Integer, D::Error> {
        deserializer.deserialize_any(IntegerVisitor)
    }
}

struct IntegerVisitor;

impl Visitor<'_> for IntegerVisitor {
    type Value = Integer;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Integer, E> {
        Ok(Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Integer, E> {
        i64::try_from(value).map(Integer).map_err(|_| E::custom("the number is larger than 2^63"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Integer, E> {
        /// Beyond this a float no longer tells one integer from the next.
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        if value.fract() != 0.0 || value.abs() > EXACT_MAX {
            return Err(E::custom("the number is no integer"));
        }
        // Checked above: no fraction, and within 2^53.
        #[allow(
            clippy::cast_possible_truncation,
            reason = "checked above: no fraction, and within 2^53"
        )]
        Ok(Integer(value as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = r#"{"killmail_id":5,"killmail_time":"2008-06-20T23:14:00Z","solar_system_id":30005000,
        "victim":{"ship_type_id":11371.0,"alliance_id":0,"damage_taken":3636,"new_field":{"x":1},
        "items":[{"item_type_id":434,"flag":5,"quantity_dropped":3000000000,"items":[{"item_type_id":1,"flag":5}]}]},
        "attackers":[{"security_status":-2,"final_blow":true,"damage_done":1,"character_id":null}]}"#;

    #[test]
    fn a_mail_is_read_with_floats_for_integers_zeros_for_none_and_unknown_fields() {
        let mail = parse(MAIL).unwrap();
        assert_eq!(mail.victim.ship_type_id, 11371);
        assert_eq!(mail.victim.alliance_id, None);
        assert_eq!(mail.victim.items[0].quantity_dropped, Some(3_000_000_000));
        assert_eq!(mail.victim.items[0].items[0].item_type_id, 1);
        assert_eq!(mail.attackers[0].character_id, None);
        assert!(!mail.attackers[0].is_player());
    }

    #[track_caller]
    fn check(from: &str, to: &str, expected: Reason, words: &str) {
        assert!(MAIL.contains(from));
        let rejected = parse(&MAIL.replace(from, to)).unwrap_err();
        assert_eq!(rejected.reason, expected);
        assert!(rejected.detail.contains(words), "{}", rejected.detail);
    }

    #[test]
    fn missing_and_absurd_fields_are_named() {
        check("\"killmail_id\":5,", "", Reason::MissingField, "killmail_id");
        check("\"killmail_id\":5", "\"killmail_id\":-5", Reason::AbsurdField, "killmail_id is -5");
        check(
            "\"killmail_id\":5",
            "\"killmail_id\":18446744073709551615",
            Reason::MissingField,
            "2^63",
        );
        check("11371.0", "11371.5", Reason::MissingField, "no integer");
        check("11371.0", "\"Wolf\"", Reason::MissingField, "integer");
        check("3000000000", "-1", Reason::AbsurdField, "quantity_dropped is -1");
        check(
            "[{\"security_status\":-2,",
            "[[null],{\"security_status\":-2,",
            Reason::MissingField,
            "object",
        );
        check("2008-06-20T23:14:00Z", "yesterday", Reason::AbsurdField, "yesterday");
    }
}
