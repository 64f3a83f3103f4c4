//! One month loaded bare: rows into tables beside the group, indexed when all are there, then registered and attached.
//!
//! All of it is one transaction of a session of its own, so its kills become visible at once or not at all, and a death
//! leaves nothing but empty tables. Nobody waits for it: until the end it holds locks on its own tables alone. Where the
//! month has come to be meanwhile, or one of the kills, they are read out again and stored one batch after another.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::{Object, Transaction};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use noctis_core::killmail::parse::parse;
use noctis_core::killmail::shape::Mail;
use noctis_core::partition::{Inventory, Member, Step, creations};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Row};

use super::merge::{hash, stored_zkb, take_merge_lock};
use super::work::Work;
use super::{Batch, Incoming, IngestOptions, Ingester, Outcome, rows, wanted};
use crate::connect::backend_pid;
use crate::ledger::{self, Entry};
use crate::partitions::beside::Beside;
use crate::partitions::ddl::moving;
use crate::partitions::{self, MANAGER_LOCK, Tries, retire};
use crate::prices::KeptPrices;
use crate::{Error, Result, Store, fail};

/// How long the end of a load that is given up is waited for; one that is being indexed may take minutes.
const GIVE_UP_MAX: Duration = Duration::from_secs(2);
/// Orders that wait: one is carried out before the next is given.
const ORDERS_WAITING: usize = 1;

/// A month that is being loaded by a task of its own. Dropped, it is given up.
pub(super) struct Load {
    orders: mpsc::Sender<Order>,
    task: JoinHandle<Result<Outcome>>,
    /// Kills in its tables, those that are under way included.
    pub(super) kills: u64,
    /// The batch that is under way: one, so that memory is bounded.
    under_way: Option<UnderWay>,
}

/// Kills that are being taken in.
struct UnderWay {
    batch: Arc<Batch>,
    /// The places of those that are there already.
    there: oneshot::Receiver<Vec<usize>>,
}

enum Order {
    /// Take these kills in, and tell the places of those that are there already.
    Take(Box<Work>, Timestamp, oneshot::Sender<Vec<usize>>),
    /// There are no more: attach them.
    Finish,
}

impl Load {
    /// Makes the tables for the leaves that `step` would create.
    ///
    /// `turn` is had by one load at a time while it needs further connections.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn begin(
        store: &Store,
        options: &IngestOptions,
        step: Step,
        turn: Arc<Semaphore>,
    ) -> Result<Load> {
        let Step::Create { range, suffix, .. } = &step else {
            return Err(Error::Refused(format!("{} is no month to load", step.range())));
        };
        let client = store.client().await?;
        let pid = backend_pid(&client).await?;
        let beside = Beside::new(*range, suffix, |leaf| format!("loading_{pid}_{leaf}"));
        // Of an earlier session of this number.
        beside.remove(&**client).await?;
        beside.create(&**client).await?;
        client.batch_execute(&moving::add_key(beside.table(Member::Raw))).await?;
        fail::point("load.created");
        let (orders, inbox) = mpsc::channel(ORDERS_WAITING);
        let loading =
            Loading { store: store.clone(), options: options.clone(), beside, step, turn };
        let task = tokio::spawn(loading.run(client, inbox));
        Ok(Load { orders, task, kills: 0, under_way: None })
    }

    /// Lets kills be taken in, and does not wait for it: who has [seen](Load::taken) to those before may get others ready
    /// meanwhile.
    ///
    /// # Errors
    /// When the database refused what came before; the month is lost then.
    pub(super) async fn take(&mut self, work: Work, now: Timestamp) -> Result<()> {
        debug_assert!(self.under_way.is_none(), "one batch is under way at a time");
        let batch = Arc::clone(&work.batch);
        let (reply, there) = oneshot::channel();
        if self.orders.send(Order::Take(Box::new(work), now, reply)).await.is_err() {
            return Err(self.reason().await);
        }
        self.kills += batch.kills.len() as u64;
        self.under_way = Some(UnderWay { batch, there });
        Ok(())
    }

    /// Waits until the kills that are under way are in the tables; gives those that were there already.
    ///
    /// # Errors
    /// When the database refuses; the month is lost then.
    pub(super) async fn taken(&mut self) -> Result<Vec<Incoming>> {
        let Some(UnderWay { batch, there }) = self.under_way.take() else { return Ok(Vec::new()) };
        let Ok(there) = there.await else { return Err(self.reason().await) };
        self.kills -= there.len() as u64;
        Ok(there.into_iter().map(|place| batch.kills[place].clone()).collect())
    }

    /// Why the task has ended before its time.
    async fn reason(&mut self) -> Error {
        self.join().await.err().unwrap_or_else(gone)
    }

    /// Lets it be indexed and attached, and does not wait for it.
    pub(super) async fn finish(&self) {
        // A task that has ended says why when it is joined.
        let _ = self.orders.send(Order::Finish).await;
    }

    /// Whether it has come to its end.
    pub(super) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// What became of its kills.
    ///
    /// # Errors
    /// When the database refused; nothing of the month is stored then.
    pub(super) async fn join(&mut self) -> Result<Outcome> {
        match (&mut self.task).await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(gone()),
        }
    }

    /// Ends it without storing anything; its tables go, or are left to the next import where that would take long.
    pub(super) async fn give_up(mut self) {
        drop(self.orders);
        // What went wrong is of no interest any more, or was told.
        if !self.task.is_finished()
            && tokio::time::timeout(GIVE_UP_MAX, &mut self.task).await.is_err()
        {
            self.task.abort();
        }
    }
}

fn gone() -> Error {
    Error::Refused("a month that was being loaded was given up".to_owned())
}

/// The task's side.
struct Loading {
    store: Store,
    options: IngestOptions,
    beside: Beside,
    step: Step,
    turn: Arc<Semaphore>,
}

/// What was loaded so far.
struct Loaded {
    kills: u64,
    source: Arc<str>,
    now: Timestamp,
}

impl Loading {
    async fn run(self, mut client: Object, orders: mpsc::Receiver<Order>) -> Result<Outcome> {
        let outcome = self.load(&mut client, orders).await;
        // Attached, they are called otherwise.
        self.remove(&client).await;
        outcome.map(Option::unwrap_or_default)
    }

    async fn remove(&self, client: &Client) {
        if let Err(error) = self.beside.remove(client).await {
            let range = self.beside.range();
            tracing::warn!(%error, %range, "tables that were being loaded were left; the next import removes them");
        }
    }

    /// All in one transaction; nothing where it is given up.
    async fn load(
        &self,
        client: &mut Object,
        mut orders: mpsc::Receiver<Order>,
    ) -> Result<Option<Outcome>> {
        let transaction = client.build_transaction().start().await?;
        transaction.batch_execute(include_str!("../../sql/ingest/begin_load.sql")).await?;
        let mut loaded = Loaded { kills: 0, source: "".into(), now: Timestamp::UNIX_EPOCH };
        while let Some(order) = orders.recv().await {
            match order {
                Order::Take(mut work, now, reply) => {
                    let there = self.take(&transaction, &mut work).await?;
                    loaded.kills += (work.batch.kills.len() - there.len()) as u64;
                    loaded.now = now;
                    if let Some(incoming) = work.batch.kills.first() {
                        loaded.source = Arc::clone(&incoming.source);
                    }
                    // Whoever does not wait for it has given the month up.
                    let _ = reply.send(there);
                }
                Order::Finish => return self.finish(transaction, &loaded).await.map(Some),
            }
        }
        Ok(None)
    }

    /// Copies the kills that are not there yet into the tables.
    async fn take(&self, tx: &Transaction<'_>, work: &mut Work) -> Result<Vec<usize>> {
        let batch = Arc::clone(&work.batch);
        let id = |place: &usize| batch.kills[*place].mail.killmail.killmail_id;
        let mut places: Vec<usize> = (0..batch.kills.len()).collect();
        // By id: the key is filled in its order.
        places.sort_unstable_by_key(id);
        let ids: Vec<i64> = places.iter().map(id).collect();
        let raw = self.beside.table(Member::Raw);
        let found: HashSet<i64> =
            tx.query(&moving::among(raw), &[&ids]).await?.iter().map(|row| row.get(0)).collect();
        let (there, new): (Vec<usize>, Vec<usize>) =
            places.into_iter().partition(|place| found.contains(&id(place)));
        let about =
            |sql: &str, member: Member| moving::about(sql, member, self.beside.table(member));
        let sql = about(include_str!("../../sql/ingest/copy_raw.sql"), Member::Raw);
        rows::copy_raw(tx, &sql, &batch.kills, &new).await?;
        let sql = about(rows::COPY_ENRICHED, Member::Enriched);
        rows::copy_enriched(tx, &sql, work, &new).await?;
        let sql = about(rows::COPY_PARTICIPANTS, Member::Participants);
        rows::copy_participants(tx, &sql, &batch.kills, &new).await?;
        fail::point("load.copied");
        Ok(there)
    }

    async fn finish(&self, mut tx: Transaction<'_>, loaded: &Loaded) -> Result<Outcome> {
        for member in Member::ALL {
            // Statistics are autovacuum's, as those of a leaf that is filled batch by batch.
            self.beside.index(&*tx, member).await?;
        }
        fail::point("load.indexed");
        let turn = self.turn.acquire().await;
        let mut other = self.store.client().await?;
        let held = MANAGER_LOCK.take(&mut other).await?;
        if self.attach(&mut tx, held.client, loaded).await? {
            tx.commit().await?;
            fail::point("load.committed");
            held.release().await?;
            return Ok(Outcome { stored: loaded.kills, ..Outcome::default() });
        }
        held.release().await?;
        drop(other);
        let range = self.beside.range();
        tracing::info!(%range, loaded.kills, "a month that was being loaded is there already; its kills are stored one by one");
        let outcome = self.store_singly(&tx, loaded).await;
        drop(turn);
        outcome
    }

    /// Registers and attaches, unless the month or one of the kills is there already: false then, and nothing has changed.
    async fn attach(
        &self,
        tx: &mut Transaction<'_>,
        other: &Client,
        loaded: &Loaded,
    ) -> Result<bool> {
        let mut entry = Entry::of(&self.step, None);
        entry.rows = i64::try_from(loaded.kills).ok();
        let mut tries = Tries::new(self.options.lock_budget);
        loop {
            entry.waits = tries.waits();
            let point = tx.transaction().await?;
            match self.try_attach(&point, tries.wait_ms(), &entry, loaded.now).await {
                Ok(true) => {
                    point.commit().await?;
                    return Ok(true);
                }
                Ok(false) => {
                    point.rollback().await?;
                    return Ok(false);
                }
                Err(error) => {
                    // The locks go with what was done since the savepoint: nobody waits during the pause.
                    point.rollback().await?;
                    tries.again(error, other, &retire::with_parents(&[])).await?;
                }
            }
        }
    }

    async fn try_attach(
        &self,
        tx: &Transaction<'_>,
        wait_ms: u64,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<bool> {
        let parents = retire::with_parents(&[]);
        retire::lock(tx, &parents, moving::BESIDE_WRITERS, wait_ms).await?;
        let range = self.beside.range();
        // From here on nobody else attaches anything.
        let inventory = partitions::inspect(tx.client()).await?;
        if step_for(&self.options, &inventory, now, range.from).as_ref() != Some(&self.step) {
            return Ok(false);
        }
        self.beside.attach(tx).await?;
        fail::point("load.attached");
        // What came late is enriched with what is known now.
        let mut work =
            Work::begin(tx.client(), Batch::default(), &self.options, KeptPrices::default())
                .await?;
        take_merge_lock(tx).await?;
        let locked = Instant::now();
        let sql = include_str!("../../sql/ingest/register_range.sql");
        let registered = tx.execute(sql, &[&range.from, &range.to]).await?;
        if i64::try_from(registered).ok() != entry.rows {
            return Ok(false);
        }
        fail::point("load.registered");
        wanted::take_range(tx, &mut work, range).await?;
        ledger::append(&**tx, entry).await?;
        let merge_lock_ms = locked.elapsed().as_millis();
        tracing::debug!(%range, kills = registered, merge_lock_ms, "a month was loaded and attached");
        fail::point("load.written_down");
        Ok(true)
    }

    /// Reads the kills out of the tables and stores them the usual way.
    async fn store_singly(&self, tx: &Transaction<'_>, loaded: &Loaded) -> Result<Outcome> {
        let mut ingester = Ingester::new(&self.store, self.options.clone()).await?;
        let sql =
            moving::mails(self.beside.table(Member::Raw), self.beside.table(Member::Enriched));
        let none: [&str; 0] = [];
        let mut stored = pin!(tx.query_raw(&sql, none).await?);
        let (mut outcome, mut batch) = (Outcome::default(), Batch::default());
        while let Some(row) = stored.try_next().await? {
            if batch.add(incoming(&row, &loaded.source)?).is_err() {
                return Err(Error::Refused("a month that was loaded has a kill twice".to_owned()));
            }
            if batch.is_full() {
                outcome.add(&ingester.store(std::mem::take(&mut batch), loaded.now).await?);
            }
        }
        outcome.add(&ingester.store(batch, loaded.now).await?);
        Ok(outcome)
    }
}

/// A kill as it might have come: its body, and what was said of it.
fn incoming(row: &Row, source: &Arc<str>) -> Result<Incoming> {
    let body: String = row.get(0);
    let mail = Mail {
        killmail: parse(&body)?,
        hash: hash(row.get(1)),
        zkb: stored_zkb(row.get(2), row.get(3))?,
        body,
    };
    Ok(Incoming { input: mail.body.clone().into_bytes(), mail, source: Arc::clone(source) })
}

/// The creation of all leaves that this time lacks, if that is what it takes to store its kills.
pub(super) fn step_for(
    options: &IngestOptions,
    inventory: &Inventory,
    now: Timestamp,
    time: Timestamp,
) -> Option<Step> {
    let plan = creations(&options.policy, inventory, now, &[time]);
    plan.steps.into_iter().find(|step| match step {
        Step::Create { range, members, .. } => {
            range.contains(time) && members.len() == Member::ALL.len()
        }
        _ => false,
    })
}
