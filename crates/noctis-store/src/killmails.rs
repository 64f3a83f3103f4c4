//! Reading killmails: pages of a question, one kill by id, its body.

mod asked;
mod facts;
mod listed;

use std::collections::HashMap;

use deadpool_postgres::Object;
use jiff::Timestamp;
use noctis_core::kill::{Key, Party};

use crate::Result;

pub use asked::{PAGE_TIME_MAX, among, arrived, highest, months, newest, times_of};
pub use facts::{WordCounts, exists, hashes, word_counts};
pub use listed::by_keys;

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
