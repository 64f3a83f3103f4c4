//! The language of questions: keys and values, the same for HTTP, command line, stream and profiles.
//!
//! A comma is *or*, two keys are *and*, a `-` before a value is *not*; JSON nests. `docs/api.md` lists the keys. What was
//! written is [`Asked`]; with the names in it looked up it is understood as a [`Question`], whose [`Condition`] is the
//! one model of what is demanded of a kill.

mod about;
mod asked;
pub mod condition;
pub mod cursor;
mod fault;
pub mod judging;
mod key;
mod months;
pub mod people;
mod stretch;
#[cfg(test)]
mod tests;
mod trail;
mod understand;

use jiff::{SignedDuration, Timestamp};

pub use about::{Side, about};
pub use asked::Asked;
pub use condition::{Condition, Fact};
pub use cursor::{Cursor, Position};
pub use fault::Fault;
pub use key::{KEYS, KeyEntry};
pub use months::Months;
pub use people::{People, Wanted};
pub use stretch::Stretch;
pub use trail::{List, TRAIL_ENTITIES_MAX, Trail};

use crate::catalogue::Catalogue;
use crate::kill::Key;
use crate::time::TimeRange;

/// Kills on a page when nothing is said.
pub const LIMIT_DEFAULT: u32 = 50;
/// Kills on a page at most.
pub const LIMIT_MAX: u32 = 1_000;
/// Values of one key in a query string at most.
pub const VALUES_MAX: usize = 200;
/// Values of one key in a JSON question at most.
pub const LIST_MAX: usize = 10_000;
/// Keys of one JSON question at most, wherever they are nested.
pub const PAIRS_MAX: usize = 256;
/// Objects of a JSON question inside one another at most, the outermost included.
pub const DEPTH_MAX: usize = 8;
/// Names of people in one question at most: each is looked up.
pub const NAMES_MAX: usize = 1_000;
/// Between `from` and `to` with `order=value` at most.
pub const VALUE_ORDER_SPAN_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What is asked, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// `[from, to)` of the kill's own time, as far as it was given.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// Which kills are meant, within the range.
    pub condition: Condition,
    pub order: Order,
    pub limit: u32,
    pub cursor: Option<Cursor>,
    pub fields: Fields,
    pub format: Format,
    /// A hash of everything that decides which kills are meant: a cursor is good for its own question only.
    pub hash: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest kill first.
    Time,
    /// In the order in which kills were stored, oldest first; late kills come too.
    Arrival,
    /// Most valuable first, within a bounded range; kills of unknown value are left out.
    Value,
}

impl Order {
    /// The word in a question.
    pub fn name(self) -> &'static str {
        match self {
            Order::Time => "time",
            Order::Arrival => "arrival",
            Order::Value => "value",
        }
    }
}

/// How much is told of each kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    All,
    /// Id, hash and time only.
    Ids,
}

/// In which form a page is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Ndjson,
    Csv,
}

/// Reads a question from its pairs of key and value. `people` are those whom its names mean ([`Asked::people`]); `now`
/// is what `7d` counts from.
///
/// # Errors
/// With what to write instead.
pub fn parse(
    pairs: &[(String, String)],
    catalogue: &Catalogue,
    people: &People,
    now: Timestamp,
) -> Result<Question, Fault> {
    Asked::from_pairs(pairs)?.understand(catalogue, people, now)
}

impl Question {
    /// Where a page in the order of time goes on: with kills older than this one.
    pub fn before(&self) -> Option<Key> {
        match self.cursor.as_ref()?.position {
            Position::Before { time, killmail_id } => Some((time, killmail_id)),
            Position::After { .. } | Position::Below { .. } => None,
        }
    }

    /// The ids among which all answers are, where the question lists them.
    pub fn listed(&self) -> Option<&[i64]> {
        self.condition.conjuncts().iter().find_map(|demand| match demand {
            Condition::Is(Fact::Killmail(ids)) => Some(ids.as_slice()),
            Condition::Is(_) | Condition::Not(_) | Condition::All(_) | Condition::Any(_) => None,
        })
    }

    /// The range of kill time that can hold answers now, bounded on both sides.
    pub fn range(&self, now: Timestamp) -> TimeRange {
        let first = crate::time::midnight(crate::time::FIRST_DAY);
        let last = now.checked_add(crate::time::FUTURE_MAX).unwrap_or(Timestamp::MAX);
        TimeRange {
            from: self.from.unwrap_or(first).max(first),
            to: self.to.unwrap_or(last).min(last),
        }
    }
}
