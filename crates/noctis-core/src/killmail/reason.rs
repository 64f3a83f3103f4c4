//! Why an input is parked instead of stored.

use std::fmt;

/// Why an input cannot be stored. It is kept with its bytes and can be tried again (`noctis parked retry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Not JSON, or cut off.
    BrokenJson,
    /// Bytes that are no UTF-8 text.
    NotUtf8,
    /// Larger than `VALUE_BYTES_MAX`.
    TooLarge,
    /// Nested deeper than `DEPTH_MAX`.
    TooDeep,
    /// A number that `NUMERIC` cannot hold.
    NumberTooLarge,
    /// `\u0000`, which PostgreSQL text cannot hold.
    NulCharacter,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// One key twice in one object: `jsonb` would keep only the last.
    DuplicateKey,
    /// JSON, but none of the shapes killmails come in.
    NotAKillmail,
    /// A field that every killmail has is missing or of another type.
    MissingField,
    /// An id, count or amount that cannot be: negative, zero, or an ISK value of 1e18 and more.
    AbsurdField,
    /// A time before December 2007 or more than 24 h after its arrival.
    AbsurdTime,
    /// The id is known under another time.
    OtherTime,
    /// The id is known under this time with another body.
    OtherBody,
    /// A generated killmail for a store that holds real ones.
    Generated,
    /// Of a month that takes no new kills while it is being archived.
    PartitionClosed,
}

impl Reason {
    pub const ALL: [Reason; 16] = [
        Reason::BrokenJson,
        Reason::NotUtf8,
        Reason::TooLarge,
        Reason::TooDeep,
        Reason::NumberTooLarge,
        Reason::NulCharacter,
        Reason::LoneSurrogate,
        Reason::DuplicateKey,
        Reason::NotAKillmail,
        Reason::MissingField,
        Reason::AbsurdField,
        Reason::AbsurdTime,
        Reason::OtherTime,
        Reason::OtherBody,
        Reason::Generated,
        Reason::PartitionClosed,
    ];

    /// The stable name under which it is stored, counted and listed.
    pub fn name(self) -> &'static str {
        match self {
            Reason::BrokenJson => "broken_json",
            Reason::NotUtf8 => "not_utf8",
            Reason::TooLarge => "too_large",
            Reason::TooDeep => "too_deep",
            Reason::NumberTooLarge => "number_too_large",
            Reason::NulCharacter => "nul_character",
            Reason::LoneSurrogate => "lone_surrogate",
            Reason::DuplicateKey => "duplicate_key",
            Reason::NotAKillmail => "not_a_killmail",
            Reason::MissingField => "missing_field",
            Reason::AbsurdField => "absurd_field",
            Reason::AbsurdTime => "absurd_time",
            Reason::OtherTime => "other_time",
            Reason::OtherBody => "other_body",
            Reason::Generated => "generated",
            Reason::PartitionClosed => "partition_closed",
        }
    }

    pub fn from_name(name: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An input that was refused: the reason, and in a sentence what exactly is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Rejected {
    pub reason: Reason,
    pub detail: String,
}

impl Rejected {
    pub fn new(reason: Reason, detail: impl Into<String>) -> Rejected {
        Rejected { reason, detail: detail.into() }
    }
}
