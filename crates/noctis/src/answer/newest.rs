//! The newest kills and losses of somebody, from tables and archive alike, and what they have most of.

use std::collections::HashSet;

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::{self, Key, Party};
use noctis_core::presence::{Entity, Kind, Mail};
use noctis_core::question::{Question, Side, about};
use noctis_store::{Connection, killmails};

use super::activity::Recent;
use super::frequent::{Frequent, is_place, last_party};
use super::kill::Kill;
use super::naming::Naming;
use crate::kills::{Kills, Page, Result};

/// Kills, and as many losses, that are shown.
const SHOWN_MAX: usize = 20;
/// Kills, and as many losses, of which it is told what is most frequent.
const COUNTED_MAX: u32 = 100;
/// Kills *with* a type of ship have no index in their order: fewer are looked for.
const COUNTED_OF_SHIP_MAX: u32 = 50;

/// The newest kills and losses.
pub(super) struct Newest {
    kills: Vec<kill::Kill>,
    losses: Vec<kill::Kill>,
    frequent: Frequent,
    of_kills: usize,
    of_losses: usize,
    is_all: bool,
    /// Whose it was on the newest of them.
    pub(super) last_party: Option<Party>,
    /// The archived months that were looked at, newest first.
    pub(super) cold_months: Vec<String>,
}

impl Newest {
    pub(super) async fn of(
        from: &Kills,
        catalogue: &Catalogue,
        entity: Entity,
        now: Timestamp,
    ) -> Result<Newest> {
        let limit = match entity.kind {
            Kind::ShipType | Kind::ShipGroup => COUNTED_OF_SHIP_MAX,
            Kind::Character
            | Kind::Corporation
            | Kind::Alliance
            | Kind::System
            | Kind::Constellation
            | Kind::Region => COUNTED_MAX,
        };
        let questions =
            [Side::Kills, Side::Losses].map(|side| Question::newest(about(entity, side), limit));
        let [kills, losses] = &questions;
        // What was lost in a place is a kill there.
        let losses = async {
            match is_place(entity.kind) {
                true => Ok(Page::default()),
                false => from.page(catalogue, losses, now).await,
            }
        };
        let (kills, losses) = tokio::try_join!(from.page(catalogue, kills, now), losses)?;
        let shown = |page: &Page| page.keys.iter().take(SHOWN_MAX).copied().collect::<Vec<Key>>();
        let (shown_kills, shown_losses) = (shown(&kills), shown(&losses));
        let both: Vec<Key> = kills
            .keys
            .iter()
            .chain(&losses.keys)
            .copied()
            .collect::<HashSet<Key>>()
            .into_iter()
            .collect();
        let mails = from.mails(&both).await?;
        let of = |page: &Page| -> Vec<Mail> {
            let keys: HashSet<Key> = page.keys.iter().copied().collect();
            mails.iter().filter(|mail| keys.contains(&mail.key)).cloned().collect()
        };
        let (its_kills, its_losses) = (of(&kills), of(&losses));
        let sides = (its_kills.as_slice(), its_losses.as_slice());
        let mut cold_months = [kills.cold_months, losses.cold_months].concat();
        cold_months.sort_unstable_by(|one, other| other.cmp(one));
        cold_months.dedup();
        Ok(Newest {
            kills: from.by_keys(&shown_kills).await?,
            losses: from.by_keys(&shown_losses).await?,
            frequent: Frequent::of(entity, catalogue, sides),
            of_kills: its_kills.len(),
            of_losses: its_losses.len(),
            is_all: kills.next.is_none() && losses.next.is_none(),
            last_party: last_party(entity, catalogue, sides),
            cold_months,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kills.is_empty() && self.losses.is_empty() && self.is_all
    }

    /// The names of everybody who is told of, and of one more.
    pub(super) async fn naming<'a>(
        &self,
        client: &Connection,
        catalogue: &'a Catalogue,
        besides: &Party,
    ) -> Result<Naming<'a>> {
        let mut parties: Vec<Party> = self.frequent.parties().collect();
        parties.push(besides.clone());
        for kill in self.kills.iter().chain(&self.losses) {
            parties.push(kill.victim.clone());
            parties.extend(kill.final_blow.as_ref().map(|blow| blow.party.clone()));
        }
        let names = killmails::names(client, parties.iter()).await?;
        Ok(Naming { catalogue, names })
    }

    pub(super) fn recent(self, naming: &Naming<'_>) -> Recent {
        let list = |kills: Vec<kill::Kill>| -> Vec<Kill> {
            kills.into_iter().map(|kill| Kill::new(kill, naming)).collect()
        };
        Recent {
            kills: list(self.kills),
            losses: list(self.losses),
            frequent: self.frequent,
            of_kills: self.of_kills,
            of_losses: self.of_losses,
            is_all: self.is_all,
        }
    }
}
