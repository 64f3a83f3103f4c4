//! What somebody did, month by month: what is counted, put right by what is pending, as of one snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Key;
use noctis_core::presence::{Counts, Entity, Tally};
use noctis_core::question::{Cursor, LIMIT_MAX, Position, Question, Side, about};
use noctis_core::time::{FIRST_DAY, day, midnight};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, IsolationLevel, Row};

use super::pending::Pending;
use crate::{Result, Trouble, killmails};

/// How long it is looked for what somebody did where much is not counted yet. A page of kills that has begun is ended.
pub const USUAL_BUDGET: Duration = Duration::from_secs(2);

/// What somebody did.
#[derive(Clone, Debug)]
pub struct Activity {
    /// By the first days of calendar months; those without anything are left out.
    pub months: BTreeMap<Date, Counts>,
    /// From this day on everything is in; before, there may be more.
    pub counted_from: Date,
    /// Very much is not counted yet, and was looked for in the tables alone.
    pub is_searched: bool,
    /// Months of kills that are not counted yet and in no table, whomever they are of: they may be more there.
    pub missing: BTreeSet<Date>,
}

impl Activity {
    /// Whether there can be no more than this.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.counted_from <= FIRST_DAY && self.missing.is_empty()
    }

    /// The sum of all months.
    #[must_use]
    pub fn totals(&self) -> Counts {
        let mut totals = Counts::default();
        self.months.values().for_each(|counts| totals.add(counts, 1));
        totals
    }
}

/// What an entity did in each month.
///
/// # Errors
/// When the database does not answer in time.
pub async fn activity(
    client: &mut Object,
    catalogue: &Catalogue,
    entity: Entity,
    now: Timestamp,
    budget: Duration,
) -> Result<Activity> {
    let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let tx = builder.read_only(true).start().await?;
    let pending = Pending::read(tx.client()).await?;
    let mut months = counted(tx.client(), entity).await?;
    let late = if pending.is_cut {
        let search = Search { catalogue, entity, pending: &pending, now, budget };
        search.look(tx.client()).await?
    } else {
        let mut late = Late::default();
        late.missing = pending.kills.tally(tx.client(), catalogue, &mut late.tally).await?;
        late
    };
    tx.rollback().await?;
    for (_, day, counts) in late.tally.days().filter(|(whose, _, _)| *whose == entity) {
        months.entry(day.first_of_month()).or_default().add(counts, 1);
    }
    months.retain(|_, counts| !counts.is_zero());
    let missing = late.missing.iter().map(|(time, _)| day(*time).first_of_month()).collect();
    Ok(Activity { months, counted_from: late.counted_from, is_searched: pending.is_cut, missing })
}

async fn counted(client: &Client, entity: Entity) -> Result<BTreeMap<Date, Counts>> {
    let kind = entity.kind.number();
    let sql = include_str!("../../sql/entity/months.sql");
    let rows = client.query_typed(sql, &[(&entity.id, Type::INT8), (&kind, Type::INT2)]).await?;
    Ok(rows.iter().map(|row| (row.get("month"), counts(row))).collect())
}

fn counts(row: &Row) -> Counts {
    let number = |column| i64::from(row.get::<_, i32>(column));
    Counts {
        kills: number("kills"),
        pod_kills: number("pod_kills"),
        npc_kills: number("npc_kills"),
        losses: number("losses"),
        pod_losses: number("pod_losses"),
        npc_losses: number("npc_losses"),
        isk_destroyed: row.get("isk_destroyed"),
        isk_lost: row.get("isk_lost"),
    }
}

/// What is added to the counts.
struct Late {
    tally: Tally,
    missing: Vec<Key>,
    counted_from: Date,
}

impl Default for Late {
    fn default() -> Late {
        Late { tally: Tally::default(), missing: Vec::new(), counted_from: FIRST_DAY }
    }
}

/// Looks through the kills of an entity, newest first, for those that are not counted as they are.
struct Search<'a> {
    catalogue: &'a Catalogue,
    entity: Entity,
    pending: &'a Pending,
    now: Timestamp,
    budget: Duration,
}

impl Search<'_> {
    async fn look(&self, client: &Client) -> Result<Late> {
        let started = Instant::now();
        let mut late = Late::default();
        let mut question = Question::newest(about(self.entity, Side::Both), LIMIT_MAX);
        loop {
            let next = match self.page(client, &question, &mut late).await {
                Ok(next) => next,
                // What has been counted so far stands; the snapshot is lost.
                Err(error) if question.cursor.is_some() && is_over(&error) => break,
                Err(error) => return Err(error),
            };
            let Some(position) = next else {
                late.counted_from = FIRST_DAY;
                break;
            };
            if let Position::Before { time, .. } = position {
                late.counted_from = first_whole_month(time);
            }
            question.cursor =
                Some(Cursor { question: String::new(), position, from: None, to: None });
            if started.elapsed() >= self.budget {
                break;
            }
        }
        Ok(late)
    }

    /// Counts what is pending of one page, and says where the next begins.
    async fn page(
        &self,
        client: &Client,
        question: &Question,
        late: &mut Late,
    ) -> Result<Option<Position>> {
        let found = killmails::newest(client, self.catalogue, question, None, self.now).await?;
        let (keys, next) = found.page(LIMIT_MAX as usize);
        let kills = self.pending.among(client, &keys).await?;
        late.missing.extend(kills.tally(client, self.catalogue, &mut late.tally).await?);
        Ok(next)
    }
}

/// A statement ran into its timeout, be it the one before.
fn is_over(error: &crate::Error) -> bool {
    use tokio_postgres::error::SqlState;
    error.trouble() == Trouble::StatementTimeout
        || error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
}

/// The month that begins at this time, or else the next.
fn first_whole_month(time: Timestamp) -> Date {
    let month = day(time).first_of_month();
    if midnight(month) == time {
        return month;
    }
    month.last_of_month().tomorrow().unwrap_or(Date::MAX)
}
