//! Who is at the top within a bounded time, and what was worth most.

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::isk::Isk;
use noctis_core::time::TimeRange;
use rust_decimal::Decimal;
use tokio_postgres::types::Type;

use super::Parameter;
use crate::Result;
use noctis_core::kill::Key;

/// What a top list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopKind {
    Characters,
    /// Without those of NPCs.
    Corporations,
    Alliances,
    Systems,
    Regions,
    /// Types of ships: flown on kills, or lost.
    Ships,
    Groups,
}

/// What decides the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Kills,
    Losses,
    /// ISK destroyed, not lost; kills of unknown value add nothing.
    Isk,
}

/// A row of a top list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: i64,
    pub mails: i64,
    /// Of these mails, as far as it is known.
    pub isk: Isk,
}

/// The first rows of a top list. Places know no difference between kills and losses.
///
/// # Errors
/// When the database does not answer in time.
pub async fn top(
    client: &Object,
    (kind, by): (TopKind, Measure),
    range: TimeRange,
    limit: i64,
) -> Result<Vec<Standing>> {
    let (is_loss, is_by_isk) = (by == Measure::Losses, by == Measure::Isk);
    let sql = match kind {
        TopKind::Characters => include_str!("../../sql/entity/top_characters.sql"),
        TopKind::Corporations => include_str!("../../sql/entity/top_corporations.sql"),
        TopKind::Alliances => include_str!("../../sql/entity/top_alliances.sql"),
        TopKind::Systems => include_str!("../../sql/entity/top_systems.sql"),
        TopKind::Regions => include_str!("../../sql/entity/top_regions.sql"),
        TopKind::Ships => include_str!("../../sql/entity/top_ships.sql"),
        TopKind::Groups => include_str!("../../sql/entity/top_groups.sql"),
    };
    let mut parameters: Vec<Parameter<'_>> =
        vec![(&range.from, Type::TIMESTAMPTZ), (&range.to, Type::TIMESTAMPTZ)];
    if !matches!(kind, TopKind::Systems | TopKind::Regions) {
        parameters.push((&is_loss, Type::BOOL));
    }
    parameters.extend([(&is_by_isk as _, Type::BOOL), (&limit as _, Type::INT8)]);
    let rows = client.query_typed(sql, &parameters).await?;
    let isk = |amount: Decimal| Isk::new(amount).unwrap_or_default();
    Ok(rows
        .iter()
        .map(|row| Standing {
            id: row.get("id"),
            mails: row.get("mails"),
            isk: isk(row.get("isk")),
        })
        .collect())
}

/// The most valuable kills of a time, everywhere or in some systems.
///
/// # Errors
/// When the database does not answer in time.
pub async fn most_valuable(
    client: &Object,
    range: TimeRange,
    systems: Option<&[i64]>,
    limit: i64,
) -> Result<Vec<Key>> {
    let mut parameters: Vec<Parameter<'_>> = vec![
        (&range.from, Type::TIMESTAMPTZ),
        (&range.to, Type::TIMESTAMPTZ),
        (&limit, Type::INT8),
    ];
    let sql = match &systems {
        None => include_str!("../../sql/entity/most_valuable.sql"),
        Some(systems) => {
            parameters.push((systems, Type::INT8_ARRAY));
            include_str!("../../sql/entity/most_valuable_in.sql")
        }
    };
    let rows = client.query_typed(sql, &parameters).await?;
    Ok(rows.iter().map(|row| (row.get::<_, Timestamp>(0), row.get(1))).collect())
}
