//! Parked inputs tried again: read as an import reads them, stored as an import stores them, then forgotten.
//!
//! A row goes only after its kill is committed. Interrupted between the two, it is tried again and said to be there already.

use std::sync::Arc;

use noctis_core::killmail::split::{Piece, Splitter};
use noctis_store::ingest::{Batch, IngestOptions, Ingester};
use noctis_store::parked::{self, Chosen, ParkedInput};
use noctis_store::{Connection, Store};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::reading::value::{Reading, read};

/// What became of the inputs that were tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Retried {
    pub tried: u64,
    /// Stored, or known already: they are parked no more.
    pub stored: u64,
    /// As they were.
    pub parked_still: u64,
}

/// Tries the chosen inputs, oldest first, until they are through or we are asked to end.
///
/// # Errors
/// When the database refuses; what was stored before stays so.
pub async fn retry(
    store: &Store,
    options: IngestOptions,
    chosen: &Chosen,
    stop: &CancellationToken,
) -> anyhow::Result<Retried> {
    let client = store.client().await?;
    let mut retry = Retry { ingester: Ingester::new(store, options).await?, client };
    let mut retried = Retried::default();
    let mut after = 0;
    while !stop.is_cancelled() {
        let page = parked::page(&retry.client, chosen, after).await?;
        let Some(last) = page.last() else { break };
        after = last.parked_id;
        retried.tried += page.len() as u64;
        retried.stored += retry.page(&page).await?;
    }
    retried.parked_still = retried.tried - retried.stored;
    Ok(retried)
}

struct Retry {
    ingester: Ingester,
    client: Connection,
}

impl Retry {
    /// Stores what can be read now. If some of it is refused again, one after another, to learn which.
    async fn page(&mut self, page: &[ParkedInput]) -> anyhow::Result<u64> {
        let inputs: Vec<&ParkedInput> =
            page.iter().filter(|input| Retry::batch(&[input]).is_some()).collect();
        if let Some(batch) = Retry::batch(&inputs)
            && self.store(batch, &inputs).await?
        {
            return Ok(inputs.len() as u64);
        }
        let mut stored = 0;
        for input in inputs {
            if let Some(batch) = Retry::batch(&[input]) {
                stored += u64::from(self.store(batch, &[input]).await?);
            }
        }
        Ok(stored)
    }

    /// Stores a batch; if nothing in it was refused, its inputs are parked no more.
    async fn store(&mut self, batch: Batch, inputs: &[&ParkedInput]) -> anyhow::Result<bool> {
        let outcome = self.ingester.store(batch, clock::now()).await?;
        if outcome.parked_total() > 0 {
            return Ok(false);
        }
        let ids: Vec<i64> = inputs.iter().map(|input| input.parked_id).collect();
        parked::remove(&self.client, &ids).await?;
        Ok(true)
    }

    /// One batch of all inputs. None when one of them cannot be stored, or two contradict each other.
    fn batch(inputs: &[&ParkedInput]) -> Option<Batch> {
        let mut batch = Batch::default();
        for input in inputs {
            let source: Arc<str> = input.source.as_str().into();
            match read(piece(input)?, &source, clock::now()) {
                // An entry of a history whose body is another kill's stays refused.
                Reading::Kill(incoming) if is_other(input, incoming.mail.killmail.killmail_id) => {
                    return None;
                }
                Reading::Kill(incoming) => batch.add(*incoming).ok()?,
                Reading::Wanted(wanted) => batch.want(wanted),
                Reading::Parked(_) => return None,
                Reading::Nothing => {}
            }
        }
        Some(batch)
    }
}

fn is_other(input: &ParkedInput, killmail_id: i64) -> bool {
    input.killmail_id.is_some_and(|id| id != killmail_id)
}

/// The input as it once came out of its file. None when it is no longer one whole value.
fn piece(input: &ParkedInput) -> Option<Piece> {
    // An entry of a history stood behind its id.
    if let (Some(killmail_id), Some(b'"')) = (input.killmail_id, input.bytes.first()) {
        return Some(Piece::Entry { killmail_id, value: input.bytes.clone() });
    }
    let mut splitter = Splitter::default();
    splitter.push(&input.bytes);
    splitter.end();
    let piece = splitter.next_piece().filter(|piece| match piece {
        Piece::Value(bytes) => *bytes == input.bytes,
        Piece::Entry { .. } | Piece::Broken(..) => false,
    });
    piece.filter(|_| splitter.next_piece().is_none())
}
