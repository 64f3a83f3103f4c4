//! Names of characters, corporations and alliances: written in batches, read by id, each with the time it was true.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Transaction};

use crate::Result;

pub mod walk;

/// Names written in one statement at most.
const ROWS_MAX: usize = 10_000;

/// The advisory lock of those who write names: "noctis" and 9, held to the commit, so that they meet in no other order.
const WRITE_LOCK: i64 = 0x6e6f_6374_6973_0009;

/// A longer name is no name: the game allows 37 characters to a pilot, 50 to a corporation.
pub const NAME_BYTES_MAX: usize = 200;

/// Who has a name that the static data does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Character,
    Corporation,
    Alliance,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Character, Kind::Corporation, Kind::Alliance];

    /// As ESI calls it as a category, and as it stands in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Character => "character",
            Kind::Corporation => "corporation",
            Kind::Alliance => "alliance",
        }
    }

    /// The kind of that name, if it is one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

/// What is known of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    /// Of corporations and alliances; characters have none.
    pub ticker: Option<String>,
    /// When the name was true, as far as we know.
    pub as_of: Timestamp,
}

/// The names of these ids of one kind, as far as they are known.
///
/// # Errors
/// When the database does not answer.
pub async fn of(client: &Client, kind: Kind, ids: &[i64]) -> Result<BTreeMap<i64, Known>> {
    let rows = client.query(include_str!("../sql/names/of.sql"), &[&kind.name(), &ids]).await?;
    let known = |row: &tokio_postgres::Row| Known {
        name: row.get(1),
        ticker: row.get(2),
        as_of: row.get(3),
    };
    Ok(rows.iter().map(|row| (row.get(0), known(row))).collect())
}

/// Of which kind these ids are, as far as kills that were looked through and names that are known tell. An id of two
/// kinds is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn kinds(client: &Client, ids: &[i64]) -> Result<BTreeMap<i64, Kind>> {
    let rows = client.query(include_str!("../sql/names/kinds.sql"), &[&ids]).await?;
    let mut kinds: BTreeMap<i64, Option<Kind>> = BTreeMap::new();
    for row in &rows {
        let kind = Kind::parse(row.get(0));
        kinds.entry(row.get(1)).and_modify(|other| *other = None).or_insert(kind);
    }
    Ok(kinds.into_iter().filter_map(|(id, kind)| Some((id, kind?))).collect())
}

/// Names to be entered. An id is in each list once. What is None is not told, and leaves what is known as it is.
#[derive(Clone, Debug, Default)]
pub struct NewNames {
    /// Id, name, corporation, alliance.
    pub characters: Vec<(i64, String, Option<i64>, Option<i64>)>,
    /// Id, name, ticker, alliance.
    pub corporations: Vec<(i64, String, Option<String>, Option<i64>)>,
    /// Id, name, ticker.
    pub alliances: Vec<(i64, String, Option<String>)>,
}

impl NewNames {
    /// Names of all kinds together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.characters.len() + self.corporations.len() + self.alliances.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Brings each list into the order of ids, each id once: of several names of one id the last stays.
    pub fn sort_and_dedup(&mut self) {
        fn tidy<T>(rows: &mut Vec<T>, id: impl Fn(&T) -> i64) {
            rows.reverse();
            rows.sort_by_key(&id);
            rows.dedup_by_key(|row| id(row));
        }
        tidy(&mut self.characters, |row| row.0);
        tidy(&mut self.corporations, |row| row.0);
        tidy(&mut self.alliances, |row| row.0);
    }
}

/// Whether PostgreSQL and people can take it for a name.
#[must_use]
pub fn is_usable(name: &str) -> bool {
    let is_plain = |c: char| !c.is_control();
    !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(is_plain)
}

/// What [`put`] wrote; the rest was known already, or was older than what is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Ids that had no name.
    pub entered: u64,
    /// Names that were older, whether they had changed or not.
    pub renewed: u64,
}

/// Enters names that were true at `as_of`, or writes anew those known as of an earlier time. Safe to repeat.
///
/// # Errors
/// When the database does not answer, or a name is none that [`is_usable`] takes.
pub async fn put(client: &mut Client, names: &NewNames, as_of: Timestamp) -> Result<Written> {
    let transaction = client.transaction().await?;
    lock(&transaction).await?;
    let mut written = Written::default();
    put_characters(&transaction, names, as_of, &mut written).await?;
    put_corporations(&transaction, names, as_of, &mut written).await?;
    put_alliances(&transaction, names, as_of, &mut written).await?;
    transaction.commit().await?;
    Ok(written)
}

async fn lock(transaction: &Transaction<'_>) -> Result<()> {
    transaction.query_one(include_str!("../sql/names/lock.sql"), &[&WRITE_LOCK]).await?;
    Ok(())
}

async fn put_characters(
    transaction: &Transaction<'_>,
    names: &NewNames,
    as_of: Timestamp,
    written: &mut Written,
) -> Result<()> {
    for rows in names.characters.chunks(ROWS_MAX) {
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let called: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let corporations: Vec<Option<i64>> = rows.iter().map(|row| row.2).collect();
        let alliances: Vec<Option<i64>> = rows.iter().map(|row| row.3).collect();
        let sql = include_str!("../sql/names/put_characters.sql");
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&ids, &called, &corporations, &alliances, &as_of];
        written.count(&transaction.query(sql, &parameters).await?);
        no_longer_wanted(transaction, Kind::Character, &ids, &[]).await?;
    }
    Ok(())
}

async fn put_corporations(
    transaction: &Transaction<'_>,
    names: &NewNames,
    as_of: Timestamp,
    written: &mut Written,
) -> Result<()> {
    for rows in names.corporations.chunks(ROWS_MAX) {
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let called: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let tickers: Vec<Option<&str>> = rows.iter().map(|row| row.2.as_deref()).collect();
        let alliances: Vec<Option<i64>> = rows.iter().map(|row| row.3).collect();
        let sql = include_str!("../sql/names/put_corporations.sql");
        let parameters: [&(dyn ToSql + Sync); 5] = [&ids, &called, &tickers, &alliances, &as_of];
        written.count(&transaction.query(sql, &parameters).await?);
        let ticked: Vec<i64> = rows.iter().filter(|row| row.2.is_some()).map(|row| row.0).collect();
        no_longer_wanted(transaction, Kind::Corporation, &ids, &ticked).await?;
    }
    Ok(())
}

async fn put_alliances(
    transaction: &Transaction<'_>,
    names: &NewNames,
    as_of: Timestamp,
    written: &mut Written,
) -> Result<()> {
    for rows in names.alliances.chunks(ROWS_MAX) {
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let called: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let tickers: Vec<Option<&str>> = rows.iter().map(|row| row.2.as_deref()).collect();
        let sql = include_str!("../sql/names/put_alliances.sql");
        let parameters: [&(dyn ToSql + Sync); 4] = [&ids, &called, &tickers, &as_of];
        written.count(&transaction.query(sql, &parameters).await?);
        let ticked: Vec<i64> = rows.iter().filter(|row| row.2.is_some()).map(|row| row.0).collect();
        no_longer_wanted(transaction, Kind::Alliance, &ids, &ticked).await?;
    }
    Ok(())
}

async fn no_longer_wanted(
    transaction: &Transaction<'_>,
    kind: Kind,
    named: &[i64],
    ticked: &[i64],
) -> Result<()> {
    let sql = include_str!("../sql/names/no_longer_wanted.sql");
    transaction.execute(sql, &[&kind.name(), &named, &ticked]).await?;
    Ok(())
}

impl Written {
    fn count(&mut self, rows: &[tokio_postgres::Row]) {
        let entered = rows.iter().filter(|row| row.get::<_, bool>(0)).count() as u64;
        self.entered += entered;
        self.renewed += rows.len() as u64 - entered;
    }
}
