//! Taking over parts that are in the archive and not in this database.
//!
//! Where none of a part's kills is in the tables they are registered and answer from the archive. Where all are, the database
//! was put back to a moment before they left: the tables answer, and the part is one that was restored.

mod registering;

use bytes::Bytes;
use futures_util::{SinkExt, Stream, StreamExt};
use noctis_core::archive::{Manifest, Proof};
use noctis_core::partition::Member;
use tokio_postgres::Client;

use super::ddl::moving;
use crate::{Error, Result};

pub use registering::{KILLS_AT_ONCE, answer, number, register, settle, withdraw};

/// Begins: nothing is there of an earlier try. Only who retires months may.
///
/// # Errors
/// When the database refuses.
pub async fn begin(client: &mut Client) -> Result<()> {
    settle(client).await?;
    Ok(client.batch_execute(include_str!("../../sql/archive/create_adopting.sql")).await?)
}

/// A part to take over.
pub struct Staged<'a> {
    pub proof: &'a dyn Proof,
    /// All its kills are in the tables.
    pub hot: bool,
}

/// Looks through the kills of a part, as binary `COPY` has them; tells whether all are in the tables, or none.
///
/// # Errors
/// [`Error::Refused`] where only some of them are, or some are in another part; those of `rows`.
pub async fn stage<E: From<Error>>(
    client: &Client,
    manifest: &Manifest,
    rows: impl Stream<Item = std::result::Result<Bytes, E>>,
) -> std::result::Result<bool, E> {
    let begun = client.batch_execute(include_str!("../../sql/archive/next_adopted.sql")).await;
    begun.map_err(Error::from)?;
    let sink = client.copy_in::<_, Bytes>(&moving::copy_in(Member::Raw, "adopted_kills")).await;
    let mut sink = std::pin::pin!(sink.map_err(Error::from)?);
    let mut rows = std::pin::pin!(rows);
    while let Some(bytes) = rows.next().await {
        sink.send(bytes?).await.map_err(Error::from)?;
    }
    let kills = sink.finish().await.map_err(Error::from)?;
    if all_hot(client, manifest, kills).await? {
        return Ok(true);
    }
    keep(client, manifest, kills).await?;
    Ok(false)
}

/// Whether the tables have all of the staged kills, with everything that the part has of them; false if they have none.
async fn all_hot(client: &Client, manifest: &Manifest, kills: u64) -> Result<bool> {
    let (path, range) = (manifest.name.path(), manifest.range);
    let sql = include_str!("../../sql/archive/adopted_at_hand.sql");
    let row = client.query_one(sql, &[&range.from, &range.to]).await?;
    let number = |column: &str| u64::try_from(row.get::<_, i64>(column)).unwrap_or(u64::MAX);
    let (raw, whole, participants) = (number("raw"), number("whole"), number("participants"));
    let refused = |what: String| Err(Error::Refused(format!("{what}; nothing is taken over")));
    let of_another_time = number("of_another_time");
    if of_another_time > 0 {
        return refused(format!(
            "{of_another_time} of the {kills} kills of {path} are known under another time"
        ));
    }
    let archived = number("archived");
    if archived > 0 {
        return refused(format!(
            "{archived} of the {kills} kills of {path} should be in another part already, and would be there twice: bring that \
             back into the tables with `noctis archive restore {}` (from a backup of the archive, where its files are gone), \
             then try again",
            manifest.name.month
        ));
    }
    if raw == 0 {
        return Ok(false);
    }
    if raw < kills {
        return refused(format!(
            "{raw} of the {kills} kills of {path} are in the tables too, and would be there twice: import the others as well, \
             then try again"
        ));
    }
    let promised = manifest.file(Member::Participants).map_or(0, |file| file.contents.rows);
    if whole < kills || participants != promised {
        return refused(format!(
            "all {kills} kills of {path} are in the tables too, but {} of them not whole or not registered, and with \
             {participants} participants instead of {promised}; `noctis doctor` names what is missing",
            kills.saturating_sub(whole)
        ));
    }
    Ok(true)
}

async fn keep(client: &Client, manifest: &Manifest, kills: u64) -> Result<()> {
    let kept = client.execute(include_str!("../../sql/archive/keep_adopted.sql"), &[]).await?;
    if kept != kills {
        return Err(Error::Refused(format!(
            "{} kills of {} are in another part of the archive too, and would be there twice: nothing is taken over; where the \
             store that wrote them is still there, `noctis partitions apply` in it removes a part whose kills a later one has, \
             else move that part's file out of the folder manifest of the archive, then try again",
            kills - kept,
            manifest.name.path()
        )));
    }
    Ok(())
}
