//! What a tally came to, by month and by day, and what was found in which month, on its way into the tables.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use noctis_core::presence::{Counts, Entity, Tally, Trace};
use rust_decimal::Decimal;
use tokio_postgres::Transaction;

use crate::Result;

/// Rows of one statement.
const ROWS_MAX: usize = 20_000;

/// A row's key, in the order of the tables': id, kind, first day of the month or day.
pub(super) type Place = (i64, i16, Date);

/// Counts of a tally by month, and by day for the days that are kept so.
#[derive(Debug)]
pub(super) struct Sums {
    days_from: Date,
    months: BTreeMap<Place, Counts>,
    days: BTreeMap<Place, Counts>,
    traces: BTreeSet<(Trace, Date)>,
}

impl Sums {
    pub(super) fn new(days_from: Date) -> Sums {
        Sums { days_from, months: BTreeMap::new(), days: BTreeMap::new(), traces: BTreeSet::new() }
    }

    /// Adds a tally so many times: once, or, to take it back, minus once. Traces are added in any case.
    pub(super) fn add(&mut self, tally: &Tally, times: i64) {
        for (Entity { kind, id }, day, counts) in tally.days() {
            let place = (id, kind.number(), day.first_of_month());
            self.months.entry(place).or_default().add(counts, times);
            if day >= self.days_from {
                self.days.entry((id, kind.number(), day)).or_default().add(counts, times);
            }
        }
        self.traces.extend(tally.traces().map(|(month, trace)| (trace.clone(), month)));
    }

    pub(super) fn months(&self) -> impl Iterator<Item = (&Place, &Counts)> {
        self.months.iter()
    }

    pub(super) fn days(&self) -> impl Iterator<Item = (&Place, &Counts)> {
        self.days.iter()
    }

    /// Adds all of it to the tables.
    pub(super) async fn write(&self, tx: &Transaction<'_>) -> Result<()> {
        let (add, remove) = (
            include_str!("../../sql/presence/add_months.sql"),
            include_str!("../../sql/presence/remove_zero_months.sql"),
        );
        write(tx, &self.months, add, remove).await?;
        let (add, remove) = (
            include_str!("../../sql/presence/add_days.sql"),
            include_str!("../../sql/presence/remove_zero_days.sql"),
        );
        write(tx, &self.days, add, remove).await?;
        for (kinds, texts, months) in self.traces() {
            let sql = include_str!("../../sql/presence/add_traces.sql");
            tx.execute(sql, &[&kinds, &texts, &months]).await?;
        }
        Ok(())
    }

    /// How many of the traces are not in the table.
    pub(super) async fn untraced(&self, tx: &Transaction<'_>) -> Result<u64> {
        let mut untraced = 0;
        for (kinds, texts, months) in self.traces() {
            let sql = include_str!("../../sql/presence/untraced.sql");
            let row = tx.query_one(sql, &[&kinds, &texts, &months]).await?;
            untraced += row.get::<_, i64>(0).unsigned_abs();
        }
        Ok(untraced)
    }

    /// The traces column by column, so many at a time.
    fn traces(&self) -> impl Iterator<Item = (Vec<i16>, Vec<String>, Vec<Date>)> {
        let all: Vec<&(Trace, Date)> = self.traces.iter().collect();
        let pages: Vec<Vec<&(Trace, Date)>> = all.chunks(ROWS_MAX).map(<[_]>::to_vec).collect();
        pages.into_iter().map(|page| {
            let mut columns = (Vec::new(), Vec::new(), Vec::new());
            for (trace, month) in page {
                columns.0.push(trace.kind());
                columns.1.push(trace.text());
                columns.2.push(*month);
            }
            columns
        })
    }
}

async fn write(
    tx: &Transaction<'_>,
    sums: &BTreeMap<Place, Counts>,
    add: &str,
    remove: &str,
) -> Result<()> {
    let rows: Vec<(&Place, &Counts)> =
        sums.iter().filter(|(_, counts)| !counts.is_zero()).collect();
    for rows in rows.chunks(ROWS_MAX) {
        let (ids, kinds, dates) = places(rows.iter().map(|(place, _)| *place));
        let number = |of: fn(&Counts) -> i64| -> Vec<i64> {
            rows.iter().map(|(_, counts)| of(counts)).collect()
        };
        let amount = |of: fn(&Counts) -> Decimal| -> Vec<Decimal> {
            rows.iter().map(|(_, counts)| of(counts)).collect()
        };
        let numbers = [
            number(|counts| counts.kills),
            number(|counts| counts.pod_kills),
            number(|counts| counts.npc_kills),
            number(|counts| counts.losses),
            number(|counts| counts.pod_losses),
            number(|counts| counts.npc_losses),
        ];
        let [kills, pod_kills, npc_kills, losses, pod_losses, npc_losses] = &numbers;
        let destroyed = amount(|counts| counts.isk_destroyed);
        let lost = amount(|counts| counts.isk_lost);
        tx.execute(
            add,
            &[
                &ids, &kinds, &dates, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses,
                &destroyed, &lost,
            ],
        )
        .await?;
        let fewer = |counts: &Counts| counts.kills < 0 || counts.losses < 0;
        let fewer = rows.iter().filter(|(_, counts)| fewer(counts)).map(|(place, _)| *place);
        let (ids, kinds, dates) = places(fewer);
        if !ids.is_empty() {
            tx.execute(remove, &[&ids, &kinds, &dates]).await?;
        }
    }
    Ok(())
}

/// Keys column by column.
fn places<'a>(places: impl Iterator<Item = &'a Place>) -> (Vec<i64>, Vec<i16>, Vec<Date>) {
    let (mut ids, mut kinds, mut dates) = (Vec::new(), Vec::new(), Vec::new());
    for &(id, kind, date) in places {
        ids.push(id);
        kinds.push(kind);
        dates.push(date);
    }
    (ids, kinds, dates)
}
