//! Several managers at once, and one that dies.

use noctis_core::partition::Policy;
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::TestStore;

use super::leaves;
use crate::kills::{at, column, ensure_months, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_managers_each_step_is_done_by_one() {
    let test = TestStore::new().await;
    let managers: Vec<_> = (0..8)
        .map(|_| {
            let store = test.store.clone();
            tokio::spawn(async move {
                let mut client = store.client().await.unwrap();
                let now = at("2025-06-15T00:00:00Z");
                let budget = LockBudget::default();
                partitions::ensure(&mut client, &Policy::default(), budget, now, &[]).await.unwrap()
            })
        })
        .collect();
    let mut steps = 0;
    for manager in managers {
        let applied = manager.await.unwrap();
        assert_eq!((applied.failed.len(), applied.conflicts.len()), (0, 0), "{applied:?}");
        steps += applied.steps.len();
    }
    assert_eq!(steps, 4);
    assert_eq!(leaves(&test.database.owner().await, "killmail_participants").await.len(), 4);
}

#[tokio::test]
async fn a_manager_killed_midway_leaves_nothing_half_and_the_next_goes_on() {
    let test = TestStore::new().await;
    let mut holder = test.database.owner().await;
    let watcher = test.database.owner().await;
    // The manager has made two tables of July when it meets the name of the third.
    let open = holder.transaction().await.unwrap();
    open.batch_execute("CREATE TABLE killmail_participants_2025_07 (id bigint)").await.unwrap();
    let managing = async {
        let mut client = test.store.client().await.unwrap();
        let (policy, now) = (Policy { ahead: 2, ..Policy::default() }, at("2025-06-15T00:00:00Z"));
        partitions::ensure(&mut client, &policy, LockBudget::default(), now, &[]).await
    };
    let killing = async {
        let waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' \
                       AND query LIKE 'CREATE TABLE killmail_participants_2025_07%'";
        until(&watcher, &format!("SELECT EXISTS (SELECT {waiting})")).await;
        column(&watcher, &format!("SELECT pg_terminate_backend(pid) {waiting}")).await;
    };
    let (died, ()) = tokio::join!(managing, killing);
    assert!(died.is_err(), "{died:?}");
    open.rollback().await.unwrap();
    let there = leaves(&watcher, "killmails_raw").await;
    assert_eq!(there.len(), 1, "June was done, July is not there in part: {there:?}");
    let tables = "SELECT relname FROM pg_class WHERE relname LIKE '%2025_07%'";
    assert_eq!(column(&watcher, tables).await, Vec::<String>::new());

    let applied = ensure_months(&test, "2025-06-15T00:00:00Z", 2).await;
    assert_eq!((applied.steps.len(), applied.failed.len()), (2, 0), "{applied:?}");
}
