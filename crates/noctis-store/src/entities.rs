//! Asking about somebody or something: what it is called, what it did month by month, who is at the top, who met where.
//!
//! All of it is counted from the tables, so all of it is bounded: by months, by wall time, by rows.

mod activity;
mod battle;
mod members;
mod top;

use deadpool_postgres::Object;
use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use crate::Result;

pub use activity::{Activity, Budget, Counts, Month, Ranking, Tops, activity};
pub use battle::{Battle, Fighter, battle};
pub use members::{Member, corporation_characters};
pub use top::{Measure, Standing, TopKind, most_valuable, top};

/// Whom or what is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Character(i64),
    Corporation(i64),
    Alliance(i64),
    /// One system, or all of a constellation or region.
    Places(Vec<i64>),
    /// One type of ship, or all of a group.
    Ships(Vec<i64>),
}

/// What the names say of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    pub ticker: Option<String>,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    /// When the name was true, as far as we know.
    pub as_of: Timestamp,
    /// The time of the newest mail that told corporation and alliance; None where they come from elsewhere.
    pub seen_at: Option<Timestamp>,
}

/// What the names say of a character, corporation or alliance. None when it is not among them; places and ships never are.
///
/// # Errors
/// When the database does not answer.
pub async fn known(client: &Object, subject: &Subject) -> Result<Option<Known>> {
    let (sql, id) = match subject {
        Subject::Character(id) => (include_str!("../sql/entity/character.sql"), id),
        Subject::Corporation(id) => (include_str!("../sql/entity/corporation.sql"), id),
        Subject::Alliance(id) => (include_str!("../sql/entity/alliance.sql"), id),
        Subject::Places(_) | Subject::Ships(_) => return Ok(None),
    };
    let statement = client.prepare_cached(sql).await?;
    let row = client.query_opt(&statement, &[id]).await?;
    Ok(row.map(|row| Known {
        name: row.get("name"),
        ticker: row.get("ticker"),
        corporation_id: row.get("corporation_id"),
        alliance_id: row.get("alliance_id"),
        as_of: row.get("as_of"),
        seen_at: row.get("seen_at"),
    }))
}

/// A parameter with its type: such a statement takes one round trip, and is planned for these very bounds of time.
pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);
