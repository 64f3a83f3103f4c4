//! What somebody did: totals, months, the most frequent, the newest kills and losses; each count says how sure it is.

use jiff::Timestamp;
use noctis_core::isk::Isk;
use noctis_core::time::eve_time;
use noctis_store::entities::{self, Ranking};
use serde::Serialize;
use utoipa::ToSchema;

use super::kill::{Kill, Named, NamedType, SolarSystem};
use super::naming::Naming;

/// Rows of one list of the most frequent.
pub(super) const TOP_ROWS_MAX: usize = 10;

/// Whether a count is the whole truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    Exact,
    /// There may be more that was not looked at.
    AtLeast,
}

/// What somebody did within the time that was looked at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Activity {
    /// Everything here is counted from then on. Older months were not looked at where totals say `at_least`.
    #[schema(value_type = String, format = DateTime)]
    pub counted_from: Timestamp,
    pub totals: Counts,
    /// Newest first; months without any killmail are left out.
    pub months: Vec<Month>,
    pub top: Tops,
    /// Newest first, twenty at most.
    pub recent_kills: Vec<Kill>,
    /// Newest first, twenty at most. Of a place there are none: what was lost there is a kill.
    pub recent_losses: Vec<Kill>,
}

/// Kills are mails as an attacker, losses as the victim; a mail counts once, however many pilots were on it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Counts {
    pub counts: Certainty,
    /// Of a place, whatever was lost there.
    pub kills: i64,
    /// How many of the kills were capsules.
    pub pod_kills: i64,
    /// How many of the kills were by NPCs alone.
    pub npc_kills: i64,
    pub losses: i64,
    /// How many of the losses were capsules.
    pub pod_losses: i64,
    /// How many of the losses were to NPCs alone.
    pub npc_losses: i64,
    /// The worth of the kills whose value is known.
    #[schema(value_type = f64)]
    pub isk_destroyed: Isk,
    /// The worth of the losses whose value is known.
    #[schema(value_type = f64)]
    pub isk_lost: Isk,
}

/// A calendar month of EVE time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Month {
    /// As `2026-11`.
    pub month: String,
    #[serde(flatten)]
    pub counted: Counts,
}

/// The most frequent, ten of each at most. What is not counted for a kind of entity is empty.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tops {
    /// Flown on kills.
    pub ships_flown: TopTypes,
    pub ships_lost: TopTypes,
    /// Where the kills were; of a ship, where it was lost.
    pub systems: TopSystems,
    /// By kills: the members of a group, the attackers in a place, the pilots of a ship.
    pub characters: TopNames,
    /// By kills: the members of an alliance, the attackers in a place.
    pub corporations: TopNames,
    /// By kills: the attackers in a place.
    pub alliances: TopNames,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopTypes {
    pub counts: Certainty,
    pub rows: Vec<TopType>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopType {
    #[serde(flatten)]
    pub ship: NamedType,
    /// Mails.
    pub count: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopSystems {
    pub counts: Certainty,
    pub rows: Vec<TopSystem>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopSystem {
    #[serde(flatten)]
    pub system: SolarSystem,
    /// Mails.
    pub count: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopNames {
    pub counts: Certainty,
    pub rows: Vec<TopName>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopName {
    #[serde(flatten)]
    pub named: Named,
    /// Mails.
    pub count: i64,
}

impl Activity {
    pub(super) fn new(
        activity: &entities::Activity,
        recent: (Vec<Kill>, Vec<Kill>),
        naming: &Naming<'_>,
    ) -> Activity {
        let certainty = if activity.is_complete { Certainty::Exact } else { Certainty::AtLeast };
        let months = activity.months.iter().map(|month| Month {
            month: eve_time(month.begin)[..7].to_owned(),
            // Months are looked at whole.
            counted: Counts::new(&month.counts, Certainty::Exact),
        });
        let (recent_kills, recent_losses) = recent;
        Activity {
            counted_from: activity.counted.from,
            totals: Counts::new(&activity.totals(), certainty),
            months: months.collect(),
            top: Tops::new(&activity.tops, certainty, naming),
            recent_kills,
            recent_losses,
        }
    }
}

impl Counts {
    fn new(counts: &entities::Counts, certainty: Certainty) -> Counts {
        Counts {
            counts: certainty,
            kills: counts.kills,
            pod_kills: counts.pod_kills,
            npc_kills: counts.npc_kills,
            losses: counts.losses,
            pod_losses: counts.pod_losses,
            npc_losses: counts.npc_losses,
            isk_destroyed: counts.isk_destroyed,
            isk_lost: counts.isk_lost,
        }
    }
}

impl Tops {
    fn new(tops: &entities::Tops, certainty: Certainty, naming: &Naming<'_>) -> Tops {
        let of = |ranking: &Ranking| {
            if ranking.is_cut { Certainty::AtLeast } else { certainty }
        };
        let types = |ranking: &Ranking| TopTypes {
            counts: of(ranking),
            rows: first(ranking, |id, count| TopType { ship: naming.item_type(id), count }),
        };
        let systems = |ranking: &Ranking| TopSystems {
            counts: of(ranking),
            rows: first(ranking, |id, count| TopSystem { system: naming.solar_system(id), count }),
        };
        let names = |ranking: &Ranking, name: &dyn Fn(i64) -> Named| TopNames {
            counts: of(ranking),
            rows: first(ranking, |id, count| TopName { named: name(id), count }),
        };
        Tops {
            ships_flown: types(&tops.ships_flown),
            ships_lost: types(&tops.ships_lost),
            systems: systems(&tops.systems),
            characters: names(&tops.characters, &|id| naming.character_named(id)),
            corporations: names(&tops.corporations, &|id| naming.corporation_named(id)),
            alliances: names(&tops.alliances, &|id| naming.alliance_named(id)),
        }
    }
}

fn first<T>(ranking: &Ranking, row: impl Fn(i64, i64) -> T) -> Vec<T> {
    ranking.rows.iter().take(TOP_ROWS_MAX).map(|&(id, count)| row(id, count)).collect()
}
