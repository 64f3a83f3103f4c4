//! Indexes built leaf by leaf: beside writers, cut off anywhere, behind old transactions, and those that every store has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use noctis_core::partition::Member;
use noctis_store::ingest::Ingester;
use noctis_store::migrate::{INDEXES, build_indexes};
use noctis_store::partitions::LockBudget;
use noctis_store::partitions::index_rollout::{Declaration, Limits, finish, roll_out};
use noctis_store::testing::TestStore;
use tokio::sync::oneshot;
use tokio_postgres::Client;

use crate::kills::{batch, column, count, ensure_months, ingester, kill, store, until};
use crate::reading::now;

/// No store has it: it is declared for these tests alone.
const POINTS: Declaration = Declaration {
    name: "killmails_enriched_points_idx",
    member: Member::Enriched,
    definition: "USING btree (points, \"timestamp\" DESC) WHERE points IS NOT NULL",
};

fn limits(build_time_max: Duration) -> Limits {
    Limits { build_time_max, ..Limits::default() }
}

/// Twelve months with a kill in each.
async fn a_year() -> TestStore {
    let test = TestStore::new().await;
    let kills: Vec<_> =
        (1..=12).map(|month| kill(month, &format!("2025-{month:02}-05T12:00:00Z"))).collect();
    store(&test, &kills).await;
    test
}

/// On how many leaves the index is, whole and attached; and whether the parent's counts.
async fn state(client: &Client) -> (i64, bool) {
    let parts = count(
        client,
        "SELECT count(*) FROM pg_inherits p JOIN pg_index i ON i.indexrelid = p.inhrelid AND i.indisvalid \
         WHERE p.inhparent = to_regclass('killmails_enriched_points_idx')",
    )
    .await;
    let valid = column(
        client,
        "SELECT coalesce(bool_and(indisvalid), false)::text FROM pg_index \
         WHERE indexrelid = to_regclass('killmails_enriched_points_idx')",
    )
    .await;
    (parts, valid == ["true"])
}

async fn leaves(client: &Client) -> i64 {
    count(
        client,
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'killmails_enriched'::regclass",
    )
    .await
}

#[tokio::test]
async fn every_index_of_the_partitioned_tables_is_declared() {
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    let found = column(
        &client,
        "SELECT t.relname || ' ' || x.relname || ' ' || regexp_replace(pg_get_indexdef(x.oid), '^.*? USING ', 'USING ') \
         FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid \
         WHERE t.relkind = 'p' AND NOT i.indisprimary ORDER BY 1",
    )
    .await;
    let mut declared: Vec<String> = INDEXES
        .iter()
        .map(|one| format!("{} {} {}", one.member.table(), one.name, one.definition))
        .collect();
    declared.sort();
    assert_eq!(declared, found);
    let mut client = test.database.owner().await;
    assert_eq!(build_indexes(&mut client, Limits::default()).await.unwrap(), []);
}

#[tokio::test]
async fn an_index_comes_onto_every_leaf_and_again_nothing_is_done() {
    let test = a_year().await;
    let mut client = test.database.owner().await;
    let total = leaves(&client).await;
    let done = roll_out(&mut client, &[POINTS], Limits::default()).await.unwrap();
    assert_eq!(
        (done.len(), i64::from(done[0].built), i64::from(done[0].attached)),
        (1, total, total)
    );
    assert!(done[0].declared && done[0].replaced == 0, "{done:?}");
    assert_eq!(state(&client).await, (total, true));
    assert_eq!(roll_out(&mut client, &[POINTS], Limits::default()).await.unwrap(), []);
    // A leaf that is made later has it by being attached.
    ensure_months(&test, "2030-01-15T00:00:00Z", 0).await;
    assert_eq!(state(&client).await, (total + 1, true));
}

const WAITS_FOR_SNAPSHOTS: &str = "SELECT EXISTS (SELECT FROM pg_stat_activity \
    WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock' AND datname = current_database())";
const INVALID: &str = "SELECT count(*) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
    WHERE NOT i.indisvalid AND x.relkind = 'i'";

#[tokio::test]
async fn behind_an_old_transaction_a_build_ends_in_time_and_the_next_run_replaces_what_it_left() {
    let test = a_year().await;
    let mut old = test.database.owner().await;
    let open =
        old.build_transaction().isolation_level(tokio_postgres::IsolationLevel::RepeatableRead);
    let open = open.start().await.unwrap();
    open.batch_execute("SELECT count(*) FROM regions").await.unwrap();
    let mut client = test.store.client().await.unwrap();
    let hasty = limits(Duration::from_millis(300));
    let refused = roll_out(&mut client, &[POINTS], hasty).await.unwrap_err();
    assert_eq!(refused.code(), Some(&tokio_postgres::error::SqlState::QUERY_CANCELED), "{refused}");
    assert_eq!(column(&client, "SHOW statement_timeout").await, ["0"], "the session is as it was");
    assert_eq!(count(&client, INVALID).await, 1);
    assert_eq!(state(&client).await, (0, false));
    open.rollback().await.unwrap();
    let done = roll_out(&mut client, &[POINTS], Limits::default()).await.unwrap();
    assert_eq!((done[0].declared, done[0].replaced), (false, 1), "{done:?}");
    assert_eq!(state(&client).await, (leaves(&client).await, true));
    assert_eq!(count(&client, INVALID).await, 0);
}

#[tokio::test]
async fn failure_24_killed_in_the_middle_of_a_leaf_it_goes_on_from_there_and_new_months_do_not_wait()
 {
    let test = a_year().await;
    let watcher = test.database.owner().await;
    let mut first = test.database.owner().await;
    // The leaves before the last one are there.
    roll_out(&mut first, &[POINTS], Limits::default()).await.unwrap();
    watcher.batch_execute("DROP INDEX killmails_enriched_points_idx").await.unwrap();
    let mut old = test.database.owner().await;
    let open =
        old.build_transaction().isolation_level(tokio_postgres::IsolationLevel::RepeatableRead);
    let open = open.start().await.unwrap();
    open.batch_execute("SELECT count(*) FROM regions").await.unwrap();
    let building = tokio::spawn(async move {
        let done = roll_out(&mut first, &[POINTS], Limits::default()).await;
        (first, done)
    });
    until(&watcher, WAITS_FOR_SNAPSHOTS).await;
    let made = ensure_months(&test, "2030-01-15T00:00:00Z", 0).await;
    assert_eq!((made.steps.len(), made.failed.len()), (1, 0), "{made:?}");
    watcher
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND datname = current_database()",
        )
        .await
        .unwrap();
    building.await.unwrap().1.unwrap_err();
    assert_eq!(count(&watcher, INVALID).await, 1, "what it left");
    open.rollback().await.unwrap();
    let mut second = test.database.owner().await;
    let done = roll_out(&mut second, &[POINTS], Limits::default()).await.unwrap();
    let total = leaves(&watcher).await;
    assert_eq!((done[0].replaced, i64::from(done[0].built)), (1, total - 1), "{done:?}");
    assert_eq!(state(&watcher).await, (total, true));
}

#[tokio::test]
async fn what_was_built_and_not_attached_is_attached_and_not_built_again() {
    let test = a_year().await;
    let mut client = test.database.owner().await;
    client
        .batch_execute(
            "CREATE INDEX killmails_enriched_points_idx ON ONLY killmails_enriched (points, \"timestamp\" DESC) \
             WHERE points IS NOT NULL; \
             CREATE INDEX somebodys ON killmails_enriched_2025_06 (points, \"timestamp\" DESC) WHERE points IS NOT NULL",
        )
        .await
        .unwrap();
    let done = finish(&mut client, POINTS.name, Limits::default()).await.unwrap();
    assert_eq!((done.attached - done.built, done.replaced), (1, 0), "{done:?}");
    assert_eq!(state(&client).await, (leaves(&client).await, true));
}

#[tokio::test]
async fn a_name_that_another_tables_index_has_is_told() {
    let test = TestStore::new().await;
    let mut client = test.database.owner().await;
    client
        .batch_execute("CREATE INDEX killmails_enriched_points_idx ON regions (name)")
        .await
        .unwrap();
    let refused = roll_out(&mut client, &[POINTS], Limits::default()).await.unwrap_err();
    assert!(refused.to_string().contains("regions has one of that name"), "{refused}");
}

/// Writes to the current month until told to stop: how often, and how long it took at most.
async fn write(
    writer: &mut Ingester,
    first_id: i64,
    began: oneshot::Sender<()>,
    stop: Arc<AtomicBool>,
) -> (i64, Duration) {
    let (mut stored, mut slowest, mut began) = (0, Duration::ZERO, Some(began));
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        let kills = [kill(first_id + stored, "2026-11-22T11:00:00Z")];
        assert_eq!(writer.store(batch(&kills), now()).await.unwrap().stored, 1);
        slowest = slowest.max(started.elapsed());
        stored += 1;
        began.take().map(|began| began.send(()));
    }
    (stored, slowest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_do_not_wait_for_an_index_that_is_built_leaf_by_leaf() {
    let test = a_year().await;
    let mut client = test.database.owner().await;
    // Rows enough that building takes a while.
    client
        .batch_execute(
            "INSERT INTO killmails_enriched \
             SELECT 1000000 + n, \"timestamp\", enriched_at, n % 100, npc, solo, awox, value_source, isk_value, fitted_value, \
               dropped_value, destroyed_value, labels, module_tags, enrichment_blob, own_value, unpriced_count, price_date \
             FROM killmails_enriched, generate_series(1, 60000) n WHERE killmail_id IN (3, 6)",
        )
        .await
        .unwrap();
    ensure_months(&test, "2026-11-22T00:00:00Z", 1).await;
    let mut writer = ingester(&test).await;
    for naive in [false, true] {
        let (tell, writing) = oneshot::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let (building, told) = (&mut client, Arc::clone(&stop));
        let build = async move {
            writing.await.unwrap();
            let started = Instant::now();
            if naive {
                building
                    .batch_execute("DROP INDEX killmails_enriched_points_idx; CREATE INDEX ON killmails_enriched (points)")
                    .await
                    .unwrap();
            } else {
                roll_out(
                    building,
                    &[POINTS],
                    Limits { budget: LockBudget::default(), ..Limits::default() },
                )
                .await
                .unwrap();
            }
            told.store(true, Ordering::Relaxed);
            started.elapsed()
        };
        let (took, (stored, slowest)) = tokio::join!(
            build,
            write(&mut writer, if naive { 500_000 } else { 100_000 }, tell, stop)
        );
        println!("naive {naive}: {took:?}, beside it {stored} kills stored, slowest {slowest:?}");
        assert!(naive || slowest < Duration::from_secs(1), "{slowest:?}");
    }
}
