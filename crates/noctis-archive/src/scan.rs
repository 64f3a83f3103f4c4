//! Answers from archived parts: the newest kills that a question means, the most valuable, and kills by their keys.
//!
//! Little of a part is read: bloom filters tell which groups of rows can hold somebody, one column of these when he was
//! there, the page index which pages hold a time, and a [`Judge`] is asked after each stage, so that only who may still be
//! meant is read on. What is decoded at a time is bounded by a chunk of rows. Decoding runs on threads of its own, a few at a time.

mod columns;
mod evidence;
mod follow;
mod kills;
mod mails;
mod prune;
mod sift;
mod table;
mod timeline;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use noctis_core::archive::Manifest;
use noctis_core::isk::Isk;
use noctis_core::kill::{Key, Kill};
use noctis_core::killmail::KillmailHash;
use noctis_core::partition::Member;
use noctis_core::presence::Mail;
use noctis_core::question::judging::Judge;
use noctis_core::time::TimeRange;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::thread::{Alive, on_thread};
use crate::{Archive, Error, Result, manifest};
use sift::Search;
use table::Table;

/// Parts whose footers and page indexes are kept, and how many bytes these may be together: some megabytes each where a
/// month is large. The part that was opened last is always kept.
const PARTS_OPEN_MAX: usize = 512;
const OPEN_BYTES_MAX: usize = 128 << 20;
/// Questions that read files at the same time; others wait for their turn.
const READERS_MAX: usize = 4;
/// How long a question waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// Where a page by value goes on: below this.
pub type Below = (Isk, Key);

/// Reads kills out of the archive; cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    archive: Archive,
    open: Arc<Mutex<VecDeque<Arc<Part>>>>,
    turns: Arc<Semaphore>,
    turn_wait: Duration,
}

/// A part whose files are open.
#[derive(Debug)]
struct Part {
    manifest: Manifest,
    raw: Table,
    enriched: Table,
    participants: Table,
}

/// Of which kills a part is asked.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub range: TimeRange,
    /// Older than this one.
    pub before: Option<Key>,
    /// This one and newer; older ones would have no place on the page.
    pub least: Option<Key>,
}

impl Span {
    fn holds(&self, key: Key) -> bool {
        self.range.contains(key.0)
            && self.before.is_none_or(|before| key < before)
            && self.least.is_none_or(|least| key >= least)
    }
}

impl Reader {
    #[must_use]
    pub fn new(archive: Archive) -> Reader {
        let turns = Arc::new(Semaphore::new(READERS_MAX));
        Reader { archive, open: Arc::default(), turns, turn_wait: TURN_WAIT }
    }

    /// The newest kills of a part that are meant, newest first, `limit` at most.
    ///
    /// # Errors
    /// When a file is missing or damaged, or the archive does not answer.
    pub async fn newest(
        &self,
        manifest: &Manifest,
        judge: &Arc<Judge>,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Key>> {
        let judge = Arc::clone(judge);
        let work = async move |part: &Part, alive: &Alive| {
            Search { part, judge: &judge, alive }.newest(span, limit).await
        };
        self.with(manifest, work).await
    }

    /// The most valuable kills of a part that are meant, of known value, below `below`; `limit` at most.
    ///
    /// # Errors
    /// As [`newest`](Reader::newest).
    pub async fn highest(
        &self,
        manifest: &Manifest,
        judge: &Arc<Judge>,
        range: TimeRange,
        (below, limit): (Option<Below>, usize),
    ) -> Result<Vec<(Isk, Key)>> {
        let judge = Arc::clone(judge);
        let work = async move |part: &Part, alive: &Alive| {
            Search { part, judge: &judge, alive }.highest(range, (below, limit)).await
        };
        self.with(manifest, work).await
    }

    /// Those of some kills that are in a part and are meant.
    ///
    /// # Errors
    /// As [`newest`](Reader::newest).
    pub async fn among(
        &self,
        manifest: &Manifest,
        judge: &Arc<Judge>,
        keys: &[Key],
    ) -> Result<HashSet<Key>> {
        let (judge, keys) = (Arc::clone(judge), keys.to_vec());
        let work = async move |part: &Part, alive: &Alive| {
            Search { part, judge: &judge, alive }.among(&keys).await
        };
        self.with(manifest, work).await
    }

    /// Those of some kills that are in a part, by their ids, as lists show them.
    ///
    /// # Errors
    /// As [`newest`](Reader::newest).
    pub async fn kills(&self, manifest: &Manifest, keys: &[Key]) -> Result<HashMap<i64, Kill>> {
        let keys = keys.to_vec();
        self.with(manifest, async move |part, _| kills::kills(part, &keys).await).await
    }

    /// Those of some kills that are in a part, as far as they are counted.
    ///
    /// # Errors
    /// As [`newest`](Reader::newest).
    pub async fn mails(&self, manifest: &Manifest, keys: &[Key]) -> Result<Vec<Mail>> {
        let keys = keys.to_vec();
        self.with(manifest, async move |part, _| mails::mails(part, &keys).await).await
    }

    /// The hashes of those of some kills that are in a part; none where it is not known.
    ///
    /// # Errors
    /// As [`newest`](Reader::newest).
    pub async fn hashes(
        &self,
        manifest: &Manifest,
        keys: &[Key],
    ) -> Result<HashMap<i64, Option<KillmailHash>>> {
        let keys = keys.to_vec();
        self.with(manifest, async move |part, _| kills::hashes(part, &keys).await).await
    }

    /// The ESI body of a kill; none where the part does not have it.
    ///
    /// # Errors
    /// As [`newest`](Reader::newest).
    pub async fn body(&self, manifest: &Manifest, key: Key) -> Result<Option<String>> {
        self.with(manifest, async move |part, _| kills::body(part, key).await).await
    }

    /// Does something with an open part on a thread where decoding holds nobody up, when it is its turn.
    async fn with<T: Send + 'static>(
        &self,
        manifest: &Manifest,
        work: impl AsyncFnOnce(&Part, &Alive) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = timeout(self.turn_wait, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Error::Busy { waited: self.turn_wait })?;
        let turn = turn.expect("nobody closes the turns");
        let path = manifest::path(&manifest.name);
        let (reader, manifest) = (self.clone(), manifest.clone());
        on_thread(path.as_ref(), async move |alive| {
            let _turn = turn;
            work(&*reader.part(&manifest).await?, &alive).await
        })
        .await
    }

    async fn part(&self, manifest: &Manifest) -> Result<Arc<Part>> {
        if let Some(found) = self.kept(manifest) {
            return Ok(found);
        }
        let (raw, enriched, participants) = futures_util::try_join!(
            Table::open(&self.archive, manifest, Member::Raw),
            Table::open(&self.archive, manifest, Member::Enriched),
            Table::open(&self.archive, manifest, Member::Participants),
        )?;
        let part = Part { manifest: manifest.clone(), raw, enriched, participants };
        part.check_rows()?;
        let part = Arc::new(part);
        let mut open = self.open.lock().expect("nobody panics holding this");
        open.push_front(Arc::clone(&part));
        let mut bytes = 0;
        let fits = |part: &Arc<Part>| {
            bytes += part.bytes();
            bytes <= OPEN_BYTES_MAX
        };
        let kept = open.iter().take(PARTS_OPEN_MAX).map(fits).take_while(|fits| *fits).count();
        open.truncate(kept.max(1));
        Ok(part)
    }

    /// An open part, which is then the last to be closed.
    fn kept(&self, manifest: &Manifest) -> Option<Arc<Part>> {
        let mut open = self.open.lock().expect("nobody panics holding this");
        // Of one name and other files it is another part.
        let place = open.iter().position(|part| part.manifest == *manifest)?;
        let found = open.remove(place)?;
        open.push_front(Arc::clone(&found));
        Some(found)
    }
}

impl Part {
    fn table(&self, member: Member) -> &Table {
        match member {
            Member::Raw => &self.raw,
            Member::Enriched => &self.enriched,
            Member::Participants => &self.participants,
        }
    }

    /// What it takes to keep it open.
    fn bytes(&self) -> usize {
        Member::ALL.into_iter().map(|member| self.table(member).bytes()).sum()
    }

    /// Mails and what was concluded of them are rows of one number.
    fn check_rows(&self) -> Result<()> {
        let (raw, enriched) = (self.raw.rows(), self.enriched.rows());
        if raw == enriched {
            return Ok(());
        }
        Err(self.enriched.damaged(format!("it has {enriched} rows, and there are {raw} mails")))
    }
}

#[cfg(test)]
mod tests;
