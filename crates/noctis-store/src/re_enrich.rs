//! Enriching stored kills again, with today's static data, prices and rules: a batch at a time, only rows that differ.
//!
//! A batch is read and computed under no lock at all. What differs is then taken row by row without waiting: a row that
//! somebody else is writing, or has written since it was read, is left to a second look. So whoever re-enriches never
//! waits for a row, and an import that knows more of a kill never loses it.

mod stored;

use std::pin::pin;

use deadpool_postgres::Object;
use futures_util::{TryStreamExt, future};
use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::prices::Prefer;
use noctis_core::enrich::{Enriched, Sources, enrich};
use noctis_core::partition::{Leaf, Member};
use noctis_core::time::TimeRange;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use crate::ingest::rows::{self, EnrichedRow};
use crate::ingest::work::needed;
use crate::partitions::{self, LeafSize, ddl};
use crate::prices::KeptPrices;
use crate::{Error, Result, fail};
use noctis_core::kill::Key;
use stored::Stored;

/// Kills of one batch, which is one transaction.
pub const BATCH_KILLS_MAX: u32 = 1_000;
/// A batch ends when the bodies that were read reach this size.
pub const BATCH_BYTES_MAX: usize = 16 << 20;

/// What kills are enriched with.
pub struct Rules<'a> {
    pub catalogue: &'a Catalogue,
    pub prefer: Prefer,
}

/// What became of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub looked: u64,
    /// Rows that differed and were written.
    pub written: u64,
    /// Rows that differ, but somebody else was writing them: look again.
    pub busy: u64,
    /// Bodies that no longer can be read; their rows stay as they are.
    pub unreadable: u64,
    /// The last kill that was looked at; None at the end of the range.
    pub last: Option<Key>,
}

/// The leaves of the enriched table that a range of time touches, oldest first; those that are being archived are left alone.
pub async fn leaves(client: &Client, range: TimeRange) -> Result<Vec<LeafSize>> {
    let mut leaves = partitions::sizes(client).await?;
    leaves.retain(|LeafSize { leaf, .. }| {
        leaf.member == Member::Enriched
            && !leaf.closed
            && !leaf.range.intersection(range).is_empty()
    });
    Ok(leaves)
}

/// How many kills a range of time has.
pub async fn count(client: &Client, range: TimeRange) -> Result<u64> {
    let bounds: [(&(dyn ToSql + Sync), Type); 2] =
        [(&range.from, Type::TIMESTAMPTZ), (&range.to, Type::TIMESTAMPTZ)];
    let row = client.query_typed_one(include_str!("../sql/re_enrich/count.sql"), &bounds).await?;
    Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or_default())
}

/// Makes the room of old row versions free for new ones, without truncating the table, which readers would wait for.
/// Takes as long as the leaf has indexes to go through.
pub async fn vacuum(client: &Client, leaf: &Leaf) -> Result<()> {
    match client.batch_execute(&ddl::vacuum(&leaf.name)).await.map_err(Error::from) {
        // It has left for the archive meanwhile.
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(()),
        vacuumed => vacuumed?,
    }
    fail::point("re_enrich.vacuumed");
    Ok(())
}

/// Looks at the next kills of the range after `after`, at most so many, and writes what differs: one transaction.
pub async fn batch(
    client: &mut Object,
    rules: &Rules<'_>,
    kept: &mut KeptPrices,
    (range, after): (TimeRange, Key),
    kills_max: u32,
) -> Result<Batch> {
    let page = page(client, range, after, kills_max).await?;
    let needed = page.kills.iter().flat_map(|kill| needed(&kill.killmail, rules.catalogue));
    let book = kept.book(&***client, needed).await?;
    let sources = Sources { catalogue: rules.catalogue, prices: &book, prefer: rules.prefer };
    let computed: Vec<(&Stored, Enriched)> = page
        .kills
        .iter()
        .map(|kill| (kill, enrich(&kill.killmail, kill.zkb.as_ref().map(|zkb| &zkb.zkb), &sources)))
        .collect();
    let differing: Vec<(&Stored, EnrichedRow<'_>)> = computed
        .iter()
        .map(|(kill, enriched)| {
            (*kill, EnrichedRow::new(enriched, kill.zkb.as_ref(), &rules.catalogue.build))
        })
        .filter(|(kill, row)| !kill.says(row))
        .collect();
    let written = if differing.is_empty() { 0 } else { write(client, &differing).await? };
    Ok(Batch {
        looked: page.looked,
        written,
        busy: differing.len() as u64 - written,
        unreadable: page.looked - page.kills.len() as u64,
        last: page.last,
    })
}

/// What one look brought.
struct Page {
    kills: Vec<Stored>,
    looked: u64,
    last: Option<Key>,
}

/// Bodies are taken one after another and parsed at once, so that memory holds no more than a batch's, however many the
/// statement would give.
async fn page(client: &Client, range: TimeRange, after: Key, kills_max: u32) -> Result<Page> {
    let limit = i64::from(kills_max.clamp(1, BATCH_KILLS_MAX));
    let parameters: [(&(dyn ToSql + Sync), Type); 5] = [
        (&range.from, Type::TIMESTAMPTZ),
        (&range.to, Type::TIMESTAMPTZ),
        (&after.0, Type::TIMESTAMPTZ),
        (&after.1, Type::INT8),
        (&limit, Type::INT8),
    ];
    let sql = include_str!("../sql/re_enrich/page.sql");
    let mut rows = pin!(client.query_typed_raw(sql, parameters).await?);
    let mut page = Page { kills: Vec::new(), looked: 0, last: None };
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await? {
        page.looked += 1;
        page.last = Some((row.get("timestamp"), row.get("killmail_id")));
        let body: &str = row.get("body");
        bytes += body.len();
        match Stored::read(&row, body) {
            Ok(kill) => page.kills.push(kill),
            Err(error) => {
                let killmail_id: i64 = row.get("killmail_id");
                tracing::warn!(killmail_id, %error, "a stored kill cannot be read again");
            }
        }
        if bytes >= BATCH_BYTES_MAX {
            break;
        }
    }
    Ok(page)
}

/// Writes these rows, as far as they are free and still what was read; tells how many.
async fn write(client: &mut Object, rows: &[(&Stored, EnrichedRow<'_>)]) -> Result<u64> {
    let ids: Vec<i64> = rows.iter().map(|(kill, _)| kill.killmail.killmail_id).collect();
    let times: Vec<Timestamp> = rows.iter().map(|(kill, _)| kill.killmail.killmail_time).collect();
    let versions: Vec<&str> = rows.iter().map(|(kill, _)| kill.version.as_str()).collect();
    let (first, last) = (times.iter().min(), times.iter().max());
    let transaction = client.transaction().await?;
    let taken = transaction
        .query_typed(
            include_str!("../sql/re_enrich/take.sql"),
            &[
                (&ids, Type::INT8_ARRAY),
                (&times, Type::TIMESTAMPTZ_ARRAY),
                (&versions, Type::TEXT_ARRAY),
                (&first, Type::TIMESTAMPTZ),
                (&last, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    fail::point("re_enrich.taken");
    let taken: std::collections::HashSet<i64> = taken.iter().map(|row| row.get(0)).collect();
    let updates = rows
        .iter()
        .filter(|(kill, _)| taken.contains(&kill.killmail.killmail_id))
        .map(|(kill, row)| rows::update(&transaction, &kill.killmail, row));
    // All are sent at once; the server answers one after another.
    future::try_join_all(updates).await?;
    fail::point("re_enrich.written");
    transaction.commit().await?;
    fail::point("re_enrich.committed");
    Ok(taken.len() as u64)
}
