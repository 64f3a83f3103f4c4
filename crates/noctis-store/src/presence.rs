//! What everybody did, by month and by day: how far it is counted, and counting on from there.
//!
//! Kills are counted after they were stored, in the order of their arrival, each once: [`Turn`]. What is counted of a kill
//! that changes is noted by whoever changes it, in `presence_changes`, and counted anew later. So at every moment the tables
//! hold exactly the kills up to one arrival, as they were before the changes that are noted.

mod leaving;
mod mails;
mod recount;
mod sums;
mod turn;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::{GenericClient, Row};

use crate::Result;

pub(crate) use leaving::{TakenBack, refuse_uncounted, take_back};
pub use mails::mails;
pub use recount::{DIFFERING_MAX, Differing, Recount, Recounted};
pub use turn::{Done, Turn};

/// Kills counted in one transaction.
pub const TURN_KILLS_MAX: i64 = 20_000;
/// Changes looked at in one transaction.
pub const TURN_CHANGES_MAX: i64 = 20_000;
/// Days that are counted by day as well, before today (UTC).
pub const DAYS_KEPT: i32 = 40;
/// Changes that wait are told up to this number.
pub const CHANGES_TOLD_MAX: i64 = 1_000_000;

/// How far it is counted: what `presence` and `presence_days` hold as of the same snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// All kills up to this arrival, and no later one.
    pub arrival: i64,
    /// From this day (UTC) on also by day.
    pub days_from: Date,
    /// When somebody last counted.
    pub at: Timestamp,
}

/// What is still to be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Kills that have arrived since; more than there are where some of them were dropped.
    pub kills: i64,
    /// Changes of kills, [`CHANGES_TOLD_MAX`] at most.
    pub changes: i64,
}

impl Behind {
    /// Whether everything is counted.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Behind::default()
    }
}

/// How far it is counted. Whoever reads what is counted as well does both in one statement or one snapshot.
///
/// # Errors
/// When the database does not answer.
pub async fn state(client: &impl GenericClient) -> Result<Counted> {
    let row = client.query_typed_one(include_str!("../sql/presence/counted.sql"), &[]).await?;
    Ok(Counted { arrival: row.get("arrival"), days_from: row.get("days_from"), at: row.get("at") })
}

/// What is still to be counted; cheap.
///
/// # Errors
/// When the database does not answer.
pub async fn behind(client: &impl GenericClient) -> Result<Behind> {
    use tokio_postgres::types::Type;
    let sql = include_str!("../sql/presence/behind.sql");
    let row = client.query_typed_one(sql, &[(&CHANGES_TOLD_MAX, Type::INT8)]).await?;
    Ok(Behind { kills: row.get("kills"), changes: row.get("changes") })
}

/// The first day that is counted by day, for whoever counts now: it never goes back.
fn days_from(before: Date, now: Timestamp) -> Date {
    let kept = jiff::Span::new().days(DAYS_KEPT);
    let first = noctis_core::time::day(now).checked_sub(kept).unwrap_or(before);
    first.max(before)
}

/// What the row that whoever counts has locked says: arrival and first day.
fn locked(row: &Row) -> (i64, Date) {
    (row.get("arrival"), row.get("days_from"))
}
