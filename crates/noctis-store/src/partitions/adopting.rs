//! Taking over parts that are in the archive and not in this database: their kills are registered, and answer from there.

use bytes::Bytes;
use futures_util::{SinkExt, Stream, StreamExt};
use noctis_core::archive::{Manifest, PartName, Proof};
use noctis_core::partition::Member;
use serde_json::Value;
use tokio_postgres::Client;

use super::ddl::moving;
use super::{parts, retire};
use crate::ingest::take_merge_lock;
use crate::ledger::{self, Entry};
use crate::{Error, Result};

/// Begins: nothing is there of an earlier try.
///
/// # Errors
/// When the database refuses.
pub async fn begin(client: &Client) -> Result<()> {
    Ok(client.batch_execute(include_str!("../../sql/archive/create_adopting.sql")).await?)
}

/// Looks through the kills of a part, as binary `COPY` has them.
///
/// # Errors
/// [`Error::Refused`] where some of them are in the tables, or in another of the parts; those of `rows`.
pub async fn stage<E: From<Error>>(
    client: &Client,
    manifest: &Manifest,
    rows: impl Stream<Item = std::result::Result<Bytes, E>>,
) -> std::result::Result<(), E> {
    let begun = client.batch_execute(include_str!("../../sql/archive/next_adopted.sql")).await;
    begun.map_err(Error::from)?;
    let sink = client.copy_in::<_, Bytes>(&moving::copy_in(Member::Raw, "adopted_kills")).await;
    let mut sink = std::pin::pin!(sink.map_err(Error::from)?);
    let mut rows = std::pin::pin!(rows);
    while let Some(bytes) = rows.next().await {
        sink.send(bytes?).await.map_err(Error::from)?;
    }
    let kills = sink.finish().await.map_err(Error::from)?;
    Ok(refuse_known(client, manifest, kills).await?)
}

async fn refuse_known(client: &Client, manifest: &Manifest, kills: u64) -> Result<()> {
    let (path, range) = (manifest.name.path(), manifest.range);
    let sql = include_str!("../../sql/archive/adopted_at_hand.sql");
    let at_hand: i64 = client.query_one(sql, &[&range.from, &range.to]).await?.get(0);
    if at_hand > 0 {
        return Err(Error::Refused(format!(
            "{at_hand} of the {kills} kills of {path} are in the tables too, or known under another time: nothing is taken \
             over, since they would be there twice; `noctis doctor` names such months"
        )));
    }
    let kept = client.execute(include_str!("../../sql/archive/keep_adopted.sql"), &[]).await?;
    if kept != kills {
        return Err(Error::Refused(format!(
            "{} kills of {path} are in another part too: nothing is taken over, since they would be there twice",
            kills - kept
        )));
    }
    Ok(())
}

/// Writes the parts down and registers all kills that were looked through; tells how many were new to the registry.
///
/// # Errors
/// [`Error::Refused`] where a part of such a name is known by now.
pub async fn register(client: &mut Client, proofs: &[&dyn Proof]) -> Result<u64> {
    let transaction = retire::read_committed(client).await?;
    let tx = &transaction;
    take_merge_lock(tx).await?;
    let registered =
        tx.execute(include_str!("../../sql/archive/register_adopted.sql"), &[]).await?;
    let mut entry = Entry::new("adopt", None);
    entry.rows = Some(i64::try_from(registered).unwrap_or(i64::MAX));
    let cold = |name: &PartName| (name.path(), Value::from("cold"));
    entry.after = proofs.iter().map(|proof| cold(&proof.manifest().name)).collect();
    for &proof in proofs {
        parts::adopt(tx, proof).await?;
    }
    retire::raise_epoch(tx).await?;
    ledger::append(tx, &entry).await?;
    transaction.commit().await?;
    Ok(registered)
}
