//! Creation beside readers and writers, and behind maintenance.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use noctis_core::partition::Policy;
use noctis_store::Error;
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::TestStore;
use tokio_postgres::Client;

use super::leaves;
use crate::kills::{JITA, at, batch, column, ensure_months, ingester, kill, store};
use crate::reading::now;

/// Somebody waits for a lock on the table. The test databases are copies of one template: their tables have the same numbers.
const BLOCKED: &str = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'killmails_raw'::regclass \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";

const HASTY: LockBudget = LockBudget { milliseconds_max: 60, tries_max: 3 };

/// Repeats one statement until told to stop: how often it ran, and how long it took at most.
async fn repeat(client: Client, query: String, stop: Arc<AtomicBool>) -> (u64, Duration) {
    let (mut runs, mut slowest) = (0, Duration::ZERO);
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        client.batch_execute(&query).await.unwrap();
        slowest = slowest.max(started.elapsed());
        runs += 1;
    }
    (runs, slowest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_four_leaves_are_made_while_the_application_reads_and_writes() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 1).await;
    let stop = Arc::new(AtomicBool::new(false));
    let reads = [
        format!(
            "SELECT count(*) FROM killmails_raw WHERE system_id = {JITA} AND \"timestamp\" >= '2026-11-01+00'"
        ),
        "SELECT count(*) FROM killmail_participants".to_owned(),
    ];
    let mut readers = Vec::new();
    for query in reads {
        let (client, stop) = (test.database.owner().await, Arc::clone(&stop));
        readers.push(tokio::spawn(repeat(client, query, stop)));
    }
    let mut writer = ingester(&test).await;
    let told = Arc::clone(&stop);
    let writing = tokio::spawn(async move {
        let (mut stored, mut slowest) = (0, Duration::ZERO);
        while !told.load(Ordering::Relaxed) {
            let started = Instant::now();
            let kills = [kill(1_000 + stored, "2026-11-22T11:00:00Z")];
            assert_eq!(writer.store(batch(&kills), now()).await.unwrap().stored, 1);
            slowest = slowest.max(started.elapsed());
            stored += 1;
        }
        (stored, slowest)
    });
    let started = Instant::now();
    // Ahead is at most 24: two years of it, of which one month is there.
    let applied = ensure_months(&test, "2027-01-15T00:00:00Z", 23).await;
    let took = started.elapsed();
    stop.store(true, Ordering::Relaxed);
    assert_eq!((applied.steps.len(), applied.failed.len()), (24, 0), "{applied:?}");
    let (stored, write_stall) = writing.await.unwrap();
    println!("24 leaves in {took:?}: {stored} kills stored, slowest {write_stall:?}");
    for reader in readers {
        let (runs, stall) = reader.await.unwrap();
        println!("{runs} reads, slowest {stall:?}");
    }
}

#[tokio::test]
async fn open_readers_and_writers_do_not_hold_up_creation() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-11-22T11:00:00Z")]).await;
    let mut holder = test.database.owner().await;
    let open = holder.transaction().await.unwrap();
    // ACCESS SHARE on everything, ROW EXCLUSIVE on a parent and its leaf, and left open.
    open.batch_execute(
        "SELECT count(*) FROM killmails_raw; SELECT count(*) FROM killmails_enriched; \
         SELECT count(*) FROM killmail_participants; UPDATE killmails_raw SET war_id = 1",
    )
    .await
    .unwrap();
    let applied = ensure_months(&test, "2027-06-01T00:00:00Z", 3).await;
    assert_eq!((applied.steps.len(), applied.lock_tries), (4, 4), "each at the first try");
    open.rollback().await.unwrap();
}

#[tokio::test]
async fn behind_maintenance_creation_is_put_off_and_says_behind_whom() {
    for hold in [
        "LOCK TABLE ONLY killmails_enriched IN SHARE UPDATE EXCLUSIVE MODE",
        "ANALYZE killmail_participants",
    ] {
        let test = TestStore::new().await;
        let mut holder = test.database.owner().await;
        let pid = column(&holder, "SELECT pg_backend_pid()").await.remove(0);
        let open = holder.transaction().await.unwrap();
        open.batch_execute(hold).await.unwrap();
        let mut client = test.store.client().await.unwrap();
        let now = at("2025-06-15T00:00:00Z");
        let applied = partitions::ensure(
            &mut client,
            &Policy { ahead: 1, ..Policy::default() },
            HASTY,
            now,
            &[],
        )
        .await
        .unwrap();
        assert_eq!((applied.steps.len(), applied.failed.len()), (0, 2));
        let reason = &applied.failed[0].1;
        assert!(reason.contains("through 3 tries"), "{reason}");
        assert!(reason.contains(&format!("pid {pid} ({hold}")), "{reason}");
        // The pooled session is as it was.
        for setting in ["lock_timeout", "statement_timeout"] {
            assert_eq!(column(&client, &format!("SHOW {setting}")).await, ["0"], "{setting}");
        }
        open.commit().await.unwrap();
        let applied = partitions::ensure(
            &mut client,
            &Policy { ahead: 1, ..Policy::default() },
            HASTY,
            now,
            &[],
        )
        .await
        .unwrap();
        assert_eq!((applied.steps.len(), applied.lock_tries), (2, 2), "the next run makes them");
    }
}

#[tokio::test]
async fn maintenance_that_ends_in_time_only_delays_creation() {
    let test = TestStore::new().await;
    let mut holder = test.database.owner().await;
    let open = holder.transaction().await.unwrap();
    open.batch_execute("ANALYZE killmails_raw").await.unwrap();
    let watcher = test.database.owner().await;
    let release = async {
        crate::kills::until(&watcher, BLOCKED).await;
        open.commit().await.unwrap();
    };
    let (applied, ()) = tokio::join!(ensure_months(&test, "2025-06-15T00:00:00Z", 0), release);
    assert_eq!((applied.steps.len(), applied.failed.len()), (1, 0));
}

#[tokio::test]
async fn one_months_trouble_does_not_stop_the_others() {
    let test = TestStore::new().await;
    let owner = test.database.owner().await;
    // A type of the leaf's name: no table, so no plan sees it, but CREATE TABLE needs the name too.
    owner.batch_execute("CREATE TYPE killmails_raw_2025_07 AS ENUM ('in the way')").await.unwrap();
    let applied = ensure_months(&test, "2025-06-15T00:00:00Z", 2).await;
    assert_eq!((applied.steps.len(), applied.failed.len()), (2, 1), "{applied:?}");
    assert!(applied.failed[0].1.contains("killmails_raw_2025_07"), "{applied:?}");
    assert_eq!(leaves(&owner, "killmails_enriched").await.len(), 2, "nothing half");
}

#[tokio::test]
async fn a_task_dropped_midway_leaves_no_lock_in_the_pooled_session() {
    let test = TestStore::new().await;
    let mut holder = test.database.owner().await;
    let open = holder.transaction().await.unwrap();
    open.batch_execute("LOCK TABLE killmails_raw IN SHARE MODE").await.unwrap();
    let watcher = test.database.owner().await;
    tokio::select! {
        applied = ensure_months(&test, "2025-06-15T00:00:00Z", 0) => panic!("was not blocked: {applied:?}"),
        () = crate::kills::until(&watcher, BLOCKED) => {}
    }
    crate::kills::until(
        &watcher,
        "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
    )
    .await;
    open.commit().await.unwrap();
    let taken = partitions::MANAGER_LOCK.take(&mut holder).await;
    assert!(!matches!(taken, Err(Error::Locked(_))));
}
