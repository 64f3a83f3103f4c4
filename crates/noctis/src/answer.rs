//! What is told of killmails: ids together with their names, the same for the API, the command line and the pages.
//!
//! Its words and nesting are a promise (`docs/api.md`): fields may be added, but never renamed or left out.

mod activity;
mod battle;
mod csv;
mod detail;
mod entity;
mod kill;
mod members;
mod naming;
mod rows;
mod slot;
mod top;
mod words;

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::priced_types;
use noctis_core::killmail::{Attacker, parse};
use noctis_core::question::{Cursor, Question};
use noctis_core::time::day;
use noctis_store::entities;
use noctis_core::kill::Key;
use noctis_store::killmails;
use noctis_store::prices;
use noctis_store::{Connection, Result};
use serde::Serialize;
use utoipa::ToSchema;

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
pub use top::{MEASURES, MostValuable, TOP_KINDS, Top, TopQuestion, TopRow, most_valuable, top};
pub use words::{Counted, LabelMeaning, LabelPage, TagMeaning, TagPage, Words, labels, tags};

/// A page of kills.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KillPage {
    pub killmails: Vec<Kill>,
    /// The cursor of the next page, null only at the end. A page may be short, or even empty, before the end.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// A page where only ids are asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdPage {
    pub killmails: Vec<KillId>,
    /// The cursor of the next page, null only at the end. A page may be short, or even empty, before the end.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// Answers a question, one page of it.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    client: &Connection,
    catalogue: &Catalogue,
    question: &Question,
    now: Timestamp,
) -> Result<KillPage> {
    let (keys, next) = killmails::keys(client, catalogue, question, now).await?;
    let killmails = kills(client, catalogue, &keys).await?;
    Ok(KillPage { killmails, next: next.as_ref().map(Cursor::encode) })
}

/// The same with ids, hashes and times alone.
///
/// # Errors
/// When the database does not answer.
pub async fn id_page(
    client: &Connection,
    catalogue: &Catalogue,
    question: &Question,
    now: Timestamp,
) -> Result<IdPage> {
    let (keys, next) = killmails::keys(client, catalogue, question, now).await?;
    let killmails = rows::ids(client, &keys).await?;
    Ok(IdPage { killmails, next: next.as_ref().map(Cursor::encode) })
}

/// These kills as a list shows them, in the order of their keys. One that is gone meanwhile is left out.
async fn kills(client: &Connection, catalogue: &Catalogue, keys: &[Key]) -> Result<Vec<Kill>> {
    named(client, catalogue, killmails::by_keys(client, keys).await?).await
}

async fn named(
    client: &Connection,
    catalogue: &Catalogue,
    kills: Vec<noctis_core::kill::Kill>,
) -> Result<Vec<Kill>> {
    let mut parties: Vec<&noctis_core::kill::Party> = Vec::with_capacity(2 * kills.len());
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
/// When the database does not answer, or the stored body cannot be read any more.
pub async fn kill(
    client: &Connection,
    catalogue: &Catalogue,
    killmail_id: i64,
) -> Result<Option<KillDetail>> {
    let Some((kill, body)) = killmails::by_id(client, killmail_id).await? else { return Ok(None) };
    let mail = parse::parse(&body)?;
    let parties: Vec<noctis_core::kill::Party> = mail.attackers.iter().map(party).collect();
    let names = killmails::names(client, parties.iter().chain([&kill.victim])).await?;
    let related = match kill.victim.character_id {
        Some(victim) => {
            entities::related(client, victim, (kill.killmail_time, killmail_id)).await?
        }
        None => Vec::new(),
    };
    let related = kills(client, catalogue, &related).await?;
    let day = day(mail.killmail_time);
    let types = priced_types(&mail, catalogue).into_iter().map(|type_id| (type_id, day));
    let prices = prices::book(&***client, &types.collect::<Vec<_>>()).await?;
    let detail = KillDetail::new(kill, &mail, &Naming { catalogue, names }, &prices);
    Ok(Some(KillDetail { related, ..detail }))
}

fn party(attacker: &Attacker) -> noctis_core::kill::Party {
    noctis_core::kill::Party {
        character_id: attacker.character_id,
        corporation_id: attacker.corporation_id,
        alliance_id: attacker.alliance_id,
        faction_id: attacker.faction_id,
    }
}
