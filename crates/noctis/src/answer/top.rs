//! Top lists, and the most valuable kills, of a bounded time.

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::Party;
use noctis_core::time::TimeRange;
use noctis_store::entities::{self, Measure, TopKind};
use noctis_store::killmails;
use serde::Serialize;
use utoipa::ToSchema;

use super::activity::{Certainty, name_of};
use super::entity::systems_of;
use super::kill::{Kill, Named};
use super::naming::Naming;
use crate::kills::{Kills, Result};

/// A top list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Top {
    /// What it is of, as asked.
    pub kind: &'static str,
    /// What decides the order, as asked.
    pub by: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// All of the time is counted, or there is no answer; `at_least` where archived months are not counted.
    pub counts: Certainty,
    /// Archived months, as `2025-06`, of which only a part was asked for: their days are not known. Asked for whole, or as days
    /// of the last 40, archived months are counted like all others.
    pub not_counted: Vec<String>,
    pub rows: Vec<TopRow>,
}

/// A row of a top list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopRow {
    #[serde(flatten)]
    pub named: Named,
    /// Kills or losses; of places, what was lost there.
    pub count: i64,
    /// The worth of those whose value is known.
    #[schema(value_type = f64)]
    pub isk: Isk,
}

/// The most valuable kills of a time, the most valuable first; kills of unknown value are not among them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MostValuable {
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    #[schema(required = true)]
    pub region: Option<Named>,
    /// Archived months, as `2025-06`, of this time: what happened there before they were archived is not among them.
    pub not_counted: Vec<String>,
    pub killmails: Vec<Kill>,
}

/// What kinds of top lists are called.
pub const TOP_KINDS: [(&str, TopKind); 7] = [
    ("characters", TopKind::Characters),
    ("corporations", TopKind::Corporations),
    ("alliances", TopKind::Alliances),
    ("systems", TopKind::Systems),
    ("regions", TopKind::Regions),
    ("ships", TopKind::Ships),
    ("groups", TopKind::Groups),
];

/// What their orders are called.
pub const MEASURES: [(&str, Measure); 3] =
    [("kills", Measure::Kills), ("losses", Measure::Losses), ("isk", Measure::Isk)];

/// A question for a top list.
#[derive(Clone, Copy, Debug)]
pub struct TopQuestion {
    pub kind: (&'static str, TopKind),
    pub by: (&'static str, Measure),
    pub range: TimeRange,
    pub limit: i64,
}

/// Answers it.
///
/// # Errors
/// When the database does not answer in time.
pub async fn top(
    kills: &Kills,
    catalogue: &Catalogue,
    question: &TopQuestion,
    now: Timestamp,
) -> Result<Top> {
    let TopQuestion { kind, by, range, limit } = *question;
    let cold = kills.cold_ranges().await?;
    let asked = entities::TopQuestion { kind: kind.1, by: by.1, range, limit, now, cold: &cold };
    let mut client = kills.client().await?;
    let found = entities::top(&mut client, catalogue, &asked).await?;
    let parties: Vec<Party> =
        found.standings.iter().map(|standing| party(kind.1, standing.id)).collect();
    let names = killmails::names(&client, parties.iter()).await?;
    drop(client);
    let naming = Naming { catalogue, names };
    let rows = found.standings.iter().map(|standing| TopRow {
        named: named(kind.1, standing.id, &naming),
        count: standing.mails,
        isk: standing.isk,
    });
    let not_counted = not_counted(kills, &found).await?;
    Ok(Top {
        kind: kind.0,
        by: by.0,
        from: range.from,
        to: range.to,
        counts: if not_counted.is_empty() { Certainty::Exact } else { Certainty::AtLeast },
        not_counted,
        rows: rows.collect(),
    })
}

/// The archived months of which only a part was asked for, and those of kills that are not counted yet.
async fn not_counted(kills: &Kills, found: &entities::Top) -> Result<Vec<String>> {
    let mut months: Vec<String> = found.missing.iter().map(|day| name_of(*day)).collect();
    for range in &found.from_tables {
        months.extend(kills.cold_months(*range).await?);
    }
    months.sort_unstable_by(|one, other| other.cmp(one));
    months.dedup();
    Ok(months)
}

fn party(kind: TopKind, id: i64) -> Party {
    match kind {
        TopKind::Characters => Party { character_id: Some(id), ..Party::default() },
        TopKind::Corporations => Party { corporation_id: Some(id), ..Party::default() },
        TopKind::Alliances => Party { alliance_id: Some(id), ..Party::default() },
        TopKind::Systems | TopKind::Regions | TopKind::Ships | TopKind::Groups => Party::default(),
    }
}

fn named(kind: TopKind, id: i64, naming: &Naming<'_>) -> Named {
    match kind {
        TopKind::Characters => naming.character_named(id),
        TopKind::Corporations => naming.corporation_named(id),
        TopKind::Alliances => naming.alliance_named(id),
        TopKind::Systems => Named { id, name: naming.solar_system(id).name },
        TopKind::Regions => naming.region_named(id),
        TopKind::Ships => Named { id, name: naming.item_type(id).name },
        TopKind::Groups => naming.group_named(id),
    }
}

/// The most valuable kills, everywhere or in one region.
///
/// # Errors
/// When the database does not answer in time.
pub async fn most_valuable(
    kills: &Kills,
    catalogue: &Catalogue,
    (range, region_id): (TimeRange, Option<i64>),
    limit: i64,
) -> Result<MostValuable> {
    let not_counted = kills.cold_months(range).await?;
    let client = &kills.client().await?;
    let systems = region_id.map(|id| systems_of(catalogue, id));
    let keys = entities::most_valuable(client, range, systems.as_deref(), limit).await?;
    let killmails =
        super::with_names(client, catalogue, killmails::by_keys(client, &keys).await?).await?;
    let naming = Naming { catalogue, names: killmails::Names::default() };
    Ok(MostValuable {
        from: range.from,
        to: range.to,
        region: region_id.map(|id| naming.region_named(id)),
        not_counted,
        killmails,
    })
}
