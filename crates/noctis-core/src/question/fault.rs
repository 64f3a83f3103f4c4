//! What is wrong with a question, in words that say what to write instead.

/// What is wrong with a question. Keys are named as they were typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("there is no key `{key}`; did you mean `{nearest}`?")]
    UnknownKey { key: String, nearest: String },
    #[error("{key} is {value}: {expected}")]
    BadValue { key: String, value: String, expected: String },
    /// Nobody is called so, as far as is known: other static data may know the name.
    #[error("{key} is {name}: no such name is known")]
    UnknownName { key: String, name: String },
    /// A key that cannot be asked so, whatever its value.
    #[error("{key}: {why}")]
    Refused { key: String, why: String },
    #[error("{key}={name} can mean several: {candidates:?}; ask by id")]
    Ambiguous { key: String, name: String, candidates: Vec<(i64, String)> },
    #[error("this cursor is cut off or belongs to another question: ask the first page again")]
    ForeignCursor,
}

/// Characters of what was typed that a fault repeats.
const SHOWN_MAX: usize = 80;

impl Fault {
    pub(super) fn bad(key: &str, value: &str, expected: &str) -> Fault {
        let value = shown(value);
        Fault::BadValue { key: shown(key), value, expected: expected.to_owned() }
    }

    pub(super) fn unknown_name(key: &str, name: &str) -> Fault {
        Fault::UnknownName { key: shown(key), name: shown(name) }
    }

    pub(super) fn refused(key: &str, why: impl Into<String>) -> Fault {
        Fault::Refused { key: shown(key), why: why.into() }
    }
}

pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}
