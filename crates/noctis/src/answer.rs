//! What is told of killmails: ids together with their names, the same for the API, the command line and the pages.
//!
//! Its words and nesting are a promise (`docs/api.md`): fields may be added, but never renamed or left out.

mod detail;
mod kill;
mod naming;
mod slot;

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

/// A page of kills.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KillPage {
    pub killmails: Vec<Kill>,
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
    let page = killmails::page(client, question, now).await?;
    let mut parties: Vec<&killmails::Party> = Vec::with_capacity(2 * page.kills.len());
    for kill in &page.kills {
        parties.push(&kill.victim);
        parties.extend(kill.final_blow.as_ref().map(|blow| &blow.party));
    }
    let names = killmails::names(client, parties.into_iter()).await?;
    let naming = Naming { catalogue, names };
    let killmails = page.kills.into_iter().map(|kill| Kill::new(kill, &naming)).collect();
    Ok(KillPage { killmails, next: page.next.as_ref().map(Cursor::encode) })
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
