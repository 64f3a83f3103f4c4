//! From sorted keys to the grams that are kept: every heavy one with the most active who hold it, every shortest light
//! one with all who do.
//!
//! Memory: the grams on the way to the present key, at most [`GRAM_BYTES_MAX`](super::keys::GRAM_BYTES_MAX) of them.

use super::keys::Key;

/// A gram that more names hold is heavy.
pub const LIGHT_NAMES_MAX: usize = 128;
/// Of each kind a heavy gram keeps so many.
pub const HEAVY_NAMES_KEPT: usize = 20;
/// The number of a name is its place by activity, times this, plus its kind.
pub const KINDS: u32 = 4;

/// A gram to be kept. Of no light gram another one is the beginning; the beginnings of every gram are heavy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gram {
    pub gram: Vec<u8>,
    pub is_heavy: bool,
    /// Who holds it, in order; of a heavy one the first of each kind.
    pub names: Vec<u32>,
}

/// Takes keys in order and gives grams, those that begin with a gram before it.
#[derive(Debug, Default)]
pub struct Tree {
    last: Option<Key>,
    /// From the root to the last key; each begins with the one before.
    open: Vec<Node>,
}

/// A gram as it was met so far, and all between its parent's length and its own, which the same names hold.
#[derive(Debug, Default)]
struct Node {
    bytes: usize,
    names: Vec<u32>,
    is_heavy: bool,
    /// Light grams one byte longer, to be kept if this one turns out heavy.
    light: Vec<Gram>,
}

impl Tree {
    /// Takes the next key, which is not smaller than the last.
    pub fn push(&mut self, key: Key, keep: &mut impl FnMut(Gram)) {
        match self.last {
            None => self.open.push(Node::default()),
            Some(last) => {
                let alike = last.gram.iter().zip(&key.gram).take_while(|(a, b)| a == b).count();
                self.close(alike.min(last.bytes()), keep);
            }
        }
        let bytes = key.bytes();
        match self.open.last_mut() {
            Some(node) if node.bytes == bytes => node.take_in(&[key.no], keep),
            _ => self.open.push(Node { bytes, names: vec![key.no], ..Node::default() }),
        }
        self.last = Some(key);
    }

    /// Gives what is left. If all there is is light, that is the gram of no letters.
    pub fn finish(&mut self, keep: &mut impl FnMut(Gram)) {
        self.close(0, keep);
        if let Some(root) = self.open.pop().filter(|root| !root.is_heavy) {
            keep(Gram { gram: Vec::new(), is_heavy: false, names: root.names });
        }
        self.last = None;
    }

    /// Ends all grams longer than `bytes`, so that the one of that length is the last that is open.
    fn close(&mut self, bytes: usize, keep: &mut impl FnMut(Gram)) {
        let Some(last) = self.last else { return };
        while let Some(node) = self.open.pop_if(|node| node.bytes > bytes) {
            if self.open.last().is_some_and(|parent| parent.bytes < bytes) {
                self.open.push(Node { bytes, ..Node::default() });
            }
            let Some(parent) = self.open.last_mut() else { return };
            let first = parent.bytes + 1;
            if node.is_heavy {
                for bytes in first..=node.bytes {
                    let gram = last.gram[..bytes].to_vec();
                    keep(Gram { gram, is_heavy: true, names: node.names.clone() });
                }
            } else {
                let gram = last.gram[..first].to_vec();
                let gram = Gram { gram, is_heavy: false, names: node.names.clone() };
                if parent.is_heavy { keep(gram) } else { parent.light.push(gram) }
            }
            // More names than a light gram may have, as those of a heavy one were cut.
            let was_heavy = parent.is_heavy;
            if node.is_heavy && !was_heavy {
                parent.turn_heavy(keep);
            }
            parent.take_in(&node.names, keep);
        }
    }
}

impl Node {
    fn take_in(&mut self, names: &[u32], keep: &mut impl FnMut(Gram)) {
        for name in names {
            if let Err(place) = self.names.binary_search(name) {
                self.names.insert(place, *name);
            }
        }
        if !self.is_heavy && self.names.len() > LIGHT_NAMES_MAX {
            self.turn_heavy(keep);
        } else if self.is_heavy {
            self.cut();
        }
    }

    fn turn_heavy(&mut self, keep: &mut impl FnMut(Gram)) {
        self.is_heavy = true;
        self.light.drain(..).for_each(keep);
        self.cut();
    }

    /// Leaves the first of each kind.
    fn cut(&mut self) {
        let mut seen = [0; KINDS as usize];
        self.names.retain(|name| {
            let seen = &mut seen[(name % KINDS) as usize];
            *seen += 1;
            *seen <= HEAVY_NAMES_KEPT
        });
    }
}
