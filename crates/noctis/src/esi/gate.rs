//! When the API may be asked: pure, from what its answers said and the time.
//!
//! All groups share one gate: whoever is near the end of one budget asks for nothing at all, since others behind the same
//! address share it.

use std::collections::BTreeMap;
use std::fmt;

use axum::http::StatusCode;
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::heard::Heard;

/// A budget is left alone when one of this many parts is left: a fifth, for others who share it.
const RESERVE_PARTS: u64 = 5;
/// Errors a minute that the API allows, of which a fifth is left alone too.
const ERRORS_A_MINUTE: u64 = 100;
/// The wait after "too many" that names none.
const TOO_MANY_WAIT: SignedDuration = SignedDuration::from_secs(60);
/// After a failure; it doubles with each one more.
const FAILURE_WAIT_MIN: SignedDuration = SignedDuration::from_secs(5);
const FAILURE_WAIT_MAX: SignedDuration = SignedDuration::from_mins(15);
/// Doublings after which the longest wait is reached.
const DOUBLINGS_MAX: u32 = 8;
/// Groups remembered; the API has some dozens.
const GROUPS_MAX: usize = 64;
/// ESI's older "too many errors".
const ERROR_LIMITED: u16 = 420;

/// Nothing is asked before this time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub until: Timestamp,
    pub why: Why,
}

/// Why nothing is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The game is down every day from 11:00 to 11:15 EVE time.
    Downtime,
    Budget {
        group: String,
        remaining: u64,
        limit: u64,
    },
    Errors {
        remaining: u64,
    },
    /// It said "too many".
    TooMany,
    /// It fails, for the how-manieth time in a row.
    Failing {
        failures: u32,
        problem: String,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Downtime => f.write_str("EVE's daily downtime"),
            Why::Budget { group, remaining, limit } => {
                write!(f, "{remaining} of {limit} tokens are left of the budget `{group}`")
            }
            Why::Errors { remaining } => {
                write!(f, "{remaining} of {ERRORS_A_MINUTE} errors a minute are left")
            }
            Why::TooMany => f.write_str("it said that there were too many requests"),
            Why::Failing { failures: 1, problem } => write!(f, "it {problem}"),
            Why::Failing { failures, problem } => {
                write!(f, "it failed {failures} times in a row; it {problem}")
            }
        }
    }
}

/// What is known of the budget.
#[derive(Debug, Default)]
pub struct Gate {
    closed: Option<Closed>,
    failures: u32,
    groups: BTreeMap<String, (u64, u64)>,
}

impl Gate {
    /// Until when nothing may be asked at `now`; nothing means that it may.
    #[must_use]
    pub fn closed_at(&self, now: Timestamp) -> Option<Closed> {
        let downtime = downtime(now).map(|until| Closed { until, why: Why::Downtime });
        let closed = self.closed.clone().filter(|closed| closed.until > now);
        downtime.into_iter().chain(closed).max_by_key(|closed| closed.until)
    }

    /// Each group with tokens left and tokens in all, as last heard.
    #[must_use]
    pub fn budgets(&self) -> Vec<(String, u64, u64)> {
        self.groups.iter().map(|(group, &(left, all))| (group.clone(), left, all)).collect()
    }

    /// Takes in what an answer said.
    pub fn heard(&mut self, heard: &Heard, now: Timestamp) {
        if heard.status.is_server_error() {
            let problem = format!("answered {}", heard.status);
            self.failed(&problem, now);
        } else {
            self.failures = 0;
        }
        if let Some(bucket) = &heard.bucket {
            let (group, limit) = (bucket.group.clone(), bucket.limit);
            if self.groups.len() < GROUPS_MAX || self.groups.contains_key(&group) {
                self.groups.insert(group.clone(), (bucket.remaining, limit));
            }
            // Each token comes back a window after it was taken, so by then all of them are.
            if bucket.remaining.saturating_mul(RESERVE_PARTS) <= limit {
                let why = Why::Budget { group, remaining: bucket.remaining, limit };
                self.close(bucket.window, why, now);
            }
        }
        if let Some((remaining, reset)) = heard.errors
            && remaining.saturating_mul(RESERVE_PARTS) <= ERRORS_A_MINUTE
        {
            self.close(reset, Why::Errors { remaining }, now);
        }
        let is_too_many = is_too_many(heard.status);
        let told =
            heard.retry_after.or(heard.errors.map(|(_, reset)| reset).filter(|_| is_too_many));
        match told {
            Some(wait) if is_too_many || heard.status.is_server_error() => {
                self.close(wait, Why::TooMany, now);
            }
            None if is_too_many => self.close(TOO_MANY_WAIT, Why::TooMany, now),
            Some(_) | None => {}
        }
    }

    /// Takes in that there was no answer to be used; says until when to leave it alone.
    pub fn failed(&mut self, problem: &str, now: Timestamp) -> Closed {
        self.failures = self.failures.saturating_add(1);
        let doublings = (self.failures - 1).min(DOUBLINGS_MAX);
        let wait = (FAILURE_WAIT_MIN * 2_i32.pow(doublings)).min(FAILURE_WAIT_MAX);
        let why = Why::Failing { failures: self.failures, problem: problem.to_owned() };
        self.close(wait, why.clone(), now);
        self.closed_at(now).unwrap_or(Closed { until: now, why })
    }

    /// Of two reasons the one that lasts longer counts.
    fn close(&mut self, wait: SignedDuration, why: Why, now: Timestamp) {
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        if self.closed.as_ref().is_none_or(|closed| closed.until < until) {
            self.closed = Some(Closed { until, why });
        }
    }
}

/// Whether the status says that there were too many requests, or too many bad ones.
pub(super) fn is_too_many(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.as_u16() == ERROR_LIMITED
}

/// The end of the downtime that `now` lies in.
fn downtime(now: Timestamp) -> Option<Timestamp> {
    let here = now.to_zoned(TimeZone::UTC).datetime();
    let (from, to) = (time(11, 0, 0, 0), time(11, 15, 0, 0));
    if here.time() < from || here.time() >= to {
        return None;
    }
    here.date().to_datetime(to).to_zoned(TimeZone::UTC).ok().map(|end| end.timestamp())
}

#[cfg(test)]
mod tests;
