//! Names from outside: ids that lack one are found among stored kills, asked of ESI, and written with the time.
//!
//! [`keep`] is the loop of `serve`: look through what has arrived, ask a round, wait as long as ESI wants.

use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use metrics::gauge;
use noctis_store::advisory::Held;
use noctis_store::names::walk::{self, LOCK};
use noctis_store::{Error, Store};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::esi::{Esi, NO_CONTACT};
use crate::logging::sentence;

pub mod import;
pub mod resolve;
pub mod told;

use resolve::{End, Learned};

/// Between two looks, when there is nothing to do.
const INTERVAL: Duration = Duration::from_secs(60);
/// Between two rounds, when there is more to ask.
const INTERVAL_BUSY: Duration = Duration::from_secs(1);
/// After the database failed, or ESI refused what will not get better by itself.
const INTERVAL_AFTER_FAILURE: Duration = Duration::from_secs(900);
/// Nothing is waited for longer than this before looking again.
const PAUSE_MAX: Duration = Duration::from_secs(3_600);
/// Pages of arrivals that are looked through before ESI has its turn.
const PAGES_A_LOOK: u32 = 100;

/// Pages looked through by a command, which has nothing else to do: 2 billion kills.
pub const PAGES_MAX: u32 = 1_000_000;

pub(crate) const KNOWN: &str = "noctis_names_known";
pub(crate) const WANTED: &str = "noctis_names_wanted";
pub(crate) const REFUSED: &str = "noctis_names_refused";

/// A moment, and how to tell the present from it.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    began: Instant,
    at: Timestamp,
}

impl Since {
    /// It is `at` now.
    #[must_use]
    pub fn new(at: Timestamp) -> Since {
        Since { began: Instant::now(), at }
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::MAX);
        self.at.checked_add(passed).unwrap_or(Timestamp::MAX)
    }
}

/// Looks for names until it is told to stop. Without ESI it only notes who lacks one.
pub async fn keep(store: Store, esi: Option<Esi>, stop: CancellationToken) {
    if esi.is_none() {
        tracing::info!("names are not looked up: {NO_CONTACT}");
    }
    loop {
        let pause = match look(&store, esi.as_ref(), &stop).await {
            Ok(pause) => pause.clamp(INTERVAL_BUSY, PAUSE_MAX),
            Err(error) => {
                tracing::error!(error = sentence(&error), "names could not be looked after");
                INTERVAL_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Looks once, unless another instance is at it, and says when to look again.
async fn look(
    store: &Store,
    esi: Option<&Esi>,
    stop: &CancellationToken,
) -> anyhow::Result<Duration> {
    let mut client = store.client().await?;
    let mut held = match LOCK.take(&mut client).await {
        Ok(held) => held,
        Err(Error::Locked(_)) => return Ok(INTERVAL),
        Err(error) => return Err(error.into()),
    };
    let kills = walk_through(&mut held, PAGES_A_LOOK, stop).await?;
    let pause = match esi {
        None => INTERVAL,
        Some(esi) => {
            let since = Since::new(clock::now());
            let learned = resolve::round(&mut held, esi, since, u64::MAX, stop).await?;
            tell(&learned);
            pause_after(&learned.end, since.now())
        }
    };
    show(&held).await?;
    held.release().await?;
    let is_behind = kills >= u64::from(PAGES_A_LOOK) * walk::PAGE_KILLS_MAX.unsigned_abs();
    Ok(if is_behind { INTERVAL_BUSY } else { pause })
}

/// Looks through what has arrived, at most so many pages; says how many kills that were.
///
/// # Errors
/// When the database does not answer.
pub async fn walk_through(
    held: &mut Held<'_>,
    pages_max: u32,
    stop: &CancellationToken,
) -> anyhow::Result<u64> {
    let mut kills = 0;
    for _ in 0..pages_max {
        let page = walk::walk(held.client, clock::now()).await.context("looking for ids")?;
        kills += page;
        if page == 0 || stop.is_cancelled() {
            break;
        }
    }
    Ok(kills)
}

/// When to ask again after a round that ended so.
fn pause_after(end: &End, now: Timestamp) -> Duration {
    match end {
        End::Done | End::Stopped => INTERVAL,
        End::More => INTERVAL_BUSY,
        End::Refused(_) => INTERVAL_AFTER_FAILURE,
        End::Closed(closed) => {
            Duration::try_from(closed.until.duration_since(now)).unwrap_or_default()
        }
    }
}

fn tell(learned: &Learned) {
    if learned.requests > 0 {
        let Learned { named, tickers, refused, requests, .. } = learned;
        tracing::info!(named, tickers, refused, requests, "asked ESI for names");
    }
    match &learned.end {
        End::Closed(closed) => {
            tracing::info!(until = %closed.until, why = %closed.why, "ESI is left alone");
        }
        End::Refused(problem) => tracing::error!(problem, "ESI refuses to tell names"),
        End::Done | End::More | End::Stopped => {}
    }
}

/// Brings the figures up to date.
async fn show(held: &Held<'_>) -> anyhow::Result<()> {
    for (table, names) in walk::known(held.client).await? {
        gauge!(KNOWN, "table" => table).set(names as f64);
    }
    for backlog in walk::backlog(held.client).await? {
        let labels = [("wanted", backlog.wanted), ("kind", backlog.kind)];
        gauge!(WANTED, &labels).set(backlog.ids as f64);
        gauge!(REFUSED, &labels).set(backlog.refused as f64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::esi::{Closed, Why};

    #[test]
    fn the_pause_is_as_long_as_esi_stays_closed_and_has_bounds() {
        let now: Timestamp = "2026-11-22T11:05:00Z".parse().unwrap();
        let until = "2026-11-22T11:15:00Z".parse().unwrap();
        let closed = |until| End::Closed(Closed { until, why: Why::Downtime });
        assert_eq!(pause_after(&closed(until), now), Duration::from_secs(600));
        assert_eq!(pause_after(&closed(now), until), Duration::ZERO);
        assert!(pause_after(&End::More, now) < pause_after(&End::Done, now));
        assert!(pause_after(&End::Refused(String::new()), now) > pause_after(&End::Done, now));
    }
}
