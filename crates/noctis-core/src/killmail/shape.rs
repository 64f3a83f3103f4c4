//! Recognises, by its content, which of the shapes of `feeds.md` a JSON value has, and takes the ESI body out of it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::check::check;
use super::parse::{Integer, Object, parse};
use super::split::Piece;
use super::{Killmail, KillmailHash, Reason, Rejected};
use crate::zkb::ZkbBlock;

/// What an input says.
#[derive(Debug)]
pub enum Record {
    /// A killmail with its body.
    Mail(Box<Mail>),
    /// That a killmail exists, without its body.
    Wanted(Box<Wanted>),
    /// Nothing, as an empty poll of a queue does.
    Nothing,
}

/// A killmail as it came.
#[derive(Clone, Debug)]
pub struct Mail {
    pub killmail: Killmail,
    /// The ESI body and nothing else: unchanged text, or the wrapper's keys taken out.
    pub body: String,
    /// CCP's hash: computed from the body where it can be, else as it came.
    pub hash: Option<KillmailHash>,
    pub zkb: Option<ZkbBlock>,
}

/// An id whose body has to be fetched from ESI.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub killmail_id: i64,
    pub hash: Option<KillmailHash>,
    pub zkb: Option<ZkbBlock>,
}

/// Reads one piece of a stream.
pub fn recognise(piece: &Piece) -> Result<Record, Rejected> {
    match piece {
        Piece::Value(bytes) => value(checked(bytes)?),
        Piece::Entry { killmail_id, value } => entry(*killmail_id, checked(value)?),
        Piece::Broken(_, rejected) => Err(rejected.clone()),
    }
}

fn checked(bytes: &[u8]) -> Result<&str, Rejected> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Rejected::new(Reason::NotUtf8, format!("not UTF-8 after byte {}", error.valid_up_to()))
    })?;
    check(text).map_err(|reason| {
        Rejected::new(reason, format!("PostgreSQL cannot keep this JSON: {reason}"))
    })?;
    Ok(text)
}

/// An entry of a history: id → hash, or id → body.
fn entry(killmail_id: i64, text: &str) -> Result<Record, Rejected> {
    if text.trim_start().starts_with('"') {
        let hash = serde_json::from_str::<&str>(text).ok().and_then(KillmailHash::parse);
        let hash = hash.ok_or_else(|| {
            not_a_killmail("behind the id stands no hash of forty hexadecimal digits")
        })?;
        return wanted(killmail_id, Some(hash), None);
    }
    match value(text)? {
        Record::Mail(mail) if mail.killmail.killmail_id != killmail_id => Err(Rejected::new(
            Reason::AbsurdField,
            format!("the entry {killmail_id} holds the body of {}", mail.killmail.killmail_id),
        )),
        record => Ok(record),
    }
}

/// The keys by which shapes are told apart.
#[derive(Deserialize)]
struct Envelope<'a> {
    killmail_id: Option<Integer>,
    #[serde(rename = "killID")]
    kill_id: Option<Integer>,
    #[serde(borrow, default, deserialize_with = "present")]
    hash: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    killmail_hash: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    http_last_modified: Option<&'a RawValue>,
    #[serde(borrow)]
    esi: Option<&'a RawValue>,
    #[serde(borrow)]
    killmail: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    zkb: Option<&'a RawValue>,
    #[serde(borrow)]
    victim: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    package: Option<&'a RawValue>,
    uploaded_at: Option<Integer>,
}

impl Envelope<'_> {
    /// Whether something is written into the body that is none of ESI's.
    fn is_wrapped(&self) -> bool {
        let keys = [self.zkb, self.killmail_hash, self.http_last_modified, self.hash];
        keys.iter().any(Option::is_some)
    }
}

/// Tells `"package": null` from no package.
fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

fn value(text: &str) -> Result<Record, Rejected> {
    let Object(envelope): Object<Envelope<'_>> = serde_json::from_str(text).map_err(|error| {
        not_a_killmail(&format!("none of the shapes killmails come in: {error}"))
    })?;
    if let Some(package) = envelope.package {
        return if package.get() == "null" { Ok(Record::Nothing) } else { value(package.get()) };
    }
    let given_hash = match text_of(envelope.hash)?.or(text_of(envelope.killmail_hash)?) {
        Some(hash) => Some(hash_of(hash)?),
        None => None,
    };
    let rank = envelope.uploaded_at.map_or(0, |Integer(rank)| rank);
    let zkb = envelope.zkb.filter(|raw| raw.get() != "null");
    let zkb = zkb.map(|raw| ZkbBlock::parse(raw.get(), rank)).transpose()?;
    let given_hash = match (given_hash, zkb.as_ref().and_then(ZkbBlock::hash)) {
        (Some(hash), _) => Some(hash),
        (None, Some(hash)) => Some(hash_of(hash)?),
        (None, None) => None,
    };
    let id = envelope.killmail_id.or(envelope.kill_id).map(|Integer(id)| id);
    if let Some(body) = envelope.esi.or(envelope.killmail) {
        let mail = mail(body.get().to_owned(), given_hash, zkb)?;
        return match id {
            Some(id) if id != mail.killmail.killmail_id => Err(Rejected::new(
                Reason::AbsurdField,
                format!("the wrapper of {id} holds the body of {}", mail.killmail.killmail_id),
            )),
            _ => Ok(Record::Mail(Box::new(mail))),
        };
    }
    if envelope.victim.is_some() {
        let body = if envelope.is_wrapped() { body_alone(text)? } else { text.trim().to_owned() };
        return Ok(Record::Mail(Box::new(mail(body, given_hash, zkb)?)));
    }
    match id {
        Some(id) if given_hash.is_some() => wanted(id, given_hash, zkb),
        Some(_) => Err(Rejected::new(
            Reason::MissingField,
            "an id with neither a body (there is no victim) nor a hash",
        )),
        None => Err(not_a_killmail("none of the shapes killmails come in")),
    }
}

fn mail(
    body: String,
    given_hash: Option<KillmailHash>,
    zkb: Option<ZkbBlock>,
) -> Result<Mail, Rejected> {
    let killmail = parse(&body)?;
    let hash = KillmailHash::of(&killmail).or(given_hash);
    Ok(Mail { killmail, body, hash, zkb })
}

fn wanted(
    killmail_id: i64,
    hash: Option<KillmailHash>,
    zkb: Option<ZkbBlock>,
) -> Result<Record, Rejected> {
    if killmail_id <= 0 {
        return Err(Rejected::new(Reason::AbsurdField, format!("killmail_id is {killmail_id}")));
    }
    Ok(Record::Wanted(Box::new(Wanted { killmail_id, hash, zkb })))
}

fn hash_of(text: &str) -> Result<KillmailHash, Rejected> {
    KillmailHash::parse(text).ok_or_else(|| {
        Rejected::new(
            Reason::AbsurdField,
            format!("the hash has {} characters, not forty hexadecimal digits", text.len()),
        )
    })
}

/// A text, where there is one and it is not null.
fn text_of(raw: Option<&RawValue>) -> Result<Option<&str>, Rejected> {
    let Some(raw) = raw else { return Ok(None) };
    serde_json::from_str(raw.get())
        .map_err(|error| not_a_killmail(&format!("none of the shapes killmails come in: {error}")))
}

/// The body without the keys that zKillboard and EVE Ref write into it.
fn body_alone(text: &str) -> Result<String, Rejected> {
    const WRAPPER_KEYS: [&str; 4] = ["zkb", "killmail_hash", "http_last_modified", "hash"];
    let fields: Fields<'_> =
        serde_json::from_str(text).map_err(|error| not_a_killmail(&error.to_string()))?;
    let mut body = String::with_capacity(text.len());
    for (key, value) in fields.0.iter().filter(|(key, _)| !WRAPPER_KEYS.contains(&key.as_str())) {
        body.push(if body.is_empty() { '{' } else { ',' });
        body.push_str(&serde_json::to_string(key).expect("a string is always JSON"));
        body.push(':');
        body.push_str(value.get());
    }
    body.push('}');
    Ok(body)
}

/// An object's fields in their order, their values untouched.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> serde::de::Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

fn not_a_killmail(detail: &str) -> Rejected {
    Rejected::new(Reason::NotAKillmail, detail)
}

#[cfg(test)]
mod tests;
