//! A battle: the kills in a system about the time of one of them, and who stood where.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::isk::Isk;
use noctis_core::kill::Party;
use noctis_store::entities::{self, Fighter};
use noctis_store::killmails;
use serde::Serialize;
use utoipa::ToSchema;

use super::activity::Certainty;
use super::kill::{Kill, Named, NamedType, SolarSystem};
use super::naming::Naming;
use crate::kills::{Found, Kills, Result};

/// Sides of one answer; the busiest are kept.
const SIDES_MAX: usize = 200;
/// Characters of one answer; the busiest are kept.
const CHARACTERS_MAX: usize = 5_000;

/// The kills in one system from half an hour before one of them to half an hour after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Battle {
    pub solar_system: SolarSystem,
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// `at_least` where there were more than the 500 kills nearest in time, or where the month is archived.
    pub counts: Certainty,
    /// Archived months, as `2025-06`, of this time: what happened there before they were archived is not counted.
    pub not_counted: Vec<String>,
    pub kills: i64,
    /// The worth of the kills whose value is known.
    #[schema(value_type = f64)]
    pub isk: Isk,
    /// Alliances, corporations without one, and factions without either; the busiest first, 200 at most. Who fought
    /// beside whom, the mails do not say.
    pub sides: Vec<Side>,
    /// Who took part, the busiest first, 5,000 at most.
    pub characters: Vec<BattleCharacter>,
    /// Oldest first.
    pub killmails: Vec<Kill>,
}

/// What one alliance, or one corporation without an alliance, did in a battle.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Side {
    #[schema(required = true)]
    pub alliance: Option<Named>,
    /// Only of a corporation without an alliance.
    #[schema(required = true)]
    pub corporation: Option<Named>,
    /// Only where there is neither alliance nor corporation: NPCs of a faction, or of nobody.
    #[schema(required = true)]
    pub faction: Option<Named>,
    /// Characters seen.
    pub characters: i64,
    /// Mails with one of them among the attackers.
    pub kills: i64,
    pub losses: i64,
    #[schema(value_type = f64)]
    pub isk_destroyed: Isk,
    #[schema(value_type = f64)]
    pub isk_lost: Isk,
}

/// What one character did in a battle.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BattleCharacter {
    #[serde(flatten)]
    pub character: Named,
    #[schema(required = true)]
    pub corporation: Option<Named>,
    #[schema(required = true)]
    pub alliance: Option<Named>,
    /// Everything it was seen in.
    pub ships: Vec<NamedType>,
    pub kills: i64,
    pub losses: i64,
    #[schema(value_type = f64)]
    pub isk_lost: Isk,
}

/// The battle around a kill. None when the kill is not stored.
///
/// # Errors
/// When the database does not answer.
pub async fn battle(
    from: &Kills,
    catalogue: &Catalogue,
    killmail_id: i64,
) -> Result<Option<Battle>> {
    let Some(Found { kill, .. }) = from.by_id(killmail_id).await? else { return Ok(None) };
    let client = &from.client().await?;
    let fought = entities::battle(client, kill.solar_system_id, kill.killmail_time).await?;
    let not_counted = from.cold_months(fought.range).await?;
    let kills = killmails::by_keys(client, &fought.kills).await?;
    let parties = fought.fighters.iter().map(|fighter| &fighter.party);
    let names = killmails::names(client, parties).await?;
    let naming = Naming { catalogue, names };
    let isk = add(kills.iter().filter_map(|kill| kill.isk_value));
    let killmails: Vec<Kill> = kills.into_iter().map(|kill| Kill::new(kill, &naming)).collect();
    Ok(Some(Battle {
        solar_system: naming.solar_system(kill.solar_system_id),
        from: fought.range.from,
        to: fought.range.to,
        counts: match fought.is_cut || !not_counted.is_empty() {
            true => Certainty::AtLeast,
            false => Certainty::Exact,
        },
        not_counted,
        kills: killmails.len() as i64,
        isk,
        sides: sides(&fought.fighters, &naming),
        characters: characters(&fought.fighters, &naming),
        killmails,
    }))
}

/// Mails by id with their worth: so each counts once, however many of a side were on it.
type Mails = BTreeMap<i64, Option<Isk>>;

/// An alliance, or a corporation without one, or a faction without either.
type SideKey = (Option<i64>, Option<i64>, Option<i64>);

#[derive(Default)]
struct Tally<'a> {
    kills: Mails,
    losses: Mails,
    characters: BTreeSet<i64>,
    ships: BTreeSet<i64>,
    party: Option<&'a Party>,
}

impl<'a> Tally<'a> {
    fn see(&mut self, fighter: &'a Fighter) {
        let mails = if fighter.is_victim { &mut self.losses } else { &mut self.kills };
        mails.insert(fighter.killmail_id, fighter.isk_value);
        self.characters.extend(fighter.party.character_id);
        self.ships.extend(fighter.ship_type_id);
        self.party = Some(&fighter.party);
    }

    /// Kills and losses, the most first.
    fn busy(&self) -> Reverse<(usize, usize)> {
        Reverse((self.kills.len() + self.losses.len(), self.kills.len()))
    }
}

fn sides(fighters: &[Fighter], naming: &Naming<'_>) -> Vec<Side> {
    let mut tallies: BTreeMap<SideKey, Tally<'_>> = BTreeMap::new();
    for fighter in fighters {
        let party = &fighter.party;
        let key = match (party.alliance_id, party.corporation_id) {
            (Some(alliance), _) => (Some(alliance), None, None),
            (None, Some(corporation)) => (None, Some(corporation), None),
            (None, None) => (None, None, party.faction_id),
        };
        tallies.entry(key).or_default().see(fighter);
    }
    let mut tallies: Vec<_> = tallies.into_iter().collect();
    tallies.sort_by_key(|(_, tally)| tally.busy());
    let side = |((alliance, corporation, faction), tally): (SideKey, Tally<'_>)| {
        let named = naming.party(&Party {
            character_id: None,
            corporation_id: corporation,
            alliance_id: alliance,
            faction_id: faction,
        });
        Side {
            alliance: named.alliance,
            corporation: named.corporation,
            faction: named.faction,
            characters: tally.characters.len() as i64,
            kills: tally.kills.len() as i64,
            losses: tally.losses.len() as i64,
            isk_destroyed: add(tally.kills.into_values().flatten()),
            isk_lost: add(tally.losses.into_values().flatten()),
        }
    };
    tallies.into_iter().take(SIDES_MAX).map(side).collect()
}

fn characters(fighters: &[Fighter], naming: &Naming<'_>) -> Vec<BattleCharacter> {
    let mut tallies: BTreeMap<i64, Tally<'_>> = BTreeMap::new();
    for fighter in fighters {
        if let Some(character) = fighter.party.character_id {
            tallies.entry(character).or_default().see(fighter);
        }
    }
    let mut tallies: Vec<(i64, Tally<'_>)> = tallies.into_iter().collect();
    tallies.sort_by_key(|(_, tally)| tally.busy());
    let character = |(id, tally): (i64, Tally<'_>)| {
        let party = tally.party.map(|party| naming.party(party));
        BattleCharacter {
            character: naming.character_named(id),
            corporation: party.as_ref().and_then(|party| party.corporation.clone()),
            alliance: party.and_then(|party| party.alliance),
            ships: tally.ships.iter().map(|id| naming.item_type(*id)).collect(),
            kills: tally.kills.len() as i64,
            losses: tally.losses.len() as i64,
            isk_lost: add(tally.losses.into_values().flatten()),
        }
    };
    tallies.into_iter().take(CHARACTERS_MAX).map(character).collect()
}

/// Sums stay below 1e18: all that EVE ever lost is a hundredth of that.
fn add(amounts: impl Iterator<Item = Isk>) -> Isk {
    amounts.fold(Isk::default(), |sum, isk| Isk::new(sum.amount() + isk.amount()).unwrap_or(sum))
}
