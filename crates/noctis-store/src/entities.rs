//! Asking about somebody or something: what it is called, what it did month by month, who is at the top, who met where.
//!
//! Months and top lists come from what is counted already, put right by what is not; the rest comes from the tables and
//! is bounded: by time, by rows.

mod activity;
mod battle;
mod best;
mod members;
mod pending;
mod top;

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::presence::{Entity, Kind};
use tokio_postgres::types::{ToSql, Type};

use crate::Result;

pub use activity::{Activity, USUAL_BUDGET, activity};
pub use battle::{Battle, Fighter, battle};
pub use members::{Member, corporation_characters};
pub use top::{Measure, Standing, Top, TopKind, TopQuestion, most_valuable, top};

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
pub async fn known(client: &Object, entity: Entity) -> Result<Option<Known>> {
    let sql = match entity.kind {
        Kind::Character => include_str!("../sql/entity/character.sql"),
        Kind::Corporation => include_str!("../sql/entity/corporation.sql"),
        Kind::Alliance => include_str!("../sql/entity/alliance.sql"),
        Kind::ShipType | Kind::ShipGroup | Kind::System | Kind::Constellation | Kind::Region => {
            return Ok(None);
        }
    };
    let statement = client.prepare_cached(sql).await?;
    let row = client.query_opt(&statement, &[&entity.id]).await?;
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
