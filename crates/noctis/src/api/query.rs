//! The keys of addresses that are no question of the language: few, each known by name.

use jiff::{SignedDuration, Timestamp};
use noctis_core::time::{FIRST_DAY, FUTURE_MAX, TimeRange, midnight, parse_time};

use super::error::Problem;

/// Keys and values, of which every key is a known one.
pub(crate) struct Query<'a> {
    pairs: &'a [(String, String)],
}

impl<'a> Query<'a> {
    /// # Errors
    /// When a key is none of these.
    pub(crate) fn new(pairs: &'a [(String, String)], known: &[&str]) -> Result<Query<'a>, Problem> {
        match pairs.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(Query { pairs }),
            Some((key, _)) => {
                let shown: String = key.chars().take(40).collect();
                let known = known.join(", ");
                Err(Problem::bad_value(format!("there is no key {shown} here, only {known}")))
            }
        }
    }

    /// What was given for a key, unless it is empty; the last, if several were.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        let given = self.pairs.iter().rev().find(|(known, _)| known == key)?.1.trim();
        (!given.is_empty()).then_some(given)
    }

    /// # Errors
    /// When it is no number.
    pub(crate) fn id(&self, key: &str) -> Result<Option<i64>, Problem> {
        let read = |text: &str| text.parse().map_err(|_| bad(key, text, "a number"));
        self.text(key).map(read).transpose()
    }

    /// # Errors
    /// When it is no number from 1 to `max`.
    pub(crate) fn limit(&self, usual: i64, max: i64) -> Result<i64, Problem> {
        let limit = self.id("limit")?.unwrap_or(usual);
        let is_fine = (1..=max).contains(&limit);
        let wanted = || bad("limit", &limit.to_string(), &format!("a number from 1 to {max}"));
        is_fine.then_some(limit).ok_or_else(wanted)
    }

    /// One of some words; the first where none was given.
    ///
    /// # Errors
    /// When it is none of them.
    pub(crate) fn choice<T: Copy>(
        &self,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Result<(&'static str, T), Problem> {
        let Some(text) = self.text(key) else { return Ok(words[0]) };
        let found = words.iter().find(|(word, _)| *word == text).copied();
        found.ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            bad(key, text, &format!("one of {}", known.join(", ")))
        })
    }

    /// `from` and `to`; from `usual` ago until now where they are not given.
    ///
    /// # Errors
    /// When one cannot be read, or the time is longer than `span_max`.
    pub(crate) fn range(
        &self,
        usual: SignedDuration,
        span_max: SignedDuration,
        now: Timestamp,
    ) -> Result<TimeRange, Problem> {
        let read = |key: &str| {
            let wanted = "a time such as 7d, 2026-11-22 or 2026-11-22 14:00";
            let read = |text| parse_time(text, now).ok_or_else(|| bad(key, text, wanted));
            self.text(key).map(read).transpose()
        };
        let to = read("to")?.unwrap_or(now);
        let from = read("from")?.unwrap_or_else(|| to.checked_sub(usual).unwrap_or(Timestamp::MIN));
        let span = to.duration_since(from);
        if span > span_max {
            let days = span_max.as_hours() / 24;
            return Err(Problem::bad_value(format!(
                "at most {days} days are counted at once: ask for a shorter time between from and to"
            )));
        }
        // No kill lies outside, and PostgreSQL knows no time as early as some that can be written here.
        let first = midnight(FIRST_DAY);
        let last = now.checked_add(FUTURE_MAX).unwrap_or(Timestamp::MAX);
        Ok(TimeRange { from: from.clamp(first, last), to: to.clamp(first, last) })
    }
}

fn bad(key: &str, text: &str, wanted: &str) -> Problem {
    let shown: String = text.chars().take(40).collect();
    Problem::bad_value(format!("{key}={shown} cannot be read: expected {wanted}"))
}
