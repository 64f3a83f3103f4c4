//! Counting what everybody did: some thousand kills at a time, by `serve` whenever something is left, and by whoever stores
//! much, beside it and when it is done.

mod recount;

use std::time::Duration;

use anyhow::Context;
use noctis_archive::Place;
use noctis_store::Store;
use noctis_store::presence::{Behind, Done, TURN_KILLS_MAX, Turn, behind};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::kills::Kills;
use crate::logging::sentence;
use crate::static_data::Current;

/// Between two looks of `serve` whether something is left to count.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// Between two looks after one that failed: the archive may be away for long.
const INTERVAL_AFTER_FAILURE: Duration = Duration::from_secs(30);
/// Between two looks of an import.
const BESIDE_INTERVAL: Duration = Duration::from_secs(1);
/// An import goes on alone until so many kills are not counted.
const BEHIND_MAX: i64 = TURN_KILLS_MAX;
/// How long somebody else who counts is waited for, in all, and between two looks.
const OTHERS_POLL: Duration = Duration::from_millis(50);
const OTHERS_POLLS_MAX: u32 = 600;

/// Kills that are not counted yet, and changes of kills: gauges for who watches.
pub(crate) const BEHIND: &str = "noctis_presence_uncounted_killmails";
pub(crate) const CHANGES: &str = "noctis_presence_changes";

/// Counts; cheap to clone.
#[derive(Clone)]
pub struct Counter {
    store: Store,
    /// Kills that had left the tables before anybody counted.
    kills: Kills,
    catalogue: Current,
}

impl Counter {
    #[must_use]
    pub fn new(store: Store, archive: Option<Place>, catalogue: Current) -> Counter {
        Counter { kills: Kills::new(store.clone(), archive), store, catalogue }
    }

    /// The store whose kills are counted.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The static data by which it is counted now.
    #[must_use]
    pub fn catalogue(&self) -> &Current {
        &self.catalogue
    }

    /// What is still to be counted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn behind(&self) -> noctis_store::Result<Behind> {
        behind(&**self.store.client().await?).await
    }

    /// Counts what is next, one transaction. None when somebody else is counting.
    ///
    /// # Errors
    /// When the database does not answer, or the archive has kills that are to be counted and cannot be read.
    pub async fn turn(&self) -> anyhow::Result<Option<Done>> {
        let catalogue = self.catalogue.get();
        let mut client = self.store.client().await?;
        let Some(mut turn) = Turn::begin(&mut client, &catalogue, clock::now()).await? else {
            return Ok(None);
        };
        let (missing, cold) = turn.missing();
        if !missing.is_empty() {
            let mut found = Vec::new();
            let read = self.kills.archived_mails(cold, &missing, |mail| found.push(mail)).await;
            read.context("counting kills that are in the archive")?;
            found.iter().for_each(|mail| turn.add(mail));
        }
        Ok(Some(turn.finish().await?))
    }

    /// Counts until nothing is left, or so many transactions are done; tells which. What somebody else counts meanwhile is
    /// waited for.
    ///
    /// # Errors
    /// As [`turn`](Counter::turn).
    pub async fn catch_up(&self, turns_max: u32) -> anyhow::Result<bool> {
        let (mut turns, mut polls) = (0, 0);
        while turns < turns_max && polls < OTHERS_POLLS_MAX {
            if self.behind().await?.is_none() {
                return Ok(true);
            }
            match self.turn().await? {
                Some(done) if !done.more => return Ok(true),
                Some(_) => turns += 1,
                None => {
                    polls += 1;
                    tokio::time::sleep(OTHERS_POLL).await;
                }
            }
        }
        Ok(false)
    }

    /// Counts what was stored or changed, so many kills, at the end of a command that did it. What fails or was left by
    /// others before is told in the log, and counted by whoever counts next.
    pub async fn catch_up_after(&self, kills: u64) {
        let turns_max = u32::try_from(kills / TURN_KILLS_MAX.unsigned_abs()).unwrap_or(u32::MAX);
        match self.catch_up(turns_max.saturating_add(2)).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!("some kills are not counted yet; `serve` counts on"),
            Err(error) => {
                let error = sentence(&error);
                tracing::warn!(error, "some kills are not counted yet; `serve` tries again");
            }
        }
    }

    /// Counts beside an import, whenever enough is there that it is worth it, until it is told to stop.
    pub async fn beside(&self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(BESIDE_INTERVAL)).await.is_some() {
            // One turn at a time, so that the end of the import waits for one at most.
            let counted = async {
                let left = self.behind().await?;
                let enough = left.kills >= BEHIND_MAX;
                if enough { self.turn().await.map(drop) } else { Ok(()) }
            };
            if let Err(error) = counted.await {
                let error = sentence(&error);
                tracing::warn!(error, "kills could not be counted beside the import");
                return;
            }
        }
    }
}

/// Counts whatever is left every few seconds, until it is told to stop.
pub async fn keep(counter: Counter, stop: CancellationToken) {
    let mut pause = LOOK_INTERVAL;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        let Some(looked) = stop.run_until_cancelled(Box::pin(look(&counter))).await else { return };
        pause = match looked {
            Ok(true) => Duration::ZERO,
            Ok(false) => LOOK_INTERVAL,
            Err(error) => {
                let error = sentence(&error);
                tracing::error!(error, "kills could not be counted; it is tried again");
                INTERVAL_AFTER_FAILURE
            }
        };
    }
}

/// Counts once, if something is left; tells whether there is more.
async fn look(counter: &Counter) -> anyhow::Result<bool> {
    if counter.behind().await?.is_none() {
        return Ok(false);
    }
    Ok(counter.turn().await?.is_some_and(|done| done.more))
}
