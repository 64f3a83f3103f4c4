//! Newest first among kills that the question lists by id: the registry knows their times, so no month is searched.

use noctis_core::question::Position;
use tokio_postgres::types::Type;

use super::{Key, Walk};
use crate::Result;

/// Kills looked at in one statement. A question lists 10,000 at most, so all of them are looked at for one page.
const KILLS_AT_A_TIME: usize = 1_000;

impl Walk<'_> {
    pub(super) async fn newest_of(&self, ids: &[i64]) -> Result<(Vec<Key>, Option<Position>)> {
        let range = self.question.range(self.now);
        let limit = self.limit();
        let rows = self
            .client
            .query_typed(
                include_str!("../../../sql/killmail/times_of.sql"),
                &[
                    (&ids, Type::INT8_ARRAY),
                    (&range.from, Type::TIMESTAMPTZ),
                    (&range.to, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        let mut stored: Vec<Key> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        if let Some(Position::Before { time, killmail_id }) = self.position() {
            stored.retain(|key| *key < (time, killmail_id));
        }
        stored.sort_unstable_by(|one, other| other.cmp(one));
        let mut keys: Vec<Key> = Vec::new();
        for chunk in stored.chunks(KILLS_AT_A_TIME) {
            let meant = self.meant(chunk).await?;
            keys.extend(chunk.iter().filter(|key| meant.contains(key)));
            if keys.len() > limit {
                break;
            }
        }
        let more = keys.len() > limit;
        keys.truncate(limit);
        let last = keys.last().filter(|_| more);
        let next = last.map(|&(time, killmail_id)| Position::Before { time, killmail_id });
        Ok((keys, next))
    }
}
