//! Reading killmails: pages of a question, one kill by id, its body.

mod asked;
mod facts;

use std::collections::HashMap;

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::isk::Isk;
use noctis_core::kill::{FinalBlow, Key, Kill, Party};
use noctis_core::killmail::KillmailHash;
use rust_decimal::Decimal;
use tokio_postgres::Row;

use crate::Result;

pub use asked::{PAGE_TIME_MAX, among, arrived, highest, months, newest, times_of};
pub use facts::{WordCounts, exists, hashes, word_counts};

/// These kills as a list shows them, in the order of their keys. One that is gone meanwhile is left out.
pub async fn by_keys(client: &Object, keys: &[Key]) -> Result<Vec<Kill>> {
    let (Some((first, _)), Some((last, _))) = (keys.iter().min(), keys.iter().max()) else {
        return Ok(Vec::new());
    };
    let ids: Vec<i64> = keys.iter().map(|(_, id)| *id).collect();
    let times: Vec<Timestamp> = keys.iter().map(|(time, _)| *time).collect();
    use tokio_postgres::types::Type;
    let rows = client
        .query_typed(
            include_str!("../sql/killmail/by_keys.sql"),
            &[
                (&ids, Type::INT8_ARRAY),
                (&times, Type::TIMESTAMPTZ_ARRAY),
                (first, Type::TIMESTAMPTZ),
                (last, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let mut kills: HashMap<i64, Kill> =
        rows.iter().map(|row| (row.get("killmail_id"), kill(row))).collect();
    Ok(ids.iter().filter_map(|id| kills.remove(id)).collect())
}

/// The number of the last kill that arrived; 0 in an empty store.
pub async fn last_arrival(client: &Object) -> Result<i64> {
    let statement = client.prepare_cached(include_str!("../sql/killmail/last_arrival.sql")).await?;
    Ok(client.query_one(&statement, &[]).await?.get(0))
}

/// When a kill that has ever been stored happened, by the registry.
pub async fn time_of(client: &Object, killmail_id: i64) -> Result<Option<Timestamp>> {
    let statement = client.prepare_cached(include_str!("../sql/killmail/time_of.sql")).await?;
    Ok(client.query_opt(&statement, &[&killmail_id]).await?.map(|row| row.get(0)))
}

/// The ESI body of one kill in the tables.
pub async fn body(client: &Object, (time, killmail_id): Key) -> Result<Option<String>> {
    use tokio_postgres::types::Type;
    let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&killmail_id, Type::INT8), (&time, Type::TIMESTAMPTZ)];
    let rows = client.query_typed(include_str!("../sql/killmail/body.sql"), &parameters).await?;
    Ok(rows.first().map(|row| row.get(0)))
}

/// Names by kind and id.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub characters: HashMap<i64, String>,
    pub corporations: HashMap<i64, String>,
    pub alliances: HashMap<i64, String>,
}

/// The names of all these, as far as they are known, in one look-up.
pub async fn names(client: &Object, parties: impl Iterator<Item = &Party>) -> Result<Names> {
    let (mut characters, mut corporations, mut alliances) = (Vec::new(), Vec::new(), Vec::new());
    for party in parties {
        characters.extend(party.character_id);
        corporations.extend(party.corporation_id);
        alliances.extend(party.alliance_id);
    }
    for ids in [&mut characters, &mut corporations, &mut alliances] {
        ids.sort_unstable();
        ids.dedup();
    }
    let statement = client.prepare_cached(include_str!("../sql/killmail/names.sql")).await?;
    let mut names = Names::default();
    for row in client.query(&statement, &[&characters, &corporations, &alliances]).await? {
        let of_kind = match row.get("kind") {
            "character" => &mut names.characters,
            "corporation" => &mut names.corporations,
            _ => &mut names.alliances,
        };
        of_kind.insert(row.get("eve_id"), row.get("name"));
    }
    Ok(names)
}

fn kill(row: &Row) -> Kill {
    let isk = |column: &str| row.get::<_, Option<Decimal>>(column).and_then(Isk::new);
    let hash: Option<&[u8]> = row.get("killmail_hash");
    Kill {
        killmail_id: row.get("killmail_id"),
        killmail_time: row.get("timestamp"),
        killmail_hash: hash.and_then(|bytes| bytes.try_into().ok()).map(KillmailHash),
        received_at: row.get("inserted_at"),
        solar_system_id: row.get("system_id"),
        ship_type_id: row.get("ship_type_id"),
        war_id: row.get("war_id"),
        attacker_count: row.get("attacker_count"),
        player_count: row.get("player_count"),
        isk_value: isk("isk_value"),
        fitted_value: isk("fitted_value"),
        dropped_value: isk("dropped_value"),
        destroyed_value: isk("destroyed_value"),
        value_source: row.get("value_source"),
        own_value: isk("own_value"),
        zkb_value: isk("zkb_value"),
        unpriced_count: row.get("unpriced_count"),
        price_date: row.get("price_date"),
        points: row.get("points"),
        npc: row.get("npc"),
        solo: row.get("solo"),
        awox: row.get("awox"),
        labels: row.get("labels"),
        module_tags: row.get("module_tags"),
        victim: party(row, "victim"),
        final_blow: row.get::<_, Option<i32>>("final_ordinal").map(|_| FinalBlow {
            party: party(row, "final"),
            ship_type_id: row.get("final_ship_type_id"),
            weapon_type_id: row.get("final_weapon_type_id"),
        }),
    }
}

fn party(row: &Row, role: &str) -> Party {
    let id = |entity: &str| row.get(format!("{role}_{entity}_id").as_str());
    Party {
        character_id: id("character"),
        corporation_id: id("corporation"),
        alliance_id: id("alliance"),
        faction_id: id("faction"),
    }
}
