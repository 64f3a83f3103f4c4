//! Partitions that should have been made.

use noctis_core::partition::{Plan, Policy, Step};
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::TestStore;

use crate::kills::{at, batch, column, count, ensure_months, ingester, kill, store};
use crate::reading::now;

const HASTY: LockBudget = LockBudget { milliseconds_max: 20, tries_max: 1 };

#[tokio::test]
async fn failure_01_the_runway_ends_and_no_kill_is_refused() {
    let test = TestStore::new().await;
    ensure_months(&test, "2025-06-15T00:00:00Z", 3).await;
    // The manager is dead for sixty days past the last bound.
    let mut ingester = ingester(&test).await;
    for (id, time) in
        [(1, "2025-09-30T23:59:59Z"), (2, "2025-10-01T00:00:00Z"), (3, "2025-11-29T00:00:00Z")]
    {
        let outcome = ingester.store(batch(&[kill(id, time)]), at(time)).await.unwrap();
        assert_eq!((outcome.stored, outcome.parked_total()), (1, 0), "{time}");
    }
}

#[tokio::test]
async fn failure_02_retention_that_always_fails_holds_up_no_creation() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2024-01-10T00:00:00Z")]).await;
    let mut holder = test.database.owner().await;
    let open = holder.transaction().await.unwrap();
    open.batch_execute("LOCK TABLE killmails_raw_2024_01 IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut client = test.store.client().await.unwrap();
    let inventory = partitions::inspect(&client).await.unwrap();
    let now = at("2027-01-15T00:00:00Z");
    let created = noctis_core::partition::creations(&Policy::default(), &inventory, now, &[]).steps;
    let leaves: Vec<_> = inventory
        .leaves
        .iter()
        .filter(|leaf| leaf.range.from == at("2024-01-01T00:00:00Z"))
        .cloned()
        .collect();
    let close = Step::Close { range: leaves[0].range, leaves };
    // The worst order: what fails comes first.
    let steps = [vec![close], created].concat();
    for run in 0..3 {
        let inventory = partitions::inspect(&client).await.unwrap().fingerprint();
        let plan = Plan { inventory, steps: steps.clone(), ..Plan::default() };
        let applied = partitions::apply(&mut client, plan, HASTY).await.unwrap();
        assert_eq!(
            applied.failed.len(),
            if run == 0 { 1 } else { 1 + steps.len() - 1 },
            "{applied:?}"
        );
        assert_eq!(applied.steps.len(), if run == 0 { steps.len() - 1 } else { 0 }, "{applied:?}");
    }
    open.rollback().await.unwrap();
}

#[tokio::test]
async fn failure_03_each_range_is_a_transaction_of_its_own() {
    let test = TestStore::new().await;
    let applied = ensure_months(&test, "2026-11-22T00:00:00Z", 23).await;
    assert_eq!(applied.steps.len(), 24);
    let client = test.database.owner().await;
    // Which transaction made a leaf stands in its row of the catalog; how long each held up others, the stall harness prints.
    let made = "SELECT count(DISTINCT c.xmin::text) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
                WHERE i.inhparent IN ('killmails_raw'::regclass, 'killmails_enriched'::regclass, \
                'killmail_participants'::regclass) AND c.relkind = 'r'";
    assert_eq!(count(&client, made).await, 24);
}

#[tokio::test]
async fn failure_07_a_leaf_that_goes_while_rows_come_refuses_nobody() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 3).await;
    let mut ingester = ingester(&test).await;
    let owner = test.database.owner().await;
    for round in 0..5 {
        // 23514 for whoever comes now: there is no leaf for November, nor a default that would take the row.
        owner.batch_execute("DROP TABLE killmail_participants_2026_11").await.unwrap();
        let kills = [kill(10 + round, "2026-11-22T11:00:00Z")];
        assert_eq!(ingester.store(batch(&kills), now()).await.unwrap().stored, 1);
    }
}

#[tokio::test]
async fn failure_20_the_sessions_time_zone_leaves_no_hole() {
    let test = TestStore::new().await;
    for (zone, time) in
        [("Europe/Helsinki", "2025-03-15T00:00:00Z"), ("UTC", "2025-05-15T00:00:00Z")]
    {
        let mut client = test.database.owner().await;
        client.batch_execute(&format!("SET TimeZone = '{zone}'")).await.unwrap();
        let policy = Policy { ahead: 1, ..Policy::default() };
        partitions::ensure(&mut client, &policy, LockBudget::default(), at(time), &[])
            .await
            .unwrap();
    }
    // Where a bound by the local clock leaves three hours to nobody.
    let kills = [
        kill(1, "2025-03-31T21:00:00Z"),
        kill(2, "2025-03-31T23:59:59Z"),
        kill(3, "2025-04-30T21:30:00Z"),
        kill(4, "2025-05-01T00:00:00Z"),
    ];
    let before = column(&test.database.owner().await, "SELECT count(*) FROM pg_inherits").await;
    store(&test, &kills).await;
    let inventory = partitions::inspect(&test.store.client().await.unwrap()).await.unwrap();
    let mut ranges: Vec<_> = inventory.leaves.iter().map(|leaf| leaf.range).collect();
    ranges.sort();
    ranges.dedup();
    let spring: Vec<_> =
        ranges.iter().filter(|range| range.to <= at("2025-07-01T00:00:00Z")).collect();
    assert!(spring.windows(2).all(|pair| pair[0].to == pair[1].from), "{spring:?}");
    println!("{before:?} leaves before, {} ranges after", ranges.len());
}

#[tokio::test]
async fn failure_22_a_name_with_other_bounds_is_a_conflict() {
    let test = TestStore::new().await;
    let owner = test.database.owner().await;
    owner
        .batch_execute(
            "CREATE TABLE killmails_raw_2025_06 PARTITION OF killmails_raw \
             FOR VALUES FROM ('2025-05-01 00:00:00+00') TO ('2025-06-01 00:00:00+00')",
        )
        .await
        .unwrap();
    let applied = ensure_months(&test, "2025-06-15T00:00:00Z", 1).await;
    assert_eq!(applied.conflicts[0].table, "killmails_raw_2025_06");
    assert_eq!(applied.steps.len(), 1, "July is made");
    assert_eq!(
        count(&owner, "SELECT count(*) FROM pg_class WHERE relname = 'killmails_enriched_2025_06'")
            .await,
        0
    );
    let enriched =
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'killmails_enriched'::regclass";
    assert_eq!(count(&owner, enriched).await, 1);
}

#[tokio::test]
async fn fewer_partitions_ahead_drop_none_that_are_there() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 12).await;
    let mut client = test.store.client().await.unwrap();
    let before = partitions::inspect(&client).await.unwrap().leaves;
    let policy = Policy { ahead: 1, ..Policy::default() };
    let inventory = partitions::inspect(&client).await.unwrap();
    let plan = noctis_core::partition::plan(&policy, &inventory, at("2026-11-22T00:00:00Z"), &[]);
    assert_eq!(plan.steps, []);
    partitions::ensure(
        &mut client,
        &policy,
        LockBudget::default(),
        at("2026-11-22T00:00:00Z"),
        &[],
    )
    .await
    .unwrap();
    assert_eq!(partitions::inspect(&client).await.unwrap().leaves, before);
}
