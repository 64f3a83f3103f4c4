//! Names to suggest: found by their grams, newer ones by when they were written, each as it is called now.

use std::collections::BTreeMap;

use deadpool_postgres::Object;
use jiff::{SignedDuration, Timestamp};
use noctis_core::suggest::grams::{Found, Lookup, SlipLookup};
use noctis_core::suggest::tree::KINDS;
use noctis_core::suggest::{Asked, Entity, Fit, Kind, best};
use tokio_postgres::{Client, Row};

use crate::Result;

mod build;

pub use build::{LOCK, build};

/// Names that are told newer than the grams, at most; more make the grams due.
pub const FRESH_MAX: usize = 10_000;
/// A transaction that writes names is shorter: what it writes bears the time at which it began.
const FRESH_MARGIN: SignedDuration = SignedDuration::from_mins(10);

/// What the grams were made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Built {
    /// Names as they were then.
    pub as_of: Timestamp,
    pub names: i64,
    pub grams: i64,
    /// How long it took to make them.
    pub seconds: f64,
}

/// What the grams were last made from; none if they never were.
///
/// # Errors
/// When the database does not answer.
pub async fn built(client: &Client) -> Result<Option<Built>> {
    let row = client.query_opt(include_str!("../sql/suggest/built.sql"), &[]).await?;
    Ok(row.map(|row| Built {
        as_of: row.get("as_of"),
        names: row.get("names"),
        grams: row.get("grams"),
        seconds: row.get("seconds"),
    }))
}

/// Names that the grams do not know yet, the newest first, [`FRESH_MAX`] and one more at most.
///
/// # Errors
/// When the database does not answer.
pub async fn fresh(client: &Client, built: Option<&Built>) -> Result<Vec<Entity>> {
    let since = built.map_or(Timestamp::UNIX_EPOCH, |built| built.as_of - FRESH_MARGIN);
    let limit = FRESH_MAX as i64 + 1;
    let rows = client.query(include_str!("../sql/suggest/fresh.sql"), &[&since, &limit]).await?;
    Ok(rows.iter().filter_map(|row| entity(kind(row.get("kind"))?, row)).collect())
}

/// What ships, systems and regions did of late; who did nothing is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn activity(client: &Client) -> Result<BTreeMap<(Kind, i64), i64>> {
    let rows = client.query(include_str!("../sql/suggest/activity.sql"), &[]).await?;
    let read = |row: &Row| {
        let kind = match row.get::<_, i16>("kind") {
            4 => Kind::Ship,
            6 => Kind::System,
            8 => Kind::Region,
            _ => return None,
        };
        Some(((kind, row.get("entity_id")), row.get("activity")))
    };
    Ok(rows.iter().filter_map(read).collect())
}

/// The best `limit` characters, corporations and alliances that fit without a slip, of one kind or all; at most
/// [`HEAVY_NAMES_KEPT`](noctis_core::suggest::tree::HEAVY_NAMES_KEPT).
///
/// Should the grams be swapped between two of its statements, it may find too few; never what does not fit.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    client: &Object,
    asked: &Asked,
    kind: Option<Kind>,
    limit: usize,
) -> Result<Vec<(Fit, Entity)>> {
    let lookup = Lookup::of(asked);
    let found = look_up(client, lookup.grams()).await?;
    let names = lookup.names(&found, limit, |no| is_of(no, kind));
    judged(client, &names, asked, limit).await
}

/// The best `limit` that fit with a slip.
///
/// # Errors
/// When the database does not answer.
pub async fn find_slips(
    client: &Object,
    asked: &Asked,
    kind: Option<Kind>,
    limit: usize,
) -> Result<Vec<(Fit, Entity)>> {
    if !asked.may_be_slip() {
        return Ok(Vec::new());
    }
    let lookup = SlipLookup::of(asked);
    let found = look_up(client, lookup.grams()).await?;
    let names = lookup.names(&found, limit, |no| is_of(no, kind));
    judged(client, &names, asked, limit).await
}

async fn look_up(client: &Object, grams: &[Vec<u8>]) -> Result<Vec<Found>> {
    let statement = client.prepare_cached(include_str!("../sql/suggest/grams.sql")).await?;
    let rows = client.query(&statement, &[&grams]).await?;
    let found = |row: &Row| {
        let (place, bytes): (i64, i32) = (row.get(0), row.get(1));
        let names: Vec<i32> = row.get(3);
        Found {
            place: place as usize - 1,
            bytes: bytes as usize,
            is_heavy: row.get(2),
            names: names.into_iter().map(i32::cast_unsigned).collect(),
        }
    };
    Ok(rows.iter().map(found).collect())
}

/// The best of these numbers, each as it is called now: whoever has been renamed may fit no longer.
async fn judged(
    client: &Object,
    names: &[u32],
    asked: &Asked,
    limit: usize,
) -> Result<Vec<(Fit, Entity)>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<i32> = names.iter().map(|no| no.cast_signed()).collect();
    let statement = client.prepare_cached(include_str!("../sql/suggest/numbered.sql")).await?;
    let rows = client.query(&statement, &[&numbers]).await?;
    let read = |row: &Row| {
        let entity = entity(kind(row.get::<_, i32>("no") % KINDS.cast_signed())?, row)?;
        Some((entity.judge(asked)?, entity))
    };
    let found = best(rows.iter().filter_map(read).collect(), limit);
    let kinds: Vec<i32> = found.iter().map(|(_, entity)| entity.kind as i32).collect();
    let ids: Vec<i64> = found.iter().map(|(_, entity)| entity.id).collect();
    let statement = client.prepare_cached(include_str!("../sql/suggest/current.sql")).await?;
    let rows = client.query(&statement, &[&kinds, &ids]).await?;
    let current = |row: &Row| {
        let (_, known) = found.get(row.get::<_, i64>("place") as usize - 1)?;
        let (name, ticker) = (row.get("name"), row.get("ticker"));
        let entity =
            Entity { kind: known.kind, id: known.id, activity: known.activity, name, ticker };
        Some((entity.judge(asked)?, entity))
    };
    Ok(best(rows.iter().filter_map(current).collect(), limit))
}

fn entity(kind: Kind, row: &Row) -> Option<Entity> {
    Some(Entity {
        kind,
        id: row.get("eve_id"),
        activity: row.get("activity"),
        name: row.get("name"),
        ticker: row.get("ticker"),
    })
}

fn kind(number: i32) -> Option<Kind> {
    [Kind::Character, Kind::Corporation, Kind::Alliance]
        .into_iter()
        .find(|kind| *kind as i32 == number)
}

fn is_of(no: u32, wanted: Option<Kind>) -> bool {
    wanted.is_none_or(|kind| no % KINDS == kind as u32)
}
