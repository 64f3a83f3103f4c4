//! What stands in the way of an operation: nothing, one long transaction, or short ones without end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use noctis_store::testing::TestStore;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

/// How many read without end, and how long each of their transactions takes.
const ENDLESS_READERS: u64 = 8;
const READ_MS_MIN: u64 = 30;
const READ_MS_MAX: u64 = 200;

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    Nobody,
    /// A transaction that has read and written the current month and stays open that long.
    Transaction(Duration),
    /// Eight readers, each transaction 30 to 200 ms, one beginning before another ends.
    EndlessReaders,
}

/// It, while it lasts.
pub(crate) struct Standing {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<u64>>,
}

impl Behind {
    /// Puts it there; it holds its locks when this returns.
    pub(crate) async fn stand(self, test: &TestStore) -> Standing {
        let stop: Arc<AtomicBool> = Arc::default();
        let mut tasks = Vec::new();
        match self {
            Behind::Nobody => {}
            Behind::Transaction(time) => {
                let (client, (tell, told)) =
                    (test.database.owner().await, tokio::sync::oneshot::channel());
                tasks.push(tokio::spawn(hold(client, time, tell)));
                told.await.unwrap();
            }
            Behind::EndlessReaders => {
                let begun: Arc<AtomicU64> = Arc::default();
                for number in 0..ENDLESS_READERS {
                    let client = test.database.owner().await;
                    tasks.push(tokio::spawn(read(
                        client,
                        number,
                        Arc::clone(&stop),
                        Arc::clone(&begun),
                    )));
                }
                while begun.load(Ordering::Relaxed) < ENDLESS_READERS {
                    tokio::task::yield_now().await;
                }
            }
        }
        Standing { stop, tasks }
    }
}

impl Standing {
    /// Ends it, and says how many transactions there were.
    pub(crate) async fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        let mut transactions = 0;
        for task in self.tasks {
            transactions += task.await.unwrap();
        }
        transactions
    }
}

async fn hold(mut client: Client, time: Duration, tell: tokio::sync::oneshot::Sender<()>) -> u64 {
    let open = client.transaction().await.unwrap();
    open.batch_execute(
        "SELECT count(*) FROM killmails_raw WHERE \"timestamp\" >= '2026-11-01+00'; \
         SELECT count(*) FROM killmail_participants WHERE \"timestamp\" >= '2026-11-01+00'; \
         UPDATE killmails_raw SET war_id = 1 WHERE killmail_id = 2 AND \"timestamp\" = '2026-11-22 11:00+00'; \
         UPDATE killmails_enriched SET points = 1 WHERE killmail_id = 2 AND \"timestamp\" = '2026-11-22 11:00+00'",
    )
    .await
    .unwrap();
    tell.send(()).unwrap();
    open.batch_execute(&format!("SELECT pg_sleep({})", time.as_secs_f64())).await.unwrap();
    open.commit().await.unwrap();
    1
}

/// Transactions of one or two reads, in either order, over all months or the current one, and some time between and after.
async fn read(client: Client, number: u64, stop: Arc<AtomicBool>, begun: Arc<AtomicU64>) -> u64 {
    let reads = [
        "SELECT count(*) FROM killmails_raw WHERE killmail_id = 1",
        "SELECT count(*) FROM killmail_participants WHERE \"timestamp\" >= '2026-11-01+00' AND killmail_id = 1",
        "SELECT count(*) FROM killmails_enriched WHERE killmail_id = 1",
    ];
    let mut transactions = 0;
    // An odd walk through the lengths, another for each reader.
    let mut dice = number * 7_919 + 13;
    while !stop.load(Ordering::Relaxed) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let ms = READ_MS_MIN + (dice >> 33) % (READ_MS_MAX - READ_MS_MIN + 1);
        let first = reads[usize::try_from((dice >> 20) % 3).unwrap()];
        let second = reads[usize::try_from((dice >> 24) % 3).unwrap()];
        let half = format!("SELECT pg_sleep({})", f64::from(u32::try_from(ms).unwrap()) / 2_000.0);
        client.batch_execute(&format!("BEGIN; {first}; {half}")).await.unwrap();
        begun.fetch_add(1, Ordering::Relaxed);
        client.batch_execute(&format!("{second}; {half}; COMMIT")).await.unwrap();
        transactions += 1;
    }
    transactions
}
