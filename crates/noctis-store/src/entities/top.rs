//! Who is at the top within a bounded time, and what was worth most.
//!
//! Whole days and months are counted already. What is not counted yet, and the ends of the time that are no whole days, are
//! counted from the tables; so is everything while very much is not counted.

use deadpool_postgres::Object;
use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::Key;
use noctis_core::presence::{Cover, Kind, Tally};
use noctis_core::time::{TimeRange, day};
use rust_decimal::Decimal;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, IsolationLevel};

use super::Parameter;
use super::best::{Added, Best};
use super::pending::Pending;
use crate::Result;

/// What a top list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopKind {
    Characters,
    /// Without those of NPCs.
    Corporations,
    Alliances,
    Systems,
    Regions,
    /// Types of ships: flown on kills, or lost.
    Ships,
    Groups,
}

/// What decides the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Kills,
    Losses,
    /// ISK destroyed, not lost; kills of unknown value add nothing.
    Isk,
}

/// A row of a top list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: i64,
    pub mails: i64,
    /// Of these mails, as far as it is known.
    pub isk: Isk,
}

/// A top list, and what it could not look at.
#[derive(Clone, Debug)]
pub struct Top {
    pub standings: Vec<Standing>,
    /// The parts of the time that were counted from the tables alone: what is archived of them is not in.
    pub from_tables: Vec<TimeRange>,
    /// Days of kills that are not counted yet and in no table, whomever they are of.
    pub missing: Vec<Date>,
}

/// What a top list is asked of.
#[derive(Clone, Copy, Debug)]
pub struct TopQuestion<'a> {
    pub kind: TopKind,
    pub by: Measure,
    pub range: TimeRange,
    pub limit: i64,
    pub now: Timestamp,
    /// The ranges of archived months.
    pub cold: &'a [TimeRange],
}

impl TopKind {
    fn counted(self) -> Kind {
        match self {
            TopKind::Characters => Kind::Character,
            TopKind::Corporations => Kind::Corporation,
            TopKind::Alliances => Kind::Alliance,
            TopKind::Systems => Kind::System,
            TopKind::Regions => Kind::Region,
            TopKind::Ships => Kind::ShipType,
            TopKind::Groups => Kind::ShipGroup,
        }
    }

    fn is_place(self) -> bool {
        matches!(self, TopKind::Systems | TopKind::Regions)
    }

    /// Corporations of NPCs are in no list.
    fn shows(self, id: i64) -> bool {
        self != TopKind::Corporations || !(1_000_000..2_000_000).contains(&id)
    }
}

/// The first rows of a top list. Places know no difference between kills and losses.
///
/// # Errors
/// When the database does not answer in time.
pub async fn top(
    client: &mut Object,
    catalogue: &Catalogue,
    question: &TopQuestion<'_>,
) -> Result<Top> {
    let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let tx = builder.read_only(true).start().await?;
    let found = in_snapshot(tx.client(), catalogue, question).await;
    tx.rollback().await?;
    found
}

async fn in_snapshot(
    client: &Client,
    catalogue: &Catalogue,
    question: &TopQuestion<'_>,
) -> Result<Top> {
    let TopQuestion { kind, range, limit, .. } = *question;
    // What was lost in a place is a kill there.
    let by = match question.by {
        Measure::Losses if kind.is_place() => Measure::Kills,
        by => by,
    };
    let pending = Pending::read(client).await?;
    if pending.is_cut {
        let standings = from_tables(client, (kind, by), range, Some(limit)).await?;
        return Ok(Top { standings, from_tables: vec![range], missing: Vec::new() });
    }
    let cover = Cover::of(range, pending.days_from, question.now, question.cold);
    let mut added = Added::new();
    let mut add = |id, mails, isk| {
        let sum: &mut (i64, Decimal) = added.entry(id).or_default();
        *sum = (sum.0 + mails, sum.1 + isk);
    };
    let mut tally = Tally::default();
    let missing = pending.kills.tally(client, catalogue, &mut tally).await?;
    for (entity, day, counts) in tally.days() {
        if entity.kind == kind.counted() && cover.counts(day) && kind.shows(entity.id) {
            match by {
                Measure::Losses => add(entity.id, counts.losses, counts.isk_lost),
                Measure::Kills | Measure::Isk => {
                    add(entity.id, counts.kills, counts.isk_destroyed);
                }
            }
        }
    }
    let ends = cover.added.iter().map(|part| (*part, 1));
    for (part, times) in ends.chain(cover.removed.iter().map(|part| (*part, -1))) {
        for one in from_tables(client, (kind, by), part, None).await? {
            add(one.id, times * one.mails, Decimal::from(times) * one.isk.amount());
        }
    }
    let best = Best { kind: kind.counted(), by, cover: &cover, added };
    let standings = best.list(client, limit).await?;
    let missing = missing.into_iter().map(|(time, _)| day(time));
    let missing = missing.filter(|day| cover.counts(*day)).collect();
    Ok(Top { standings, from_tables: cover.added, missing })
}

/// The first rows, or all, counted from the mails in the tables.
async fn from_tables(
    client: &Client,
    (kind, by): (TopKind, Measure),
    range: TimeRange,
    limit: Option<i64>,
) -> Result<Vec<Standing>> {
    let (is_loss, is_by_isk) = (by == Measure::Losses, by == Measure::Isk);
    let sql = match kind {
        TopKind::Characters => include_str!("../../sql/entity/top_characters.sql"),
        TopKind::Corporations => include_str!("../../sql/entity/top_corporations.sql"),
        TopKind::Alliances => include_str!("../../sql/entity/top_alliances.sql"),
        TopKind::Systems => include_str!("../../sql/entity/top_systems.sql"),
        TopKind::Regions => include_str!("../../sql/entity/top_regions.sql"),
        TopKind::Ships => include_str!("../../sql/entity/top_ships.sql"),
        TopKind::Groups => include_str!("../../sql/entity/top_groups.sql"),
    };
    let mut parameters: Vec<Parameter<'_>> =
        vec![(&range.from, Type::TIMESTAMPTZ), (&range.to, Type::TIMESTAMPTZ)];
    if !kind.is_place() {
        parameters.push((&is_loss, Type::BOOL));
    }
    parameters.extend([(&is_by_isk as _, Type::BOOL), (&limit as _, Type::INT8)]);
    let rows = client.query_typed(sql, &parameters).await?;
    Ok(rows
        .iter()
        .map(|row| Standing {
            id: row.get("id"),
            mails: row.get("mails"),
            isk: Isk::new(row.get("isk")).unwrap_or_default(),
        })
        .collect())
}

/// The most valuable kills of a time, everywhere or in some systems.
///
/// # Errors
/// When the database does not answer in time.
pub async fn most_valuable(
    client: &Object,
    range: TimeRange,
    systems: Option<&[i64]>,
    limit: i64,
) -> Result<Vec<Key>> {
    let mut parameters: Vec<Parameter<'_>> = vec![
        (&range.from, Type::TIMESTAMPTZ),
        (&range.to, Type::TIMESTAMPTZ),
        (&limit, Type::INT8),
    ];
    let sql = match &systems {
        None => include_str!("../../sql/entity/most_valuable.sql"),
        Some(systems) => {
            parameters.push((systems, Type::INT8_ARRAY));
            include_str!("../../sql/entity/most_valuable_in.sql")
        }
    };
    let rows = client.query_typed(sql, &parameters).await?;
    Ok(rows.iter().map(|row| (row.get::<_, Timestamp>(0), row.get(1))).collect())
}
