//! Kills as a list shows them, out of the three tables: each is asked for itself and month by month, all of it at once.
//!
//! To plan a join of the tables takes longer than to look all of a page's kills up, and over many months it takes longer by far.

use std::collections::HashMap;

use deadpool_postgres::Object;
use futures_util::future::{try_join_all, try_join3};
use jiff::Timestamp;
use noctis_core::isk::Isk;
use noctis_core::kill::{FinalBlow, Key, Kill, OfMonth, Party, by_month};
use noctis_core::killmail::KillmailHash;
use rust_decimal::Decimal;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::Result;

/// Kills of one statement: more than are shown at a time, so a month is one.
const KILLS_AT_A_TIME: usize = 2_000;

/// These kills as a list shows them, in the order of their keys. One that is gone meanwhile is left out.
pub async fn by_keys(client: &Object, keys: &[Key]) -> Result<Vec<Kill>> {
    let months = by_month(keys, KILLS_AT_A_TIME);
    let found = try_join_all(months.into_iter().map(|month| of_month(client, month))).await?;
    let mut kills: HashMap<Key, Kill> =
        found.into_iter().flatten().map(|kill| (kill.key(), kill)).collect();
    Ok(keys.iter().filter_map(|key| kills.remove(key)).collect())
}

async fn of_month(client: &Object, month: OfMonth) -> Result<Vec<Kill>> {
    let ids = month.ids();
    let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
        (&ids, Type::INT8_ARRAY),
        (&month.first, Type::TIMESTAMPTZ),
        (&month.last, Type::TIMESTAMPTZ),
    ];
    let (mails, enriched, parties) = try_join3(
        client.query_typed(include_str!("../../sql/killmail/listed_mails.sql"), &parameters),
        client.query_typed(include_str!("../../sql/killmail/listed_enriched.sql"), &parameters),
        client.query_typed(include_str!("../../sql/killmail/listed_parties.sql"), &parameters),
    )
    .await?;
    let enriched: HashMap<i64, &Row> = enriched.iter().map(|row| (row.get(0), row)).collect();
    let mut sides: HashMap<i64, Sides> = HashMap::with_capacity(mails.len());
    for row in &parties {
        let of_kill = sides.entry(row.get(0)).or_default();
        if row.get::<_, i32>("ordinal") == 0 {
            of_kill.victim = Some(party(row));
        }
        if row.get("final_blow") {
            of_kill.final_blow = Some(FinalBlow {
                party: party(row),
                ship_type_id: row.get("ship_type_id"),
                weapon_type_id: row.get("weapon_type_id"),
            });
        }
    }
    let mails = mails.iter().filter_map(|mail| {
        let killmail_id: i64 = mail.get(0);
        let Sides { victim, final_blow } = sides.remove(&killmail_id)?;
        Some(kill(mail, enriched.get(&killmail_id)?, victim?, final_blow))
    });
    Ok(mails.collect())
}

/// Those of a kill's participants that a list shows.
#[derive(Default)]
struct Sides {
    victim: Option<Party>,
    final_blow: Option<FinalBlow>,
}

fn kill(mail: &Row, enriched: &Row, victim: Party, final_blow: Option<FinalBlow>) -> Kill {
    let isk = |column: &str| enriched.get::<_, Option<Decimal>>(column).and_then(Isk::new);
    let hash: Option<&[u8]> = mail.get("killmail_hash");
    Kill {
        killmail_id: mail.get("killmail_id"),
        killmail_time: mail.get::<_, Timestamp>("timestamp"),
        killmail_hash: hash.and_then(|bytes| bytes.try_into().ok()).map(KillmailHash),
        received_at: mail.get("inserted_at"),
        solar_system_id: mail.get("system_id"),
        ship_type_id: mail.get("ship_type_id"),
        war_id: mail.get("war_id"),
        attacker_count: mail.get("attacker_count"),
        player_count: mail.get("player_count"),
        isk_value: isk("isk_value"),
        fitted_value: isk("fitted_value"),
        dropped_value: isk("dropped_value"),
        destroyed_value: isk("destroyed_value"),
        value_source: enriched.get("value_source"),
        own_value: isk("own_value"),
        zkb_value: isk("zkb_value"),
        unpriced_count: enriched.get("unpriced_count"),
        price_date: enriched.get("price_date"),
        points: enriched.get("points"),
        npc: enriched.get("npc"),
        solo: enriched.get("solo"),
        awox: enriched.get("awox"),
        labels: enriched.get("labels"),
        module_tags: enriched.get("module_tags"),
        victim,
        final_blow,
    }
}

fn party(row: &Row) -> Party {
    Party {
        character_id: row.get("character_id"),
        corporation_id: row.get("corporation_id"),
        alliance_id: row.get("alliance_id"),
        faction_id: row.get("faction_id"),
    }
}
