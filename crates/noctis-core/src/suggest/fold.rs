//! What of a name counts when names are compared: letters without case and accents, words parted by one space.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Letters that no decomposition takes apart, with what people type for them.
const SPELLED: [(char, &str); 8] = [
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('ł', "l"),
    ('ı', "i"),
];

/// The folded form: lower case, compatibility forms and accents undone, control characters dropped, white space as
/// single spaces between words. Folding it again changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        text.chars().for_each(|letter| push(&mut folded, letter.to_ascii_lowercase()));
    } else {
        // Lower case first and last: some capitals have forms of their own, others only come out of the taking apart.
        let apart: String = text.nfkd().flat_map(char::to_lowercase).nfkd().collect();
        for letter in apart.chars().filter(|letter| !is_accent(*letter)) {
            match SPELLED.iter().find(|(spelled, _)| *spelled == letter) {
                Some((_, typed)) => typed.chars().for_each(|typed| push(&mut folded, typed)),
                None => push(&mut folded, letter),
            }
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// Marks above and below letters, as Latin, Greek and Cyrillic have them. Those of other scripts are letters of their own.
fn is_accent(letter: char) -> bool {
    (200..=240).contains(&canonical_combining_class(letter))
}

fn push(folded: &mut String, letter: char) {
    if letter.is_whitespace() {
        if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    } else if !letter.is_control() {
        folded.push(letter);
    }
}
