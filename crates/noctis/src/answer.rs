//! What is told of killmails: ids together with their names, the same for the API, the command line and the pages.
//!
//! Its words and nesting are a promise (`docs/api.md`): fields may be added, but never renamed or left out.

mod csv;
mod detail;
mod kill;
mod naming;
mod rows;
mod slot;
mod words;

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::killmail::{Attacker, parse};
use noctis_core::question::{Cursor, Question};
use noctis_store::killmails;
use noctis_store::{Connection, Result};
use serde::Serialize;
use utoipa::ToSchema;

pub use detail::{Attack, CarriedItem, KillDetail};
pub use kill::{FinalBlow, Kill, Named, NamedType, Party, SolarSystem, Value, Victim};
use naming::Naming;
pub use rows::{CHUNK_KILLS_MAX, KillId, Shape, heading, lines};
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

/// These kills with their names, in the order of their keys. One that is gone meanwhile is left out.
async fn kills(
    client: &Connection,
    catalogue: &Catalogue,
    keys: &[killmails::Key],
) -> Result<Vec<Kill>> {
    let kills = killmails::by_keys(client, keys).await?;
    let mut parties: Vec<&killmails::Party> = Vec::with_capacity(2 * kills.len());
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
    let parties: Vec<killmails::Party> = mail.attackers.iter().map(party).collect();
    let names = killmails::names(client, parties.iter().chain([&kill.victim])).await?;
    Ok(Some(KillDetail::new(kill, &mail, &Naming { catalogue, names })))
}

fn party(attacker: &Attacker) -> killmails::Party {
    killmails::Party {
        character_id: attacker.character_id,
        corporation_id: attacker.corporation_id,
        alliance_id: attacker.alliance_id,
        faction_id: attacker.faction_id,
    }
}
