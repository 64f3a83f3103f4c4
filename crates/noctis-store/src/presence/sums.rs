//! What a tally came to, by month and by day, on its way into the tables.

use std::collections::BTreeMap;

use jiff::civil::Date;
use noctis_core::presence::{Counts, Entity, Tally};
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
}

impl Sums {
    pub(super) fn new(days_from: Date) -> Sums {
        Sums { days_from, months: BTreeMap::new(), days: BTreeMap::new() }
    }

    /// Adds a tally so many times: once, or, to take it back, minus once.
    pub(super) fn add(&mut self, tally: &Tally, times: i64) {
        for (Entity { kind, id }, day, counts) in tally.days() {
            let place = (id, kind.number(), day.first_of_month());
            self.months.entry(place).or_default().add(counts, times);
            if day >= self.days_from {
                self.days.entry((id, kind.number(), day)).or_default().add(counts, times);
            }
        }
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
        write(tx, &self.days, add, remove).await
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
