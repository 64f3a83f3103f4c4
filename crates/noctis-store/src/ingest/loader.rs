//! An import's way in: months that are not there yet are loaded bare, everything else is stored batch by batch.
//!
//! Few kills of such a month wait in memory until there are enough of them, or until it is clear that there will not be.
//! A month is finished when some batches have brought nothing for it; what comes for it afterwards finds its leaf.

mod month;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use noctis_core::generate::is_generated;
use noctis_core::time::{TimeRange, just_after};
use tokio::sync::Semaphore;

use super::batch::{BATCH_BYTES_MAX, BATCH_INPUTS_MAX};
use super::load::{Load, step_for};
use super::work::Work;
use super::{Batch, Incoming, IngestOptions, Ingester, Outcome, wanted};
use crate::partitions::ddl::moving;
use crate::{Result, Store};
use month::{AtOnce, Month, Usual};

/// When a month is loaded bare.
#[derive(Clone, Copy, Debug)]
pub struct LoadRules {
    /// So many kills of a month that is not there have to be at hand; with fewer, making it the usual way is faster.
    pub kills_min: usize,
    /// Months at a time, each with a connection of its own.
    pub open_max: usize,
    /// Batches that bring nothing for a month before it counts as whole.
    pub idle_max: u32,
    /// Kills of one load, which are registered under one merge lock.
    pub kills_max: u64,
    /// Kills that came twice and wait for the end of their month, in memory.
    pub repeated_max: usize,
}

impl Default for LoadRules {
    fn default() -> LoadRules {
        LoadRules {
            kills_min: 1_000,
            open_max: 4,
            idle_max: 4,
            kills_max: 1_000_000,
            repeated_max: 1_000,
        }
    }
}

/// Stores an import's batches.
pub struct Loader {
    ingester: Ingester,
    rules: LoadRules,
    months: BTreeMap<u64, Month>,
    /// The last month's number.
    numbered: u64,
    turn: Arc<Semaphore>,
    /// The leaves that the policy wants ahead were seen to.
    ahead: bool,
    /// Kills of months that are not stored yet say that the store will have real ones.
    real_seen: bool,
}

impl Loader {
    /// Removes, too, what imports that were killed have left.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn new(store: &Store, options: IngestOptions, rules: LoadRules) -> Result<Loader> {
        let ingester = Ingester::new(store, options).await?;
        let mut loader = Loader {
            ingester,
            rules,
            months: BTreeMap::new(),
            numbered: 0,
            turn: Arc::new(Semaphore::new(1)),
            ahead: false,
            real_seen: false,
        };
        loader.remove_left().await;
        Ok(loader)
    }

    /// Takes a batch in, and says what became of inputs that are done with. Safe to repeat.
    ///
    /// # Errors
    /// As [`Ingester::store`]; months that are being loaded should then be given up.
    pub async fn store(&mut self, mut batch: Batch, now: Timestamp) -> Result<Outcome> {
        let outcome = batch.take_outcome();
        self.refuse_generated(&mut batch).await?;
        for month in self.months.values_mut() {
            month.idle += 1;
        }
        let mut at_once = AtOnce { now, usual: Usual::default(), outcome };
        self.sort_out(batch, &mut at_once).await?;
        let ids: Vec<u64> = self.months.keys().copied().collect();
        for id in ids {
            self.go_on(id, &mut at_once).await?;
        }
        // What is under way then is of this batch alone.
        for month in self.months.values_mut().filter(|month| month.idle > 0) {
            month.see_to_taken().await?;
        }
        self.bound_waiting(&mut at_once);
        self.forget_stored();
        let mut outcome = self.store_usual(at_once).await?;
        outcome.add(&self.collect(now, false).await?);
        Ok(outcome)
    }

    async fn store_usual(&mut self, at_once: AtOnce) -> Result<Outcome> {
        let AtOnce { now, usual, mut outcome } = at_once;
        for batch in usual.0 {
            outcome.add(&self.ingester.store(batch, now).await?);
        }
        Ok(outcome)
    }

    /// Stores everything that was taken in: nothing more is at hand.
    ///
    /// # Errors
    /// As [`Loader::store`].
    pub async fn finish(&mut self, now: Timestamp) -> Result<Outcome> {
        let mut few = AtOnce { now, usual: Usual::default(), outcome: Outcome::default() };
        for month in self.months.values_mut() {
            if month.load.is_some() {
                month.finish().await;
            } else {
                few.take_over(&mut month.waiting);
            }
        }
        let mut outcome = self.collect(now, true).await?;
        // Only months remain of which few kills came: one that contradicts a loaded one has come after it.
        self.months.clear();
        outcome.add(&self.store_usual(few).await?);
        self.remove_left().await;
        Ok(outcome)
    }

    /// Gives up what is not stored yet.
    pub async fn give_up(&mut self) {
        for load in std::mem::take(&mut self.months).into_values().filter_map(|month| month.load) {
            load.give_up().await;
        }
        self.ingester.loading.clear();
    }

    /// The numbers of the months with kills that are not stored yet.
    pub fn unsettled(&self) -> impl Iterator<Item = u64> {
        self.months.keys().copied()
    }

    async fn refuse_generated(&mut self, batch: &mut Batch) -> Result<()> {
        self.ingester.refuse_generated(batch, self.real_seen).await?;
        let is_real = |kill: &Incoming| !is_generated(kill.mail.killmail.killmail_id);
        self.real_seen |= batch.kills.iter().any(is_real);
        Ok(())
    }

    /// Moves the kills of months that are not there to these months; what is to be stored the usual way stays.
    async fn sort_out(&mut self, batch: Batch, at_once: &mut AtOnce) -> Result<()> {
        let time = |incoming: &Incoming| incoming.mail.killmail.killmail_time;
        // A small batch is stored at once: it is a trickle, or the end.
        let few = batch.kills.len() < self.rules.kills_min;
        let inventory = &self.ingester.inventory;
        let mut rest = batch;
        let absent = rest.take_kills(|incoming| !inventory.covers(time(incoming)));
        at_once.usual.0.push(rest);
        let mut looked = false;
        let mut usual: Vec<TimeRange> = Vec::new();
        for incoming in absent {
            let time = time(&incoming);
            if usual.iter().any(|range| range.contains(time)) {
                at_once.usual.add(incoming);
                continue;
            }
            let mut found = self.month_of(time);
            if found.is_some_and(|id| self.months[&id].finishing) {
                at_once.outcome.add(&self.settle(found, at_once.now).await?);
                found = None;
            }
            if found.is_none() && !few {
                if !looked {
                    self.ingester.look().await?;
                    looked = true;
                }
                match self.new_month(time, at_once.now).await? {
                    Ok(id) => found = Some(id),
                    Err(range) => usual.push(range),
                }
            }
            match found.and_then(|id| self.months.get_mut(&id)) {
                Some(month) => {
                    month.idle = 0;
                    // Its id waits with another text: both are compared where they are stored.
                    if let Err(other) = month.waiting.add(incoming) {
                        at_once.usual.add(*other);
                    }
                }
                None => at_once.usual.add(incoming),
            }
        }
        Ok(())
    }

    fn month_of(&self, time: Timestamp) -> Option<u64> {
        let mut months = self.months.iter();
        months.find(|(_, month)| month.range().contains(time)).map(|(&id, _)| id)
    }

    /// A month that may be loaded bare; or the range that is stored the usual way.
    async fn new_month(
        &mut self,
        time: Timestamp,
        now: Timestamp,
    ) -> Result<std::result::Result<u64, TimeRange>> {
        let Ingester { inventory, options, client, .. } = &self.ingester;
        let Some(step) = step_for(options, inventory, now, time) else {
            // Made by somebody meanwhile; or only some of the tables have it.
            let leaf = inventory.leaves.iter().find(|leaf| leaf.range.contains(time));
            let alone = TimeRange { from: time, to: just_after(time) };
            return Ok(Err(leaf.map_or(alone, |leaf| leaf.range)));
        };
        let range = step.range();
        let archived =
            inventory.parts.iter().any(|part| !part.range.intersection(range).is_empty());
        let sql = include_str!("../../sql/ingest/dropped_within.sql");
        let is_absent = !archived
            && options.partitions_on_demand > 0
            && !client.query_one(sql, &[&range.from, &range.to]).await?.get::<_, bool>(0);
        if !is_absent {
            return Ok(Err(range));
        }
        self.numbered += 1;
        self.months.insert(self.numbered, Month::new(step));
        Ok(Ok(self.numbered))
    }

    /// Loads what waits for a month, if that is enough; finishes it if nothing comes any more.
    async fn go_on(&mut self, id: u64, at_once: &mut AtOnce) -> Result<()> {
        let Some(month) = self.months.get(&id) else { return Ok(()) };
        let few = month.waiting.kills.len() < self.rules.kills_min;
        match &month.load {
            None if few && month.idle < self.rules.idle_max => return Ok(()),
            None if few => {}
            None => self.begin(id, at_once).await?,
            Some(_) => {}
        }
        let Some(month) = self.months.get_mut(&id) else { return Ok(()) };
        if month.load.is_none() {
            at_once.take_over(&mut month.waiting);
            self.months.remove(&id);
            return Ok(());
        }
        if !month.waiting.is_empty() {
            let waiting = std::mem::take(&mut month.waiting);
            self.load(id, waiting, at_once).await?;
        }
        let rules = self.rules;
        if let Some(month) = self.months.get_mut(&id)
            && (month.idle >= rules.idle_max || month.is_full(&rules))
        {
            month.finish().await;
        }
        Ok(())
    }

    /// Begins to load a month, if there is room for one more, or another has got nothing for a while.
    async fn begin(&mut self, id: u64, at_once: &mut AtOnce) -> Result<()> {
        let now = at_once.now;
        at_once.outcome.add(&self.collect(now, false).await?);
        let open = |months: &BTreeMap<u64, Month>| {
            months.values().filter(|month| month.load.is_some()).count()
        };
        if open(&self.months) >= self.rules.open_max {
            // The one that finishes already, or has waited longest.
            let loading = self.months.iter_mut().filter(|(_, month)| month.load.is_some());
            let idlest = loading.max_by_key(|(_, month)| (month.finishing, month.idle));
            let Some((&other, month)) =
                idlest.filter(|(_, month)| month.finishing || month.idle > 0)
            else {
                return Ok(());
            };
            month.finish().await;
            at_once.outcome.add(&self.settle(Some(other), now).await?);
        }
        if !std::mem::replace(&mut self.ahead, true) {
            self.ingester.make_ahead(now).await?;
        }
        self.ingester.look().await?;
        let Ingester { store, options, inventory, .. } = &mut self.ingester;
        let Some(month) = self.months.get_mut(&id) else { return Ok(()) };
        // Somebody else has made it while its first kills waited.
        if step_for(options, inventory, now, month.range().from).as_ref() != Some(&month.step) {
            return Ok(());
        }
        options.partitions_on_demand = options.partitions_on_demand.saturating_sub(1);
        let (step, turn) = (month.step.clone(), Arc::clone(&self.turn));
        month.load = Some(Load::begin(store, options, step, turn).await?);
        self.ingester.loading.push(month.range());
        Ok(())
    }

    /// Loads a month's kills; those that are known already are to be stored the usual way.
    async fn load(&mut self, id: u64, mut batch: Batch, at_once: &mut AtOnce) -> Result<()> {
        at_once.outcome.add(&batch.take_outcome());
        let client = &self.ingester.client;
        let ids: Vec<i64> = batch.kills.iter().map(|kill| kill.mail.killmail.killmail_id).collect();
        let known: HashSet<i64> =
            wanted::registered(client, &ids).await?.into_iter().map(|(_, id)| id).collect();
        if !known.is_empty() {
            let is_known = |kill: &Incoming| known.contains(&kill.mail.killmail.killmail_id);
            batch.take_kills(is_known).into_iter().for_each(|kill| at_once.usual.add(kill));
        }
        wanted::join(client, &mut batch).await?;
        let kept = std::mem::take(&mut self.ingester.kept);
        let mut work = Work::begin(&***client, batch, &self.ingester.options, kept).await?;
        self.ingester.kept = std::mem::take(&mut work.kept);
        let Some(month) = self.months.get_mut(&id) else { return Ok(()) };
        // Until now the last batch was copied while this one was being made ready.
        month.see_to_taken().await?;
        let Some(load) = &mut month.load else { return Ok(()) };
        load.take(work, at_once.now).await
    }

    /// Where too much waits in memory, all of it is stored the usual way.
    fn bound_waiting(&mut self, at_once: &mut AtOnce) {
        let waiting = || self.months.values().map(|month| &month.waiting);
        let inputs: usize = waiting().map(Batch::inputs).sum();
        let bytes: usize = waiting().map(Batch::bytes).sum();
        if inputs < BATCH_INPUTS_MAX && bytes < BATCH_BYTES_MAX {
            return;
        }
        self.months.retain(|_, month| {
            if month.load.is_none() {
                at_once.take_over(&mut month.waiting);
            }
            month.load.is_some()
        });
    }

    fn forget_stored(&mut self) {
        let months = &self.months;
        self.ingester.loading.retain(|range| {
            months.values().any(|month| month.load.is_some() && month.range() == *range)
        });
    }

    /// What became of months that have come to their end, or of all that are being finished.
    async fn collect(&mut self, now: Timestamp, all: bool) -> Result<Outcome> {
        let over = |month: &Month| {
            month.finishing && (all || month.load.as_ref().is_some_and(Load::is_over))
        };
        let ids: Vec<u64> =
            self.months.iter().filter(|(_, month)| over(month)).map(|(&id, _)| id).collect();
        let mut outcome = Outcome::default();
        for id in ids {
            outcome.add(&self.settle(Some(id), now).await?);
        }
        Ok(outcome)
    }

    /// Waits for a month that is being finished, and stores what came for it twice.
    async fn settle(&mut self, id: Option<u64>, now: Timestamp) -> Result<Outcome> {
        let Some(mut month) = id.and_then(|id| self.months.remove(&id)) else {
            return Ok(Outcome::default());
        };
        month.see_to_taken().await?;
        let mut outcome = match &mut month.load {
            Some(load) => load.join().await?,
            None => Outcome::default(),
        };
        self.forget_stored();
        self.ingester.look().await?;
        for repeated in month.repeated.0 {
            outcome.add(&self.ingester.store(repeated, now).await?);
        }
        outcome.add(&self.ingester.store(month.waiting, now).await?);
        Ok(outcome)
    }

    /// Tables of imports that were killed; what cannot be removed now is left to the next import.
    async fn remove_left(&mut self) {
        let client = &self.ingester.client;
        let left = client.query(include_str!("../../sql/ingest/left_loads.sql"), &[]).await;
        for row in left.unwrap_or_default() {
            let table: String = row.get(0);
            if let Err(error) = client.batch_execute(&moving::drop_table(&table)).await {
                tracing::debug!(%error, table, "a table of an import that was killed was left");
            }
        }
    }
}
