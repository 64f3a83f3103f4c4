//! Creating partitions: under load, behind others' locks, by several at once, cut off, and on demand.

mod blocked;
mod demand;
mod retention;
mod several;

use noctis_core::partition::{Interval, Policy};
use noctis_core::time::TimeRange;
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::TestStore;
use tokio_postgres::Client;

use crate::kills::{at, column, ensure_months};

/// The attached ranges of a member, as the catalog has them in UTC.
async fn leaves(client: &Client, parent: &str) -> Vec<String> {
    client.batch_execute("SET TimeZone = 'UTC'").await.unwrap();
    let query = format!(
        "SELECT c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i \
         JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '{parent}'::regclass ORDER BY c.relname"
    );
    column(client, &query).await
}

#[tokio::test]
async fn months_are_made_in_all_members_with_all_indexes_and_again_nothing_is() {
    let test = TestStore::new().await;
    let applied = ensure_months(&test, "2025-11-30T23:59:59Z", 3).await;
    assert_eq!((applied.steps.len(), applied.failed.len(), applied.lock_tries), (4, 0, 4));
    let client = test.database.owner().await;
    insta::assert_snapshot!(leaves(&client, "killmails_raw").await.join("\n"), @r"
    killmails_raw_2025_11 FOR VALUES FROM ('2025-11-01 00:00:00+00') TO ('2025-12-01 00:00:00+00')
    killmails_raw_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00')
    killmails_raw_2026_01 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')
    killmails_raw_2026_02 FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00')
    ");
    for parent in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let query = format!(
            "SELECT (SELECT count(*) FROM pg_index WHERE indrelid = '{parent}'::regclass) || ' of ' || count(*) \
             FROM pg_index WHERE indrelid = '{parent}_2026_02'::regclass AND indisvalid"
        );
        let indexes = column(&client, &query).await.remove(0);
        let (parents, leafs) = indexes.split_once(" of ").unwrap();
        assert_eq!(parents, leafs, "{parent}");
        assert_eq!(leaves(&client, parent).await.len(), 4);
    }
    let again = ensure_months(&test, "2025-11-30T23:59:59Z", 3).await;
    assert_eq!(again.steps, []);
}

#[tokio::test]
async fn the_sessions_time_zone_does_not_move_a_bound() {
    let mut seen = Vec::new();
    for zone in ["UTC", "Europe/Helsinki", "America/New_York"] {
        let test = TestStore::new().await;
        let mut client = test.database.owner().await;
        client.batch_execute(&format!("SET TimeZone = '{zone}'")).await.unwrap();
        // The weeks around both changes of the clocks, and the months around them.
        for (time, interval) in [
            ("2025-03-05T12:00:00Z", Interval::Week),
            ("2025-03-29T22:30:00Z", Interval::Week),
            ("2025-10-25T21:30:00Z", Interval::Week),
            ("2025-10-31T22:30:00Z", Interval::Month),
        ] {
            let policy = Policy { interval, ahead: 2, ..Policy::default() };
            let budget = LockBudget::default();
            let applied =
                partitions::ensure(&mut client, &policy, budget, at(time), &[]).await.unwrap();
            assert_eq!((applied.failed.len(), applied.conflicts.len()), (0, 0));
        }
        let ranges: Vec<TimeRange> = partitions::inspect(&client)
            .await
            .unwrap()
            .leaves
            .into_iter()
            .map(|leaf| leaf.range)
            .collect();
        seen.push((ranges, leaves(&client, "killmails_raw").await));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    assert!(seen[0].1[0].contains("00:00:00+00"), "{:?}", seen[0].1);
}

#[tokio::test]
async fn months_become_weeks_and_months_again_without_gap_or_overlap() {
    let test = TestStore::new().await;
    let mut client = test.store.client().await.unwrap();
    for (time, interval) in [
        ("2025-06-15T00:00:00Z", Interval::Month),
        ("2025-09-20T00:00:00Z", Interval::Week),
        ("2025-10-08T00:00:00Z", Interval::Week),
        ("2025-10-20T00:00:00Z", Interval::Month),
    ] {
        let policy = Policy { interval, ahead: 3, ..Policy::default() };
        let applied =
            partitions::ensure(&mut client, &policy, LockBudget::default(), at(time), &[])
                .await
                .unwrap();
        assert_eq!((applied.failed.len(), applied.conflicts.len()), (0, 0), "{applied:?}");
    }
    let inventory = partitions::inspect(&client).await.unwrap();
    for parent in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let mut ranges: Vec<TimeRange> = inventory
            .leaves
            .iter()
            .filter(|leaf| leaf.member.table() == parent)
            .map(|leaf| leaf.range)
            .collect();
        ranges.sort();
        assert!(ranges.windows(2).all(|pair| pair[0].to == pair[1].from), "{ranges:?}");
        assert_eq!(ranges[0].from, at("2025-06-01T00:00:00Z"));
        assert_eq!(ranges.last().unwrap().to, at("2026-02-01T00:00:00Z"));
    }
    let client = test.database.owner().await;
    let names: Vec<String> = leaves(&client, "killmails_raw").await;
    insta::assert_snapshot!(names.join("\n"));
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_and_the_other_months_are_made() {
    let test = TestStore::new().await;
    let owner = test.database.owner().await;
    owner.batch_execute("CREATE TABLE killmails_enriched_2025_07 (id bigint)").await.unwrap();
    let applied = ensure_months(&test, "2025-06-15T00:00:00Z", 3).await;
    assert_eq!((applied.steps.len(), applied.conflicts.len()), (3, 1));
    assert!(applied.conflicts[0].detail.contains("rename that table"), "{applied:?}");
    assert_eq!(leaves(&owner, "killmails_raw").await.len(), 3);
}

#[tokio::test]
async fn a_plan_made_for_another_world_is_refused() {
    let test = TestStore::new().await;
    let mut client = test.store.client().await.unwrap();
    let inventory = partitions::inspect(&client).await.unwrap();
    let now = at("2025-06-15T00:00:00Z");
    let plan = noctis_core::partition::plan(&Policy::default(), &inventory, now, &[]);
    ensure_months(&test, "2025-08-15T00:00:00Z", 1).await;
    let refused = partitions::apply(&mut client, plan, LockBudget::default()).await;
    assert!(matches!(refused, Err(noctis_store::Error::PlanOutdated)), "{refused:?}");
}
