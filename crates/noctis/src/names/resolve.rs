//! A round of asking ESI: names by the thousand, tickers one by one, most seen first.
//!
//! What is learned is written after each answer, and what is to be asked stands in the database, so a round may end
//! anywhere and another goes on.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use noctis_store::advisory::Held;
use noctis_store::names::walk::{self, Lacking, Refusal, Wanted};
use noctis_store::names::{self, Kind, NewNames, is_usable};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::Since;
use crate::esi::{Closed, Esi, EsiError};

/// Ids that ESI takes in one request.
const IDS_MAX: u32 = 1_000;
/// Batches of one round, which other work then may come between.
const BATCHES_MAX: u32 = 20;
/// Tickers of one round.
const TICKERS_MAX: u32 = 100;
/// Who ESI did not know is asked for again after this.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Ids of characters, corporations and alliances lie in here; nothing else is worth a request, and ESI takes no number
/// that needs more than 31 bits.
const IDS: RangeInclusive<i64> = 1_000_000..=2_147_483_647;

const UNKNOWN: &str = "ESI does not know it";
const NO_ID: &str = "no character, corporation or alliance has such an id";
const NO_NAME: &str = "ESI's name for it is none that could be stored";

/// What a round brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Ids that were to be asked for.
    pub ids: u64,
    /// Names that were told.
    pub named: u64,
    pub tickers: u64,
    /// Ids that could not have what they lack.
    pub refused: u64,
    pub requests: u64,
    pub end: End,
}

impl Learned {
    /// Takes in what another round brought.
    pub fn add(&mut self, other: Learned) {
        self.ids += other.ids;
        self.named += other.named;
        self.tickers += other.tickers;
        self.refused += other.refused;
        self.requests += other.requests;
        self.end = other.end;
    }
}

/// How a round ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Nothing is left to ask, or no more was wanted.
    #[default]
    Done,
    /// There may be more.
    More,
    /// ESI is to be left alone until then.
    Closed(Closed),
    /// ESI refused, and would again.
    Refused(String),
    /// We were told to stop.
    Stopped,
}

/// Asks for the names and tickers of at most `ids_max` ids. It never waits: where it would have to, it ends.
///
/// # Errors
/// When the database does not answer.
pub async fn round(
    held: &mut Held<'_>,
    esi: &Esi,
    since: Since,
    ids_max: u64,
    stop: &CancellationToken,
) -> anyhow::Result<Learned> {
    let sent = esi.sent().await;
    let mut round =
        Round { held, esi, since, ids_left: ids_max, stop, learned: Learned::default() };
    let end = match round.run().await {
        Ok(end) => end,
        Err(Halt::End(end)) => end,
        Err(Halt::Database(error)) => return Err(error).context("writing names"),
    };
    let requests = esi.sent().await - sent;
    Ok(Learned { requests, end, ..round.learned })
}

struct Round<'a, 'b> {
    held: &'a mut Held<'b>,
    esi: &'a Esi,
    since: Since,
    ids_left: u64,
    stop: &'a CancellationToken,
    learned: Learned,
}

/// Why a round ends before its time.
enum Halt {
    End(End),
    Database(noctis_store::Error),
}

impl From<noctis_store::Error> for Halt {
    fn from(error: noctis_store::Error) -> Halt {
        Halt::Database(error)
    }
}

/// An id and all that it lacks and a name would give.
type Batch = BTreeMap<i64, Vec<(Wanted, Kind)>>;

/// A name as `universe/names` tells it.
#[derive(Debug, Deserialize)]
struct Named {
    id: i64,
    name: String,
    category: String,
}

/// Of a corporation or alliance, what is needed.
#[derive(Debug, Deserialize)]
struct Ticked {
    name: String,
    ticker: String,
}

impl Round<'_, '_> {
    async fn run(&mut self) -> Result<End, Halt> {
        let mut is_done = false;
        for _ in 0..BATCHES_MAX {
            let batch = self.batch().await?;
            is_done = batch.is_empty();
            if is_done {
                break;
            }
            self.name(batch).await?;
        }
        let tickers = self.limit(TICKERS_MAX);
        let wanted = self.wanted(Wanted::Ticker, tickers).await?;
        is_done &= wanted.len() < TICKERS_MAX as usize;
        for lacking in wanted {
            self.tick(lacking).await?;
        }
        Ok(if is_done || self.ids_left == 0 { End::Done } else { End::More })
    }

    fn limit(&self, max: u32) -> u32 {
        max.min(u32::try_from(self.ids_left).unwrap_or(max))
    }

    async fn wanted(&mut self, wanted: Wanted, limit: u32) -> Result<Vec<Lacking>, Halt> {
        let found = walk::wanted(self.held.client, wanted, self.since.now(), limit).await?;
        self.learned.ids += found.len() as u64;
        self.ids_left = self.ids_left.saturating_sub(found.len() as u64);
        Ok(found)
    }

    /// Who has no name comes first; what is left of a request goes to names that have grown old.
    async fn batch(&mut self) -> Result<Batch, Halt> {
        let mut batch = Batch::new();
        for wanted in [Wanted::Name, Wanted::Again] {
            let limit = self.limit(IDS_MAX - u32::try_from(batch.len()).unwrap_or(IDS_MAX));
            for lacking in self.wanted(wanted, limit).await? {
                batch.entry(lacking.id).or_default().push((wanted, lacking.kind));
            }
        }
        let strange: Vec<i64> = batch.keys().copied().filter(|id| !IDS.contains(id)).collect();
        for id in strange {
            if let Some(lacks) = batch.remove(&id) {
                self.refuse(id, &lacks, NO_ID).await?;
            }
        }
        Ok(batch)
    }

    /// Asks for a batch. One bad id spoils it whole, so what is refused is halved until the bad ones stand alone: at most
    /// two requests for each halving of each bad one, and one.
    async fn name(&mut self, batch: Batch) -> Result<(), Halt> {
        let mut parts = vec![batch.keys().copied().collect::<Vec<i64>>()];
        while let Some(ids) = parts.pop() {
            if ids.is_empty() {
                continue;
            }
            let body = serde_json::to_string(&ids).expect("numbers are always JSON");
            let asked = self.esi.post::<Vec<Named>>("/universe/names/", body, self.since.now());
            let asked = self.stop.run_until_cancelled(asked).await;
            match asked.ok_or(Halt::End(End::Stopped))? {
                Ok(told) => {
                    self.settle(&batch, &ids, told).await?;
                }
                Err(EsiError::Unknown) => match ids[..] {
                    [id] => self.refuse(id, &batch[&id], UNKNOWN).await?,
                    _ => {
                        let (left, right) = ids.split_at(ids.len() / 2);
                        parts.extend([right.to_vec(), left.to_vec()]);
                    }
                },
                Err(error) => return Err(self.halt(error)),
            }
        }
        Ok(())
    }

    /// Writes what was told, and notes of whom nothing was.
    async fn settle(&mut self, batch: &Batch, ids: &[i64], told: Vec<Named>) -> Result<(), Halt> {
        let told: HashMap<i64, Named> = told.into_iter().map(|named| (named.id, named)).collect();
        let (mut names, mut refused) = (NewNames::default(), Vec::new());
        for &id in ids {
            for &(wanted, kind) in &batch[&id] {
                match told.get(&id) {
                    None => refused.push((id, wanted, kind, UNKNOWN.to_owned())),
                    Some(named) if named.category != kind.name() => {
                        let reason =
                            format!("ESI calls it a {}, not a {}", named.category, kind.name());
                        refused.push((id, wanted, kind, reason));
                    }
                    Some(named) if !is_usable(&named.name) => {
                        refused.push((id, wanted, kind, NO_NAME.to_owned()));
                    }
                    Some(named) => add(&mut names, kind, id, named.name.clone(), None),
                }
            }
        }
        names.sort_and_dedup();
        self.learned.named += names.len() as u64;
        names::put(self.held.client, &names, self.since.now()).await?;
        for (id, wanted, kind, reason) in refused {
            self.refuse(id, &[(wanted, kind)], &reason).await?;
        }
        Ok(())
    }

    /// Asks for one ticker; the name comes with it.
    async fn tick(&mut self, lacking: Lacking) -> Result<(), Halt> {
        let Lacking { kind, id } = lacking;
        let lacks = [(Wanted::Ticker, kind)];
        let path = match kind {
            Kind::Corporation => format!("/corporations/{id}/"),
            Kind::Alliance => format!("/alliances/{id}/"),
            Kind::Character => return self.refuse(id, &lacks, NO_ID).await,
        };
        if !IDS.contains(&id) {
            return self.refuse(id, &lacks, NO_ID).await;
        }
        let asked = self.esi.get::<Ticked>(&path, self.since.now());
        let asked = self.stop.run_until_cancelled(asked).await;
        match asked.ok_or(Halt::End(End::Stopped))? {
            Ok(told) if is_usable(&told.name) && is_usable(&told.ticker) => {
                self.learned.tickers += 1;
                let mut names = NewNames::default();
                add(&mut names, kind, id, told.name, Some(told.ticker));
                names::put(self.held.client, &names, self.since.now()).await?;
                Ok(())
            }
            Ok(_) => self.refuse(id, &lacks, NO_NAME).await,
            Err(EsiError::Unknown) => self.refuse(id, &lacks, UNKNOWN).await,
            Err(error) => Err(self.halt(error)),
        }
    }

    fn halt(&mut self, error: EsiError) -> Halt {
        Halt::End(match error {
            EsiError::Closed(closed) => End::Closed(closed),
            EsiError::Unknown => End::Refused(UNKNOWN.to_owned()),
            refused @ EsiError::Refused(..) => End::Refused(refused.to_string()),
        })
    }

    async fn refuse(
        &mut self,
        id: i64,
        lacks: &[(Wanted, Kind)],
        reason: &str,
    ) -> Result<(), Halt> {
        let now: Timestamp = self.since.now();
        let ask_after = now.checked_add(ASK_AGAIN_AFTER).unwrap_or(Timestamp::MAX);
        for &(wanted, kind) in lacks {
            self.learned.refused += 1;
            let refusal = Refusal { reason, asked_at: now, ask_after };
            walk::not_had(self.held.client, wanted, &[Lacking { kind, id }], refusal).await?;
        }
        Ok(())
    }
}

/// Adds one to the list of its kind.
pub(super) fn add(names: &mut NewNames, kind: Kind, id: i64, name: String, ticker: Option<String>) {
    match kind {
        Kind::Character => names.characters.push((id, name, None, None)),
        Kind::Corporation => names.corporations.push((id, name, ticker, None)),
        Kind::Alliance => names.alliances.push((id, name, ticker)),
    }
}
