//! Names made up over real ones: as many words as those have, words as they have them, a third of them crossed from two.
//! Every number of names is the same at every run.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use serde_json::Value;

/// Of so many names one is spelled in Cyrillic.
const CYRILLIC_EVERY: u64 = 100;
/// Of so many one did more than the least; it is its place among them that tells how much.
const ACTIVE_EVERY: u64 = 7;
const CYRILLIC: [char; 26] = [
    'а', 'б', 'ц', 'д', 'е', 'ф', 'г', 'х', 'и', 'й', 'к', 'л', 'м', 'н', 'о', 'п', 'я', 'р', 'с',
    'т', 'у', 'в', 'ш', 'ж', 'ы', 'з',
];

pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) ticker: Option<String>,
    /// 0 for those that did the least.
    pub(crate) activity: u64,
}

pub(crate) struct MadeUp {
    /// Of real names, by the number of their words.
    names: Vec<Vec<String>>,
    words: Vec<String>,
    taken: HashSet<u64>,
    dice: Dice,
}

impl MadeUp {
    pub(crate) fn new(list: &str) -> MadeUp {
        let names: Vec<Vec<String>> = list
            .lines()
            .filter_map(|line| {
                serde_json::from_str::<Value>(line).ok()?["name"].as_str().map(str::to_owned)
            })
            .map(|name| name.split_whitespace().map(str::to_owned).collect())
            .collect();
        let words = names.iter().flatten().cloned().collect();
        MadeUp { names, words, taken: HashSet::new(), dice: Dice(1) }
    }

    pub(crate) fn rows(&mut self, kind: u64, count: u64) -> impl Iterator<Item = Row> {
        (0..count).map(move |place| {
            let name = self.new_name(kind);
            let ticker = (kind > 1).then(|| self.ticker());
            let is_active = self.dice.below(ACTIVE_EVERY) == 0;
            // As few are very busy as in EVE.
            let activity = if is_active { 1 + 20_000 / (1 + self.dice.below(20_000)) } else { 0 };
            Row { id: kind * 100_000_000 + place, name, ticker, activity }
        })
    }

    /// Nobody else of the kind is called so.
    fn new_name(&mut self, kind: u64) -> String {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        for tries in 0.. {
            let mut name = self.name();
            if tries > 2 {
                name.push_str(&format!(" {}", self.dice.below(1 << (4 * tries).min(40))));
            }
            if self.taken.insert(hasher.hash_one((kind, name.to_lowercase()))) {
                return name;
            }
        }
        unreachable!("numbers do not end")
    }

    fn name(&mut self) -> String {
        let like = self.dice.below(self.names.len() as u64) as usize;
        let words = self.names[like].len();
        let mut name: Vec<String> = Vec::with_capacity(words);
        for place in 0..words {
            name.push(self.word(place, words));
        }
        let name = name.join(" ");
        if self.dice.below(CYRILLIC_EVERY) > 0 {
            return name;
        }
        let letter = |letter: char| match letter.to_ascii_lowercase() {
            small @ 'a'..='z' => CYRILLIC[small as usize - 'a' as usize],
            _ => letter,
        };
        name.chars().map(letter).collect()
    }

    /// A word that stands at this place of some real name of so many words, or a cross of two.
    fn word(&mut self, place: usize, words: usize) -> String {
        let mut one = || loop {
            let name = &self.names[self.dice.below(self.names.len() as u64) as usize];
            if name.len() == words {
                return name[place].clone();
            }
        };
        let (first, second) = (one(), one());
        // A name of one word has no others to be new with.
        if words > 1 && self.dice.below(3) > 0 {
            return first;
        }
        let half = |word: &str| {
            word.char_indices()
                .nth(word.chars().count().div_ceil(2))
                .map_or(word.len(), |(at, _)| at)
        };
        let crossed = format!("{}{}", &first[..half(&first)], &second[half(&second)..]);
        if crossed.chars().count() < 3 { first } else { crossed }
    }

    fn ticker(&mut self) -> String {
        let word = &self.words[self.dice.below(self.words.len() as u64) as usize];
        let letters: String = word.chars().filter(char::is_ascii_alphanumeric).take(3).collect();
        format!("{}{}", letters.to_uppercase(), self.dice.below(100))
    }
}

/// Numbers that look thrown: `SplitMix64`.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// From 0 up, below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}
