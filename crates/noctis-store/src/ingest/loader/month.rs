//! A month that is not there yet, and what of a batch is stored the usual way.

use jiff::Timestamp;
use noctis_core::partition::Step;
use noctis_core::time::TimeRange;

use super::LoadRules;
use crate::Result;
use crate::ingest::load::Load;
use crate::ingest::{Batch, Incoming, Outcome};

/// A month that is not there yet.
pub(super) struct Month {
    pub(super) step: Step,
    /// What has come since, or while there was too little of it.
    pub(super) waiting: Batch,
    pub(super) load: Option<Load>,
    pub(super) finishing: bool,
    /// Kills that its tables have already: compared when they are stored, one text of an id after the other.
    pub(super) repeated: Usual,
    /// Batches since it got something.
    pub(super) idle: u32,
}

impl Month {
    /// The month whose leaves this step would make.
    pub(super) fn new(step: Step) -> Month {
        Month {
            step,
            waiting: Batch::default(),
            load: None,
            finishing: false,
            repeated: Usual::default(),
            idle: 0,
        }
    }

    pub(super) fn range(&self) -> TimeRange {
        self.step.range()
    }

    /// Whether no more can be taken into its load.
    pub(super) fn is_full(&self, rules: &LoadRules) -> bool {
        let kills = self.load.as_ref().map_or(0, |load| load.kills);
        kills >= rules.kills_max
            || self.repeated.inputs() >= rules.repeated_max
            // Or a third text of one id has come.
            || self.repeated.0.len() > 1
    }

    /// Waits until what is under way is in its tables, and keeps what they had already.
    ///
    /// # Errors
    /// When the database refuses; the month is lost then.
    pub(super) async fn see_to_taken(&mut self) -> Result<()> {
        if let Some(load) = &mut self.load {
            load.taken().await?.into_iter().for_each(|kill| self.repeated.add(kill));
        }
        Ok(())
    }

    /// Lets its load be indexed and attached, and does not wait for it.
    pub(super) async fn finish(&mut self) {
        if let Some(load) = self.load.as_ref().filter(|_| !self.finishing) {
            load.finish().await;
            self.finishing = true;
        }
    }
}

/// What is stored the usual way: batches in which no id stands twice.
#[derive(Default)]
pub(super) struct Usual(pub(super) Vec<Batch>);

impl Usual {
    pub(super) fn add(&mut self, incoming: Incoming) {
        let left = match self.0.last_mut().filter(|batch| !batch.is_full()) {
            Some(batch) => batch.add(incoming).err().map(|other| *other),
            None => Some(incoming),
        };
        if let Some(incoming) = left {
            let mut batch = Batch::default();
            // An empty batch takes any kill.
            let _ = batch.add(incoming);
            self.0.push(batch);
        }
    }

    /// Inputs of all batches.
    pub(super) fn inputs(&self) -> usize {
        self.0.iter().map(Batch::inputs).sum()
    }
}

/// What a batch leads to at once.
pub(super) struct AtOnce {
    pub(super) now: Timestamp,
    pub(super) usual: Usual,
    pub(super) outcome: Outcome,
}

impl AtOnce {
    /// Takes over kills that waited for more of their month.
    pub(super) fn take_over(&mut self, waiting: &mut Batch) {
        let mut waiting = std::mem::take(waiting);
        self.outcome.add(&waiting.take_outcome());
        waiting.take_kills(|_| true).into_iter().for_each(|kill| self.usual.add(kill));
    }
}
