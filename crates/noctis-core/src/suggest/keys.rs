//! The grams of a name as keys that sort: from each place of its circle as far as one round, and what finds short
//! names with a slip in them.

/// Bytes of a gram, at most. More than that of what is typed cannot be told apart by grams.
pub const GRAM_BYTES_MAX: usize = 32;
/// Names of so many letters are found with a slip by what they are without one of their letters; longer ones, by the
/// rest of their circle.
pub const SHORT_LETTERS_MIN: usize = 4;
pub const SHORT_LETTERS_MAX: usize = 8;

/// Begin and end of a name: no letter that folding leaves.
pub const EDGE: char = '\u{1}';
/// Begin of a short name that lacks a letter.
pub const LACKING: char = '\u{2}';

/// A gram of the greatest length there is at a place, padded with zeros, and who holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub gram: [u8; GRAM_BYTES_MAX],
    pub no: u32,
}

impl Key {
    /// `gram` is cut where it is too long.
    #[must_use]
    pub fn new(gram: &[u8], no: u32) -> Key {
        let mut key = Key { gram: [0; GRAM_BYTES_MAX], no };
        let bytes = gram.len().min(GRAM_BYTES_MAX);
        key.gram[..bytes].copy_from_slice(&gram[..bytes]);
        key
    }

    /// Bytes before the padding.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.gram.iter().position(|byte| *byte == 0).unwrap_or(GRAM_BYTES_MAX)
    }

    /// The first eight bytes as a number that sorts alike.
    #[must_use]
    pub fn head(&self) -> u64 {
        u64::from_be_bytes(std::array::from_fn(|place| self.gram[place]))
    }
}

/// Makes keys of names, in memory that it keeps.
#[derive(Debug, Default)]
pub struct Keys {
    circle: Vec<u8>,
}

impl Keys {
    /// Hands over each key of a folded name or ticker whose head is one of `heads`.
    pub fn of(
        &mut self,
        folded: &str,
        no: u32,
        heads: std::ops::RangeInclusive<u64>,
        mut take: impl FnMut(Key),
    ) {
        let round = folded.len() + 1;
        // From its mark a name is read as far as the mark again.
        let bytes = (round + 1).min(GRAM_BYTES_MAX);
        self.circle.clear();
        while self.circle.len() < round + GRAM_BYTES_MAX {
            self.circle.push(EDGE as u8);
            self.circle.extend_from_slice(folded.as_bytes());
        }
        for place in 0..round {
            if is_inside_letter(self.circle[place]) {
                continue;
            }
            let gram = &self.circle[place..place + bytes];
            if heads.contains(&head(gram)) {
                take(Key::new(gram, no));
            }
        }
        self.lacking(folded, no, heads, take);
    }

    /// Short names without one of their letters.
    fn lacking(
        &mut self,
        folded: &str,
        no: u32,
        heads: std::ops::RangeInclusive<u64>,
        mut take: impl FnMut(Key),
    ) {
        // No letter has more than four bytes.
        if folded.len() > SHORT_LETTERS_MAX * 4 {
            return;
        }
        let letters = folded.chars().count();
        if !(SHORT_LETTERS_MIN..=SHORT_LETTERS_MAX).contains(&letters) {
            return;
        }
        for lacked in 0..letters {
            lacking(folded, lacked, &mut self.circle);
            if heads.contains(&head(&self.circle)) {
                take(Key::new(&self.circle, no));
            }
        }
    }
}

/// The gram of a short name without its letter number `lacked`; with all of them, if it has not that many.
pub(super) fn lacking(folded: &str, lacked: usize, gram: &mut Vec<u8>) {
    gram.clear();
    gram.push(LACKING as u8);
    for (_, letter) in folded.chars().enumerate().filter(|(place, _)| *place != lacked) {
        gram.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    gram.push(EDGE as u8);
}

/// Whether a byte of UTF-8 goes on with a letter rather than begins one.
pub(super) fn is_inside_letter(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

fn head(gram: &[u8]) -> u64 {
    match gram.first_chunk::<8>() {
        Some(head) => u64::from_be_bytes(*head),
        None => gram
            .iter()
            .enumerate()
            .fold(0, |head, (place, byte)| head | u64::from(*byte) << (56 - 8 * place)),
    }
}
