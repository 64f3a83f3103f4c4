//! Kills as far as they are counted, out of the tables.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::isk::Isk;
use noctis_core::kill::Key;
use noctis_core::presence::{Mail, Participant};
use noctis_core::time::day;
use rust_decimal::Decimal;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use crate::Result;

/// Kills of one statement. The largest fights have thousands of participants each, which are in memory together.
const PAGE_KILLS_MAX: usize = 2_000;

/// Gives those of these kills that are in the tables to `tell`, and answers with the others. Statements are for one month
/// each, so that each touches the leaves of its month only.
///
/// # Errors
/// When the database does not answer.
pub async fn mails(client: &Client, keys: &[Key], mut tell: impl FnMut(Mail)) -> Result<Vec<Key>> {
    let mut months: BTreeMap<Date, Vec<Key>> = BTreeMap::new();
    for &key in keys {
        months.entry(day(key.0).first_of_month()).or_default().push(key);
    }
    let mut missing = Vec::new();
    for keys in months.into_values() {
        for page in keys.chunks(PAGE_KILLS_MAX) {
            let mut found = page_of(client, page).await?;
            for key in page {
                match found.remove(&key.1) {
                    Some(mail) => tell(mail),
                    None => missing.push(*key),
                }
            }
        }
    }
    Ok(missing)
}

async fn page_of(client: &Client, keys: &[Key]) -> Result<HashMap<i64, Mail>> {
    let (ids, times): (Vec<i64>, Vec<Timestamp>) =
        keys.iter().map(|&(time, id)| (id, time)).unzip();
    let (first, last) = (times.iter().min(), times.iter().max());
    let parameters: [(&(dyn ToSql + Sync), Type); 4] = [
        (&ids, Type::INT8_ARRAY),
        (&times, Type::TIMESTAMPTZ_ARRAY),
        (&first, Type::TIMESTAMPTZ),
        (&last, Type::TIMESTAMPTZ),
    ];
    let mut mails: HashMap<i64, Mail> = HashMap::with_capacity(keys.len());
    let sql = include_str!("../../sql/presence/kills.sql");
    for row in client.query_typed(sql, &parameters).await? {
        let id = row.get("killmail_id");
        let mail = Mail {
            key: (row.get("timestamp"), id),
            solar_system_id: row.get("system_id"),
            ship_type_id: row.get("ship_type_id"),
            npc: row.get("npc"),
            isk_value: row.get::<_, Option<Decimal>>("isk_value").and_then(Isk::new),
            participants: Vec::new(),
        };
        mails.insert(id, mail);
    }
    let sql = include_str!("../../sql/presence/participants.sql");
    let mut rows = pin!(client.query_typed_raw(sql, parameters).await?);
    while let Some(row) = rows.try_next().await? {
        let Some(mail) = mails.get_mut(&row.get(0)) else { continue };
        mail.participants.push(Participant {
            ordinal: row.get(1),
            character_id: row.get(2),
            corporation_id: row.get(3),
            alliance_id: row.get(4),
            ship_type_id: row.get(5),
        });
    }
    Ok(mails)
}
