//! Most valuable first, within a range that the language bounds: one statement, by the index on the value of each month.

use jiff::Timestamp;
use noctis_core::isk::Isk;
use noctis_core::question::Position;
use rust_decimal::Decimal;

use super::{Key, Walk};
use crate::{Result, compose};

impl Walk<'_> {
    pub(super) async fn highest_first(&self) -> Result<(Vec<Key>, Option<Position>)> {
        let range = self.question.range(self.now);
        let limit = self.limit();
        if range.is_empty() {
            return Ok((Vec::new(), None));
        }
        let below = match self.position() {
            Some(Position::Below { value, time, killmail_id }) => Some((value, time, killmail_id)),
            _ => None,
        };
        // One more than the page holds tells whether there is a next page.
        let asked = i64::from(self.question.limit) + 1;
        let composed = compose::highest(self.question, self.catalogue, range, below, asked);
        let rows = self.rows(&composed).await?;
        let next = rows.get(limit - 1).filter(|_| rows.len() > limit).map(|row| {
            let value = Isk::new(row.get::<_, Decimal>(2)).expect("the column holds what Isk does");
            Position::Below { value, time: row.get(0), killmail_id: row.get(1) }
        });
        let keys = rows.iter().take(limit);
        let keys = keys.map(|row| (row.get::<_, Timestamp>(0), row.get::<_, i64>(1)));
        Ok((keys.collect(), next))
    }
}
