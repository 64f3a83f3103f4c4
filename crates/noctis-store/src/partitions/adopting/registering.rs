//! Registering the kills of parts that are taken over, in transactions that hold nobody up for long.
//!
//! The registry has the kills first, without a number: an import parks them from then on and stores none. Then, in one step,
//! the parts answer. Then the kills are numbered: whoever reads by arrival comes to none before it can be had. What was cut
//! off before the parts answer is taken back, what was cut off after it is ended: the ledger says which.

use jiff::Timestamp;
use noctis_core::time::TimeRange;
use serde_json::Value;
use tokio_postgres::{Client, Transaction};

use super::Staged;
use crate::ingest::{take_again_lock, take_merge_lock};
use crate::ledger::{self, Entry};
use crate::partitions::{parts, retire};
use crate::{Error, Result, fail};

/// Kills that are registered, numbered or taken back in one transaction, while imports wait.
pub const KILLS_AT_ONCE: i64 = 10_000;

/// Ends or takes back what a taking over left that was cut off. Only who retires months may.
///
/// # Errors
/// When the database refuses.
pub async fn settle(client: &mut Client) -> Result<()> {
    let sql = include_str!("../../../sql/archive/unnumbered.sql");
    if !client.query_one(sql, &[]).await?.get::<_, bool>(0) {
        return Ok(());
    }
    let sql = include_str!("../../../sql/ledger/adopting.sql");
    if client.query_one(sql, &[]).await?.get(0) {
        withdraw(client, KILLS_AT_ONCE).await
    } else {
        number(client, KILLS_AT_ONCE).await?;
        Ok(())
    }
}

/// Registers the kills of the staged parts that are to answer, `at_once` in a transaction; tells how many were new to the
/// registry.
///
/// # Errors
/// [`Error::Refused`] where some were stored since they were staged: then [`withdraw`] takes back what was registered.
pub async fn register(client: &mut Client, staged: &[Staged<'_>], at_once: i64) -> Result<u64> {
    let (mut place, mut registered) = (0, 0);
    loop {
        let sql = include_str!("../../../sql/archive/adopted_slice.sql");
        let row = client.query_one(sql, &[&place, &at_once]).await?;
        let Some(last) = row.get::<_, Option<i64>>("last") else { return Ok(registered) };
        let (from, to): (Timestamp, Timestamp) = (row.get("time_first"), row.get("time_last"));
        let transaction = retire::read_committed(client).await?;
        let tx = &transaction;
        alone(tx).await?;
        let sql = include_str!("../../../sql/archive/adopted_meanwhile.sql");
        let row = tx.query_one(sql, &[&from, &to, &place, &last]).await?;
        refuse_stored(row.get(0))?;
        let sql = include_str!("../../../sql/archive/register_adopted.sql");
        registered += tx.execute(sql, &[&place, &last]).await?;
        if place == 0 {
            let mut entry = Entry::new("adopt_begin", None);
            entry.after = states(staged, |_| "registering");
            ledger::append(tx, &entry).await?;
        }
        transaction.commit().await?;
        fail::point("adopt.registered");
        place = last;
    }
}

/// Writes the parts down: from the commit on those with kills that are not in the tables answer.
///
/// # Errors
/// [`Error::Refused`] where a part of such a name is known by now, or kills that were dropped once were stored again since:
/// then nothing is written, and [`withdraw`] takes back what was registered.
pub async fn answer(client: &mut Client, staged: &[Staged<'_>], registered: u64) -> Result<()> {
    let mut entry = Entry::new("adopt", None);
    entry.rows = Some(i64::try_from(registered).unwrap_or(i64::MAX));
    entry.after = states(staged, |part| if part.hot { "restored" } else { "cold" });
    let transaction = retire::read_committed(client).await?;
    let tx = &transaction;
    alone(tx).await?;
    for part in staged {
        let TimeRange { from, to } = part.proof.manifest().range;
        if !part.hot {
            let sql = include_str!("../../../sql/archive/adopted_again.sql");
            refuse_stored(tx.query_one(sql, &[&from, &to]).await?.get(0))?;
        }
        parts::adopt(tx, part.proof, part.hot).await?;
    }
    let sql = include_str!("../../../sql/archive/renumber_adopted.sql");
    tx.execute(sql, &[]).await?;
    retire::raise_epoch(tx).await?;
    ledger::append(tx, &entry).await?;
    transaction.commit().await?;
    fail::point("adopt.answering");
    Ok(())
}

/// Numbers kills whose parts answer, `at_once` in a transaction; tells how many.
///
/// # Errors
/// When the database refuses; [`settle`] goes on.
pub async fn number(client: &mut Client, at_once: i64) -> Result<u64> {
    let mut numbered = 0;
    loop {
        let sql = include_str!("../../../sql/archive/number_adopted.sql");
        let transaction = retire::read_committed(client).await?;
        alone(&transaction).await?;
        let kills = transaction.execute(sql, &[&at_once]).await?;
        transaction.commit().await?;
        if kills == 0 {
            return Ok(numbered);
        }
        fail::point("adopt.numbered");
        numbered += kills;
    }
}

/// Takes kills out of the registry that [`register`] put there, `at_once` in a transaction.
///
/// # Errors
/// When the database refuses; [`settle`] goes on.
pub async fn withdraw(client: &mut Client, at_once: i64) -> Result<()> {
    let mut entry = Entry::new("adopt_withdraw", None);
    let mut withdrawn = 0;
    loop {
        let sql = include_str!("../../../sql/archive/withdraw_adopted.sql");
        let transaction = retire::read_committed(client).await?;
        alone(&transaction).await?;
        let kills = transaction.execute(sql, &[&at_once]).await?;
        withdrawn += kills;
        if kills == 0 {
            entry.rows = Some(i64::try_from(withdrawn).unwrap_or(i64::MAX));
            ledger::append(&transaction, &entry).await?;
            transaction.commit().await?;
            return Ok(());
        }
        transaction.commit().await?;
        fail::point("adopt.withdrawn");
    }
}

/// While this lasts nothing is stored and nothing that was dropped is forgotten.
async fn alone(tx: &Transaction<'_>) -> Result<()> {
    take_again_lock(tx).await?;
    take_merge_lock(tx).await
}

fn refuse_stored(kills: i64) -> Result<()> {
    if kills == 0 {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{kills} of the kills were stored by an import meanwhile, and would be there twice: nothing is taken over; let the import \
         end, then try again, and what is in the way is told by the part's name"
    )))
}

fn states(staged: &[Staged<'_>], state: impl Fn(&Staged<'_>) -> &'static str) -> Value {
    let named = |part: &Staged<'_>| (part.proof.manifest().name.path(), Value::from(state(part)));
    staged.iter().map(named).collect()
}
