//! The characters of a corporation, a page of them.

use jiff::{SignedDuration, Timestamp};
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Party;
use noctis_core::time::{FUTURE_MAX, TimeRange};
use noctis_store::entities::{self, Member};
use noctis_store::killmails;
use serde::Serialize;
use utoipa::ToSchema;

use super::kill::Named;
use super::naming::Naming;
use crate::kills::{Kills, Result};

/// Mails of this time tell who flies for a corporation.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A page of a corporation's characters, in the order of their ids.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CharacterPage {
    pub characters: Vec<CorporationCharacter>,
    /// Mails were looked at from then on.
    #[schema(value_type = String, format = DateTime)]
    pub seen_from: Timestamp,
    /// Archived months, as `2025-06`, of this time: mails of theirs were not looked at.
    pub not_counted: Vec<String>,
    /// The cursor of the next page, null at the end.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// A character that the names, or recent mails, have in the corporation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorporationCharacter {
    #[serde(flatten)]
    pub character: Named,
    /// The names say so, as last heard.
    pub in_names: bool,
    /// The newest mail on which it flew for the corporation; null where none of this time has it.
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
}

/// The characters of a corporation after an id.
///
/// # Errors
/// When the database does not answer in time.
pub async fn corporation_characters(
    kills: &Kills,
    catalogue: &Catalogue,
    (corporation_id, after): (i64, i64),
    limit: i64,
    now: Timestamp,
) -> Result<CharacterPage> {
    let within = TimeRange {
        from: now.checked_sub(SEEN_WITHIN).unwrap_or(Timestamp::MIN),
        to: now.checked_add(FUTURE_MAX).unwrap_or(Timestamp::MAX),
    };
    let not_counted = kills.cold_months(within).await?;
    let client = &kills.client().await?;
    // One more than the page holds tells whether there is a next page.
    let mut members =
        entities::corporation_characters(client, corporation_id, within, after, limit + 1).await?;
    let has_more = members.len() as i64 > limit;
    members.truncate(usize::try_from(limit).expect("a page's size is small and positive"));
    let last = members.last().map(|member| member.character_id.to_string());
    let parties: Vec<Party> = members
        .iter()
        .map(|member| Party { character_id: Some(member.character_id), ..Party::default() })
        .collect();
    let names = killmails::names(client, parties.iter()).await?;
    let naming = Naming { catalogue, names };
    let named = |member: &Member| CorporationCharacter {
        character: naming.character_named(member.character_id),
        in_names: member.is_in_names,
        last_seen: member.last_seen,
    };
    Ok(CharacterPage {
        characters: members.iter().map(named).collect(),
        seen_from: within.from,
        not_counted,
        next: last.filter(|_| has_more),
    })
}
