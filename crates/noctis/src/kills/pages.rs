//! The kills of a page: found in the tables and in the archive, put together in the order of the answer.
//!
//! A page has a budget: of months, parts or arrivals looked at, and of time. When it ends the page is given out as it is,
//! short or even empty, with a cursor to go on from where it stopped looking.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use noctis_archive::scan::Span;
use noctis_core::archive::Manifest;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::{Key, Kill};
use noctis_core::partition::{Interval, Period};
use noctis_core::question::judging::Judge;
use noctis_core::question::{Cursor, Months, Order, Position, Question, Stretch, Trail};
use noctis_core::time::{TimeRange, just_after};
use noctis_store::killmails::{self, PAGE_TIME_MAX};

use super::{Error, Kills, Result, World};

/// Parts of the archive looked at for one page: ten years of months.
const PAGE_PARTS_MAX: usize = 120;
/// Arrivals looked at for one page, and at a time.
const PAGE_ARRIVALS_MAX: i64 = 20_000;
const ARRIVALS_AT_A_TIME: i64 = 2_000;
/// Listed kills looked at in one statement. A question lists 10,000 at most, so all of them are looked at for one page.
const KILLS_AT_A_TIME: usize = 1_000;

/// What a page shows, and where the next one begins.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub keys: Vec<Key>,
    pub next: Option<Cursor>,
    /// The archived months that were looked at, newest first.
    pub cold_months: Vec<String>,
}

impl Kills {
    /// The keys of one page in the order of the answer. `now` bounds what has no end.
    ///
    /// # Errors
    /// When the database does not answer or the archive cannot be read.
    pub async fn page(
        &self,
        catalogue: &Catalogue,
        question: &Question,
        now: Timestamp,
    ) -> Result<Page> {
        self.consistently(|world| self.page_in(world, catalogue, question, now)).await
    }

    /// One page with its kills as a list shows them, both as of one moment.
    ///
    /// # Errors
    /// As [`page`](Kills::page).
    pub async fn listed(
        &self,
        catalogue: &Catalogue,
        question: &Question,
        now: Timestamp,
    ) -> Result<(Page, Vec<Kill>)> {
        self.consistently(|world| async move {
            let page = self.page_in(Arc::clone(&world), catalogue, question, now).await?;
            let kills = self.by_keys_in(world, &page.keys).await?;
            Ok((page, kills))
        })
        .await
    }

    async fn page_in(
        &self,
        world: Arc<World>,
        catalogue: &Catalogue,
        question: &Question,
        now: Timestamp,
    ) -> Result<Page> {
        let judge = Arc::new(Judge::new(&question.condition, catalogue));
        let started = Instant::now();
        let range = question.range(now);
        let within = self.months(catalogue, question, range).await?;
        let mut search = Search {
            kills: self,
            world: &world,
            catalogue,
            question,
            judge,
            now,
            range,
            within: within.as_ref(),
            started,
            cold_months: BTreeSet::new(),
        };
        let (keys, position) = search.page().await?;
        let hash = question.hash.clone();
        let cursor =
            |position| Cursor { question: hash, position, from: question.from, to: question.to };
        let cold_months = search.cold_months.into_iter().rev().collect();
        Ok(Page { keys, next: position.map(cursor), cold_months })
    }

    /// The months in which those are of whom the question is. None where it names nobody by whom to go, or where the
    /// months do not decide what is searched.
    async fn months(
        &self,
        catalogue: &Catalogue,
        question: &Question,
        range: TimeRange,
    ) -> Result<Option<Months>> {
        let month = Period::containing(Interval::Month, range.from).range();
        let by_months = question.order != Order::Arrival && question.listed().is_none();
        if !by_months || range.to <= month.to {
            return Ok(None);
        }
        let Some(trail) = Trail::of(&question.condition, catalogue) else { return Ok(None) };
        Ok(killmails::months(&self.client().await?, &trail).await?)
    }
}

/// A page in the making.
struct Search<'a> {
    kills: &'a Kills,
    world: &'a World,
    catalogue: &'a Catalogue,
    question: &'a Question,
    judge: Arc<Judge>,
    now: Timestamp,
    range: TimeRange,
    /// The only months that can hold something, where that is known.
    within: Option<&'a Months>,
    started: Instant,
    cold_months: BTreeSet<String>,
}

impl<'a> Search<'a> {
    async fn page(&mut self) -> Result<(Vec<Key>, Option<Position>)> {
        match (self.question.order, self.question.listed()) {
            (Order::Time, None) => self.newest_first().await,
            (Order::Time, Some(ids)) => self.newest_of(ids).await,
            (Order::Arrival, _) => self.by_arrival().await,
            (Order::Value, _) => self.highest_first().await,
        }
    }

    fn limit(&self) -> usize {
        self.question.limit as usize
    }

    fn is_spent(&self) -> bool {
        self.started.elapsed() >= PAGE_TIME_MAX
    }

    async fn newest_first(&mut self) -> Result<(Vec<Key>, Option<Position>)> {
        let client = self.kills.client().await?;
        let hot = killmails::newest(&client, self.catalogue, self.question, self.within, self.now)
            .await?;
        drop(client);
        let cold = self.cold_newest(hot.reached).await?;
        Ok(hot.beside(cold).page(self.limit()))
    }

    /// The newest archived kills, down to `least`: parts of a later time first, those whose times touch together.
    async fn cold_newest(&mut self, mut least: Option<Key>) -> Result<Stretch> {
        let before = self.question.before();
        // A cursor's own instant belongs to it: kills of one second go on by id.
        let end = before.map_or(self.range.to, |(time, _)| self.range.to.min(just_after(time)));
        let range = TimeRange { from: self.range.from, to: end };
        let wanted = self.limit() + 1;
        let (mut keys, mut looked_at, mut begin): (Vec<Key>, _, _) = (Vec::new(), 0, end);
        for part in self.parts(range) {
            if least.is_some_and(|(time, _)| part.range.to <= time) {
                break;
            }
            let spent = looked_at >= PAGE_PARTS_MAX || self.is_spent();
            if spent && looked_at > 0 && part.range.to <= begin {
                return Ok(Stretch { keys, reached: Some((part.range.to, 0)) });
            }
            let span = Span { range, before, least };
            let judge = Arc::clone(&self.judge);
            let found = self.kills.read(part, |reader| async move {
                reader.newest(part, &judge, span, wanted).await
            });
            keys.extend(found.await?);
            keys.sort_unstable_by(|one, other| other.cmp(one));
            keys.truncate(wanted);
            least = least.max(keys.get(self.limit()).copied());
            self.cold_months.insert(part.name.month.clone());
            (looked_at, begin) = (looked_at + 1, begin.min(part.range.from));
        }
        let reached = keys.get(self.limit()).copied();
        Ok(Stretch { keys, reached })
    }

    /// Newest first among kills that are listed by id: the registry knows their times, so no month is searched.
    async fn newest_of(&mut self, ids: &[i64]) -> Result<(Vec<Key>, Option<Position>)> {
        let client = self.kills.client().await?;
        let mut stored = killmails::times_of(&client, ids, self.range).await?;
        drop(client);
        if let Some(before) = self.question.before() {
            stored.retain(|key| *key < before);
        }
        stored.sort_unstable_by(|one, other| other.cmp(one));
        let mut keys: Vec<Key> = Vec::new();
        for chunk in stored.chunks(KILLS_AT_A_TIME) {
            let meant = self.meant(chunk).await?;
            keys.extend(chunk.iter().filter(|key| meant.contains(key)));
            if keys.len() > self.limit() {
                break;
            }
        }
        let reached = keys.get(self.limit()).copied();
        Ok(Stretch { keys, reached }.page(self.limit()))
    }

    /// Along the order of arrival, which the registry has. There is always a next page: it may be asked for until
    /// something arrives.
    async fn by_arrival(&mut self) -> Result<(Vec<Key>, Option<Position>)> {
        let limit = self.limit();
        let mut after = match self.question.cursor.as_ref().map(|cursor| cursor.position) {
            Some(Position::After { arrival }) => arrival,
            _ => 0,
        };
        let mut keys: Vec<Key> = Vec::new();
        let mut looked_at = 0;
        while keys.len() < limit && looked_at < PAGE_ARRIVALS_MAX && !self.is_spent() {
            let client = self.kills.client().await?;
            let arrived = killmails::arrived(&client, after, ARRIVALS_AT_A_TIME).await?;
            drop(client);
            let in_range: Vec<Key> = arrived
                .iter()
                .map(|(_, key)| *key)
                .filter(|key| self.range.contains(key.0))
                .collect();
            let meant = self.meant(&in_range).await?;
            for (arrival, key) in &arrived {
                if keys.len() == limit {
                    break;
                }
                after = *arrival;
                if meant.contains(key) {
                    keys.push(*key);
                }
            }
            looked_at += ARRIVALS_AT_A_TIME;
            if (arrived.len() as i64) < ARRIVALS_AT_A_TIME {
                break;
            }
        }
        Ok((keys, Some(Position::After { arrival: after })))
    }

    /// Those of some kills, known by their keys, that the question means.
    async fn meant(&mut self, keys: &[Key]) -> Result<HashSet<Key>> {
        let client = self.kills.client().await?;
        let hot = killmails::among(&client, self.catalogue, self.question, keys).await?;
        drop(client);
        let mut meant = hot;
        let missing = self.world.parts_of(keys, |key| meant.contains(key));
        for (part, keys) in missing {
            let judge = Arc::clone(&self.judge);
            let found = self
                .kills
                .read(part, |reader| async move { reader.among(part, &judge, &keys).await });
            meant.extend(found.await?);
            self.cold_months.insert(part.name.month.clone());
        }
        Ok(meant)
    }

    /// Most valuable first, within a range that the language bounds.
    async fn highest_first(&mut self) -> Result<(Vec<Key>, Option<Position>)> {
        let below = match self.question.cursor.as_ref().map(|cursor| cursor.position) {
            Some(Position::Below { value, time, killmail_id }) => {
                Some((value, (time, killmail_id)))
            }
            _ => None,
        };
        // One more than the page holds tells whether there is a next page.
        let wanted = self.limit() + 1;
        let client = self.kills.client().await?;
        let hot_below = below.map(|(value, (time, killmail_id))| (value, time, killmail_id));
        let asked = (hot_below, wanted);
        let mut highest: Vec<(Isk, Key)> =
            killmails::highest(&client, self.catalogue, self.question, self.range, asked).await?;
        drop(client);
        for part in self.parts(self.range) {
            if self.is_spent() {
                return Err(Error::TooSlow);
            }
            let (judge, range) = (Arc::clone(&self.judge), self.range);
            let found = self.kills.read(part, |reader| async move {
                reader.highest(part, &judge, range, (below, wanted)).await
            });
            highest.extend(found.await?);
            self.cold_months.insert(part.name.month.clone());
        }
        highest.sort_unstable_by(|one, other| other.cmp(one));
        highest.dedup();
        let more = highest.len() > self.limit();
        highest.truncate(self.limit());
        let next = highest
            .last()
            .filter(|_| more)
            .map(|&(value, (time, killmail_id))| Position::Below { value, time, killmail_id });
        Ok((highest.into_iter().map(|(_, key)| key).collect(), next))
    }

    /// The parts that may hold kills of a range, those of the latest time first.
    fn parts(&self, range: TimeRange) -> impl Iterator<Item = &'a Manifest> + use<'a> {
        let (all, within) = (self.world.cold.iter(), self.within);
        all.filter(move |part| {
            let range = part.range.intersection(range);
            !range.is_empty() && within.is_none_or(|months| months.touch(range))
        })
    }
}
