//! The characters of a corporation: those that the names say, and those seen on recent mails.

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::time::TimeRange;
use tokio_postgres::types::Type;

use crate::Result;

/// A character of a corporation, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub character_id: i64,
    /// The names have it in this corporation.
    pub is_in_names: bool,
    /// Its newest mail for this corporation within the time that was looked at.
    pub last_seen: Option<Timestamp>,
}

/// The next characters after an id, in the order of ids. `seen_within` is the time whose mails are looked at.
///
/// # Errors
/// When the database does not answer in time.
pub async fn corporation_characters(
    client: &Object,
    corporation_id: i64,
    seen_within: TimeRange,
    after: i64,
    limit: i64,
) -> Result<Vec<Member>> {
    let rows = client
        .query_typed(
            include_str!("../../sql/entity/corporation_characters.sql"),
            &[
                (&corporation_id, Type::INT8),
                (&seen_within.from, Type::TIMESTAMPTZ),
                (&seen_within.to, Type::TIMESTAMPTZ),
                (&after, Type::INT8),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| Member {
            character_id: row.get("id"),
            is_in_names: row.get("is_in_names"),
            last_seen: row.get("last_seen"),
        })
        .collect())
}
