//! Which grams answer what was typed, and whom they name.

use super::Asked;
use super::keys::{self, EDGE, GRAM_BYTES_MAX, SHORT_LETTERS_MAX, SHORT_LETTERS_MIN};
use super::tree::LIGHT_NAMES_MAX;

/// Places of a circle at which grams are looked for when a slip is thought of, at most.
pub const SLIP_PLACES_MAX: usize = 24;
/// Names that are read for one answer with a slip, at most, beside short ones.
pub const SLIP_NAMES_MAX: usize = 4 * LIGHT_NAMES_MAX;
/// So many times more short names are judged than are asked for: a letter that has moved looks like a slip to their grams.
pub const SHORT_NAMES_OVER: usize = 5;

/// What the store has for one of the grams that were asked for: the gram itself, or a light one that it begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which of the grams that were asked for, from 0.
    pub place: usize,
    /// Bytes of the gram that is kept.
    pub bytes: usize,
    pub is_heavy: bool,
    pub names: Vec<u32>,
}

/// The grams of names that hold what was typed.
#[derive(Debug)]
pub struct Lookup {
    grams: Vec<Vec<u8>>,
    /// From here on each is a word, and any one of them will do.
    words_from: usize,
}

impl Lookup {
    #[must_use]
    pub fn of(asked: &Asked) -> Lookup {
        let text = asked.text();
        let mut grams = vec![
            format!("{EDGE}{text}{EDGE}"),
            format!("{EDGE}{text}"),
            format!(" {text}"),
            text.to_owned(),
        ];
        let words = asked.words();
        if !words.is_empty() {
            // Typed on over the end of a name: its last words, then its first.
            let turned = |(place, _)| format!("{}{EDGE}{}", &text[..place], &text[place + 1..]);
            grams.extend(text.match_indices(' ').map(turned));
        }
        let words_from = grams.len();
        grams.extend(words.into_iter().map(str::to_owned));
        Lookup { grams: grams.into_iter().map(cut).collect(), words_from }
    }

    #[must_use]
    pub fn grams(&self) -> &[Vec<u8>] {
        &self.grams
    }

    /// The names to judge: all that fit are among them, or `limit` that fit better. Several grams may name the same one.
    #[must_use]
    pub fn names(
        &self,
        found: &[Found],
        limit: usize,
        is_wanted: impl Fn(u32) -> bool,
    ) -> Vec<u32> {
        let mut names = Vec::new();
        for found in found.iter().filter(|found| found.place < self.words_from) {
            if found.is_heavy {
                if found.bytes == self.grams[found.place].len() {
                    names.extend(found.names.iter().filter(|name| is_wanted(**name)).take(limit));
                }
            } else {
                names.extend(found.names.iter().filter(|name| is_wanted(**name)));
            }
        }
        let words = found.iter().filter(|found| found.place >= self.words_from && !found.is_heavy);
        if let Some(rarest) = words.min_by_key(|found| found.names.len()) {
            names.extend(rarest.names.iter().filter(|name| is_wanted(**name)));
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The grams of names that what was typed is meant to be, but for one slip.
///
/// The rest of a circle is as it should be, wherever the slip is: read from behind the slip, a light gram begins there,
/// which does not reach round to it unless the name is short. Short names are kept without each of their letters.
#[derive(Debug)]
pub struct SlipLookup {
    grams: Vec<Vec<u8>>,
    /// At which letter of the circle each gram begins, as far as they are of the circle.
    places: Vec<usize>,
    letters: usize,
}

impl SlipLookup {
    #[must_use]
    pub fn of(asked: &Asked) -> SlipLookup {
        let circle: Vec<char> =
            std::iter::once(EDGE).chain(asked.letters().iter().copied()).collect();
        let letters = circle.len();
        let step = letters.div_ceil(SLIP_PLACES_MAX);
        let places: Vec<usize> = (0..letters).step_by(step).collect();
        let turned = |place: usize| circle[place..].iter().chain(&circle[..place]).collect();
        let mut grams: Vec<Vec<u8>> = places.iter().map(|place| cut(turned(*place))).collect();
        // Typed may be one letter more or fewer than meant.
        if (SHORT_LETTERS_MIN - 1..=SHORT_LETTERS_MAX + 1).contains(&asked.letters().len()) {
            short(asked, &mut grams);
        }
        SlipLookup { grams, places, letters }
    }

    #[must_use]
    pub fn grams(&self) -> &[Vec<u8>] {
        &self.grams
    }

    /// The names to judge.
    #[must_use]
    pub fn names(
        &self,
        found: &[Found],
        limit: usize,
        is_wanted: impl Fn(u32) -> bool,
    ) -> Vec<u32> {
        let (round, short): (Vec<&Found>, Vec<&Found>) =
            found.iter().partition(|found| found.place < self.places.len());
        let is_whole =
            |found: &&&Found| !found.is_heavy || found.bytes == self.grams[found.place].len();
        let of_short = short.iter().filter(is_whole).flat_map(|found| &found.names);
        let mut names: Vec<u32> = of_short.copied().filter(|name| is_wanted(*name)).collect();
        names.sort_unstable();
        names.dedup();
        // Nearly all of them fit, and equally well: the most active are enough.
        names.truncate(limit * SHORT_NAMES_OVER);
        for found in self.enough(round) {
            names.extend(found.names.iter().filter(|name| is_wanted(**name)));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// So many light grams that wherever the slip is, one of them is not touched by it; the rarest, within the bound.
    fn enough<'a>(&self, mut round: Vec<&'a Found>) -> Vec<&'a Found> {
        round.retain(|found| !found.is_heavy);
        round.sort_by_key(|found| found.names.len());
        let mut slips: Vec<usize> = (0..self.letters).collect();
        let mut enough = Vec::new();
        let mut names = 0;
        for found in round {
            let left: Vec<usize> =
                slips.iter().copied().filter(|slip| self.touches(found, *slip)).collect();
            if left.len() < slips.len() && names + found.names.len() <= SLIP_NAMES_MAX {
                slips = left;
                names += found.names.len();
                enough.push(found);
            }
        }
        enough
    }

    /// Whether a slip at this letter and the next could be within the gram.
    fn touches(&self, found: &Found, slip: usize) -> bool {
        let gram = &self.grams[found.place][..found.bytes];
        let letters = gram.iter().filter(|byte| !keys::is_inside_letter(**byte)).count();
        let behind = |letter: usize| {
            (letter + self.letters - self.places[found.place]) % self.letters < letters
        };
        behind(slip) || behind((slip + 1) % self.letters)
    }
}

/// The grams of short names: what was typed may lack a letter, have one too many, or both, which is a wrong one.
fn short(asked: &Asked, grams: &mut Vec<Vec<u8>>) {
    let text = asked.text();
    let count = asked.letters().len();
    let mut gram = Vec::new();
    for lacked in 0..=count {
        keys::lacking(text, lacked, &mut gram);
        grams.push(gram.clone());
        if lacked < count {
            gram[0] = EDGE as u8;
            grams.push(gram.clone());
        }
    }
    grams.iter_mut().for_each(|gram| gram.truncate(GRAM_BYTES_MAX));
}

fn cut(text: String) -> Vec<u8> {
    let mut gram = text.into_bytes();
    gram.truncate(GRAM_BYTES_MAX);
    gram
}
