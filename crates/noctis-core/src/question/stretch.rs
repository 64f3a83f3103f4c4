//! Answers found in several places, made into one page: kills newest first, and how far the search for them has come.

use super::Position;
use crate::kill::Key;

/// Keys that answer a question, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    pub keys: Vec<Key>,
    /// Every answer from here on, this key included, is among the keys; what is older was not looked for. None where all
    /// was looked at.
    pub reached: Option<Key>,
}

impl Stretch {
    /// What was found in two places, as far as both were looked at.
    #[must_use]
    pub fn beside(mut self, other: Stretch) -> Stretch {
        let reached = self.reached.max(other.reached);
        self.keys.extend(other.keys);
        self.keys.retain(|key| reached.is_none_or(|reached| *key >= reached));
        self.keys.sort_unstable_by(|one, other| other.cmp(one));
        // A kill moves from one place to the other as a whole; seen in both, it is one kill.
        self.keys.dedup();
        Stretch { keys: self.keys, reached }
    }

    /// The first `limit` keys, and where the next page goes on; none at the end.
    #[must_use]
    pub fn page(mut self, limit: usize) -> (Vec<Key>, Option<Position>) {
        let more = self.keys.len() > limit;
        self.keys.truncate(limit);
        let last = self.keys.last().copied().filter(|_| more);
        // Without more keys the page ends where the search did.
        let end = if more { last } else { self.reached };
        (self.keys, end.map(|(time, killmail_id)| Position::Before { time, killmail_id }))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn key(id: i64) -> Key {
        (Timestamp::from_second(id / 3).unwrap(), id)
    }

    /// One place: some kills, of which each search finds so many.
    fn look(all: &[i64], before: Option<Key>, count: usize) -> Stretch {
        let older = all.iter().rev().map(|id| key(*id));
        let mut keys: Vec<Key> =
            older.filter(|key| before.is_none_or(|before| *key < before)).collect();
        let reached = (keys.len() > count).then(|| keys[count - 1]);
        keys.truncate(count);
        Stretch { keys, reached }
    }

    proptest! {
        #[test]
        fn pages_over_two_places_have_each_kill_once_and_in_order(
            places in prop::collection::vec(0..2_usize, 0..60),
            limit in 1..6_usize,
            counts in (1..9_usize, 1..9_usize),
        ) {
            let of = |place| {
                let ids = (0..).zip(&places).filter(move |(_, of)| **of == place);
                ids.map(|(id, _)| id).collect::<Vec<i64>>()
            };
            let (hot, cold) = (of(0), of(1));
            let (mut found, mut before) = (Vec::new(), None);
            for _ in 0..200 {
                let stretch = look(&hot, before, counts.0).beside(look(&cold, before, counts.1));
                let (keys, next) = stretch.page(limit);
                prop_assert!(keys.len() <= limit);
                found.extend(keys);
                match next {
                    Some(Position::Before { time, killmail_id }) => {
                        let next = (time, killmail_id);
                        prop_assert!(before.is_none_or(|before| next < before), "it goes on");
                        before = Some(next);
                    }
                    _ => break,
                }
            }
            let count = i64::try_from(places.len()).unwrap();
            let all: Vec<Key> = (0..count).rev().map(key).collect();
            prop_assert_eq!(found, all);
        }
    }
}
