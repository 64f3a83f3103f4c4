//! What somebody did: totals, months, the most frequent, the newest kills and losses; each count says how sure it is.

use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::isk::Isk;
use noctis_core::presence;
use noctis_core::time::midnight;
use noctis_store::entities;
use serde::Serialize;
use utoipa::ToSchema;

use super::frequent::{Frequent, Ranking};
use super::kill::{Kill, Named, NamedType, SolarSystem};
use super::naming::Naming;

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
    /// Everything is counted from then on: from the beginning of records, unless so much has just been stored that it
    /// is not counted yet. Then totals, and older months, say `at_least`.
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

/// What the newest kills and losses have most of, ten of each at most. What is not counted for a kind of entity is empty.
/// A list is `exact` where these are all there are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tops {
    /// Of so many of the newest kills; the newest 100, of a ship 50, at most.
    pub of_kills: i64,
    /// Of so many of the newest losses, as many at most.
    pub of_losses: i64,
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

/// What is told of somebody's newest kills and losses.
pub(super) struct Recent {
    pub(super) kills: Vec<Kill>,
    pub(super) losses: Vec<Kill>,
    pub(super) frequent: Frequent,
    /// How many kills and losses the lists of the most frequent are of, and whether these are all.
    pub(super) of_kills: usize,
    pub(super) of_losses: usize,
    pub(super) is_all: bool,
}

impl Activity {
    /// `is_in` tells of a month whether it is counted to the last mail.
    pub(super) fn new(
        activity: &entities::Activity,
        is_in: impl Fn(Date) -> bool,
        is_complete: bool,
        recent: Recent,
        naming: &Naming<'_>,
    ) -> Activity {
        let months = activity.months.iter().rev().map(|(month, counts)| Month {
            month: name_of(*month),
            counted: Counts::new(counts, certainty(is_in(*month))),
        });
        Activity {
            counted_from: midnight(activity.counted_from),
            totals: Counts::new(&activity.totals(), certainty(is_complete)),
            months: months.collect(),
            top: Tops::new(&recent, naming),
            recent_kills: recent.kills,
            recent_losses: recent.losses,
        }
    }
}

/// A calendar month as `2026-11`.
pub(super) fn name_of(month: Date) -> String {
    format!("{:04}-{:02}", month.year(), month.month())
}

fn certainty(is_whole: bool) -> Certainty {
    if is_whole { Certainty::Exact } else { Certainty::AtLeast }
}

impl Counts {
    fn new(counts: &presence::Counts, certainty: Certainty) -> Counts {
        // Sums stay below 1e18: all that EVE ever lost is a hundredth of that.
        let isk = |amount| Isk::new(amount).unwrap_or_default();
        Counts {
            counts: certainty,
            kills: counts.kills,
            pod_kills: counts.pod_kills,
            npc_kills: counts.npc_kills,
            losses: counts.losses,
            pod_losses: counts.pod_losses,
            npc_losses: counts.npc_losses,
            isk_destroyed: isk(counts.isk_destroyed),
            isk_lost: isk(counts.isk_lost),
        }
    }
}

impl Tops {
    fn new(recent: &Recent, naming: &Naming<'_>) -> Tops {
        let (counts, frequent) = (certainty(recent.is_all), &recent.frequent);
        let types = |ranking: &Ranking| TopTypes {
            counts,
            rows: rows(ranking, |id, count| TopType { ship: naming.item_type(id), count }),
        };
        let names = |ranking: &Ranking, name: &dyn Fn(i64) -> Named| TopNames {
            counts,
            rows: rows(ranking, |id, count| TopName { named: name(id), count }),
        };
        let system = |id, count| TopSystem { system: naming.solar_system(id), count };
        Tops {
            of_kills: recent.of_kills as i64,
            of_losses: recent.of_losses as i64,
            ships_flown: types(&frequent.ships_flown),
            ships_lost: types(&frequent.ships_lost),
            systems: TopSystems { counts, rows: rows(&frequent.systems, system) },
            characters: names(&frequent.characters, &|id| naming.character_named(id)),
            corporations: names(&frequent.corporations, &|id| naming.corporation_named(id)),
            alliances: names(&frequent.alliances, &|id| naming.alliance_named(id)),
        }
    }
}

fn rows<T>(ranking: &Ranking, row: impl Fn(i64, i64) -> T) -> Vec<T> {
    ranking.iter().map(|&(id, count)| row(id, count)).collect()
}
