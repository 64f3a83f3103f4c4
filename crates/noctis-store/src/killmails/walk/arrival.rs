//! Along the order of arrival: the registry has it, and what the question means is kept.

use noctis_core::question::Position;

use super::{Budget, Key, Walk};
use crate::Result;

/// Arrivals looked at for one page, and at a time.
const PAGE_ARRIVALS_MAX: i64 = 20_000;
const ARRIVALS_AT_A_TIME: i64 = 2_000;

impl Walk<'_> {
    /// There is always a next page: it may be asked for until something arrives.
    pub(super) async fn by_arrival(&self) -> Result<(Vec<Key>, Option<Position>)> {
        let range = self.question.range(self.now);
        let limit = self.limit();
        let mut after = match self.position() {
            Some(Position::After { arrival }) => arrival,
            _ => 0,
        };
        let mut keys: Vec<Key> = Vec::new();
        let mut looked_at = 0;
        let budget = Budget::start();
        while keys.len() < limit && looked_at < PAGE_ARRIVALS_MAX && !budget.is_spent() {
            let arrived = self.arrived(after).await?;
            let in_range: Vec<Key> =
                arrived.iter().map(|(_, key)| *key).filter(|key| range.contains(key.0)).collect();
            let meant = self.meant(&in_range).await?;
            let mut last = after;
            for (arrival, key) in &arrived {
                if keys.len() == limit {
                    break;
                }
                last = *arrival;
                if meant.contains(key) {
                    keys.push(*key);
                }
            }
            after = last;
            looked_at += ARRIVALS_AT_A_TIME;
            if (arrived.len() as i64) < ARRIVALS_AT_A_TIME {
                break;
            }
        }
        Ok((keys, Some(Position::After { arrival: after })))
    }

    async fn arrived(&self, after: i64) -> Result<Vec<(i64, Key)>> {
        let text = include_str!("../../../sql/killmail/arrived.sql");
        let statement = self.client.prepare_cached(text).await?;
        let rows = self.client.query(&statement, &[&after, &ARRIVALS_AT_A_TIME]).await?;
        Ok(rows.iter().map(|row| (row.get(0), (row.get(2), row.get(1)))).collect())
    }
}
