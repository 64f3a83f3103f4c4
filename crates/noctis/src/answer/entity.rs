//! Somebody or something with what it did: characters, corporations, alliances, places, ships.

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Party;
use noctis_core::time::TimeRange;
use noctis_store::entities::{self, Budget, Known, Subject};
use noctis_store::killmails;
use serde::Serialize;
use utoipa::ToSchema;

use super::activity::{Activity, TOP_ROWS_MAX};
use super::kill::{Kill, Named};
use super::naming::Naming;
use crate::kills::{Kills, Result};

/// CCP's group of capsules, which people call pods.
const CAPSULE_GROUP_ID: i64 = 29;

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
    /// Archived months, as `2025-06`: what happened there before they were archived is not counted.
    pub not_counted: Vec<String>,
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
/// When the database does not answer.
pub async fn entity(
    from: &Kills,
    catalogue: &Catalogue,
    key: EntityKey,
    now: Timestamp,
    budget: Budget,
) -> Result<Option<Entity>> {
    let all = TimeRange { from: Timestamp::MIN, to: Timestamp::MAX };
    let not_counted = from.cold_months(all).await?;
    let client = &from.client().await?;
    let subject = subject(key, catalogue);
    let known = entities::known(client, &subject).await?;
    let capsules: Vec<i64> = capsules(catalogue);
    let mut activity = entities::activity(client, &subject, &capsules, now, budget).await?;
    activity.is_complete &= not_counted.is_empty();
    let placed = Placed::new(key, catalogue);
    let is_known = known.is_some() || placed.name.is_some();
    if !is_known && activity.is_empty() && activity.is_complete {
        return Ok(None);
    }
    let kills = killmails::by_keys(client, &activity.kills).await?;
    let losses = killmails::by_keys(client, &activity.losses).await?;
    let membership = Membership::new(key.kind, known.as_ref(), &activity);
    let mut parties = tops(&activity.tops);
    parties.push(membership.party.clone());
    for kill in kills.iter().chain(&losses) {
        parties.push(kill.victim.clone());
        parties.extend(kill.final_blow.as_ref().map(|blow| blow.party.clone()));
    }
    let names = killmails::names(client, parties.iter()).await?;
    let naming = Naming { catalogue, names };
    let list = |kills: Vec<noctis_core::kill::Kill>| -> Vec<Kill> {
        kills.into_iter().map(|kill| Kill::new(kill, &naming)).collect()
    };
    let recent = (list(kills), list(losses));
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
        not_counted,
        activity: Activity::new(&activity, recent, &naming),
    }))
}

/// The ids that stand for an entity in the tables.
fn subject(key: EntityKey, catalogue: &Catalogue) -> Subject {
    let id = key.id;
    match key.kind {
        EntityKind::Character => Subject::Character(id),
        EntityKind::Corporation => Subject::Corporation(id),
        EntityKind::Alliance => Subject::Alliance(id),
        EntityKind::System => Subject::Places(vec![id]),
        EntityKind::Constellation => {
            let within = catalogue.systems.iter().filter(|row| row.constellation_id == id);
            Subject::Places(within.map(|row| row.system_id).collect())
        }
        EntityKind::Region => Subject::Places(systems_of(catalogue, id)),
        EntityKind::Ship => Subject::Ships(vec![id]),
        EntityKind::ShipGroup => Subject::Ships(types_of(catalogue, id)),
    }
}

/// The systems of a region.
pub(super) fn systems_of(catalogue: &Catalogue, region_id: i64) -> Vec<i64> {
    let within = catalogue.systems.iter().filter(|row| row.region_id == region_id);
    within.map(|row| row.system_id).collect()
}

fn types_of(catalogue: &Catalogue, group_id: i64) -> Vec<i64> {
    let within = catalogue.types.iter().filter(|row| row.group_id == group_id);
    within.map(|row| row.type_id).collect()
}

fn capsules(catalogue: &Catalogue) -> Vec<i64> {
    types_of(catalogue, CAPSULE_GROUP_ID)
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
    fn new(kind: EntityKind, known: Option<&Known>, activity: &entities::Activity) -> Membership {
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
        let corporation = activity.last_corporation.or(learned.and_then(|one| one.corporation_id));
        let alliance = match activity.is_empty() {
            true => learned.and_then(|one| one.alliance_id),
            false => activity.last_alliance,
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

/// Those of the lists that are shown, to be named.
fn tops(tops: &entities::Tops) -> Vec<Party> {
    let first = |ranking: &entities::Ranking| -> Vec<i64> {
        ranking.rows.iter().take(TOP_ROWS_MAX).map(|(id, _)| *id).collect()
    };
    let characters = first(&tops.characters)
        .into_iter()
        .map(|id| Party { character_id: Some(id), ..Party::default() });
    let corporations = first(&tops.corporations)
        .into_iter()
        .map(|id| Party { corporation_id: Some(id), ..Party::default() });
    let alliances = first(&tops.alliances)
        .into_iter()
        .map(|id| Party { alliance_id: Some(id), ..Party::default() });
    characters.chain(corporations).chain(alliances).collect()
}
