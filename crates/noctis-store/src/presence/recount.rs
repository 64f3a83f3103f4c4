//! Counting a month anew, from all of its kills, to compare it with what was counted, and to write it in its place.

use std::collections::HashMap;
use std::pin::pin;

use futures_util::TryStreamExt;
use jiff::ToSpan;
use jiff::civil::Date;
use noctis_core::archive::Manifest;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::Key;
use noctis_core::presence::{Counts, Mail, Tally};
use noctis_core::time::{TimeRange, midnight};
use rust_decimal::Decimal;
use serde::Serialize;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, IsolationLevel, Row, Transaction};

use super::sums::{Place, Sums};
use super::turn::{counted_to, take};
use super::{TURN_KILLS_MAX, mails, state};
use crate::Result;
use crate::partitions::parts;

/// Rows that differ are told up to this number.
pub const DIFFERING_MAX: usize = 20;

/// What a month came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recounted {
    pub kills: u64,
    /// Rows of the month, and of its days, that there should be.
    pub rows: u64,
    /// Rows that differ, and of [`DIFFERING_MAX`] of them how.
    pub differing: u64,
    pub examples: Vec<Differing>,
    /// What its kills are found by and that no search would follow.
    pub untraced: u64,
    /// They were written anew.
    pub mended: bool,
}

/// A row that is not what its kills come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// Of the column `kind`: 1 is a character.
    pub kind: i16,
    pub id: i64,
    /// The first of the month, or the day.
    pub date: Date,
    /// Kills, losses, ISK destroyed and lost as they were counted, and as they are.
    pub counted: [String; 4],
    pub recounted: [String; 4],
}

/// A recount under way: all is read in one snapshot.
pub struct Recount<'a> {
    tx: Transaction<'a>,
    catalogue: &'a Catalogue,
    months: (Date, Date),
    range: TimeRange,
    arrival: i64,
    days_from: Date,
    /// Kills that have changed since they were counted, as they were.
    before: HashMap<i64, (bool, Option<Isk>)>,
    cold: Vec<Manifest>,
    sums: Sums,
    after: i64,
    done: Recounted,
}

impl<'a> Recount<'a> {
    /// Begins to recount the month that this is the first day of. Who wants to `mend` it keeps everybody else from counting;
    /// None when somebody is counting now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(
        client: &'a mut Client,
        catalogue: &'a Catalogue,
        month: Date,
        mend: bool,
    ) -> Result<Option<Recount<'a>>> {
        let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
        let tx = builder.start().await?;
        if mend && take(&tx).await?.is_none() {
            return Ok(None);
        }
        let counted = state(&tx).await?;
        let next = month.saturating_add(1.month());
        let range = TimeRange { from: midnight(month), to: midnight(next) };
        let sql = include_str!("../../sql/presence/changes_of.sql");
        let rows = tx.query(sql, &[&range.from, &range.to]).await?;
        let was = |row: &Row| {
            let isk: Option<Decimal> = row.get("isk_value");
            (row.get("killmail_id"), (row.get("npc"), isk.and_then(Isk::new)))
        };
        let before = rows.iter().map(was).collect();
        let cold = parts::cold(&tx).await?.1;
        Ok(Some(Recount {
            tx,
            catalogue,
            months: (month, next),
            range,
            arrival: counted.arrival,
            days_from: counted.days_from,
            before,
            cold,
            sums: Sums::new(counted.days_from),
            after: i64::MIN,
            done: Recounted::default(),
        }))
    }

    /// The parts of the archive that answer.
    #[must_use]
    pub fn cold(&self) -> &[Manifest] {
        &self.cold
    }

    /// Counts the next kills that are in the tables, and answers with those of them that are not; None at the end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(&mut self) -> Result<Option<Vec<Key>>> {
        let sql = include_str!("../../sql/presence/of_month.sql");
        let (TimeRange { from, to }, after) = (self.range, self.after);
        let rows =
            self.tx.query(sql, &[&after, &from, &to, &self.arrival, &TURN_KILLS_MAX]).await?;
        let keys: Vec<Key> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let Some(&(_, last)) = keys.last() else { return Ok(None) };
        self.after = last;
        let mut tally = Tally::default();
        let (catalogue, before) = (self.catalogue, &self.before);
        let tell = |mail: Mail| tally.add(&as_counted(before, mail), catalogue);
        let missing = mails(self.tx.client(), &keys, tell).await?;
        self.done.kills += (keys.len() - missing.len()) as u64;
        self.sums.add(&tally, 1);
        Ok(Some(missing))
    }

    /// Counts kills that were not in the tables.
    pub fn add(&mut self, mails: Vec<Mail>) {
        let mut tally = Tally::default();
        self.done.kills += mails.len() as u64;
        for mail in mails {
            tally.add(&as_counted(&self.before, mail), self.catalogue);
        }
        self.sums.add(&tally, 1);
    }

    /// Compares, and where somebody wanted to mend it, writes the month anew.
    ///
    /// # Errors
    /// When the database does not answer; nothing has changed then.
    pub async fn finish(mut self, mend: bool) -> Result<Recounted> {
        let (from, to) = self.months;
        let days = (from.max(self.days_from), to);
        let (months, by_day) = (self.sums.months(), self.sums.days());
        let sql = include_str!("../../sql/presence/counted_months.sql");
        compare(&self.tx, sql, self.months, months, &mut self.done).await?;
        let sql = include_str!("../../sql/presence/counted_days.sql");
        compare(&self.tx, sql, days, by_day, &mut self.done).await?;
        self.done.untraced = self.sums.untraced(&self.tx).await?;
        if mend && (self.done.differing > 0 || self.done.untraced > 0) {
            let tx = &self.tx;
            let sql = include_str!("../../sql/presence/clear_months.sql");
            tx.execute(sql, &[&from, &to]).await?;
            let sql = include_str!("../../sql/presence/clear_days.sql");
            tx.execute(sql, &[&days.0, &days.1]).await?;
            self.sums.write(tx).await?;
            // Whoever began to count before begins again.
            counted_to(tx, self.arrival, self.days_from).await?;
            self.done.mended = true;
        }
        self.tx.commit().await?;
        Ok(self.done)
    }
}

/// The kill as it was when it was counted; what else it was found by then is not known.
fn as_counted(before: &HashMap<i64, (bool, Option<Isk>)>, mail: Mail) -> Mail {
    match before.get(&mail.key.1) {
        Some(&(npc, isk_value)) => Mail { npc, isk_value, traces: Vec::new(), ..mail },
        None => mail,
    }
}

async fn compare(
    tx: &Transaction<'_>,
    sql: &str,
    (from, to): (Date, Date),
    right: impl Iterator<Item = (&Place, &Counts)>,
    done: &mut Recounted,
) -> Result<()> {
    let mut right: HashMap<&Place, &Counts> =
        right.filter(|(_, counts)| !counts.is_zero()).collect();
    done.rows += right.len() as u64;
    let dates: [(&(dyn ToSql + Sync), Type); 2] = [(&from, Type::DATE), (&to, Type::DATE)];
    let mut rows = pin!(tx.client().query_typed_raw(sql, dates).await?);
    while let Some(row) = rows.try_next().await? {
        let (place, counted) = counted(&row);
        let recounted = right.remove(&place).copied().unwrap_or_default();
        tell(&place, &counted, &recounted, done);
    }
    let mut left: Vec<(&Place, &Counts)> = right.into_iter().collect();
    left.sort_unstable_by_key(|(place, _)| **place);
    left.into_iter()
        .for_each(|(place, recounted)| tell(place, &Counts::default(), recounted, done));
    Ok(())
}

fn tell(place: &Place, counted: &Counts, recounted: &Counts, done: &mut Recounted) {
    if counted == recounted {
        return;
    }
    done.differing += 1;
    if done.examples.len() < DIFFERING_MAX {
        let words = |counts: &Counts| {
            let Counts { kills, losses, isk_destroyed, isk_lost, .. } = counts;
            [kills.to_string(), losses.to_string(), isk_destroyed.to_string(), isk_lost.to_string()]
        };
        let &(id, kind, date) = place;
        let (counted, recounted) = (words(counted), words(recounted));
        done.examples.push(Differing { kind, id, date, counted, recounted });
    }
}

fn counted(row: &Row) -> (Place, Counts) {
    let number = |column: &str| i64::from(row.get::<_, i32>(column));
    let counts = Counts {
        kills: number("kills"),
        pod_kills: number("pod_kills"),
        npc_kills: number("npc_kills"),
        losses: number("losses"),
        pod_losses: number("pod_losses"),
        npc_losses: number("npc_losses"),
        isk_destroyed: row.get("isk_destroyed"),
        isk_lost: row.get("isk_lost"),
    };
    ((row.get("entity_id"), row.get("kind"), row.get("date")), counts)
}
