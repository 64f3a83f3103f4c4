//! What comes later of a kill that is stored: a value, a hash. Merged by a rule that does not depend on the order.

use std::collections::HashMap;

use jiff::Timestamp;
use noctis_core::enrich::{Sources, enrich};
use noctis_core::killmail::{Killmail, KillmailHash};
use noctis_core::zkb::ZkbBlock;
use tokio_postgres::Transaction;

use super::Batch;
use super::merge::{hash, stored_zkb};
use super::rows::{self, EnrichedRow};
use crate::Result;
use noctis_core::kill::Key;

/// Merges what the candidates say into what is stored, and tells for how many of them it was news: read again, since
/// only now the merge lock is held, another import may have said the same meanwhile.
pub(super) async fn merge(
    tx: &Transaction<'_>,
    sources: &Sources<'_>,
    batch: &Batch,
    candidates: &[usize],
) -> Result<u64> {
    if candidates.is_empty() {
        return Ok(0);
    }
    let keys: Vec<Key> = candidates
        .iter()
        .map(|&place| &batch.kills[place].mail.killmail)
        .map(|killmail| (killmail.killmail_time, killmail.killmail_id))
        .collect();
    let stored = stored(tx, &keys).await?;
    let mut told = 0;
    for &place in candidates {
        let mail = &batch.kills[place].mail;
        let killmail = &mail.killmail;
        let mut news = false;
        if let Some(hash) = mail.hash {
            news |= set_hash(tx, killmail, &hash.0).await?;
        }
        if let Some(new) = &mail.zkb {
            let there = stored.get(&killmail.killmail_id).and_then(|facts| facts.zkb.clone());
            news |= write(tx, sources, killmail, there, new.clone()).await?;
        }
        told += u64::from(news);
    }
    Ok(told)
}

/// What feeds said of a kill besides its body.
#[derive(Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) hash: Option<KillmailHash>,
    pub(super) zkb: Option<ZkbBlock>,
}

impl Facts {
    /// What both say together: the same whichever came first.
    pub(super) fn join(self, other: Facts) -> Facts {
        Facts {
            hash: self.hash.into_iter().chain(other.hash).min(),
            zkb: match (self.zkb, other.zkb) {
                (Some(one), Some(other)) => Some(one.prevailing(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

/// What is stored of these kills, by id.
pub(super) async fn stored(tx: &Transaction<'_>, keys: &[Key]) -> Result<HashMap<i64, Facts>> {
    let Some((ids, times, first, last)) = columns(keys) else { return Ok(HashMap::new()) };
    let sql = include_str!("../../sql/ingest/stored_facts.sql");
    let rows = tx.query(sql, &[&ids, &times, &first, &last]).await?;
    rows.iter()
        .map(|row| {
            let zkb = stored_zkb(row.get("zkb"), row.get("zkb_rank"))?;
            Ok((row.get(0), Facts { hash: hash(row.get("killmail_hash")), zkb }))
        })
        .collect()
}

/// Keys as a statement takes them: ids, times, the first and the last time. None when there are none.
pub(super) fn columns(keys: &[Key]) -> Option<(Vec<i64>, Vec<Timestamp>, Timestamp, Timestamp)> {
    let (ids, times) = keys.iter().map(|&(time, id)| (id, time)).unzip();
    let (first, last) = (keys.iter().min()?.0, keys.iter().max()?.0);
    Some((ids, times, first, last))
}

/// Writes a kill's enrichment anew where the new block prevails over the stored; tells whether it did.
pub(super) async fn write(
    tx: &Transaction<'_>,
    sources: &Sources<'_>,
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
    let enriched = enrich(killmail, Some(&merged.zkb), sources);
    let row = EnrichedRow::new(&enriched, Some(&merged), &sources.catalogue.build);
    rows::update(tx, killmail, &row).await?;
    Ok(true)
}

/// Gives a kill a hash; tells whether that was news.
pub(super) async fn set_hash(
    tx: &Transaction<'_>,
    killmail: &Killmail,
    hash: &[u8],
) -> Result<bool> {
    let (id, time) = (killmail.killmail_id, killmail.killmail_time);
    let changed =
        tx.execute(include_str!("../../sql/ingest/set_hash.sql"), &[&id, &time, &hash]).await?;
    Ok(changed > 0)
}
