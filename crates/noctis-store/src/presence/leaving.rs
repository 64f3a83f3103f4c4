//! What is counted of kills that leave the tables: all of it first, and nothing any more where they are dropped.

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Key;
use noctis_core::presence::Tally;
use noctis_core::time::TimeRange;
use tokio_postgres::{Client, GenericClient, Transaction};

use super::sums::Sums;
use super::{TURN_KILLS_MAX, locked, mails, state};
use crate::{Error, Result};

/// Refuses a range of which something is not counted. Of one that takes nothing new that stays so.
///
/// # Errors
/// [`Error::NotCounted`].
pub(crate) async fn refuse_uncounted(client: &impl GenericClient, range: TimeRange) -> Result<()> {
    let sql = include_str!("../../sql/presence/uncounted.sql");
    match client.query_one(sql, &[&range.from, &range.to]).await?.get(0) {
        true => Err(Error::NotCounted(range)),
        false => Ok(()),
    }
}

/// What was counted of the kills of a range: read while the range is closed, taken back in the transaction that drops them.
#[derive(Debug)]
pub(crate) struct TakenBack {
    pub(crate) kills: i64,
    sums: Sums,
}

/// Reads what is counted of the kills of a closed range, all of it counted. A sum for each entity of the range is in memory.
pub(crate) async fn take_back(
    client: &Client,
    catalogue: &Catalogue,
    range: TimeRange,
) -> Result<TakenBack> {
    let mut taken = TakenBack { kills: 0, sums: Sums::new(state(client).await?.days_from) };
    let mut after: Key = (range.from, i64::MIN);
    // Each page moves on by one kill at least.
    loop {
        let sql = include_str!("../../sql/presence/range.sql");
        let (time, id): (Timestamp, i64) = after;
        let rows =
            client.query(sql, &[&range.from, &range.to, &time, &id, &TURN_KILLS_MAX]).await?;
        let keys: Vec<Key> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let Some(&last) = keys.last() else { return Ok(taken) };
        let mut tally = Tally::default();
        mails(client, &keys, |mail| tally.add(&mail, catalogue)).await?;
        taken.sums.add(&tally, -1);
        taken.kills += keys.len() as i64;
        after = last;
    }
}

impl TakenBack {
    /// Waits for whoever counts, and lets nobody count until this transaction ends: before any table is locked, since who
    /// counts reads them.
    pub(crate) async fn lock(tx: &Transaction<'_>) -> Result<()> {
        let sql = include_str!("../../sql/presence/wait.sql");
        locked(&tx.query_one(sql, &[]).await?);
        Ok(())
    }

    /// Takes it back; under the [lock](TakenBack::lock).
    pub(crate) async fn write(&self, tx: &Transaction<'_>) -> Result<()> {
        self.sums.write(tx).await
    }
}
