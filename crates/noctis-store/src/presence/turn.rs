//! One transaction of counting: the next arrivals, and the changes that wait.
//!
//! All is read in one snapshot. A snapshot that has an arrival has all before it (decision 7), so whoever counts up to the last
//! one he sees leaves none out. A kill that has changed is taken back as it was before the oldest change he sees, and added
//! as he sees it; later changes note what he saw.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::archive::Manifest;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::Key;
use noctis_core::presence::{Mail, Tally};
use rust_decimal::Decimal;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, IsolationLevel, Transaction};

use super::sums::Sums;
use super::{TURN_CHANGES_MAX, TURN_KILLS_MAX, days_from, locked, mails};
use crate::partitions::parts;
use crate::{Error, Result, fail};

/// Rows of days long past that are taken away in one transaction.
const PAST_ROWS_MAX: i64 = 50_000;

/// What one transaction counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub kills: u64,
    /// Kills that were counted anew.
    pub changed: u64,
    /// Of the kills those of which nothing is left: their months were dropped before anybody counted.
    pub gone: u64,
    /// Whether there may be more to count.
    pub more: bool,
}

/// Counting under way. Nothing is counted unless it is [finished](Turn::finish).
pub struct Turn<'a> {
    tx: Transaction<'a>,
    catalogue: &'a Catalogue,
    tally: Tally,
    /// The last arrival that is counted when it is finished, and the first day by day.
    up_to: i64,
    days_from: Date,
    /// The changes of kills up to this id are done with.
    changes_up_to: Option<i64>,
    /// Kills that are not in the tables.
    missing: BTreeSet<Key>,
    cold: Vec<Manifest>,
    done: Done,
}

impl<'a> Turn<'a> {
    /// Takes what is next to be counted out of the tables. None when somebody else is counting. `now` says which days are
    /// long past.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(
        client: &'a mut Client,
        catalogue: &'a Catalogue,
        now: Timestamp,
    ) -> Result<Option<Turn<'a>>> {
        let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
        let tx = builder.start().await?;
        let Some((arrival, kept_from)) = take(&tx).await? else { return Ok(None) };
        fail::point("presence.taken");
        let mut turn = Turn {
            tx,
            catalogue,
            tally: Tally::default(),
            up_to: arrival,
            days_from: days_from(kept_from, now),
            changes_up_to: None,
            missing: BTreeSet::new(),
            cold: Vec::new(),
            done: Done::default(),
        };
        turn.read(arrival).await?;
        Ok(Some(turn))
    }

    /// Under a savepoint, with which the locks on leaves are given up: whoever takes a month out of the tables waits for the
    /// reading alone, not for the writing. What is counted next cannot leave meanwhile, since it is not counted.
    async fn read(&mut self, arrival: i64) -> Result<()> {
        self.tx.batch_execute("SAVEPOINT reading").await?;
        self.read_arrivals(arrival).await?;
        self.read_changes(arrival).await?;
        if !self.missing.is_empty() {
            self.cold = parts::cold(&self.tx).await?.1;
        }
        self.tx.batch_execute("ROLLBACK TO SAVEPOINT reading").await?;
        fail::point("presence.read");
        Ok(())
    }

    async fn read_arrivals(&mut self, arrival: i64) -> Result<()> {
        let sql = include_str!("../../sql/presence/arrivals.sql");
        let rows = self.tx.query(sql, &[&arrival, &TURN_KILLS_MAX]).await?;
        let keys: Vec<Key> = rows.iter().map(|row| (row.get(2), row.get(1))).collect();
        if let Some(last) = rows.last() {
            self.up_to = last.get(0);
        }
        self.done.kills = keys.len() as u64;
        self.done.more = keys.len() as i64 == TURN_KILLS_MAX;
        let (tally, catalogue) = (&mut self.tally, self.catalogue);
        let missing = mails(self.tx.client(), &keys, |mail| tally.add(&mail, catalogue)).await?;
        self.missing = missing.into_iter().collect();
        Ok(())
    }

    async fn read_changes(&mut self, arrival: i64) -> Result<()> {
        let sql = include_str!("../../sql/presence/changes.sql");
        let rows = self.tx.query(sql, &[&TURN_CHANGES_MAX]).await?;
        self.changes_up_to = rows.last().map(|row| row.get(0));
        self.done.more |= rows.len() as i64 == TURN_CHANGES_MAX;
        let mut before: HashMap<i64, (bool, Option<Isk>)> = HashMap::new();
        let mut keys: Vec<Key> = Vec::new();
        for row in &rows {
            let id: i64 = row.get("killmail_id");
            // Who is counted by now, or will be, needs nothing taken back; nor does who was forgotten, to be stored again.
            let counted = row.get::<_, Option<i64>>("arrival").is_some_and(|its| its <= arrival);
            if counted && !before.contains_key(&id) {
                let isk: Option<Decimal> = row.get("isk_value");
                before.insert(id, (row.get("npc"), isk.and_then(Isk::new)));
                keys.push((row.get("timestamp"), id));
            }
        }
        self.done.changed = keys.len() as u64;
        let (tally, catalogue) = (&mut self.tally, self.catalogue);
        let anew = |mail: Mail| {
            let (npc, isk_value) = before[&mail.key.1];
            tally.add(&mail, catalogue);
            tally.take_back(&Mail { npc, isk_value, ..mail }, catalogue);
        };
        // What changed was in the tables, and a month leaves them when all its changes are counted.
        let gone = mails(self.tx.client(), &keys, anew).await?;
        if !gone.is_empty() {
            tracing::warn!(
                kills = gone.len(),
                "kills that changed are in no table; `noctis doctor` tells more"
            );
        }
        Ok(())
    }

    /// The kills that are not in the tables, and the parts of the archive that answer: what these have of them is to be
    /// [added](Turn::add).
    #[must_use]
    pub fn missing(&self) -> (Vec<Key>, &[Manifest]) {
        (self.missing.iter().copied().collect(), &self.cold)
    }

    /// Counts a kill that was missing, once.
    pub fn add(&mut self, mail: &Mail) {
        if self.missing.remove(&mail.key) {
            self.tally.add(mail, self.catalogue);
        }
    }

    /// Writes what it came to. The kills that are still missing are gone, and count nothing.
    ///
    /// # Errors
    /// When the database does not answer; nothing is counted then.
    pub async fn finish(mut self) -> Result<Done> {
        self.done.gone = self.missing.len() as u64;
        let tx = &self.tx;
        if let Some(last) = self.changes_up_to {
            tx.execute(include_str!("../../sql/presence/forget_changes.sql"), &[&last]).await?;
        }
        let mut sums = Sums::new(self.days_from);
        sums.add(&self.tally, 1);
        sums.write(tx).await?;
        fail::point("presence.added");
        let sql = include_str!("../../sql/presence/remove_past_days.sql");
        let past = tx.execute(sql, &[&self.days_from, &PAST_ROWS_MAX]).await?;
        counted_to(tx, self.up_to, self.days_from).await?;
        fail::point("presence.counted");
        let done = Done { more: self.done.more || past as i64 == PAST_ROWS_MAX, ..self.done };
        self.tx.commit().await?;
        fail::point("presence.committed");
        Ok(done)
    }
}

/// Writes down how far is counted.
pub(super) async fn counted_to(tx: &Transaction<'_>, arrival: i64, days_from: Date) -> Result<()> {
    tx.execute(include_str!("../../sql/presence/counted_to.sql"), &[&arrival, &days_from]).await?;
    Ok(())
}

/// Takes the row that whoever counts locks: None when it is taken, or was since the snapshot.
pub(super) async fn take(tx: &Transaction<'_>) -> Result<Option<(i64, Date)>> {
    match tx.query_opt(include_str!("../../sql/presence/take.sql"), &[]).await {
        Ok(row) => Ok(row.as_ref().map(locked)),
        Err(error) if error.code() == Some(&SqlState::T_R_SERIALIZATION_FAILURE) => Ok(None),
        Err(error) => Err(Error::from(error)),
    }
}
