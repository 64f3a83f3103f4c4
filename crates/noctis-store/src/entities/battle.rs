//! What happened around a kill: what its victim lost besides, and the battle it was part of.

use deadpool_postgres::Object;
use jiff::{SignedDuration, Timestamp};
use noctis_core::isk::Isk;
use noctis_core::time::TimeRange;
use rust_decimal::Decimal;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::Result;
use noctis_core::kill::{Key, Party};

/// Kills in a system this near to one another are one battle.
const BATTLE_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// Kills of a battle; the nearest in time are kept.
const BATTLE_KILLS_MAX: i64 = 500;
/// Rows of participants of a battle.
const BATTLE_ROWS_MAX: i64 = 100_000;

/// What a battle was, before it is added up.
#[derive(Clone, Debug)]
pub struct Battle {
    pub range: TimeRange,
    /// Oldest first.
    pub kills: Vec<Key>,
    /// Everybody on these kills, a row for each kill they are on.
    pub fighters: Vec<Fighter>,
    /// Whether there was more than is told.
    pub is_cut: bool,
}

/// Somebody on one kill of a battle.
#[derive(Clone, Debug)]
pub struct Fighter {
    pub killmail_id: i64,
    pub is_victim: bool,
    pub party: Party,
    pub ship_type_id: Option<i64>,
    /// What the kill was worth, where that is known.
    pub isk_value: Option<Isk>,
}

/// The kills in a system from half an hour before this moment to half an hour after, and who was on them.
///
/// # Errors
/// When the database does not answer.
pub async fn battle(client: &Object, system_id: i64, time: Timestamp) -> Result<Battle> {
    let range = around(time, BATTLE_WITHIN);
    // One more than is kept tells whether there was more.
    let rows = client
        .query_typed(
            include_str!("../../sql/entity/battle_kills.sql"),
            &[
                (&system_id, Type::INT8),
                (&range.from, Type::TIMESTAMPTZ),
                (&range.to, Type::TIMESTAMPTZ),
                (&time, Type::TIMESTAMPTZ),
                (&(BATTLE_KILLS_MAX + 1), Type::INT8),
            ],
        )
        .await?;
    let mut kills = keys(&rows);
    let is_cut = kills.len() as i64 > BATTLE_KILLS_MAX;
    kills.truncate(usize::try_from(BATTLE_KILLS_MAX).expect("five hundred"));
    kills.sort_unstable();
    let fighters = fighters(client, &kills).await?;
    let is_cut = is_cut || fighters.len() as i64 == BATTLE_ROWS_MAX;
    Ok(Battle { range, kills, fighters, is_cut })
}

async fn fighters(client: &Object, kills: &[Key]) -> Result<Vec<Fighter>> {
    let (Some((first, _)), Some((last, _))) = (kills.first(), kills.last()) else {
        return Ok(Vec::new());
    };
    let ids: Vec<i64> = kills.iter().map(|(_, id)| *id).collect();
    let times: Vec<Timestamp> = kills.iter().map(|(time, _)| *time).collect();
    let rows = client
        .query_typed(
            include_str!("../../sql/entity/battle_rows.sql"),
            &[
                (&ids, Type::INT8_ARRAY),
                (&times, Type::TIMESTAMPTZ_ARRAY),
                (first, Type::TIMESTAMPTZ),
                (last, Type::TIMESTAMPTZ),
                (&BATTLE_ROWS_MAX, Type::INT8),
            ],
        )
        .await?;
    Ok(rows.iter().map(fighter).collect())
}

fn fighter(row: &Row) -> Fighter {
    Fighter {
        killmail_id: row.get("killmail_id"),
        is_victim: row.get("is_victim"),
        party: Party {
            character_id: row.get("character_id"),
            corporation_id: row.get("corporation_id"),
            alliance_id: row.get("alliance_id"),
            faction_id: row.get("faction_id"),
        },
        ship_type_id: row.get("ship_type_id"),
        isk_value: row.get::<_, Option<Decimal>>("isk_value").and_then(Isk::new),
    }
}

/// Both ends included, as people mean it.
fn around(time: Timestamp, distance: SignedDuration) -> TimeRange {
    let end = distance + SignedDuration::from_micros(1);
    TimeRange {
        from: time.checked_sub(distance).unwrap_or(Timestamp::MIN),
        to: time.checked_add(end).unwrap_or(Timestamp::MAX),
    }
}

fn keys(rows: &[Row]) -> Vec<Key> {
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
