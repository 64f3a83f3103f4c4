//! A question as it was written, keys known and values not yet: both ways of writing end here.
//!
//! Names of people are known to the store alone. So what was written is read first, then the names it holds are
//! looked up, and then it is understood.

mod json;
mod pairs;

use jiff::Timestamp;

use super::condition::Field;
use super::fault::Fault;
use super::key::{Form, Key};
use super::people::{People, Wanted};
use super::{NAMES_MAX, Question, understand};
use crate::catalogue::Catalogue;

/// A question as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub(super) group: Group,
}

/// Demands that all have to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Group {
    pub(super) pairs: Vec<Pair>,
    pub(super) nested: Vec<Nested>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Nested {
    All(Vec<Group>),
    Any(Vec<Group>),
    Not(Group),
}

/// A key with its values, of which one is enough.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) key: Key,
    pub(super) typed: String,
    pub(super) words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Said by `{"not": …}`; else a `-` in front of the text says it.
    pub(super) negated: bool,
}

impl Asked {
    /// Reads the pairs of a query string, a command line or a form.
    ///
    /// # Errors
    /// When a key is not known, or a list too long or with a hole.
    pub fn from_pairs(pairs: &[(String, String)]) -> Result<Asked, Fault> {
        Ok(Asked { group: pairs::read(pairs)? })
    }

    /// Reads a JSON object of the same keys; `all`, `any` and `not` nest.
    ///
    /// # Errors
    /// When it is no such object, a key is not known, or something is too long or too deep.
    pub fn from_json(text: &[u8]) -> Result<Asked, Fault> {
        Ok(Asked { group: json::read(text)? })
    }

    /// The people's names that have to be looked up before this can be understood.
    ///
    /// # Errors
    /// When they are more than [`NAMES_MAX`].
    pub fn people(&self) -> Result<Wanted, Fault> {
        let mut wanted = Wanted::default();
        collect(&self.group, &mut wanted);
        for names in [&mut wanted.characters, &mut wanted.corporations, &mut wanted.alliances] {
            names.sort_unstable();
            names.dedup();
        }
        if wanted.len() > NAMES_MAX {
            let why =
                format!("a question has at most {NAMES_MAX} names of people; ask by their ids");
            return Err(Fault::refused("names", why));
        }
        Ok(wanted)
    }

    /// What is meant. `now` is what `7d` counts from.
    ///
    /// # Errors
    /// When a value cannot be read, a name is not known or can mean several, or the cursor is another question's.
    pub fn understand(
        &self,
        catalogue: &Catalogue,
        people: &People,
        now: Timestamp,
    ) -> Result<Question, Fault> {
        understand::question(&self.group, &understand::Context { catalogue, people, now })
    }
}

fn collect(group: &Group, wanted: &mut Wanted) {
    for pair in &group.pairs {
        let Key::Party(_, field, Form::Name) = pair.key else { continue };
        let names = match field {
            Field::Character => &mut wanted.characters,
            Field::Corporation => &mut wanted.corporations,
            Field::Alliance => &mut wanted.alliances,
            Field::Faction | Field::ShipType | Field::ShipGroup | Field::WeaponType => continue,
        };
        for word in &pair.words {
            names.push(word.text.clone());
            // It is *not* this name, unless somebody is called so with the `-`.
            names.extend(word.text.strip_prefix('-').map(str::to_owned));
        }
    }
    for nested in &group.nested {
        match nested {
            Nested::All(groups) | Nested::Any(groups) => {
                groups.iter().for_each(|group| collect(group, wanted));
            }
            Nested::Not(group) => collect(group, wanted),
        }
    }
}
