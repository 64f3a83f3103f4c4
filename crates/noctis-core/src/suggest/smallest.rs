//! Sorting more keys than fit into memory: pass after pass over all of them, each keeping the smallest that are left.

use super::keys::Key;

/// Keys that one pass keeps, at most: 74 MB.
pub const KEYS_MAX: usize = 2 << 20;

/// One pass. Keys may come in any order and more than once.
#[derive(Debug)]
pub struct Smallest {
    kept: Vec<Key>,
    keys_max: usize,
    from: Option<Key>,
    /// This one and larger ones are left to later passes.
    until: Option<Key>,
}

impl Smallest {
    /// The first pass, with memory for `keys_max`. They have to be more than one name has.
    #[must_use]
    pub fn new(keys_max: usize) -> Smallest {
        Smallest { kept: Vec::with_capacity(keys_max), keys_max, from: None, until: None }
    }

    /// What the heads of keys that may be kept lie between.
    #[must_use]
    pub fn heads(&self) -> std::ops::RangeInclusive<u64> {
        self.from.map_or(0, |key| key.head())..=self.until.map_or(u64::MAX, |key| key.head())
    }

    /// Keeps a key if it is among the smallest of this pass.
    pub fn offer(&mut self, key: Key) {
        if self.from.is_some_and(|from| key < from) || self.until.is_some_and(|until| until <= key)
        {
            return;
        }
        self.kept.push(key);
        if self.kept.len() == self.keys_max {
            let place = self.keys_max / 4 * 3;
            self.until = Some(*self.kept.select_nth_unstable(place).1);
            let until = self.until;
            self.kept.retain(|key| Some(*key) < until);
        }
    }

    /// What this pass kept, in order, each once.
    pub fn sorted(&mut self) -> &[Key] {
        self.kept.sort_unstable();
        self.kept.dedup();
        &self.kept
    }

    /// Begins the next pass; false if this one was the last.
    pub fn go_on(&mut self) -> bool {
        self.kept.clear();
        self.from = self.until.take();
        self.from.is_some()
    }
}
