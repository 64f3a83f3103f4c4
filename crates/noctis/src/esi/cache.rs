//! Answers that have not expired, so that nothing is asked for twice.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;

/// Answers kept, and the longest of them: 32 MiB at most.
const ANSWERS_MAX: usize = 512;
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Answers by their path.
#[derive(Default)]
pub(super) struct Cache {
    kept: HashMap<String, Kept>,
}

struct Kept {
    body: Bytes,
    etag: Option<String>,
    expires: Timestamp,
}

impl Cache {
    /// The answer, if it has not expired.
    pub(super) fn fresh(&self, path: &str, now: Timestamp) -> Option<Bytes> {
        self.kept.get(path).filter(|kept| kept.expires > now).map(|kept| kept.body.clone())
    }

    /// What to name so that an unchanged answer is not sent again.
    pub(super) fn etag(&self, path: &str) -> Option<&str> {
        self.kept.get(path)?.etag.as_deref()
    }

    /// Keeps an answer that expires some day; without a date it is not kept.
    pub(super) fn put(
        &mut self,
        path: &str,
        body: Bytes,
        etag: Option<&str>,
        expires: Option<Timestamp>,
    ) {
        let Some(expires) = expires.filter(|_| body.len() <= ANSWER_BYTES_MAX) else {
            self.kept.remove(path);
            return;
        };
        if self.kept.len() >= ANSWERS_MAX && !self.kept.contains_key(path) {
            let first = self.kept.iter().min_by_key(|(_, kept)| kept.expires);
            if let Some(first) = first.map(|(path, _)| path.clone()) {
                self.kept.remove(&first);
            }
        }
        let etag = etag.map(str::to_owned);
        self.kept.insert(path.to_owned(), Kept { body, etag, expires });
    }

    /// The answer that has not changed, good for longer.
    pub(super) fn renew(&mut self, path: &str, expires: Option<Timestamp>) -> Option<Bytes> {
        let kept = self.kept.get_mut(path)?;
        kept.expires = expires.unwrap_or(kept.expires);
        Some(kept.body.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_answer_is_good_until_it_expires_and_longer_when_it_has_not_changed() {
        let mut cache = Cache::default();
        cache.put("/a/", Bytes::from_static(b"1"), Some("\"x\""), Some(at(10)));
        assert_eq!(cache.fresh("/a/", at(9)).as_deref(), Some(&b"1"[..]));
        assert_eq!(cache.fresh("/a/", at(10)), None);
        assert_eq!(cache.etag("/a/"), Some("\"x\""));
        assert!(cache.renew("/a/", Some(at(20))).is_some());
        assert!(cache.fresh("/a/", at(19)).is_some());
        assert_eq!(cache.renew("/b/", Some(at(20))), None);
    }

    #[test]
    fn what_never_expires_or_is_long_is_not_kept() {
        let mut cache = Cache::default();
        cache.put("/a/", Bytes::from_static(b"1"), None, None);
        cache.put("/b/", Bytes::from(vec![b' '; ANSWER_BYTES_MAX + 1]), None, Some(at(10)));
        assert_eq!((cache.fresh("/a/", at(0)), cache.fresh("/b/", at(0))), (None, None));
    }

    #[test]
    fn a_full_cache_gives_up_what_expires_first() {
        let mut cache = Cache::default();
        for place in 0..=ANSWERS_MAX {
            let expires = Some(at(100 + i64::try_from(place).unwrap()));
            cache.put(&format!("/{place}/"), Bytes::new(), None, expires);
        }
        assert_eq!(cache.kept.len(), ANSWERS_MAX);
        assert!(cache.fresh("/0/", at(0)).is_none() && cache.fresh("/1/", at(0)).is_some());
    }
}
