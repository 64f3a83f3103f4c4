//! The application while partitions are worked on: loops that read and write the current month, through the parents and
//! on its leaves alone, and remember how long their slowest transaction took.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use noctis_store::testing::TestStore;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::kills::{batch, ingester, kill};
use crate::reading::now;

/// Reads, each a transaction: of the month, of all months, of a leaf alone, of all members together.
const READS: [&str; 4] = [
    "SELECT killmail_id FROM killmails_raw WHERE \"timestamp\" >= '2026-11-01+00' \
     ORDER BY \"timestamp\" DESC, killmail_id DESC LIMIT 20",
    "SELECT damage FROM killmail_participants WHERE killmail_id = 1",
    "SELECT killmail_id FROM killmails_enriched_2026_11 LIMIT 5",
    "SELECT r.killmail_id, e.isk_value, p.damage FROM killmails_raw r \
     JOIN killmails_enriched e USING (killmail_id, \"timestamp\") \
     JOIN killmail_participants p USING (killmail_id, \"timestamp\") \
     WHERE r.\"timestamp\" >= '2026-11-01+00' AND r.\"timestamp\" < '2026-12-01+00' AND r.killmail_id = 1",
];

/// Writes, each a transaction: into all parents, into leaves alone, and of what is there already.
const WRITES: [&str; 3] = [
    "INSERT INTO killmails_raw (killmail_id, \"timestamp\", system_id, ship_type_id, attacker_count, player_count, raw_payload, item_type_ids) \
       VALUES (ID, '2026-11-22 11:00+00', 30000142, 587, 1, 1, '{}', '{}'); \
     INSERT INTO killmails_enriched (killmail_id, \"timestamp\", npc, solo, awox, value_source, labels, module_tags, enrichment_blob) \
       VALUES (ID, '2026-11-22 11:00+00', false, false, false, 'none', '{}', '{}', '{}'); \
     INSERT INTO killmail_participants (killmail_id, \"timestamp\", damage, ordinal, final_blow, first_of_corporation, first_of_alliance) \
       VALUES (ID, '2026-11-22 11:00+00', 1, 0, false, true, true)",
    "INSERT INTO killmail_participants_2026_11 (killmail_id, \"timestamp\", damage, ordinal, final_blow, first_of_corporation, first_of_alliance) \
       VALUES (ID, '2026-11-22 11:00+00', 1, 0, false, true, true); \
     INSERT INTO killmails_enriched_2026_11 (killmail_id, \"timestamp\", npc, solo, awox, value_source, labels, module_tags, enrichment_blob) \
       VALUES (ID, '2026-11-22 11:00+00', false, false, false, 'none', '{}', '{}', '{}')",
    "UPDATE killmails_enriched SET points = ID % 1000 WHERE killmail_id = 1 AND \"timestamp\" = '2026-11-22 11:00+00'",
];

/// Between two transactions of a loop, so that the loops wait for locks and not for a processor.
const PAUSE: Duration = Duration::from_millis(4);
/// How often it is looked whether all loops went on, ten milliseconds apart.
const LOOKS_MAX: u32 = 12_000;

/// What the application met while something was done to partitions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Met {
    pub(crate) transactions: u64,
    pub(crate) slowest_read: Duration,
    pub(crate) slowest_write: Duration,
    /// What PostgreSQL said to statements that failed.
    pub(crate) failed: Vec<String>,
}

/// The loops, until they are stopped.
pub(crate) struct Application {
    stop: Arc<AtomicBool>,
    met: Arc<Mutex<Met>>,
    /// Transactions of each loop, ever.
    turns: Vec<Arc<AtomicU64>>,
    loops: Vec<JoinHandle<()>>,
}

#[derive(Clone)]
struct Loop {
    stop: Arc<AtomicBool>,
    met: Arc<Mutex<Met>>,
    turns: Arc<AtomicU64>,
    writes: bool,
}

impl Loop {
    fn record(&self, took: Duration, failed: Option<String>) {
        let mut met = self.met.lock().unwrap();
        met.transactions += 1;
        let slowest = if self.writes { &mut met.slowest_write } else { &mut met.slowest_read };
        *slowest = took.max(*slowest);
        met.failed.extend(failed);
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// Repeats a transaction; `ID` in it is another number each time.
    async fn repeat(self, client: Client, query: &'static str, first_id: u64) {
        while !self.stop.load(Ordering::Relaxed) {
            let id = first_id + self.turns.load(Ordering::Relaxed);
            let query = query.replace("ID", &id.to_string());
            let started = Instant::now();
            let done = client.batch_execute(&query).await;
            self.record(started.elapsed(), done.err().map(|error| format!("{error:?}")));
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Stores kill after kill as a feed does.
    async fn store(self, mut ingester: noctis_store::ingest::Ingester, first_id: i64) {
        while !self.stop.load(Ordering::Relaxed) {
            let id = first_id + i64::try_from(self.turns.load(Ordering::Relaxed)).unwrap();
            let started = Instant::now();
            let stored = ingester.store(batch(&[kill(id, "2026-11-22T11:00:00Z")]), now()).await;
            let failed = match stored {
                Ok(outcome) if outcome.stored == 1 => None,
                other => Some(format!("{other:?}")),
            };
            self.record(started.elapsed(), failed);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Application {
    /// Starts the loops; kill 1 and the month of November 2026 are there already.
    pub(crate) async fn start(test: &TestStore) -> Application {
        let mut application = Application {
            stop: Arc::default(),
            met: Arc::default(),
            turns: Vec::new(),
            loops: Vec::new(),
        };
        let mut first_id = 0;
        for (queries, writes) in [(&READS[..], false), (&WRITES[..], true)] {
            for &query in queries {
                first_id += 1_000_000_000;
                let (client, one) = (test.database.owner().await, application.one(writes));
                application.loops.push(tokio::spawn(one.repeat(client, query, first_id)));
            }
        }
        let (ingester, one) = (ingester(test).await, application.one(true));
        application.loops.push(tokio::spawn(one.store(ingester, 100_000_000)));
        application.all_went_on().await;
        application
    }

    fn one(&mut self, writes: bool) -> Loop {
        let turns: Arc<AtomicU64> = Arc::default();
        self.turns.push(Arc::clone(&turns));
        Loop { stop: Arc::clone(&self.stop), met: Arc::clone(&self.met), turns, writes }
    }

    /// Forgets what was met so far.
    pub(crate) fn forget(&self) {
        *self.met.lock().unwrap() = Met::default();
    }

    /// What was met since, when every loop has ended its transaction and there were so many altogether.
    pub(crate) async fn met(&self, transactions_min: u64) -> Met {
        self.all_went_on().await;
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        for _ in 0..LOOKS_MAX {
            ticks.tick().await;
            let met = self.met.lock().unwrap().clone();
            if met.transactions >= transactions_min {
                return met;
            }
        }
        panic!("the application stands still");
    }

    /// Waits until every loop has begun and ended a transaction: two more are counted.
    async fn all_went_on(&self) {
        let before: Vec<u64> =
            self.turns.iter().map(|turns| turns.load(Ordering::Relaxed)).collect();
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        for _ in 0..LOOKS_MAX {
            ticks.tick().await;
            let mut pairs = self.turns.iter().zip(&before);
            if pairs.all(|(turns, before)| turns.load(Ordering::Relaxed) >= before + 2) {
                return;
            }
        }
        panic!("a loop of the application stands still");
    }

    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for one in self.loops {
            one.await.unwrap();
        }
    }
}
