//! Kills that are meant, sifted out of rows stage by stage.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use noctis_core::isk::Isk;
use noctis_core::kill::Key;
use noctis_core::question::judging::{Judge, Stage};
use noctis_core::time::TimeRange;

use super::columns::Columns;
use super::evidence::{Evidence, Participants, Suspect};
use super::table::{Rows, in_both, listed, slices, split_last, united};
use super::timeline::{Stretch, any_holds, apart};
use super::{Below, Part, Span, follow, prune};
use crate::Result;
use crate::thread::Alive;

/// Rows of mails looked at first, then ever more: a page is often full soon.
const CHUNK_ROWS_FIRST: usize = 4_096;
const CHUNK_ROWS_MAX: usize = 65_536;
/// Kills whose participants, and whose bodies, are in memory at a time.
const PARTICIPANTS_KILLS_MAX: usize = 8_192;
pub(super) const BODIES_MAX: usize = 256;

/// Looks through a part for what is meant, for as long as somebody waits for it.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) part: &'a Part,
    pub(super) judge: &'a Judge,
    pub(super) alive: &'a Alive,
}

impl Search<'_> {
    pub(super) async fn newest(self, span: Span, limit: usize) -> Result<Vec<Key>> {
        let Search { part, judge, .. } = self;
        let stretches = prune::stretches(part, judge, within(span)).await?;
        let rows = stretches.iter().map(|stretch| part.raw.timeline.rows(*stretch));
        let mut rows = united(rows.collect());
        let (mut found, mut size) = (Vec::new(), CHUNK_ROWS_FIRST);
        while found.len() < limit && !rows.is_empty() {
            let chunk = split_last(&mut rows, size);
            let missing = limit - found.len();
            found.extend(self.sift(chunk, (&|key| span.holds(key), missing)).await?);
            size = (size * 2).min(CHUNK_ROWS_MAX);
        }
        found.truncate(limit);
        Ok(found)
    }

    pub(super) async fn highest(
        self,
        range: TimeRange,
        (below, limit): (Option<Below>, usize),
    ) -> Result<Vec<(Isk, Key)>> {
        let Search { part, judge, .. } = self;
        let span = Span { range, before: None, least: None };
        let wanted = ["isk_value", "killmail_id", "timestamp"].into();
        let mut highest: Vec<(Isk, Key)> = Vec::new();
        let stretches = prune::stretches(part, judge, within(span)).await?;
        let rows = stretches.iter().map(|stretch| part.raw.timeline.rows(*stretch));
        for rows in slices(&united(rows.collect()), CHUNK_ROWS_MAX) {
            self.check()?;
            let batch = part.enriched.read(&wanted, &rows).await?;
            let (keys, values) = (Columns(&batch).keys(), Columns(&batch).amounts("isk_value"));
            let floor = if highest.len() == limit { highest.last().copied() } else { None };
            let value = |(row, number): (usize, usize)| {
                let key = keys.at(row).filter(|key| span.holds(*key))?;
                let value = (values.isk(row)?, key);
                let fits = below.is_none_or(|below| value < below)
                    && floor.is_none_or(|floor| value > floor);
                fits.then_some((number, value))
            };
            let numbers = rows.into_iter().flatten().enumerate();
            let worthy: Vec<(usize, (Isk, Key))> = numbers.filter_map(value).collect();
            let rows = listed(worthy.iter().map(|(row, _)| *row));
            let meant = self.sift(rows, (&|_| true, usize::MAX)).await?;
            let meant: HashSet<Key> = meant.into_iter().collect();
            let values = worthy.into_iter().map(|(_, value)| value);
            highest.extend(values.filter(|(_, key)| meant.contains(key)));
            highest.sort_unstable_by(|one, other| other.cmp(one));
            highest.truncate(limit);
        }
        Ok(highest)
    }

    pub(super) async fn among(self, keys: &[Key]) -> Result<HashSet<Key>> {
        let wanted: HashSet<Key> = keys.iter().copied().collect();
        let mut found = HashSet::new();
        for rows in slices(&near(self.part, keys), CHUNK_ROWS_MAX) {
            let holds = |key| wanted.contains(&key);
            found.extend(self.sift(rows, (&holds, usize::MAX)).await?);
        }
        Ok(found)
    }

    /// The kills of these rows that are held and meant, newest first: all of them, or the newest `enough` and maybe more.
    async fn sift(
        self,
        rows: Rows,
        (holds, enough): (&(impl Fn(Key) -> bool + Sync), usize),
    ) -> Result<Vec<Key>> {
        self.check()?;
        let Search { part, judge, .. } = self;
        let timeline = &part.raw.timeline;
        let stretches = apart(rows.iter().filter_map(|rows| timeline.stretch(rows)).collect());
        let instants = follow::instants(part, judge, stretches).await?;
        let near = united(instants.iter().map(|instant| timeline.rows(*instant)).collect());
        let rows = in_both(&rows, &near);
        let mut wanted = judge.columns(Stage::Mail);
        wanted.extend(["timestamp", "killmail_id"]);
        let mails = part.raw.read(&wanted, &rows).await?;
        let found = Columns(&mails).keys();
        let numbers = rows.into_iter().flatten();
        let mut keys: HashMap<usize, Key> = HashMap::new();
        let mut suspects = Vec::new();
        for (mail, row) in numbers.enumerate() {
            if !found.times.at(mail).is_some_and(|time| any_holds(&instants, time)) {
                continue;
            }
            let key = found.at(mail).ok_or_else(|| part.raw.damaged("a key is missing"))?;
            if holds(key) {
                keys.insert(row, key);
                suspects.push(Suspect { row, mail, ..Suspect::default() });
            }
        }
        let evidence = Evidence { mails, enriched: None, participants: None, bodies: None };
        let mut sieve = Sieve { search: self, evidence, meant: Vec::new(), keys, enough };
        let mut open = sieve.judged(suspects)?;
        if !open.is_empty() && !judge.columns(Stage::Enriched).is_empty() {
            open = sieve.with_enriched(open).await?;
        }
        if !open.is_empty() {
            sieve.read_on(open).await?;
        }
        let mut meant: Vec<Key> = sieve.meant.iter().map(|row| sieve.keys[row]).collect();
        meant.sort_unstable_by(|one, other| other.cmp(one));
        Ok(meant)
    }

    /// Asked before each chunk.
    fn check(self) -> Result<()> {
        self.alive.check(self.part.raw.file.path())
    }
}

/// Rows of mails among which these kills are, as far as the part has them.
pub(super) fn near(part: &Part, keys: &[Key]) -> Rows {
    let rows = |key: &Key| part.raw.timeline.rows(at(*key));
    united(keys.iter().map(rows).collect())
}

pub(super) fn at((time, _): Key) -> Stretch {
    (time.as_microsecond(), time.as_microsecond())
}

fn within(span: Span) -> Stretch {
    let micros = |key: Key| key.0.as_microsecond();
    let from = span.range.from.as_microsecond();
    let to = span.range.to.as_microsecond() - 1;
    (
        span.least.map_or(from, |key| from.max(micros(key))),
        span.before.map_or(to, |key| to.min(micros(key))),
    )
}

/// Rows on their way from not known to meant or not.
struct Sieve<'a> {
    search: Search<'a>,
    evidence: Evidence,
    /// Rows of mails that are meant.
    meant: Vec<usize>,
    keys: HashMap<usize, Key>,
    enough: usize,
}

impl Sieve<'_> {
    /// Those of whom it is still not known.
    fn judged(&mut self, suspects: Vec<Suspect>) -> Result<Vec<Suspect>> {
        let mut open = Vec::new();
        let evidence = self.evidence.laid();
        for suspect in suspects {
            let verdict = evidence.verdict(self.search.judge, &suspect);
            match verdict.map_err(|detail| self.search.part.raw.damaged(detail))? {
                Some(true) => self.meant.push(suspect.row),
                Some(false) => {}
                None => open.push(suspect),
            }
        }
        Ok(open)
    }

    async fn with_enriched(&mut self, mut suspects: Vec<Suspect>) -> Result<Vec<Suspect>> {
        let table = &self.search.part.enriched;
        let mut wanted = self.search.judge.columns(Stage::Enriched);
        wanted.insert("killmail_id");
        let rows = listed(suspects.iter().map(|suspect| suspect.row));
        let batch = table.read(&wanted, &rows).await?;
        let ids = Columns(&batch).int8("killmail_id");
        for (place, suspect) in suspects.iter_mut().enumerate() {
            suspect.enriched = place;
            // Of one number they are of one kill.
            if ids.at(place) != Some(self.keys[&suspect.row].1) {
                return Err(table.damaged(format!("row {} is of another kill", suspect.row)));
            }
        }
        self.evidence.enriched = Some(batch);
        self.judged(suspects)
    }

    /// Participants and bodies, newest kills first, some at a time, until enough are meant.
    async fn read_on(&mut self, mut open: Vec<Suspect>) -> Result<()> {
        let needs = |stage| !self.search.judge.columns(stage).is_empty();
        let (participants, bodies) = (needs(Stage::Participants), needs(Stage::Payload));
        while let Some(oldest) = open.get(open.len().saturating_sub(PARTICIPANTS_KILLS_MAX)) {
            let oldest = oldest.row;
            let mut some = open.split_off(open.len().saturating_sub(PARTICIPANTS_KILLS_MAX));
            self.search.check()?;
            if participants {
                some = self.with_participants(some).await?;
            }
            while bodies && !some.is_empty() {
                let few = some.split_off(some.len().saturating_sub(BODIES_MAX));
                let oldest = few[0].row;
                self.search.check()?;
                self.with_bodies(few).await?;
                if self.is_enough(oldest) {
                    return Ok(());
                }
            }
            if self.is_enough(oldest) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether so many of this row and newer ones are meant.
    fn is_enough(&mut self, oldest: usize) -> bool {
        let newer = self.meant.iter().filter(|row| **row >= oldest).count();
        if newer < self.enough {
            return false;
        }
        // Of older ones it is not known whether others come between.
        self.meant.retain(|row| *row >= oldest);
        true
    }

    async fn with_participants(&mut self, mut suspects: Vec<Suspect>) -> Result<Vec<Suspect>> {
        let table = &self.search.part.participants;
        let mut wanted: BTreeSet<&str> = self.search.judge.columns(Stage::Participants);
        wanted.insert("killmail_id");
        let times = suspects.iter().map(|suspect| table.timeline.rows(at(self.keys[&suspect.row])));
        let batch = table.read(&wanted, &united(times.collect())).await?;
        let columns = Columns(&batch);
        let rows = Participants::new(columns);
        let places: HashMap<i64, usize> =
            suspects.iter().enumerate().map(|(place, it)| (self.keys[&it.row].1, place)).collect();
        let mut everybody = Vec::new();
        for (killmail_id, run) in runs(columns, batch.num_rows()) {
            if let Some(place) = places.get(&killmail_id) {
                let start = everybody.len();
                everybody.extend(run.map(|row| rows.at(row)));
                suspects[*place].participants = start..everybody.len();
            }
        }
        self.evidence.participants = Some(everybody);
        self.judged(suspects)
    }

    async fn with_bodies(&mut self, mut suspects: Vec<Suspect>) -> Result<()> {
        let rows = listed(suspects.iter().map(|suspect| suspect.row));
        let batch = self.search.part.raw.read(&["raw_payload"].into(), &rows).await?;
        for (place, suspect) in suspects.iter_mut().enumerate() {
            suspect.body = place;
        }
        self.evidence.bodies = Some(batch);
        let open = self.judged(suspects)?;
        self.evidence.bodies = None;
        debug_assert!(open.is_empty(), "all of these is known");
        Ok(())
    }
}

/// Rows of one kill stand together.
pub(super) fn runs(
    columns: Columns<'_>,
    count: usize,
) -> impl Iterator<Item = (i64, Range<usize>)> {
    let ids = columns.int8("killmail_id");
    let id = move |row| ids.at(row).unwrap_or_default();
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = (start < count).then(|| id(start))?;
        let end = (start + 1..count).find(|row| id(*row) != first).unwrap_or(count);
        let run = start..end;
        start = end;
        Some((first, run))
    })
}
