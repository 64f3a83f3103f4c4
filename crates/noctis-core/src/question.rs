//! The language of questions: keys and values, the same for HTTP, command line, stream and profiles.
//!
//! A comma is *or*, two keys are *and*, a `-` before a value is *not*. `docs/api.md` lists the keys.

pub mod cursor;
mod parse;

use jiff::Timestamp;

pub use cursor::{Cursor, Position};
pub use parse::{Fault, KEYS, parse};

use crate::isk::Isk;
use crate::time::TimeRange;

/// Kills on a page when nothing is said.
pub const LIMIT_DEFAULT: u32 = 50;
/// Kills on a page at most.
pub const LIMIT_MAX: u32 = 1_000;
/// Values of one key at most.
pub const VALUES_MAX: usize = 200;

/// What is asked, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// `[from, to)` of the kill's own time, as far as it was given.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// Of these and the following lists, each key that was given is one entry, and all of them have to hold.
    pub systems: Vec<Choice<i64>>,
    pub ship_types: Vec<Choice<i64>>,
    pub participants: Vec<ParticipantClause>,
    pub value_min: Option<Isk>,
    pub value_max: Option<Isk>,
    pub npc: Option<bool>,
    pub solo: Option<bool>,
    pub awox: Option<bool>,
    /// All of the wanted ones have to be there, none of the unwanted.
    pub module_tags: Vec<Choice<String>>,
    /// One of the wanted ones has to be there, none of the unwanted.
    pub labels: Vec<Choice<String>>,
    pub order: Order,
    pub limit: u32,
    pub cursor: Option<Cursor>,
    /// A hash of everything that decides which kills are meant: a cursor is good for its own question only.
    pub hash: String,
}

/// Values wanted, and values that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice<T> {
    pub wanted: Vec<T>,
    pub unwanted: Vec<T>,
}

impl<T> Default for Choice<T> {
    fn default() -> Choice<T> {
        Choice { wanted: Vec::new(), unwanted: Vec::new() }
    }
}

/// Some participant in this role is one of the wanted, and none is one of the unwanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipantClause {
    pub role: Role,
    pub entity: Entity,
    pub ids: Choice<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Victim,
    Attacker,
    Any,
}

/// Most selective first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    Character,
    Corporation,
    Alliance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest kill first.
    Time,
    /// In the order in which kills were stored, oldest first; late kills come too.
    Arrival,
}

impl Question {
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
