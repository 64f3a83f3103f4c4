//! Who or what can be suggested, and who stands before whom.

use std::cmp::Reverse;

use super::{Asked, Fit, fold};

/// What can be suggested. The first three have names that change; the others have theirs from the static data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Character = 1,
    Corporation = 2,
    Alliance = 3,
    System = 4,
    Region = 5,
    Ship = 6,
}

/// Somebody or something with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    pub kind: Kind,
    pub id: i64,
    /// Kills and losses of late; how many, the store says.
    pub activity: i64,
    pub name: String,
    /// Of corporations and alliances, if it is known.
    pub ticker: Option<String>,
}

/// The most active first, then short names, then in order.
pub type Standing<'a> = (Reverse<i64>, usize, &'a str, Kind, i64);

impl Entity {
    /// Compares as entities stand: whoever is smaller comes first.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        let letters = self.name.chars().count();
        (Reverse(self.activity), letters, &self.name, self.kind, self.id)
    }

    /// How it fits by name or ticker, whichever is better; slips are thought of only if nothing else fits.
    #[must_use]
    pub fn judge(&self, asked: &Asked) -> Option<Fit> {
        let texts = || std::iter::once(&self.name).chain(&self.ticker).map(|text| fold(text));
        let fit = texts().filter_map(|text| asked.judge(&text)).min();
        fit.or_else(|| texts().filter_map(|text| asked.judge_slip(&text)).min())
    }
}

/// The best `limit` of these, each entity once.
#[must_use]
pub fn best(mut found: Vec<(Fit, Entity)>, limit: usize) -> Vec<(Fit, Entity)> {
    found.sort_unstable_by(|(fit, entity), (other_fit, other)| {
        (fit, entity.standing()).cmp(&(other_fit, other.standing()))
    });
    let mut best: Vec<(Fit, Entity)> = Vec::with_capacity(limit.min(found.len()));
    for (fit, entity) in found {
        let is_new =
            best.iter().all(|(_, known)| (known.kind, known.id) != (entity.kind, entity.id));
        if best.len() < limit && is_new {
            best.push((fit, entity));
        }
    }
    best
}
