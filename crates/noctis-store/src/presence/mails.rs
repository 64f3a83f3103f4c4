//! Kills as far as they are counted, out of the tables.

use std::collections::HashMap;
use std::pin::pin;

use futures_util::future::try_join;
use futures_util::{StreamExt, TryStreamExt, stream};
use noctis_core::isk::Isk;
use noctis_core::kill::{Key, OfMonth, by_month};
use noctis_core::presence::{Mail, Participant, Trace};
use rust_decimal::Decimal;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use crate::Result;

/// Kills of one statement. The largest fights have thousands of participants each, which are in memory together.
const PAGE_KILLS_MAX: usize = 500;
/// Pages that are asked for at once: kills that are months apart are not waited for one by one.
const PAGES_AT_ONCE: usize = 4;

/// Gives those of these kills that are in the tables to `tell`, and answers with the others. Statements are for one month
/// each, so that each touches the leaves of its month only.
///
/// # Errors
/// When the database does not answer.
pub async fn mails(client: &Client, keys: &[Key], mut tell: impl FnMut(Mail)) -> Result<Vec<Key>> {
    let pages = by_month(keys, PAGE_KILLS_MAX);
    let read = pages.into_iter().map(|page| page_of(client, page));
    let mut read = pin!(stream::iter(read).buffered(PAGES_AT_ONCE));
    let mut missing = Vec::new();
    while let Some((page, mut found)) = read.try_next().await? {
        for key in &page.keys {
            match found.remove(&key.1).filter(|mail| mail.key == *key) {
                Some(mail) => tell(mail),
                None => missing.push(*key),
            }
        }
    }
    Ok(missing)
}

async fn page_of(client: &Client, page: OfMonth) -> Result<(OfMonth, HashMap<i64, Mail>)> {
    let ids = page.ids();
    let parameters = || -> [(&(dyn ToSql + Sync), Type); 3] {
        [
            (&ids, Type::INT8_ARRAY),
            (&page.first, Type::TIMESTAMPTZ),
            (&page.last, Type::TIMESTAMPTZ),
        ]
    };
    let mut mails: HashMap<i64, Mail> = HashMap::with_capacity(page.keys.len());
    let (kills, worth) = (parameters(), parameters());
    let (kills, worth) = try_join(
        client.query_typed(include_str!("../../sql/presence/kills.sql"), &kills),
        client.query_typed(include_str!("../../sql/presence/worth.sql"), &worth),
    )
    .await?;
    let worth: HashMap<i64, &Row> = worth.iter().map(|row| (row.get(0), row)).collect();
    for row in &kills {
        let killmail_id = row.get("killmail_id");
        if let Some(worth) = worth.get(&killmail_id) {
            mails.insert(killmail_id, mail(row, worth));
        }
    }
    let sql = include_str!("../../sql/presence/participants.sql");
    let mut rows = pin!(client.query_typed_raw(sql, parameters()).await?);
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
    Ok((page, mails))
}

/// A mail without its participants.
fn mail(row: &Row, worth: &Row) -> Mail {
    let items: Vec<i32> = row.get("item_type_ids");
    let (labels, tags): (Vec<&str>, Vec<&str>) = (worth.get("labels"), worth.get("module_tags"));
    Mail {
        key: (row.get("timestamp"), row.get("killmail_id")),
        solar_system_id: row.get("system_id"),
        ship_type_id: row.get("ship_type_id"),
        npc: worth.get("npc"),
        isk_value: worth.get::<_, Option<Decimal>>("isk_value").and_then(Isk::new),
        participants: Vec::new(),
        traces: Trace::of_mail(&items, labels, tags),
    }
}
