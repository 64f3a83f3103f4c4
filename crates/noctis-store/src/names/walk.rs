//! Looking through stored kills for ids without a name, in the order of their arrival, so that ingest need not.
//!
//! Each kill is looked through once, whatever month it belongs to; what was found and how far it went is written in one
//! transaction. Nothing here asks anybody outside.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use noctis_core::generate::is_invented;
use noctis_core::partition::{Interval, Period};
use noctis_core::time::TimeRange;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Transaction};

use super::{Kind, Known, lock, of};
use crate::Result;
use crate::advisory::AdvisoryLock;

/// The advisory lock of those who look names up: "noctis" and 8. Several may run; one works at a time, the others look
/// again later.
pub const LOCK: AdvisoryLock = AdvisoryLock {
    key: 0x6e6f_6374_6973_0008,
    name: "names",
    poll: Duration::from_millis(100),
    polls_max: 1,
};

/// Kills looked through in one transaction.
pub const PAGE_KILLS_MAX: i64 = 2_000;
/// An active one's name is asked for again when it is this old.
const REFRESH_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Active is who was on a kill within this time.
const ACTIVE_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What an id lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    Name,
    Ticker,
    /// A name that is known but has grown old.
    Again,
}

impl Wanted {
    pub const ALL: [Wanted; 3] = [Wanted::Name, Wanted::Ticker, Wanted::Again];

    /// As it stands in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Wanted::Name => "name",
            Wanted::Ticker => "ticker",
            Wanted::Again => "again",
        }
    }
}

/// How often somebody was seen, and with whom on the newest kill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    rows: i64,
    /// When, corporation, alliance; the greatest counts, so that the order of rows does not.
    newest: (Timestamp, Option<i64>, Option<i64>),
}

type Shown = HashMap<i64, Seen>;

/// Looks through the next kills, at most [`PAGE_KILLS_MAX`], and says how many there were; 0 at the end, or when another
/// was faster.
///
/// # Errors
/// When the database does not answer.
pub async fn walk(client: &mut Client, now: Timestamp) -> Result<u64> {
    let transaction = client.transaction().await?;
    let walked: i64 =
        transaction.query_one(include_str!("../../sql/names/walked.sql"), &[]).await?.get(0);
    let sql = include_str!("../../sql/names/arrivals.sql");
    let rows = transaction.query(sql, &[&walked, &PAGE_KILLS_MAX]).await?;
    let Some(last) = rows.last().map(|row| row.get::<_, i64>(0)) else { return Ok(0) };
    let keys: Vec<(i64, Timestamp)> = rows.iter().map(|row| (row.get(1), row.get(2))).collect();
    let shown = shown(&transaction, &keys).await?;
    lock(&transaction).await?;
    for (kind, shown) in &shown {
        note(&transaction, *kind, shown, now).await?;
    }
    let sql = include_str!("../../sql/names/walk_on.sql");
    if transaction.execute(sql, &[&walked, &last]).await? == 0 {
        return Ok(0);
    }
    transaction.commit().await?;
    Ok(rows.len() as u64)
}

/// Whom the kills show, month by month, so that each statement touches the leaves of its month only.
async fn shown(
    transaction: &Transaction<'_>,
    keys: &[(i64, Timestamp)],
) -> Result<BTreeMap<Kind, Shown>> {
    let mut months: BTreeMap<Timestamp, Vec<(i64, Timestamp)>> = BTreeMap::new();
    for &key in keys {
        let month = Period::containing(Interval::Month, key.1).range().from;
        months.entry(month).or_default().push(key);
    }
    let mut shown: BTreeMap<Kind, Shown> = BTreeMap::new();
    for keys in months.into_values() {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let times: Vec<Timestamp> = keys.iter().map(|key| key.1).collect();
        let (from, to) = (times.iter().min(), times.iter().max());
        let sql = include_str!("../../sql/names/shown.sql");
        for row in transaction.query(sql, &[&ids, &times, &from, &to]).await? {
            let (corporation, alliance) = (row.get(1), row.get(2));
            let (seen_at, rows): (Timestamp, i64) = (row.get(3), row.get(4));
            let mut see = |kind, id: Option<i64>, newest| {
                // What was made up has names of its own; nobody is asked for it.
                let Some(id) = id.filter(|&id| !is_invented(id)) else { return };
                let seen = shown.entry(kind).or_default().entry(id).or_default();
                seen.rows += rows;
                seen.newest = seen.newest.max(newest);
            };
            see(Kind::Character, row.get(0), (seen_at, corporation, alliance));
            see(Kind::Corporation, corporation, (seen_at, None, alliance));
            see(Kind::Alliance, alliance, (seen_at, None, None));
        }
    }
    Ok(shown)
}

/// What somebody lacks, from what is known; nothing is the usual answer.
fn lacks(kind: Kind, seen: &Seen, known: Option<&Known>, now: Timestamp) -> Vec<Wanted> {
    let has_ticker = match kind {
        Kind::Character => true,
        Kind::Corporation | Kind::Alliance => known.is_some_and(|known| known.ticker.is_some()),
    };
    let ticker = (!has_ticker).then_some(Wanted::Ticker);
    let name = match known {
        None => Some(Wanted::Name),
        Some(known) => {
            let is_old = now.duration_since(known.as_of) > REFRESH_AFTER;
            let is_active = now.duration_since(seen.newest.0) < ACTIVE_WITHIN;
            (is_old && is_active).then_some(Wanted::Again)
        }
    };
    name.into_iter().chain(ticker).collect()
}

/// Rows of one statement, column by column.
#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    rows: Vec<i64>,
    corporations: Vec<Option<i64>>,
    alliances: Vec<Option<i64>>,
    times: Vec<Timestamp>,
}

impl Columns {
    fn push(&mut self, id: i64, seen: &Seen) {
        self.ids.push(id);
        self.rows.push(seen.rows);
        self.times.push(seen.newest.0);
        self.corporations.push(seen.newest.1);
        self.alliances.push(seen.newest.2);
    }
}

async fn note(
    transaction: &Transaction<'_>,
    kind: Kind,
    shown: &Shown,
    now: Timestamp,
) -> Result<()> {
    let ids: Vec<i64> = shown.keys().copied().collect();
    let known = of(transaction.client(), kind, &ids).await?;
    let mut wanted: BTreeMap<Wanted, Columns> = BTreeMap::new();
    let mut members = Columns::default();
    for (&id, seen) in shown {
        let known = known.get(&id);
        for lack in lacks(kind, seen, known, now) {
            wanted.entry(lack).or_default().push(id, seen);
        }
        if known.is_some() {
            members.push(id, seen);
        }
    }
    let name = kind.name();
    for (wanted, rows) in wanted {
        let sql = include_str!("../../sql/names/want.sql");
        let Columns { ids, rows, corporations, alliances, times } = &rows;
        let wanted = wanted.name();
        let parameters: [&(dyn ToSql + Sync); 7] =
            [&wanted, &name, ids, rows, corporations, alliances, times];
        transaction.execute(sql, &parameters).await?;
    }
    see(transaction, kind, &members).await
}

async fn see(transaction: &Transaction<'_>, kind: Kind, members: &Columns) -> Result<()> {
    let Columns { ids, corporations, alliances, times, .. } = members;
    match kind {
        Kind::Character => {
            let sql = include_str!("../../sql/names/see_characters.sql");
            transaction.execute(sql, &[ids, corporations, alliances, times]).await?;
        }
        Kind::Corporation => {
            let sql = include_str!("../../sql/names/see_corporations.sql");
            transaction.execute(sql, &[ids, alliances, times]).await?;
        }
        // An alliance is in nothing.
        Kind::Alliance => {}
    }
    Ok(())
}

/// An id and what it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lacking {
    pub kind: Kind,
    pub id: i64,
}

/// Who lacks this and may be asked for now, most seen first.
///
/// # Errors
/// When the database does not answer.
pub async fn wanted(
    client: &Client,
    wanted: Wanted,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Lacking>> {
    let sql = include_str!("../../sql/names/wanted.sql");
    let rows = client.query(sql, &[&wanted.name(), &now, &i64::from(limit)]).await?;
    let read = |row: &tokio_postgres::Row| {
        Some(Lacking { kind: Kind::parse(row.get(0))?, id: row.get(1) })
    };
    Ok(rows.iter().filter_map(read).collect())
}

/// Why ids could not have what they lack.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    pub reason: &'a str,
    pub asked_at: Timestamp,
    pub ask_after: Timestamp,
}

/// Remembers that these could not have what they lack, so that they are left alone for a while.
///
/// # Errors
/// When the database does not answer.
pub async fn not_had(
    client: &Client,
    wanted: Wanted,
    who: &[Lacking],
    refusal: Refusal<'_>,
) -> Result<()> {
    let kinds: Vec<&str> = who.iter().map(|one| one.kind.name()).collect();
    let ids: Vec<i64> = who.iter().map(|one| one.id).collect();
    let Refusal { reason, asked_at, ask_after } = refusal;
    let parameters: [&(dyn ToSql + Sync); 6] =
        [&wanted.name(), &kinds, &ids, &reason, &asked_at, &ask_after];
    client.execute(include_str!("../../sql/names/not_had.sql"), &parameters).await?;
    Ok(())
}

/// What is left to be learned, of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// `name`, `ticker` or `again`.
    pub wanted: String,
    pub kind: String,
    pub ids: i64,
    /// Of these, who could not have it when asked for.
    pub refused: i64,
}

/// What is left to be learned.
///
/// # Errors
/// When the database does not answer.
pub async fn backlog(client: &Client) -> Result<Vec<Backlog>> {
    let rows = client.query(include_str!("../../sql/names/backlog.sql"), &[]).await?;
    let read = |row: &tokio_postgres::Row| Backlog {
        wanted: row.get(0),
        kind: row.get(1),
        ids: row.get(2),
        refused: row.get(3),
    };
    Ok(rows.iter().map(read).collect())
}

/// Kills that were not looked through yet.
///
/// # Errors
/// When the database does not answer.
pub async fn behind(client: &Client) -> Result<i64> {
    Ok(client.query_one(include_str!("../../sql/names/behind.sql"), &[]).await?.get(0))
}

/// About how many names of each kind are known, by table.
///
/// # Errors
/// When the database does not answer.
pub async fn known(client: &Client) -> Result<Vec<(String, i64)>> {
    let rows = client.query(include_str!("../../sql/names/known.sql"), &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// How many of one kind the kills of a range show, and how many of them are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub kind: String,
    pub shown: i64,
    pub named: i64,
    pub ticked: i64,
}

/// Of those on kills of this range, who is known. Reads all of the range's participants: for people, not for pages.
///
/// # Errors
/// When the database does not answer.
pub async fn coverage(client: &Client, range: TimeRange) -> Result<Vec<Coverage>> {
    let sql = include_str!("../../sql/names/coverage.sql");
    let rows = client.query(sql, &[&range.from, &range.to]).await?;
    let read = |row: &tokio_postgres::Row| Coverage {
        kind: row.get(0),
        shown: row.get(1),
        named: row.get(2),
        ticked: row.get(3),
    };
    Ok(rows.iter().map(read).collect())
}
