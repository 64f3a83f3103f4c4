//! Partitions that ingest makes for what it is about to store.

use noctis_store::Error;
use noctis_store::ingest::Ingester;
use noctis_store::testing::{TestStore, ingest_options};

use super::leaves;
use crate::kills::{at, batch, count, ensure_months, ingester, kill, store};
use crate::reading::now;

#[tokio::test]
async fn without_any_manager_nothing_is_refused_for_lack_of_a_partition() {
    let test = TestStore::new().await;
    // No manager has ever run, and the clock is years past everything.
    let mut ingester = ingester(&test).await;
    let kills = [
        kill(1, "2007-12-01T00:00:00Z"),
        kill(2, "2016-02-29T23:59:59Z"),
        kill(3, "2031-05-05T05:05:05Z"),
    ];
    let outcome = ingester.store(batch(&kills), at("2031-05-05T06:00:00Z")).await.unwrap();
    assert_eq!((outcome.stored, outcome.parked_total()), (3, 0));
    let owner = test.database.owner().await;
    for parent in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let leaves = leaves(&owner, parent).await;
        assert!(leaves[0].starts_with(&format!("{parent}_2007_12 ")), "{leaves:?}");
        assert_eq!(leaves.len(), 6, "two of old, this month and three ahead: {leaves:?}");
    }
}

#[tokio::test]
async fn a_leaf_dropped_behind_ingests_back_is_made_again() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 3).await;
    let mut ingester = ingester(&test).await;
    let owner = test.database.owner().await;
    owner.batch_execute("DROP TABLE killmail_participants_2026_11").await.unwrap();
    let kills = [kill(1, "2026-11-22T11:00:00Z"), kill(2, "2026-12-01T00:00:00Z")];
    // The second is of December: too far ahead of its arrival to be read, but this is the store alone.
    assert_eq!(ingester.store(batch(&kills), now()).await.unwrap().stored, 2);
    assert_eq!(count(&owner, "SELECT count(*) FROM killmail_participants_2026_11").await, 3);
}

#[tokio::test]
async fn a_leaf_that_refuses_otherwise_is_a_clear_error_and_the_rest_of_the_store_goes_on() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-10-22T11:00:00Z")]).await;
    let owner = test.database.owner().await;
    owner
        .batch_execute(
            "ALTER TABLE killmails_raw_2026_10 ADD CONSTRAINT closed CHECK (system_id < 0) NOT VALID",
        )
        .await
        .unwrap();
    let mut ingester = ingester(&test).await;
    let refused = ingester.store(batch(&[kill(2, "2026-10-23T11:00:00Z")]), now()).await;
    let Err(Error::PartitionClosed(leaf)) = &refused else { panic!("{refused:?}") };
    assert_eq!(leaf, "killmails_raw_2026_10");
    assert_eq!(
        ingester.store(batch(&[kill(3, "2026-11-22T11:00:00Z")]), now()).await.unwrap().stored,
        1
    );
    assert_eq!(count(&owner, "SELECT count(*) FROM killmail_registry").await, 2);
}

#[tokio::test]
async fn a_closed_leaf_that_goes_meanwhile_is_made_again() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-10-22T11:00:00Z")]).await;
    let mut ingester = ingester(&test).await;
    let owner = test.database.owner().await;
    for parent in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let leaf = format!("{parent}_2026_10");
        let detach = format!(
            "ALTER TABLE {parent} DETACH PARTITION {leaf}; ALTER TABLE {leaf} RENAME TO {leaf}_retired_1"
        );
        owner.batch_execute(&detach).await.unwrap();
    }
    assert_eq!(
        ingester.store(batch(&[kill(2, "2026-10-23T11:00:00Z")]), now()).await.unwrap().stored,
        1
    );
}

#[tokio::test]
async fn a_run_makes_only_as_many_on_demand_as_it_may() {
    let test = TestStore::new().await;
    let mut options = ingest_options();
    options.partitions_on_demand = 5;
    let mut ingester = Ingester::new(&test.store, options).await.unwrap();
    ensure_months(&test, "2026-11-22T00:00:00Z", 3).await;
    let months = |year: i64| -> Vec<serde_json::Value> {
        (1..=6)
            .map(|month| kill(year * 10 + month, &format!("{year}-{month:02}-01T00:00:00Z")))
            .collect()
    };
    let refused = ingester.store(batch(&months(2010)), now()).await;
    let Err(Error::NoPartition(_, reason)) = &refused else { panic!("{refused:?}") };
    assert!(reason.contains("as many partitions on demand as it may"), "{reason}");
    assert_eq!(ingester.store(batch(&months(2010)[..5]), now()).await.unwrap().stored, 5);
    assert!(ingester.store(batch(&months(2010)[5..]), now()).await.is_err());
}
