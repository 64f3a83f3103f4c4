//! What is told of killmails: ids together with their names, the same for the API, the command line and the pages.
//!
//! Its words and nesting are a promise (`docs/api.md`): fields may be added, but never renamed or left out.

mod activity;
mod battle;
mod csv;
mod detail;
mod entity;
mod frequent;
mod kill;
mod members;
mod naming;
mod newest;
mod rows;
mod slot;
mod suggestion;
mod top;
mod words;

use jiff::{SignedDuration, Timestamp};
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::priced_types;
use noctis_core::kill::{Key, Party as StoredParty};
use noctis_core::killmail::{Attacker, parse};
use noctis_core::question::{self, Cursor, People, Question};
use noctis_core::time::day;
use noctis_store::killmails;
use noctis_store::prices;
use noctis_store::{Connection, Result as StoreResult};
use serde::Serialize;
use utoipa::ToSchema;

use crate::kills::{Kills, Result};

pub use activity::{
    Activity, Certainty, Counts, Month, TopName, TopNames, TopSystem, TopSystems, TopType,
    TopTypes, Tops,
};
pub use battle::{Battle, BattleCharacter, Side, battle};
pub use detail::{Attack, CarriedItem, KillDetail};
pub use entity::{Entity, EntityKey, EntityKind, MembershipSource, entity};
pub use kill::{FinalBlow, Kill, KillValue, Named, NamedType, Party, SolarSystem, Victim};
pub use members::{CharacterPage, CorporationCharacter, corporation_characters};
use naming::Naming;
pub use rows::{CHUNK_KILLS_MAX, KillId, Shape, heading, lines};
pub use suggestion::{SUGGEST_KINDS, Suggestion, Suggestions, suggestions};
pub use top::{MEASURES, MostValuable, TOP_KINDS, Top, TopQuestion, TopRow, most_valuable, top};
pub use words::{Counted, LabelMeaning, LabelPage, TagMeaning, TagPage, Words, labels, tags};

/// How long before and after a kill others of the same victim belong to it, and how many are told.
const RELATED_WITHIN: SignedDuration = SignedDuration::from_hours(1);
const RELATED_MAX: usize = 10;

/// A page of kills.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KillPage {
    pub killmails: Vec<Kill>,
    /// The cursor of the next page, null only at the end. A page may be short, or even empty, before the end.
    #[schema(required = true)]
    pub next: Option<String>,
    /// Archived months, as `2025-06`, that were looked at for this page, the newest first.
    pub cold_months: Vec<String>,
}

/// A page where only ids are asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdPage {
    pub killmails: Vec<KillId>,
    /// The cursor of the next page, null only at the end. A page may be short, or even empty, before the end.
    #[schema(required = true)]
    pub next: Option<String>,
    /// Archived months, as `2025-06`, that were looked at for this page, the newest first.
    pub cold_months: Vec<String>,
}

/// Answers a question, one page of it.
///
/// # Errors
/// When the database does not answer, or the archive cannot be read.
pub async fn page(
    kills: &Kills,
    catalogue: &Catalogue,
    question: &Question,
    now: Timestamp,
) -> Result<KillPage> {
    let (page, found) = kills.listed(catalogue, question, now).await?;
    let killmails = with_names(&kills.client().await?, catalogue, found).await?;
    let next = page.next.as_ref().map(Cursor::encode);
    Ok(KillPage { killmails, next, cold_months: page.cold_months })
}

/// The same with ids, hashes and times alone.
///
/// # Errors
/// When the database does not answer, or the archive cannot be read.
pub async fn id_page(
    kills: &Kills,
    catalogue: &Catalogue,
    question: &Question,
    now: Timestamp,
) -> Result<IdPage> {
    let page = kills.page(catalogue, question, now).await?;
    let killmails = rows::ids(kills, &page.keys).await?;
    let next = page.next.as_ref().map(Cursor::encode);
    Ok(IdPage { killmails, next, cold_months: page.cold_months })
}

/// These kills as a list shows them, in the order of their keys. One that is gone meanwhile is left out.
async fn named(kills: &Kills, catalogue: &Catalogue, keys: &[Key]) -> Result<Vec<Kill>> {
    let found = kills.by_keys(keys).await?;
    Ok(with_names(&kills.client().await?, catalogue, found).await?)
}

async fn with_names(
    client: &Connection,
    catalogue: &Catalogue,
    kills: Vec<noctis_core::kill::Kill>,
) -> StoreResult<Vec<Kill>> {
    let mut parties: Vec<&StoredParty> = Vec::with_capacity(2 * kills.len());
    for kill in &kills {
        parties.push(&kill.victim);
        parties.extend(kill.final_blow.as_ref().map(|blow| &blow.party));
    }
    let names = killmails::names(client, parties.into_iter()).await?;
    let naming = Naming { catalogue, names };
    Ok(kills.into_iter().map(|kill| Kill::new(kill, &naming)).collect())
}

/// One kill with all attackers and items. None when it is not stored.
///
/// # Errors
/// When the database does not answer, the archive cannot be read, or the stored body cannot be read any more.
pub async fn kill(
    kills: &Kills,
    catalogue: &Catalogue,
    killmail_id: i64,
    now: Timestamp,
) -> Result<Option<KillDetail>> {
    let Some(found) = kills.by_id(killmail_id).await? else { return Ok(None) };
    let (kill, mail) = (found.kill, parse::parse(&found.body)?);
    let related = match kill.victim.character_id {
        Some(victim) => related(kills, catalogue, (victim, kill.key()), now).await?,
        None => Vec::new(),
    };
    let client = kills.client().await?;
    let parties: Vec<_> = mail.attackers.iter().map(party).collect();
    let names = killmails::names(&client, parties.iter().chain([&kill.victim])).await?;
    let day = day(mail.killmail_time);
    let types = priced_types(&mail, catalogue).into_iter().map(|type_id| (type_id, day));
    let prices = prices::book(&**client, &types.collect::<Vec<_>>()).await?;
    let naming = Naming { catalogue, names };
    let detail = KillDetail::new((kill, found.archived), &mail, &naming, &prices);
    Ok(Some(KillDetail { related, ..detail }))
}

/// What else the same character lost shortly before and after, oldest first: the pod, or the ship it came from.
async fn related(
    kills: &Kills,
    catalogue: &Catalogue,
    (victim, (time, killmail_id)): (i64, Key),
    now: Timestamp,
) -> Result<Vec<Kill>> {
    let around = |by| time.checked_add(by).unwrap_or(time).to_string();
    let pairs = [
        ("victim.character_id", victim.to_string()),
        ("from", around(-RELATED_WITHIN)),
        ("to", around(RELATED_WITHIN)),
    ];
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value));
    let question = question::parse(&pairs, catalogue, &People::default(), now)
        .expect("an id and two times are a question");
    let mut keys = kills.page(catalogue, &question, now).await?.keys;
    keys.retain(|(_, id)| *id != killmail_id);
    keys.reverse();
    keys.truncate(RELATED_MAX);
    named(kills, catalogue, &keys).await
}

fn party(attacker: &Attacker) -> StoredParty {
    StoredParty {
        character_id: attacker.character_id,
        corporation_id: attacker.corporation_id,
        alliance_id: attacker.alliance_id,
        faction_id: attacker.faction_id,
    }
}
