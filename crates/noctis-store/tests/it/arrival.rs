//! The order of arrival: numbered under a lock held to the commit, so nobody sees a later number before an earlier one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use deadpool_postgres::Object;
use noctis_core::kill::Key;
use noctis_core::question::{People, parse};
use noctis_store::ingest::Ingester;
use noctis_store::killmails;
use noctis_store::testing::{TestStore, catalogue, ingest_options};

use crate::kills::{batch, column, ensure_months, ingester, kill, until};
use crate::reading::now;

/// The ids of the next kills that are in the tables, and where to go on.
async fn page(client: &Object, after: i64) -> (Vec<i64>, i64) {
    let arrived = killmails::arrived(client, after, 7).await.unwrap();
    let keys: Vec<Key> = arrived.iter().map(|(_, key)| *key).collect();
    let all = parse(&[], &catalogue(), &People::default(), now()).unwrap();
    let there = killmails::among(client, &catalogue(), &all, &keys).await.unwrap();
    let ids = keys.into_iter().filter(|key| there.contains(key)).map(|(_, id)| id).collect();
    (ids, arrived.last().map_or(after, |(arrival, _)| *arrival))
}

/// The merge lock's key, as the merge takes it: "noctis" and 3.
const TAKE_MERGE_LOCK: &str = "SELECT pg_advisory_xact_lock(x'6e6f637469730003'::bigint)";

#[tokio::test]
async fn whoever_has_taken_numbers_is_seen_before_whoever_takes_later_ones() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 3).await;
    let (mut holder, watcher) = (test.database.owner().await, test.database.owner().await);
    let reader = test.store.client().await.unwrap();
    // A merge that has taken number 1 and hangs before its commit.
    let open = holder.transaction().await.unwrap();
    open.batch_execute(TAKE_MERGE_LOCK).await.unwrap();
    let numbered = "INSERT INTO killmail_registry VALUES (77, '2026-11-20 00:00:00+00', 1)";
    open.batch_execute(numbered).await.unwrap();
    let mut second = ingester(&test).await;
    let storing = tokio::spawn(async move {
        second.store(batch(&[kill(2, "2026-11-22T11:00:00Z")]), now()).await.unwrap()
    });
    // The second has written its rows and now waits for the lock; none of it can be seen.
    until(
        &watcher,
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
    )
    .await;
    assert_eq!(killmails::last_arrival(&reader).await.unwrap(), 0);
    let (nothing, cursor) = page(&reader, 0).await;
    assert_eq!(nothing, Vec::<i64>::new());
    assert!(!storing.is_finished());
    open.commit().await.unwrap();
    storing.await.unwrap();
    let numbers = "SELECT killmail_id || ' ' || arrival FROM killmail_registry ORDER BY arrival";
    assert_eq!(column(&watcher, numbers).await, ["77 1", "2 2"]);
    // The cursor of the empty page goes on to it. (77 has a number and no rows: the holder was no real merge.)
    assert_eq!(page(&reader, cursor).await.0, [2]);
}

#[tokio::test]
async fn a_merge_that_fails_leaves_no_gap() {
    let test = TestStore::new().await;
    let mut ingester = ingester(&test).await;
    ingester.store(batch(&[kill(1, "2026-11-22T11:00:00Z")]), now()).await.unwrap();
    let owner = test.database.owner().await;
    owner
        .batch_execute(
            "ALTER TABLE killmails_enriched_2026_11 ADD CONSTRAINT refuses CHECK (killmail_id <> 2) NOT VALID",
        )
        .await
        .unwrap();
    assert!(ingester.store(batch(&[kill(2, "2026-11-22T11:00:00Z")]), now()).await.is_err());
    owner
        .batch_execute("ALTER TABLE killmails_enriched_2026_11 DROP CONSTRAINT refuses")
        .await
        .unwrap();
    ingester.store(batch(&[kill(3, "2026-11-22T11:00:00Z")]), now()).await.unwrap();
    let numbers = "SELECT killmail_id || ' ' || arrival FROM killmail_registry ORDER BY arrival";
    assert_eq!(column(&owner, numbers).await, ["1 1", "3 2"]);
}

const INGESTERS: u32 = 4;
const BATCHES: i64 = 25;
const KILLS_A_BATCH: i64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poller_sees_every_kill_once_while_four_ingesters_store() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 3).await;
    let left = Arc::new(AtomicU32::new(INGESTERS));
    for number in 0..i64::from(INGESTERS) {
        let (store, left) = (test.store.clone(), Arc::clone(&left));
        tokio::spawn(async move {
            let mut ingester = Ingester::new(&store, ingest_options()).await.unwrap();
            for batch_number in 0..BATCHES {
                // Later batches hold older kills: the time of a kill says nothing of its arrival.
                let time = format!("2026-11-{:02}T11:00:00Z", 1 + (BATCHES - batch_number) % 20);
                let first = 1 + number * 10_000 + batch_number * KILLS_A_BATCH;
                let kills: Vec<_> =
                    (first..first + KILLS_A_BATCH).map(|id| kill(id, &time)).collect();
                ingester.store(batch(&kills), now()).await.unwrap();
            }
            left.fetch_sub(1, Ordering::SeqCst);
        });
    }
    let client = test.store.client().await.unwrap();
    let (mut seen, mut cursor, mut polls) = (Vec::new(), 0, 0);
    loop {
        let all_stored = left.load(Ordering::SeqCst) == 0;
        let (ids, next) = page(&client, cursor).await;
        polls += 1;
        let nothing = ids.is_empty();
        seen.extend(ids);
        cursor = next;
        // What the cursor says it has passed is what was handed out, without a gap.
        assert_eq!(cursor, seen.len() as i64);
        if all_stored && nothing {
            break;
        }
    }
    let order: Vec<String> =
        column(&client, "SELECT killmail_id FROM killmail_registry ORDER BY arrival").await;
    let seen: Vec<String> = seen.iter().map(ToString::to_string).collect();
    assert_eq!(seen.len() as i64, i64::from(INGESTERS) * BATCHES * KILLS_A_BATCH);
    assert_eq!(seen, order);
    println!("{} kills seen in {polls} polls", seen.len());
}
