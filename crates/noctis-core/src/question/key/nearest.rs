//! Which key may be meant by one that is not known.

use super::KEYS;

/// Letters that may be wrong for a key still to be the one that was meant: one in four.
const LETTERS_A_SLIP: usize = 4;
/// Shorter words stand in too many keys by chance.
const WORD_MIN: usize = 3;
/// Words that many keys have: sharing them says little.
const SHARED_BY_MANY: [&str; 6] = ["min", "max", "type", "name", "victim", "attacker"];

/// A slip of the fingers first, then the shortest key that holds the word, then one that shares a word with it, then
/// what looks most alike.
pub(super) fn nearest(typed: &str) -> String {
    let typed = typed.to_lowercase().replace(['-', ' '], "_");
    // Who wrote a role meant one.
    let role = typed.find('.').map_or("", |dot| &typed[..=dot]);
    let role = if names("").any(|name| name.starts_with(role)) { role } else { "" };
    let alike = names(role).min_by_key(|name| distance(&typed, name)).unwrap_or("from");
    if distance(&typed, alike) * LETTERS_A_SLIP <= typed.chars().count() {
        return alike.to_owned();
    }
    let holds = |word: &str| {
        let long_enough = word.len() >= WORD_MIN;
        names(role).filter(|name| long_enough && name.contains(word)).min_by_key(|name| name.len())
    };
    let singular = typed.trim_end_matches('s');
    let mut words = typed.split(['_', '.']).filter(|word| !SHARED_BY_MANY.contains(word));
    let found = holds(&typed).or_else(|| holds(singular)).or_else(|| words.find_map(holds));
    found.unwrap_or(alike).to_owned()
}

fn names(role: &str) -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|entry| entry.name.as_str()).filter(move |name| name.starts_with(role))
}

/// Levenshtein's distance of two short words.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
