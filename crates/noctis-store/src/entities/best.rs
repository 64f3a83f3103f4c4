//! A top list out of counts: found without adding up everybody.
//!
//! The sum of the last one on the list, divided by the number of things that are added up, is what anybody on it has in one
//! of them. So first those at the top of each are added up, which gives a sum that the last one has at least; then those who
//! have its share anywhere. Nobody else can be on the list.

use std::collections::{HashMap, HashSet};

use noctis_core::isk::Isk;
use noctis_core::presence::{Cover, Kind};
use rust_decimal::{Decimal, RoundingStrategy};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::Parameter;
use super::top::{Measure, Standing};
use crate::Result;

/// What comes to the counts of days and month, by entity: mails and their ISK. It may be below zero.
pub(super) type Added = HashMap<i64, (i64, Decimal)>;

/// A list in the making.
pub(super) struct Best<'a> {
    pub(super) kind: Kind,
    pub(super) by: Measure,
    pub(super) cover: &'a Cover,
    pub(super) added: Added,
}

impl Best<'_> {
    /// The first rows.
    pub(super) async fn list(&self, client: &Client, limit: i64) -> Result<Vec<Standing>> {
        let rows = usize::try_from(limit).unwrap_or_default();
        let first = self.who(client, Decimal::ZERO, Some(limit)).await?;
        let sums = self.sums(client, &first).await?;
        // Fewer than the list has rows: whoever did anything is on it.
        let last = sums.get(rows.saturating_sub(1)).map_or(Decimal::ZERO, |sum| self.measured(sum));
        let share = (last / Decimal::from(self.parts()))
            .round_dp_with_strategy(2, RoundingStrategy::ToZero);
        let everybody = self.who(client, share, None).await?;
        let mut sums = self.sums(client, &everybody).await?;
        sums.truncate(rows);
        Ok(sums)
    }

    /// How many things are added up.
    fn parts(&self) -> i64 {
        let (from, to) = self.cover.days;
        let days = from.duration_until(to).as_hours() / 24;
        days + i64::from(self.cover.month.is_some()) + 1
    }

    fn measured(&self, standing: &Standing) -> Decimal {
        match self.by {
            Measure::Kills | Measure::Losses => Decimal::from(standing.mails),
            Measure::Isk => standing.isk.amount(),
        }
    }

    /// Those who have so much on one day, in the month, or added: of each the first `limit`.
    async fn who(
        &self,
        client: &Client,
        least: Decimal,
        limit: Option<i64>,
    ) -> Result<HashSet<i64>> {
        let sql = match self.by {
            Measure::Kills => include_str!("../../sql/entity/best_kills.sql"),
            Measure::Losses => include_str!("../../sql/entity/best_losses.sql"),
            Measure::Isk => include_str!("../../sql/entity/best_isk.sql"),
        };
        let (kind, whole) = (self.kind.number(), ceiling(least));
        let least_parameter: Parameter<'_> = match self.by {
            Measure::Kills | Measure::Losses => (&whole, Type::INT8),
            Measure::Isk => (&least, Type::NUMERIC),
        };
        let parameters = [
            (&kind as _, Type::INT2),
            (&self.cover.days.0 as _, Type::DATE),
            (&self.cover.days.1 as _, Type::DATE),
            (&self.cover.month as _, Type::DATE),
            least_parameter,
            (&limit as _, Type::INT8),
        ];
        let rows = client.query_typed(sql, &parameters).await?;
        let mut who: HashSet<i64> = rows.iter().map(|row| row.get(0)).collect();
        let of = |added: &(i64, Decimal)| match self.by {
            Measure::Kills | Measure::Losses => Decimal::from(added.0),
            Measure::Isk => added.1,
        };
        let mut added: Vec<(Decimal, i64)> =
            self.added.iter().map(|(id, added)| (of(added), *id)).collect();
        added.retain(|(measured, _)| *measured >= least);
        if let Some(limit) = limit {
            added.sort_unstable_by(|one, other| other.cmp(one));
            added.truncate(usize::try_from(limit).unwrap_or_default());
        }
        who.extend(added.into_iter().map(|(_, id)| id));
        Ok(who)
    }

    /// What these did altogether, in the order of the list; who did nothing is left out.
    async fn sums(&self, client: &Client, who: &HashSet<i64>) -> Result<Vec<Standing>> {
        let ids: Vec<i64> = who.iter().copied().collect();
        let (kind, is_loss) = (self.kind.number(), self.by == Measure::Losses);
        let parameters = [
            (&ids as _, Type::INT8_ARRAY),
            (&kind as _, Type::INT2),
            (&self.cover.days.0 as _, Type::DATE),
            (&self.cover.days.1 as _, Type::DATE),
            (&self.cover.month as _, Type::DATE),
            (&is_loss as _, Type::BOOL),
        ];
        let sql = include_str!("../../sql/entity/best_sums.sql");
        let mut sums: Added =
            who.iter().filter_map(|id| Some((*id, *self.added.get(id)?))).collect();
        for row in client.query_typed(sql, &parameters).await? {
            let sum = sums.entry(row.get("entity_id")).or_default();
            sum.0 += row.get::<_, i64>("mails");
            sum.1 += row.get::<_, Decimal>("isk");
        }
        let mut standings: Vec<Standing> = sums
            .into_iter()
            .filter(|(_, (mails, _))| *mails > 0)
            .map(|(id, (mails, isk))| Standing {
                id,
                mails,
                isk: Isk::new(isk).unwrap_or_default(),
            })
            .collect();
        standings.sort_unstable_by(|one, other| {
            let (first, second) = (self.measured(one), self.measured(other));
            second.cmp(&first).then(other.mails.cmp(&one.mails)).then(one.id.cmp(&other.id))
        });
        Ok(standings)
    }
}

fn ceiling(amount: Decimal) -> i64 {
    i64::try_from(amount.ceil()).unwrap_or(i64::MAX)
}
