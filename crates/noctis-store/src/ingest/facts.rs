//! What comes later of a kill that is stored: a value, a hash. Merged by a rule that does not depend on the order.

use std::collections::HashMap;

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::enrich;
use noctis_core::killmail::Killmail;
use noctis_core::zkb::ZkbBlock;
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

use super::Batch;
use super::merge::stored_zkb;
use super::rows::EnrichedRow;
use crate::Result;

/// Merges what the candidates say into what is stored. Read again, since only now the merge lock is held.
pub(super) async fn merge(
    tx: &Transaction<'_>,
    catalogue: &Catalogue,
    batch: &Batch,
    candidates: &[usize],
    span: (Timestamp, Timestamp),
) -> Result<()> {
    if candidates.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> =
        candidates.iter().map(|&place| batch.kills[place].mail.killmail.killmail_id).collect();
    let stored = stored(tx, &ids, span).await?;
    for &place in candidates {
        let mail = &batch.kills[place].mail;
        let killmail = &mail.killmail;
        if let Some(hash) = mail.hash {
            set_hash(tx, killmail, &hash.0).await?;
        }
        if let Some(new) = &mail.zkb {
            let there = stored.get(&killmail.killmail_id).cloned().flatten();
            write(tx, catalogue, killmail, there, new.clone()).await?;
        }
    }
    Ok(())
}

/// The zkb blocks stored for these kills, by id.
pub(super) async fn stored(
    tx: &Transaction<'_>,
    ids: &[i64],
    (first, last): (Timestamp, Timestamp),
) -> Result<HashMap<i64, Option<ZkbBlock>>> {
    let rows =
        tx.query(include_str!("../../sql/ingest/stored_facts.sql"), &[&ids, &first, &last]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0), stored_zkb(row.get("zkb"), row.get("zkb_rank"))?)))
        .collect()
}

/// Writes a kill's enrichment anew where the new block prevails over the stored; tells whether it did.
pub(super) async fn write(
    tx: &Transaction<'_>,
    catalogue: &Catalogue,
    killmail: &Killmail,
    stored: Option<ZkbBlock>,
    new: ZkbBlock,
) -> Result<bool> {
    let merged = match &stored {
        Some(stored) => stored.clone().prevailing(new),
        None => new,
    };
    if stored.as_ref() == Some(&merged) {
        return Ok(false);
    }
    let enriched = enrich(killmail, Some(&merged.zkb), catalogue);
    let row = EnrichedRow::new(&enriched, Some(&merged), &catalogue.build);
    let blob = row.blob();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&killmail.killmail_id, &killmail.killmail_time];
    values.extend(row.values(&blob));
    tx.execute(include_str!("../../sql/ingest/update_enriched.sql"), &values).await?;
    Ok(true)
}

pub(super) async fn set_hash(tx: &Transaction<'_>, killmail: &Killmail, hash: &[u8]) -> Result<()> {
    let (id, time) = (killmail.killmail_id, killmail.killmail_time);
    tx.execute(include_str!("../../sql/ingest/set_hash.sql"), &[&id, &time, &hash]).await?;
    Ok(())
}
