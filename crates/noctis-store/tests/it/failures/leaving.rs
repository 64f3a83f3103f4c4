//! Months that left, or should not have.

use noctis_core::partition::{Member, Policy, Retention, Step, plan};
use noctis_store::Error;
use noctis_store::partitions::{self, LockBudget, retire};
use noctis_store::testing::{TestStore, catalogue};

use crate::kills::{at, count, count_all, kill, store, until};

#[tokio::test]
async fn failure_09_a_wide_partition_that_is_still_wanted_stays() {
    let test = TestStore::new().await;
    let owner = test.database.owner().await;
    for member in Member::ALL {
        let parent = member.table();
        // The name says 2023; the bounds say two years, up to this month.
        let wide = format!(
            "CREATE TABLE {parent}_2023_01 PARTITION OF {parent} \
             FOR VALUES FROM ('2024-11-01 00:00:00+00') TO ('2026-11-01 00:00:00+00')"
        );
        owner.batch_execute(&wide).await.unwrap();
    }
    let kills: Vec<_> =
        (0..50).map(|n| kill(100 + n, &format!("2026-10-{:02}T00:00:00Z", 1 + n % 30))).collect();
    store(&test, &kills).await;
    let client = test.store.client().await.unwrap();
    let inventory =
        partitions::inspect_with_touched(&client, Some(at("2026-01-01T00:00:00Z"))).await.unwrap();
    let settle = jiff::SignedDuration::ZERO;
    for keep_months in [1, 3, 12] {
        let retention = Retention { keep_months, settle, floor: 1, ..Retention::default() };
        let policy = Policy { retention, ..Policy::default() };
        let plan = plan(&policy, &inventory, at("2026-11-22T00:00:00Z"), &[]);
        let leaving: Vec<_> =
            plan.steps.iter().filter(|step| !matches!(step, Step::Create { .. })).collect();
        assert!(leaving.is_empty(), "{keep_months}: {leaving:?}");
    }
}

#[tokio::test]
async fn failure_21_a_name_that_would_be_cut_off_is_refused_and_nothing_is_renamed() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2025-06-10T00:00:00Z")]).await;
    count_all(&test).await;
    let owner = test.database.owner().await;
    let long = format!("killmails_raw_2025_06_{}", "x".repeat(40));
    owner
        .batch_execute(&format!("ALTER TABLE killmails_raw_2025_06 RENAME TO {long}"))
        .await
        .unwrap();
    let mut client = test.database.owner().await;
    let leaves = |inventory: noctis_core::partition::Inventory| -> Vec<_> {
        inventory
            .leaves
            .into_iter()
            .filter(|leaf| leaf.range.from == at("2025-06-01T00:00:00Z"))
            .collect()
    };
    let open = leaves(partitions::inspect(&client).await.unwrap());
    let range = open[0].range;
    let close = Step::Close { range, leaves: open };
    partitions::carry_out(&mut client, &close, LockBudget::default(), None).await.unwrap();
    let closed = leaves(partitions::inspect(&client).await.unwrap());
    assert!(closed.iter().all(|leaf| leaf.closed), "{closed:?}");
    let refused =
        retire::discard(&mut client, &closed, &catalogue(), LockBudget::default(), None).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    assert_eq!(leaves(partitions::inspect(&client).await.unwrap()), closed);
    // The plan says so before.
    let inventory =
        partitions::inspect_with_touched(&client, Some(at("2026-06-01T00:00:00Z"))).await.unwrap();
    let retention =
        Retention { settle: jiff::SignedDuration::ZERO, floor: 0, ..Retention::default() };
    let mut inventory = inventory;
    inventory.newest = None;
    inventory.database_now = None;
    let plan = plan(
        &Policy { retention, ..Policy::default() },
        &inventory,
        at("2027-11-22T00:00:00Z"),
        &[],
    );
    assert!(plan.conflicts.iter().any(|conflict| conflict.table == long), "{plan:?}");
}

#[tokio::test]
async fn failure_27_a_row_under_way_when_the_month_closes_is_kept_or_refused_never_lost() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2025-06-10T00:00:00Z")]).await;
    let mut writer = test.database.owner().await;
    let watcher = test.database.owner().await;
    let under_way = writer.transaction().await.unwrap();
    under_way
        .batch_execute(
            "INSERT INTO killmail_participants (killmail_id, \"timestamp\", damage, ordinal, final_blow, first_of_corporation, \
             first_of_alliance) VALUES (1, '2025-06-10+00', 1, 99, false, false, false)",
        )
        .await
        .unwrap();
    let mut client = test.database.owner().await;
    let inventory = partitions::inspect(&client).await.unwrap();
    let leaves: Vec<_> = inventory
        .leaves
        .into_iter()
        .filter(|leaf| leaf.range.from == at("2025-06-01T00:00:00Z"))
        .collect();
    let close = Step::Close { range: leaves[0].range, leaves };
    let committing = async {
        let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted \
                     AND relation = 'killmail_participants_2025_06'::regclass \
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
        until(&watcher, waits).await;
        under_way.commit().await.unwrap();
    };
    let (closed, ()) = tokio::join!(
        partitions::carry_out(&mut client, &close, LockBudget::default(), None),
        committing
    );
    closed.unwrap();
    // Whatever reads the month from now on sees the row, and no other comes.
    assert_eq!(count(&watcher, "SELECT count(*) FROM killmail_participants_2025_06").await, 4);
    let late = "INSERT INTO killmail_participants (killmail_id, \"timestamp\", damage, ordinal, final_blow, first_of_corporation, \
                first_of_alliance) VALUES (1, '2025-06-10+00', 1, 100, false, false, false)";
    for refused in [
        late.to_owned(),
        late.replacen("killmail_participants", "killmail_participants_2025_06", 1),
    ] {
        let error = watcher.batch_execute(&refused).await.unwrap_err();
        assert_eq!(error.code(), Some(&tokio_postgres::error::SqlState::CHECK_VIOLATION));
    }
}
