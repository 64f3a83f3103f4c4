//! A batch: what was read and is to be stored in one transaction, bounded in bytes and rows.

use std::collections::HashMap;
use std::sync::Arc;

use noctis_core::killmail::shape::{Mail, Wanted};
use noctis_core::killmail::{Reason, Rejected};

use super::Outcome;
use super::facts::Facts;

/// A batch is stored when its inputs reach this size; the largest real mail has 668 kB.
pub const BATCH_BYTES_MAX: usize = 16 << 20;
/// A batch is stored when it has this many participants; the largest real mail has 3,754.
pub const BATCH_PARTICIPANTS_MAX: usize = 60_000;
/// A batch is stored when it has this many inputs.
pub const BATCH_INPUTS_MAX: usize = 8_000;

/// A killmail on its way into the store.
#[derive(Clone)]
pub struct Incoming {
    pub mail: Mail,
    /// The bytes it was read from, kept in case it has to be parked.
    pub input: Vec<u8>,
    /// Where it was read: a file's name, a feed.
    pub source: Arc<str>,
}

/// An id without its body.
pub struct IncomingWanted {
    pub wanted: Wanted,
    pub source: Arc<str>,
}

/// An input that cannot be stored.
pub struct Parked {
    pub bytes: Vec<u8>,
    pub killmail_id: Option<i64>,
    pub rejected: Rejected,
    pub source: Arc<str>,
}

/// What goes into one transaction. No id stands in `kills` twice.
#[derive(Default)]
pub struct Batch {
    pub kills: Vec<Incoming>,
    pub wanted: Vec<IncomingWanted>,
    pub parked: Vec<Parked>,
    places: HashMap<i64, usize>,
    bytes: usize,
    participants: usize,
    /// Repetitions count too, so that what is repeated for ever is stored all the same.
    inputs: usize,
    /// Inputs that were repetitions within the batch.
    repeated: Outcome,
}

impl Batch {
    /// Adds a killmail. Given back when its id is in the batch with another text: only the database can tell whether
    /// that is another body, so the batch has to be stored first.
    pub fn add(&mut self, incoming: Incoming) -> Result<(), Box<Incoming>> {
        let killmail_id = incoming.mail.killmail.killmail_id;
        self.inputs += 1;
        if let Some(&place) = self.places.get(&killmail_id) {
            let there = &mut self.kills[place];
            if there.mail.body != incoming.mail.body {
                return Err(Box::new(incoming));
            }
            let before = Facts { hash: there.mail.hash, zkb: there.mail.zkb.take() };
            let said = Facts { hash: incoming.mail.hash, zkb: incoming.mail.zkb };
            let joined = before.clone().join(said);
            if joined.zkb == before.zkb {
                self.repeated.already_there += 1;
            } else {
                self.repeated.enriched_further += 1;
            }
            (there.mail.hash, there.mail.zkb) = (joined.hash, joined.zkb);
            return Ok(());
        }
        self.places.insert(killmail_id, self.kills.len());
        self.bytes += incoming.input.len() + incoming.mail.body.len();
        self.participants += incoming.mail.killmail.attackers.len() + 1;
        self.kills.push(incoming);
        Ok(())
    }

    pub fn want(&mut self, wanted: IncomingWanted) {
        self.inputs += 1;
        // The block is kept as text and typed, each no larger than its input.
        let zkb = wanted.wanted.zkb.as_ref().map_or(0, |zkb| zkb.text().len() * 2);
        self.bytes += size_of::<IncomingWanted>() + zkb;
        self.wanted.push(wanted);
    }

    pub fn park(&mut self, parked: Parked) {
        self.inputs += 1;
        self.bytes += parked.bytes.len();
        self.parked.push(parked);
    }

    pub fn is_full(&self) -> bool {
        self.bytes >= BATCH_BYTES_MAX
            || self.participants >= BATCH_PARTICIPANTS_MAX
            || self.inputs >= BATCH_INPUTS_MAX
    }

    pub fn is_empty(&self) -> bool {
        self.kills.is_empty() && self.wanted.is_empty() && self.parked.is_empty()
    }

    /// Parks the kills that match, and keeps the rest.
    pub(super) fn park_all(
        &mut self,
        matches: impl Fn(&Incoming) -> bool,
        reason: Reason,
        detail: &str,
    ) {
        for incoming in std::mem::take(&mut self.kills) {
            if matches(&incoming) {
                self.parked.push(Parked {
                    bytes: incoming.input,
                    killmail_id: Some(incoming.mail.killmail.killmail_id),
                    rejected: Rejected::new(reason, detail),
                    source: incoming.source,
                });
            } else {
                self.kills.push(incoming);
            }
        }
        self.places.clear();
    }

    /// Takes the kills that match out of the batch.
    pub(super) fn take_kills(&mut self, matches: impl Fn(&Incoming) -> bool) -> Vec<Incoming> {
        let (taken, kept) = std::mem::take(&mut self.kills).into_iter().partition(matches);
        self.kills = kept;
        let ids = self.kills.iter().map(|kept| kept.mail.killmail.killmail_id);
        self.places = ids.enumerate().map(|(place, id)| (id, place)).collect();
        taken
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Inputs that were added, repetitions included.
    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    pub(super) fn take_outcome(&mut self) -> Outcome {
        std::mem::take(&mut self.repeated)
    }
}
