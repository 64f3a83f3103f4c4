//! What the counts do not hold as it is: kills that arrived later, and kills that changed since they were counted.

use std::collections::HashMap;

use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::Key;
use noctis_core::presence::{Mail, Tally};
use noctis_core::time::FIRST_DAY;
use rust_decimal::Decimal;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use crate::Result;
use crate::presence::mails;

/// Kills that are read for an answer whomever they are of. Where more are pending, those of the entity are looked for.
pub(super) const PENDING_MAX: i64 = 1_000;

/// How far it is counted, and what has to be put right, as of one snapshot.
#[derive(Debug)]
pub(super) struct Pending {
    /// Kills up to this arrival are counted.
    pub(super) arrival: i64,
    /// From this day on also by day.
    pub(super) days_from: Date,
    pub(super) kills: Kills,
    /// There is more than this.
    pub(super) is_cut: bool,
}

/// Kills that are not counted as they are.
#[derive(Debug, Default)]
pub(super) struct Kills {
    keys: Vec<Key>,
    /// Of those that are counted, how they were then.
    before: HashMap<i64, (bool, Option<Isk>)>,
}

impl Pending {
    /// Reads it; a caller who reads counts as well does so in the same snapshot.
    pub(super) async fn read(client: &Client) -> Result<Pending> {
        let limit = PENDING_MAX + 1;
        let sql = include_str!("../../sql/entity/pending.sql");
        let rows = client.query_typed(sql, &[(&limit, Type::INT8)]).await?;
        // The table has one row, always.
        let (arrival, days_from) =
            rows.first().map_or((0, FIRST_DAY), |row| (row.get("arrival"), row.get("days_from")));
        let mut kills = Kills::default();
        let found = rows.iter().filter(|row| row.get::<_, Option<i64>>("killmail_id").is_some());
        found.for_each(|row| kills.take(row));
        let is_cut = rows.len() as i64 > PENDING_MAX;
        Ok(Pending { arrival, days_from, kills, is_cut })
    }

    /// Of these kills those that are not counted as they are.
    pub(super) async fn among(&self, client: &Client, keys: &[Key]) -> Result<Kills> {
        let ids: Vec<i64> = keys.iter().map(|(_, id)| *id).collect();
        let sql = include_str!("../../sql/entity/pending_among.sql");
        let parameters: [super::Parameter<'_>; 2] =
            [(&ids, Type::INT8_ARRAY), (&self.arrival, Type::INT8)];
        let mut kills = Kills::default();
        client.query_typed(sql, &parameters).await?.iter().for_each(|row| kills.take(row));
        Ok(kills)
    }
}

impl Kills {
    /// Of one kill the oldest change comes first: that is how it was counted.
    fn take(&mut self, row: &Row) {
        let killmail_id = row.get("killmail_id");
        if self.before.contains_key(&killmail_id) {
            return;
        }
        self.keys.push((row.get("timestamp"), killmail_id));
        if !row.get::<_, bool>("is_new") {
            let isk = row.get::<_, Option<Decimal>>("isk_value").and_then(Isk::new);
            self.before.insert(killmail_id, (row.get("npc"), isk));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What has to be added to the counts for them. The keys that come back are of kills that are in no table.
    pub(super) async fn tally(
        &self,
        client: &Client,
        catalogue: &Catalogue,
        tally: &mut Tally,
    ) -> Result<Vec<Key>> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let tell = |mail: Mail| {
            tally.add(&mail, catalogue);
            if let Some(&(npc, isk_value)) = self.before.get(&mail.key.1) {
                tally.take_back(&Mail { npc, isk_value, ..mail }, catalogue);
            }
        };
        mails(client, &self.keys, tell).await
    }
}
