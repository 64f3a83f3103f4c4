//! Somebody or something with what it did: characters, corporations, alliances, places, ships.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Party;
use noctis_core::presence::{self, Kind};
use noctis_core::time::TimeRange;
use noctis_store::entities::{self, Known};
use noctis_store::killmails;
use serde::Serialize;
use utoipa::ToSchema;

use super::activity::{Activity, name_of};
use super::kill::Named;
use super::naming::Naming;
use super::newest::Newest;
use crate::kills::{Kills, Result};

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    Character,
    Corporation,
    Alliance,
    System,
    Constellation,
    Region,
    /// A type: ships, and whatever else can be lost.
    Ship,
    ShipGroup,
}

impl EntityKind {
    /// As people call it.
    pub fn word(self) -> &'static str {
        match self {
            EntityKind::Character => "character",
            EntityKind::Corporation => "corporation",
            EntityKind::Alliance => "alliance",
            EntityKind::System => "system",
            EntityKind::Constellation => "constellation",
            EntityKind::Region => "region",
            EntityKind::Ship => "ship",
            EntityKind::ShipGroup => "ship group",
        }
    }

    /// As which it is counted.
    fn counted(self) -> Kind {
        match self {
            EntityKind::Character => Kind::Character,
            EntityKind::Corporation => Kind::Corporation,
            EntityKind::Alliance => Kind::Alliance,
            EntityKind::System => Kind::System,
            EntityKind::Constellation => Kind::Constellation,
            EntityKind::Region => Kind::Region,
            EntityKind::Ship => Kind::ShipType,
            EntityKind::ShipGroup => Kind::ShipGroup,
        }
    }
}

/// Who says whose somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MembershipSource {
    /// A look-up of names, or an import of them.
    Names,
    /// The newest mail.
    Mails,
}

/// One entity. What does not apply to its kind, or is not known, is null.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entity {
    pub kind: EntityKind,
    pub id: i64,
    #[schema(required = true)]
    pub name: Option<String>,
    /// When the name of a character, corporation or alliance was true, as far as is known.
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    pub name_as_of: Option<Timestamp>,
    /// Of a corporation or an alliance.
    #[schema(required = true)]
    pub ticker: Option<String>,
    /// Of a character.
    #[schema(required = true)]
    pub corporation: Option<Named>,
    /// Of a character or a corporation.
    #[schema(required = true)]
    pub alliance: Option<Named>,
    /// Who says so of corporation and alliance.
    #[schema(required = true)]
    pub membership_from: Option<MembershipSource>,
    /// Of a ship.
    #[schema(required = true)]
    pub group: Option<Named>,
    /// Of a system: the true security status, -1.0 to 1.0, not rounded.
    #[schema(required = true)]
    pub security: Option<f64>,
    /// Of a system.
    #[schema(required = true)]
    pub constellation: Option<Named>,
    /// Of a system or a constellation.
    #[schema(required = true)]
    pub region: Option<Named>,
    /// Archived months, as `2025-06`, of which something is not counted: where a store has just been taken over, or very
    /// much was just stored. Otherwise archived months are counted like all others.
    pub not_counted: Vec<String>,
    /// Archived months, as `2025-06`, that were looked at for the newest kills and losses, the newest first.
    pub cold_months: Vec<String>,
    #[serde(flatten)]
    pub activity: Activity,
}

/// Who is asked for.
#[derive(Clone, Copy, Debug)]
pub struct EntityKey {
    pub kind: EntityKind,
    pub id: i64,
}

/// An entity with what it did. None when nobody knows it: neither names nor static data nor any mail.
///
/// # Errors
/// When the database does not answer, or the archive cannot be read.
pub async fn entity(
    from: &Kills,
    catalogue: &Catalogue,
    key: EntityKey,
    now: Timestamp,
    budget: Duration,
) -> Result<Option<Entity>> {
    let whom = presence::Entity { kind: key.kind.counted(), id: key.id };
    let mut client = from.client().await?;
    let known = entities::known(&client, whom).await?;
    let activity = entities::activity(&mut client, catalogue, whom, now, budget).await?;
    drop(client);
    let newest = Newest::of(from, catalogue, whom, now).await?;
    let not_counted = not_counted(from, &activity).await?;
    let is_complete = activity.is_complete() && not_counted.is_empty();
    let placed = Placed::new(key, catalogue);
    let is_known = known.is_some() || placed.name.is_some();
    if !is_known && activity.months.is_empty() && newest.is_empty() && is_complete {
        return Ok(None);
    }
    let membership = Membership::new(key.kind, known.as_ref(), newest.last_party.as_ref());
    let naming = newest.naming(&from.client().await?, catalogue, &membership.party).await?;
    let cold_months = newest.cold_months.clone();
    let is_in =
        |month: Date| month >= activity.counted_from && !not_counted.contains(&name_of(month));
    let party = naming.party(&membership.party);
    Ok(Some(Entity {
        kind: key.kind,
        id: key.id,
        name: known.as_ref().map(|known| known.name.clone()).or(placed.name),
        name_as_of: known.as_ref().map(|known| known.as_of),
        ticker: known.and_then(|known| known.ticker),
        corporation: party.corporation,
        alliance: party.alliance,
        membership_from: membership.source,
        group: placed.group,
        security: placed.security,
        constellation: placed.constellation,
        region: placed.region,
        activity: Activity::new(&activity, is_in, is_complete, newest.recent(&naming), &naming),
        not_counted,
        cold_months,
    }))
}

/// The archived months of which something may not be counted.
async fn not_counted(from: &Kills, activity: &entities::Activity) -> Result<Vec<String>> {
    if activity.is_searched {
        let all = TimeRange { from: Timestamp::MIN, to: Timestamp::MAX };
        return Ok(from.cold_months(all).await?);
    }
    Ok(activity.missing.iter().rev().map(|month| name_of(*month)).collect())
}

/// The systems of a region.
pub(super) fn systems_of(catalogue: &Catalogue, region_id: i64) -> Vec<i64> {
    let within = catalogue.systems.iter().filter(|row| row.region_id == region_id);
    within.map(|row| row.system_id).collect()
}

/// What the static data say of an entity.
#[derive(Default)]
struct Placed {
    name: Option<String>,
    group: Option<Named>,
    security: Option<f64>,
    constellation: Option<Named>,
    region: Option<Named>,
}

impl Placed {
    fn new(key: EntityKey, catalogue: &Catalogue) -> Placed {
        let naming = Naming { catalogue, names: killmails::Names::default() };
        let id = key.id;
        match key.kind {
            EntityKind::Character | EntityKind::Corporation | EntityKind::Alliance => {
                Placed::default()
            }
            EntityKind::System => {
                let system = naming.solar_system(id);
                Placed {
                    name: system.name,
                    group: None,
                    security: system.security,
                    constellation: system.constellation,
                    region: system.region,
                }
            }
            EntityKind::Constellation => {
                let found = catalogue.constellations.get(id);
                Placed {
                    name: found.map(|row| row.name.to_string()),
                    region: found.map(|row| naming.region_named(row.region_id)),
                    ..Placed::default()
                }
            }
            EntityKind::Region => {
                Placed { name: naming.region_named(id).name, ..Placed::default() }
            }
            EntityKind::Ship => {
                let ship = naming.item_type(id);
                Placed { name: ship.name, group: ship.group, ..Placed::default() }
            }
            EntityKind::ShipGroup => {
                Placed { name: naming.group_named(id).name, ..Placed::default() }
            }
        }
    }
}

/// Whose somebody is: as the names say, or else as on the newest mail.
struct Membership {
    party: Party,
    source: Option<MembershipSource>,
}

impl Membership {
    /// `last` is whose it was on its newest mail.
    fn new(kind: EntityKind, known: Option<&Known>, last: Option<&Party>) -> Membership {
        let of = |corporation_id, alliance_id, source| Membership {
            party: Party { corporation_id, alliance_id, ..Party::default() },
            source: Some(source),
        };
        // A corporation in no alliance, and a character of whom only the name is known, look the same in the names. What
        // the names learned from a mail, the newest mail tells as well.
        let told = known.filter(|known| {
            known.seen_at.is_none()
                && (known.corporation_id.is_some() || known.alliance_id.is_some())
        });
        let learned = known.filter(|known| known.seen_at.is_some());
        // Of a corporation itself the mail says only its alliance.
        let seen = last.and_then(|party| party.corporation_id);
        let seen = seen.filter(|_| kind == EntityKind::Character);
        let corporation = seen.or(learned.and_then(|one| one.corporation_id));
        let alliance = match last {
            None => learned.and_then(|one| one.alliance_id),
            Some(party) => party.alliance_id,
        };
        match (kind, told) {
            (EntityKind::Character | EntityKind::Corporation, Some(known)) => {
                of(known.corporation_id, known.alliance_id, MembershipSource::Names)
            }
            (EntityKind::Character | EntityKind::Corporation, None)
                if corporation.is_some() || alliance.is_some() =>
            {
                of(corporation, alliance, MembershipSource::Mails)
            }
            _ => Membership { party: Party::default(), source: None },
        }
    }
}
