//! The names of people in a question: which have to be looked up, and whom they mean.

use std::collections::HashMap;

/// Names to look up, as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub characters: Vec<String>,
    pub corporations: Vec<String>,
    pub alliances: Vec<String>,
}

impl Wanted {
    pub fn len(&self) -> usize {
        self.characters.len() + self.corporations.len() + self.alliances.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Character,
    Corporation,
    Alliance,
}

/// Whom the names of a question mean, as far as anybody is called so.
#[derive(Clone, Debug, Default)]
pub struct People {
    found: HashMap<(Kind, String), Vec<(i64, String)>>,
}

impl People {
    /// Somebody who is called as it was written, but for upper and lower case. Added twice he is one still: a question may
    /// name somebody twice.
    pub fn add(&mut self, kind: Kind, written: String, id: i64, name: String) {
        let called_so = self.found.entry((kind, written)).or_default();
        if !called_so.iter().any(|(known, _)| *known == id) {
            called_so.push((id, name));
        }
    }

    /// Ids with the names as they are spelled; several may share one.
    pub fn named(&self, kind: Kind, written: &str) -> &[(i64, String)] {
        self.found.get(&(kind, written.to_owned())).map_or(&[], Vec::as_slice)
    }
}
