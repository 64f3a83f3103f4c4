//! How well a name fits what was typed.

use super::edit;

/// Words of what was typed that are looked for one by one, at most; more are looked for as they stand.
pub(super) const WORDS_MAX: usize = 8;
/// Fewer letters are not taken for a slip of others.
pub(super) const SLIP_LETTERS_MIN: usize = 4;

/// How a name fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// It is the whole name or ticker.
    Exact,
    /// The name or ticker begins with it.
    Begin,
    /// A word of it does.
    Word,
    /// It stands in the middle of a word.
    Middle,
    /// Each of its words stands somewhere in it.
    Words,
    /// It is the whole name or ticker but for one slip.
    SlipExact,
    /// The name or ticker begins with it but for one slip.
    SlipBegin,
    /// A word of it does.
    SlipWord,
}

impl Fit {
    /// The word for it in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fit::Exact => "exact",
            Fit::Begin => "begin",
            Fit::Word => "word",
            Fit::Middle => "middle",
            Fit::Words => "words",
            Fit::SlipExact | Fit::SlipBegin | Fit::SlipWord => "slip",
        }
    }
}

/// What was typed, folded.
#[derive(Clone, Debug)]
pub struct Asked {
    text: String,
    letters: Vec<char>,
    behind_space: String,
}

impl Asked {
    /// `typed` need not be folded. Nothing is looked for if nothing of it is left.
    #[must_use]
    pub fn new(typed: &str) -> Option<Asked> {
        let text = super::fold(typed);
        let letters = text.chars().collect();
        (!text.is_empty()).then(|| Asked { behind_space: format!(" {text}"), letters, text })
    }

    /// The folded text; never empty.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its letters, each once for every time it stands there.
    #[must_use]
    pub fn letters(&self) -> &[char] {
        &self.letters
    }

    /// Its words where they may stand apart; none if there is but one, or too many.
    #[must_use]
    pub fn words(&self) -> Vec<&str> {
        let words: Vec<&str> = self.text.split(' ').collect();
        if (2..=WORDS_MAX).contains(&words.len()) { words } else { Vec::new() }
    }

    /// Whether it may be taken for a slip.
    #[must_use]
    pub fn may_be_slip(&self) -> bool {
        self.letters.len() >= SLIP_LETTERS_MIN
    }

    /// How a folded name or ticker fits, without slips.
    #[must_use]
    pub fn judge(&self, folded: &str) -> Option<Fit> {
        if folded.starts_with(&self.text) {
            let is_all = folded.len() == self.text.len();
            return Some(if is_all { Fit::Exact } else { Fit::Begin });
        }
        if folded.contains(&self.behind_space) {
            return Some(Fit::Word);
        }
        if folded.contains(&self.text) {
            return Some(Fit::Middle);
        }
        let words = self.words();
        let holds_all = !words.is_empty() && words.iter().all(|word| folded.contains(word));
        holds_all.then_some(Fit::Words)
    }

    /// How a folded name or ticker fits, if it has to be with one slip.
    #[must_use]
    pub fn judge_slip(&self, folded: &str) -> Option<Fit> {
        if !self.may_be_slip() {
            return None;
        }
        let meant: Vec<char> = folded.chars().collect();
        if edit::is_one_slip(&self.letters, &meant) {
            return Some(Fit::SlipExact);
        }
        if edit::is_one_slip_of_begin(&self.letters, &meant) {
            return Some(Fit::SlipBegin);
        }
        let begins = |place: usize| meant[place] == ' ';
        let is_word = |place: usize| edit::is_one_slip_of_begin(&self.letters, &meant[place + 1..]);
        (0..meant.len()).any(|place| begins(place) && is_word(place)).then_some(Fit::SlipWord)
    }
}
