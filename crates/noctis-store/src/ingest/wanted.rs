//! Kills known by id alone: they wait for their body, and what was said of their value waits with them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use noctis_core::enrich::Sources;
use noctis_core::killmail::parse::parse;
use noctis_core::killmail::shape::Mail;
use noctis_core::killmail::{Killmail, KillmailHash};
use noctis_core::time::TimeRange;
use noctis_core::zkb::ZkbBlock;
use tokio_postgres::{Client, Transaction};

use super::facts::Facts;
use super::merge::{hash, stored_zkb};
use super::work::{Work, needed};
use super::{Batch, Incoming, IncomingWanted, Outcome, facts};
use crate::Result;
use noctis_core::kill::Key;

/// Takes the batch's new kills off the list, and gives them what was known of them.
pub(super) async fn take(tx: &Transaction<'_>, work: &Work, new: &[usize]) -> Result<()> {
    let batch = &work.batch;
    let mails: HashMap<i64, _> = new
        .iter()
        .map(|&place| &batch.kills[place].mail)
        .map(|mail| (mail.killmail.killmail_id, mail))
        .collect();
    let ids: Vec<i64> = mails.keys().copied().collect();
    let rows = tx.query(include_str!("../../sql/ingest/take_wanted.sql"), &[&ids]).await?;
    if rows.is_empty() {
        return Ok(());
    }
    for row in rows {
        let mail = mails[&row.get(0)];
        if let Some(zkb) = stored_zkb(row.get(2), row.get(3))? {
            facts::write(tx, &work.sources(), &mail.killmail, mail.zkb.clone(), zkb).await?;
        }
        // A hash that can be computed from the body needs no other's word.
        if let (Some(hash), None) = (hash(row.get(1)), KillmailHash::of(&mail.killmail)) {
            facts::set_hash(tx, &mail.killmail, &hash.0).await?;
        }
    }
    Ok(())
}

/// Those of these kills that have ever been stored.
pub(super) async fn registered(client: &Client, ids: &[i64]) -> Result<Vec<Key>> {
    let rows = client.query(include_str!("../../sql/ingest/registered.sql"), &[&ids]).await?;
    Ok(rows.iter().map(|row| (row.get(1), row.get(0))).collect())
}

/// What is on the list of the wanted of these kills.
async fn listed(client: &Client, ids: &[i64]) -> Result<Vec<tokio_postgres::Row>> {
    Ok(client.query(include_str!("../../sql/ingest/wanted.sql"), &[&ids]).await?)
}

/// Joins what was said of these kills by their ids alone to what came with their bodies. It stays on the list.
pub(super) async fn join(client: &Client, batch: &mut Batch) -> Result<()> {
    let id = |incoming: &Incoming| incoming.mail.killmail.killmail_id;
    let ids: Vec<i64> = batch.kills.iter().map(id).collect();
    let rows = listed(client, &ids).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut mails: HashMap<i64, &mut Mail> = batch
        .kills
        .iter_mut()
        .map(|incoming| (incoming.mail.killmail.killmail_id, &mut incoming.mail))
        .collect();
    for row in rows {
        let Some(mail) = mails.get_mut(&row.get(0)) else { continue };
        // A hash that can be computed from the body needs no other's word.
        let told = hash(row.get(1)).filter(|_| KillmailHash::of(&mail.killmail).is_none());
        let said = Facts { hash: told, zkb: stored_zkb(row.get(2), row.get(3))? };
        let joined = Facts { hash: mail.hash, zkb: mail.zkb.take() }.join(said);
        (mail.hash, mail.zkb) = (joined.hash, joined.zkb);
    }
    Ok(())
}

/// Takes the kills of a range, whose leaf has just been attached, off the list, and gives them what they do not know yet.
pub(super) async fn take_range(
    tx: &Transaction<'_>,
    work: &mut Work,
    range: TimeRange,
) -> Result<()> {
    if !tx.query_one(include_str!("../../sql/ingest/has_wanted.sql"), &[]).await?.get::<_, bool>(0)
    {
        return Ok(());
    }
    let sql = include_str!("../../sql/ingest/take_wanted_range.sql");
    let mut said = Vec::new();
    for row in tx.query(sql, &[&range.from, &range.to]).await? {
        let facts = Facts { hash: hash(row.get(2)), zkb: stored_zkb(row.get(3), row.get(4))? };
        said.push((row.get(0), row.get(1), Row { facts, source: row.get(5) }));
    }
    tell_stored(tx, work, &[], said).await?;
    Ok(())
}

/// What is known of an id.
#[derive(Clone, PartialEq)]
struct Row {
    facts: Facts,
    source: String,
}

impl Row {
    /// The same whichever came first.
    fn join(self, other: Row) -> Row {
        Row { facts: self.facts.join(other.facts), source: self.source.min(other.source) }
    }
}

/// Puts ids on the list; what is said of kills that are stored already goes to them, but for those of `closed` ranges, which
/// learn nothing more, as those that are archived.
pub(super) async fn merge(
    tx: &Transaction<'_>,
    work: &mut Work,
    closed: &[TimeRange],
    outcome: &mut Outcome,
) -> Result<()> {
    let batch = Arc::clone(&work.batch);
    if batch.wanted.is_empty() {
        return Ok(());
    }
    let mut rows: BTreeMap<i64, Row> = BTreeMap::new();
    let mut inputs: HashMap<i64, u64> = HashMap::new();
    for IncomingWanted { wanted, source } in &batch.wanted {
        let facts = Facts { hash: wanted.hash, zkb: wanted.zkb.clone() };
        let row = Row { facts, source: source.to_string() };
        *inputs.entry(wanted.killmail_id).or_default() += 1;
        let joined = match rows.remove(&wanted.killmail_id) {
            Some(there) => there.join(row),
            None => row,
        };
        rows.insert(wanted.killmail_id, joined);
    }
    let ids: Vec<i64> = rows.keys().copied().collect();
    let mut stored: Vec<(i64, Timestamp, Row)> = Vec::new();
    for (time, id) in registered(tx.client(), &ids).await? {
        if let Some(said) = rows.remove(&id) {
            stored.push((id, time, said));
        }
    }
    for (id, written) in tell_stored(tx, work, closed, stored).await? {
        outcome.enriched_further += u64::from(written);
        outcome.already_there += inputs[&id] - u64::from(written);
    }
    outcome.wanted += rows.keys().map(|id| inputs[id]).sum::<u64>();
    put(tx, rows).await
}

/// Gives what was said to kills that are stored; tells for each whether it was news.
async fn tell_stored(
    tx: &Transaction<'_>,
    work: &mut Work,
    closed: &[TimeRange],
    said: Vec<(i64, Timestamp, Row)>,
) -> Result<Vec<(i64, bool)>> {
    let keys: Vec<Key> = said.iter().map(|&(id, time, _)| (time, id)).collect();
    let stored = facts::stored(tx, &keys).await?;
    let is_news = |id: &i64, row: &Row| {
        let hash = stored.get(id).and_then(|facts| facts.hash);
        row.facts.zkb.is_some() || row.facts.hash.is_some_and(|said| Some(said) != hash)
    };
    let keys: Vec<Key> = said
        .iter()
        .filter(|(id, time, row)| {
            is_news(id, row) && !closed.iter().any(|range| range.contains(*time))
        })
        .map(|&(id, time, _)| (time, id))
        .collect();
    let killmails = bodies(tx, &keys).await?;
    let pairs = killmails.values().flat_map(|killmail| needed(killmail, &work.catalogue));
    let prices = work.kept.book(tx, pairs).await?;
    let sources = Sources { prices: &prices, ..work.sources() };
    let mut told = Vec::with_capacity(said.len());
    for (id, _, row) in said {
        let mut written = false;
        if let Some(killmail) = killmails.get(&id) {
            // A hash that can be computed from the body needs no other's word.
            if let (Some(hash), None) = (row.facts.hash, KillmailHash::of(killmail)) {
                written |= facts::set_hash(tx, killmail, &hash.0).await?;
            }
            if let Some(zkb) = row.facts.zkb {
                let there = stored.get(&id).and_then(|facts| facts.zkb.clone());
                written |= facts::write(tx, &sources, killmail, there, zkb).await?;
            }
        }
        told.push((id, written));
    }
    Ok(told)
}

async fn bodies(tx: &Transaction<'_>, keys: &[Key]) -> Result<HashMap<i64, Killmail>> {
    let Some((ids, times, first, last)) = facts::columns(keys) else { return Ok(HashMap::new()) };
    let sql = include_str!("../../sql/ingest/bodies.sql");
    let rows = tx.query(sql, &[&ids, &times, &first, &last]).await?;
    rows.iter().map(|row| Ok((row.get(0), parse(row.get(2))?))).collect()
}

/// Writes the rows that are new or learned something.
async fn put(tx: &Transaction<'_>, mut rows: BTreeMap<i64, Row>) -> Result<()> {
    let ids: Vec<i64> = rows.keys().copied().collect();
    for row in listed(tx.client(), &ids).await? {
        let there = Row {
            facts: Facts { hash: hash(row.get(1)), zkb: stored_zkb(row.get(2), row.get(3))? },
            source: row.get(4),
        };
        let id: i64 = row.get(0);
        let Some(new) = rows.remove(&id) else { continue };
        let joined = there.clone().join(new);
        if joined != there {
            rows.insert(id, joined);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = rows.keys().copied().collect();
    let hashes: Vec<Option<Vec<u8>>> =
        rows.values().map(|row| row.facts.hash.map(|hash| hash.0.to_vec())).collect();
    let zkbs: Vec<Option<&str>> =
        rows.values().map(|row| row.facts.zkb.as_ref().map(ZkbBlock::text)).collect();
    let ranks: Vec<i64> =
        rows.values().map(|row| row.facts.zkb.as_ref().map_or(0, |zkb| zkb.rank)).collect();
    let sources: Vec<&str> = rows.values().map(|row| row.source.as_str()).collect();
    tx.execute(
        include_str!("../../sql/ingest/put_wanted.sql"),
        &[&ids, &hashes, &zkbs, &ranks, &sources],
    )
    .await?;
    Ok(())
}
