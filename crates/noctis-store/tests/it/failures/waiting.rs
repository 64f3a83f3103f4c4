//! Locks, and who waits behind them.

use noctis_core::partition::{Leaf, Policy, Step};
use noctis_store::Error;
use noctis_store::partitions::{self, LockBudget, retire};
use noctis_store::testing::{TestStore, catalogue};
use noctis_store::{Store, StoreOptions};
use tokio_postgres::Client;

use crate::kills::{at, column, count_all, ensure_months, kill, store, until};

const HASTY: LockBudget = LockBudget { milliseconds_max: 20, tries_max: 1 };

async fn leaves(client: &Client, from: &str) -> Vec<Leaf> {
    let leaves = partitions::inspect(client).await.unwrap().leaves;
    leaves.into_iter().filter(|leaf| leaf.range.from == at(from)).collect()
}

async fn closed(test: &TestStore) -> (Client, Vec<Leaf>) {
    let mut client = test.database.owner().await;
    let open = leaves(&client, "2025-06-01T00:00:00Z").await;
    let step = Step::Close { range: open[0].range, leaves: open };
    partitions::carry_out(&mut client, &step, LockBudget::default(), None).await.unwrap();
    let closed = leaves(&client, "2025-06-01T00:00:00Z").await;
    (client, closed)
}

#[tokio::test]
async fn failure_16_a_detach_left_pending_is_finished_and_its_month_answers_again() {
    for wound in ["pg_terminate_backend", "pg_cancel_backend"] {
        let test = TestStore::new().await;
        store(&test, &[kill(1, "2025-06-10T00:00:00Z")]).await;
        let watcher = test.database.owner().await;
        // One that says no range of its own is given such a check by the detach.
        let bare = "ALTER TABLE killmails_raw_2025_06 DROP CONSTRAINT killmails_raw_2025_06_range";
        watcher.batch_execute(bare).await.unwrap();
        let mut reader = test.database.owner().await;
        let open = reader.transaction().await.unwrap();
        open.batch_execute("SELECT count(*) FROM killmails_raw").await.unwrap();
        let detaching = test.database.owner().await;
        let statement =
            "ALTER TABLE killmails_raw DETACH PARTITION killmails_raw_2025_06 CONCURRENTLY";
        let wounding = async {
            // Its second phase waits for the reader.
            let waiting = "FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE killmails_raw DETACH%' \
                           AND datname = current_database() AND wait_event_type = 'Lock'";
            until(&watcher, &format!("SELECT EXISTS (SELECT {waiting})")).await;
            column(&watcher, &format!("SELECT {wound}(pid) {waiting}")).await;
        };
        let (wounded, ()) = tokio::join!(detaching.batch_execute(statement), wounding);
        assert!(wounded.is_err());
        let pending = "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhdetachpending)";
        assert_eq!(column(&watcher, pending).await, ["t"]);
        let left = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'killmails_raw_2025_06'::regclass \
                    AND contype = 'c' AND NOT connoinherit AND coninhcount = 0";
        assert_eq!(column(&watcher, left).await, ["1"]);
        open.commit().await.unwrap();

        let mut client = test.store.client().await.unwrap();
        let finished = retire::finish_pending(&mut client, LockBudget::default()).await.unwrap();
        assert_eq!(finished, ["killmails_raw_2025_06"]);
        assert_eq!(column(&watcher, left).await, ["0"]);
        assert_eq!(column(&watcher, pending).await, ["f"]);
        assert_eq!(column(&watcher, "SELECT count(*) FROM killmails_raw").await, ["1"]);
        store(&test, &[kill(2, "2025-06-11T00:00:00Z")]).await;
    }
}

#[tokio::test]
async fn failure_17_no_setting_leaks_into_a_pooled_session() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2025-06-10T00:00:00Z")]).await;
    let options = StoreOptions {
        config: test.database.owner_config(),
        connections_max: 1,
        statement_timeout: None,
    };
    let one = Store::connect(options).await.unwrap();
    let settings = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings \
                    WHERE name ~ 'timeout$|^TimeZone$|^transaction_|^default_transaction'";
    let before = column(&one.client().await.unwrap(), settings).await;
    let mut holder = test.database.owner().await;
    let open = holder.transaction().await.unwrap();
    open.batch_execute(
        "SELECT count(*) FROM killmails_raw; LOCK TABLE ONLY killmails_raw IN SHARE MODE",
    )
    .await
    .unwrap();
    {
        let mut client = one.client().await.unwrap();
        let now = at("2027-06-15T00:00:00Z");
        let missed =
            partitions::ensure(&mut client, &Policy::default(), HASTY, now, &[]).await.unwrap();
        assert_eq!(missed.failed.len(), 4, "{missed:?}");
        let june = leaves(&client, "2025-06-01T00:00:00Z").await;
        let close = Step::Close { range: june[0].range, leaves: june };
        partitions::carry_out(&mut client, &close, HASTY, None).await.unwrap_err();
    }
    assert_eq!(column(&one.client().await.unwrap(), settings).await, before);
    open.commit().await.unwrap();
    partitions::ensure(
        &mut one.client().await.unwrap(),
        &Policy::default(),
        LockBudget::default(),
        at("2027-06-15T00:00:00Z"),
        &[],
    )
    .await
    .unwrap();
    assert_eq!(column(&one.client().await.unwrap(), settings).await, before);
}

#[tokio::test]
async fn failure_18_a_vacuum_of_the_month_is_waited_for_with_no_lock_in_hand() {
    let test = TestStore::new().await;
    let kills: Vec<_> = (1..=200).map(|id| kill(id, "2025-06-10T00:00:00Z")).collect();
    store(&test, &kills).await;
    count_all(&test).await;
    let (mut client, leaves) = closed(&test).await;
    let vacuuming = test.database.owner().await;
    // As slow as PostgreSQL can be made: a tenth of a second for each page.
    vacuuming
        .batch_execute("SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1")
        .await
        .unwrap();
    let cancel = vacuuming.cancel_token();
    let vacuum =
        tokio::spawn(async move { vacuuming.batch_execute("VACUUM killmails_raw_2025_06").await });
    let watcher = test.database.owner().await;
    until(
        &watcher,
        "SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE datname = current_database())",
    )
    .await;
    let put_off =
        retire::discard(&mut client, &leaves, &catalogue(), LockBudget::default(), None).await;
    let Err(Error::Vacuuming { table, .. }) = &put_off else { panic!("{put_off:?}") };
    assert_eq!(table, "killmails_raw_2025_06");
    cancel.cancel_query(tokio_postgres::NoTls).await.unwrap();
    assert!(vacuum.await.unwrap().is_err());
    retire::discard(&mut client, &leaves, &catalogue(), LockBudget::default(), None).await.unwrap();
}

#[tokio::test]
async fn failure_19_behind_an_analyze_of_the_parent_it_is_named_and_tried_again() {
    let test = TestStore::new().await;
    let mut holder = test.database.owner().await;
    let pid = column(&holder, "SELECT pg_backend_pid()").await.remove(0);
    let open = holder.transaction().await.unwrap();
    open.batch_execute("ANALYZE killmails_raw").await.unwrap();
    let mut client = test.store.client().await.unwrap();
    let (policy, now) = (Policy { ahead: 1, ..Policy::default() }, at("2025-06-15T00:00:00Z"));
    let applied = partitions::ensure(&mut client, &policy, HASTY, now, &[]).await.unwrap();
    assert_eq!(applied.failed.len(), 2);
    assert!(
        applied.failed[0].1.contains(&format!("pid {pid} (ANALYZE killmails_raw")),
        "{applied:?}"
    );
    open.commit().await.unwrap();
    assert_eq!(ensure_months(&test, "2025-06-15T00:00:00Z", 1).await.steps.len(), 2);
}
