//! The merge: one transaction from staging to all tables, in a fixed order, sorted by key.
//!
//! Bodies go through staging, since only there can the known ones be told apart; what is new is then copied into the
//! other tables directly. New rows are written first, without a lock; then the merge lock is taken and held to the
//! commit. Under it ids are registered, numbered by arrival, facts of known kills merged, and everything else that two
//! imports might touch at once. Whoever waits for another's rows does not hold the lock, and whoever holds it waits for
//! no row but one that is being enriched again, whose writer waits for nobody: no deadlock.

use std::collections::HashSet;
use std::sync::Arc;

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::killmail::{KillmailHash, Reason, Rejected};
use noctis_core::time::TimeRange;
use noctis_core::zkb::ZkbBlock;
use sha2::{Digest, Sha256};
use tokio_postgres::Transaction;

use super::work::Work;
use super::{Batch, Outcome, facts, rows, wanted};
use crate::{Error, Result, fail};

/// The advisory lock of merges: "noctis" and 3.
const MERGE_LOCK_KEY: i64 = 0x6e6f_6374_6973_0003;
/// The advisory lock of who forgets dropped kills, against who takes kills over: "noctis" and 11. Taken before the merge lock.
const AGAIN_LOCK_KEY: i64 = 0x6e6f_6374_6973_000b;

/// What a merge did, and the kills that another import stored at the same moment: they need a second look.
pub(super) struct Merged {
    pub(super) outcome: Outcome,
    pub(super) left: Vec<usize>,
}

/// Merges the chosen kills of a batch; `with_rest` also what of it is no kill. What is new of `closed` ranges is parked.
pub(super) async fn merge(
    client: &mut Object,
    work: &mut Work,
    chosen: &[usize],
    closed: &[TimeRange],
    with_rest: bool,
) -> Result<Merged> {
    let batch = &*Arc::clone(&work.batch);
    let span = span(batch, chosen);
    let transaction = client.build_transaction().start().await?;
    let tx: &Transaction<'_> = &transaction;
    let mut merged = Merged { outcome: Outcome::default(), left: Vec::new() };
    let mut parked: Vec<(usize, Rejected)> = Vec::new();
    let mut candidates: Vec<usize> = Vec::new();
    let mut new: Vec<usize> = Vec::new();
    if !chosen.is_empty() {
        rows::stage(tx, &batch.kills, chosen).await?;
        fail::point("import.staged");
        if work.again {
            let lock = include_str!("../../sql/ingest/again_lock.sql");
            tx.execute(lock, &[&AGAIN_LOCK_KEY]).await?;
            let sql = include_str!("../../sql/ingest/forget_dropped.sql");
            tx.execute(sql, &[&span.0, &span.1]).await?;
        }
        new = insert_new(tx, work, chosen, closed).await?;
        let rest: Vec<i32> = not_in(chosen, &new);
        if !rest.is_empty() {
            for known in compare(tx, span, &rest).await? {
                match known.verdict(batch, closed) {
                    Verdict::LookAgain => merged.left.push(known.place),
                    Verdict::Park(rejected) => parked.push((known.place, rejected)),
                    Verdict::SaysMore => candidates.push(known.place),
                    Verdict::NothingNew => merged.outcome.already_there += 1,
                }
            }
        }
    }
    take_merge_lock(tx).await?;
    fail::point("import.merge_locked");
    if !new.is_empty() {
        register(tx, batch, &new).await?;
        merged.outcome.stored = new.len() as u64;
        wanted::take(tx, work, &new).await?;
    }
    fail::point("import.registered");
    let told = facts::merge(tx, &work.sources(), batch, &candidates).await?;
    merged.outcome.enriched_further += told;
    merged.outcome.already_there += candidates.len() as u64 - told;
    for (place, rejected) in parked {
        merged.outcome.park(rejected.reason);
        let incoming = &batch.kills[place];
        let id = Some(incoming.mail.killmail.killmail_id);
        park(tx, &incoming.input, id, &rejected, &incoming.source).await?;
    }
    if with_rest {
        wanted::merge(tx, work, closed, &mut merged.outcome).await?;
        for input in &batch.parked {
            merged.outcome.park(input.rejected.reason);
            park(tx, &input.bytes, input.killmail_id, &input.rejected, &input.source).await?;
        }
    }
    fail::point("import.facts_merged");
    transaction.commit().await?;
    Ok(merged)
}

/// Waits for the merge lock, which is held to the transaction's end.
pub(crate) async fn take_merge_lock(tx: &Transaction<'_>) -> Result<()> {
    tx.execute(include_str!("../../sql/ingest/merge_lock.sql"), &[&MERGE_LOCK_KEY]).await?;
    Ok(())
}

/// Waits until nobody forgets dropped kills, to the transaction's end; before [`take_merge_lock`].
pub(crate) async fn take_again_lock(tx: &Transaction<'_>) -> Result<()> {
    tx.execute(include_str!("../../sql/archive/again_lock.sql"), &[&AGAIN_LOCK_KEY]).await?;
    Ok(())
}

/// The first and the last time in the batch: they bound every look into the partitioned tables.
fn span(batch: &Batch, chosen: &[usize]) -> (Timestamp, Timestamp) {
    let times = || chosen.iter().map(|&place| batch.kills[place].mail.killmail.killmail_time);
    (times().min().unwrap_or(Timestamp::UNIX_EPOCH), times().max().unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Writes the rows of kills that are not known, and says which those are, in the batch's order.
async fn insert_new(
    tx: &Transaction<'_>,
    work: &mut Work,
    chosen: &[usize],
    closed: &[TimeRange],
) -> Result<Vec<usize>> {
    let batch = &*Arc::clone(&work.batch);
    let (from, to): (Vec<Timestamp>, Vec<Timestamp>) =
        closed.iter().map(|range| (range.from, range.to)).unzip();
    let rows = tx.query(include_str!("../../sql/ingest/merge_raw.sql"), &[&from, &to]).await?;
    fail::point("import.raw_inserted");
    let ids: HashSet<i64> = rows.iter().map(|row| row.get(0)).collect();
    let id = |place: &usize| batch.kills[*place].mail.killmail.killmail_id;
    let new: Vec<usize> = chosen.iter().copied().filter(|place| ids.contains(&id(place))).collect();
    if !new.is_empty() {
        // By id, as the bodies: indexes are filled in their order.
        let mut by_id = new.clone();
        by_id.sort_unstable_by_key(id);
        rows::copy_enriched(tx, work, &by_id).await?;
        fail::point("import.enriched_inserted");
        rows::copy_participants(tx, &batch.kills, &by_id).await?;
        fail::point("import.participants_inserted");
    }
    Ok(new)
}

/// Numbers and registers new kills. An id that was registered meanwhile under another time is contention: the whole
/// batch is rolled back and tried again.
async fn register(tx: &Transaction<'_>, batch: &Batch, new: &[usize]) -> Result<()> {
    let mails = || new.iter().map(|&place| &batch.kills[place].mail.killmail);
    let ids: Vec<i64> = mails().map(|killmail| killmail.killmail_id).collect();
    let times: Vec<Timestamp> = mails().map(|killmail| killmail.killmail_time).collect();
    let registered =
        tx.execute(include_str!("../../sql/ingest/register.sql"), &[&ids, &times]).await?;
    if registered == new.len() as u64 { Ok(()) } else { Err(Error::Contention(1)) }
}

/// The places of `chosen` that are not in `new`, as the staging table has them.
fn not_in(chosen: &[usize], new: &[usize]) -> Vec<i32> {
    let new: HashSet<usize> = new.iter().copied().collect();
    let rest = chosen.iter().filter(|place| !new.contains(place));
    rest.map(|&place| i32::try_from(place).expect("a batch has fewer than 2^31 inputs")).collect()
}

/// A staged kill that is not new, beside what is stored of it.
struct Known {
    place: usize,
    registered: bool,
    /// Its part is being taken over: it is nowhere yet.
    comes: bool,
    same_time: Option<bool>,
    /// Its rows are in the tables; else its month is in the archive, or was dropped.
    at_hand: bool,
    /// None when the stored body is not at hand.
    same_body: Option<bool>,
    hash: Option<KillmailHash>,
    zkb: Option<ZkbBlock>,
}

enum Verdict {
    NothingNew,
    SaysMore,
    Park(Rejected),
    LookAgain,
}

impl Known {
    fn verdict(&self, batch: &Batch, closed: &[TimeRange]) -> Verdict {
        let mail = &batch.kills[self.place].mail;
        let is_closed = closed.iter().any(|range| range.contains(mail.killmail.killmail_time));
        let park = |reason, detail: &str| {
            Verdict::Park(Rejected::new(
                reason,
                format!("killmail {} is stored {detail}", mail.killmail.killmail_id),
            ))
        };
        let wait = || {
            let id = mail.killmail.killmail_id;
            let what = if self.comes { "taken over" } else { "archived" };
            let detail =
                format!("the month of killmail {id} takes nothing new while it is being {what}");
            Verdict::Park(Rejected::new(Reason::PartitionClosed, detail))
        };
        if !self.registered {
            return if is_closed { wait() } else { Verdict::LookAgain };
        }
        if self.same_time == Some(false) {
            return park(Reason::OtherTime, "under another time");
        }
        if self.same_body == Some(false) {
            return park(Reason::OtherBody, "with another body");
        }
        if !self.at_hand {
            return if self.comes { wait() } else { Verdict::NothingNew };
        }
        let value_is_news = match (&mail.zkb, &self.zkb) {
            (Some(new), Some(stored)) => stored.clone().prevailing(new.clone()) != *stored,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let hash_is_news =
            mail.hash.is_some_and(|hash| self.hash.is_none_or(|stored| hash < stored));
        match value_is_news || hash_is_news {
            true if is_closed => wait(),
            true => Verdict::SaysMore,
            false => Verdict::NothingNew,
        }
    }
}

async fn compare(
    tx: &Transaction<'_>,
    (first, last): (Timestamp, Timestamp),
    places: &[i32],
) -> Result<Vec<Known>> {
    let rows = tx
        .query(include_str!("../../sql/ingest/compare_known.sql"), &[&first, &last, &places])
        .await?;
    rows.iter()
        .map(|row| {
            let position: i32 = row.get("position");
            Ok(Known {
                place: usize::try_from(position).expect("positions are places in the batch"),
                registered: row.get("known"),
                comes: row.get("comes"),
                same_time: row.get("same_time"),
                at_hand: row.get("at_hand"),
                same_body: row.get("same_body"),
                hash: hash(row.get("killmail_hash")),
                zkb: stored_zkb(row.get("zkb"), row.get("zkb_rank"))?,
            })
        })
        .collect()
}

pub(super) fn hash(bytes: Option<Vec<u8>>) -> Option<KillmailHash> {
    bytes.and_then(|bytes| <[u8; 20]>::try_from(bytes).ok()).map(KillmailHash)
}

pub(super) fn stored_zkb(text: Option<String>, rank: i64) -> Result<Option<ZkbBlock>> {
    Ok(text.map(|text| ZkbBlock::parse(&text, rank)).transpose()?)
}

async fn park(
    tx: &Transaction<'_>,
    bytes: &[u8],
    killmail_id: Option<i64>,
    rejected: &Rejected,
    source: &str,
) -> Result<()> {
    let mut hasher = Sha256::new_with_prefix(bytes);
    // An entry of a history may say nothing but its id, which stands outside of its bytes.
    if let Some(id) = killmail_id.map(|id| id.to_string())
        && !bytes.windows(id.len()).any(|part| part == id.as_bytes())
    {
        hasher.update(id);
    }
    let digest = hasher.finalize().to_vec();
    // PostgreSQL's text holds no NUL, which a broken input's description may quote.
    let (detail, source) = (rejected.detail.replace('\0', "\\0"), source.replace('\0', "\\0"));
    let reason = rejected.reason.name();
    tx.execute(
        include_str!("../../sql/ingest/park.sql"),
        &[&digest, &killmail_id, &reason, &detail, &source, &bytes],
    )
    .await?;
    Ok(())
}
