//! What the headers of an answer say about when to ask again.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use jiff::{SignedDuration, Timestamp};

/// A longer wait than this is nobody's wish.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The part of an answer that concerns the budget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    pub status: StatusCode,
    pub bucket: Option<Bucket>,
    /// Errors left in this minute's count, and how long until it starts anew.
    pub errors: Option<(u64, SignedDuration)>,
    pub retry_after: Option<SignedDuration>,
}

/// A bucket of tokens: every request takes some, and each comes back a window later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub group: String,
    pub remaining: u64,
    pub limit: u64,
    pub window: SignedDuration,
}

impl Heard {
    /// Reads the headers; what is missing or makes no sense is left out.
    #[must_use]
    pub fn of(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Heard {
        let errors = number(headers, "x-esi-error-limit-remain")
            .zip(number(headers, "x-esi-error-limit-reset").map(seconds));
        Heard { status, bucket: bucket(headers), errors, retry_after: retry_after(headers, now) }
    }
}

/// `X-Ratelimit-Limit: 3600/15m`. Without `Remaining`, `Used` tells as much.
fn bucket(headers: &HeaderMap) -> Option<Bucket> {
    let (limit, window) = text(headers, "x-ratelimit-limit")?.split_once('/')?;
    let limit: u64 = limit.trim().parse().ok()?;
    let window: SignedDuration = window.trim().parse().ok()?;
    let remaining = number(headers, "x-ratelimit-remaining")
        .or_else(|| number(headers, "x-ratelimit-used").map(|used| limit.saturating_sub(used)))?;
    if limit == 0 || window.is_negative() || window > WAIT_MAX {
        return None;
    }
    let group = text(headers, "x-ratelimit-group").unwrap_or("unnamed").to_owned();
    Some(Bucket { group, remaining, limit, window })
}

/// In seconds, or as a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let wait = match number(headers, RETRY_AFTER.as_str()) {
        Some(number) => seconds(number),
        None => date(headers, &RETRY_AFTER)?.duration_since(now),
    };
    Some(wait.clamp(SignedDuration::ZERO, WAIT_MAX))
}

/// A date as HTTP writes it.
pub(super) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    let text = text(headers, name.as_str())?;
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.trim().parse().ok()
}

fn seconds(number: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(number).unwrap_or(i64::MAX)).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(headers: &[(&str, &str)]) -> Heard {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.insert(name, value.parse().unwrap());
        }
        Heard::of(StatusCode::OK, &map, "2026-11-22T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_bucket_is_read_from_its_four_headers() {
        let bucket = heard(&[
            ("X-Ratelimit-Group", "names"),
            ("X-Ratelimit-Limit", "3600/15m"),
            ("X-Ratelimit-Remaining", "3598"),
            ("X-Ratelimit-Used", "2"),
        ])
        .bucket
        .unwrap();
        let window = SignedDuration::from_mins(15);
        assert_eq!(
            bucket,
            Bucket { group: "names".into(), remaining: 3_598, limit: 3_600, window }
        );
        let used = heard(&[("X-Ratelimit-Limit", "150/15m"), ("X-Ratelimit-Used", "30")]);
        assert_eq!(used.bucket.unwrap().remaining, 120);
    }

    #[test]
    fn headers_that_make_no_sense_say_nothing() {
        for limit in ["3600", "x/15m", "3600/", "3600/-5m", "0/15m", "3600/900h"] {
            let heard = heard(&[("X-Ratelimit-Limit", limit), ("X-Ratelimit-Remaining", "1")]);
            assert_eq!(heard.bucket, None, "{limit}");
        }
        assert_eq!(heard(&[("X-Esi-Error-Limit-Remain", "7")]).errors, None);
        assert_eq!(heard(&[("Retry-After", "soon")]).retry_after, None);
    }

    #[test]
    fn a_wait_comes_in_seconds_or_as_a_date_and_has_a_bound() {
        let wait = |text| heard(&[("Retry-After", text)]).retry_after.unwrap();
        assert_eq!(wait("90"), SignedDuration::from_secs(90));
        assert_eq!(wait("Sun, 22 Nov 2026 12:01:00 GMT"), SignedDuration::from_mins(1));
        assert_eq!(wait("Sun, 22 Nov 2026 11:00:00 GMT"), SignedDuration::ZERO);
        assert_eq!(wait("99999999999999999"), WAIT_MAX);
    }
}
