//! Drift of every kind, put into tables that are not the latest: found, named, and mended where that is safe.

mod injected;
mod lifecycle;
mod rows;

use noctis_core::drift::{Drift, Kind, Mend};
use noctis_core::partition::Policy;
use noctis_store::drift::{COUNT_TIME_MAX, Depth, Rules, count, examine, mend};
use noctis_store::partitions::index_rollout::Limits;
use noctis_store::testing::{TestStore, real_files, store_text};

use crate::kills::{ensure_months, ingester, kill, store};
use crate::reading::now;

/// Three months with kills, this one and three ahead.
pub(crate) async fn some_months() -> TestStore {
    let test = TestStore::new().await;
    let kills: Vec<_> =
        (7..=9).map(|month| kill(month, &format!("2026-{month:02}-05T12:00:00Z"))).collect();
    store(&test, &kills).await;
    ensure_months(&test, &now().to_string(), 3).await;
    test
}

/// Everything that is found, with rows counted.
pub(crate) async fn drifts(test: &TestStore) -> Vec<Drift> {
    let mut client = test.store.client().await.unwrap();
    let policy = Policy::default();
    let (snapshot, mut drifts) = examine(&client, &policy, now(), Depth::Closely).await.unwrap();
    let counted = count(&mut client, &snapshot, COUNT_TIME_MAX).await.unwrap();
    assert!(counted.registry && counted.ranges == counted.ranges_total, "{counted:?}");
    drifts.extend(counted.drifts);
    drifts
}

/// `kind table` of each, in order.
pub(crate) fn named(drifts: &[Drift]) -> Vec<String> {
    let mut named: Vec<String> =
        drifts.iter().map(|drift| format!("{} {}", drift.kind.name(), drift.table)).collect();
    named.sort();
    named
}

/// Mends what can be mended.
pub(crate) async fn fix(test: &TestStore, drifts: &[Drift]) {
    let mut client = test.store.client().await.unwrap();
    let policy = Policy::default();
    let rules = Rules { policy: &policy, limits: Limits::default(), now: now() };
    for drift in drifts {
        if let Mend::Fix(fix) = &drift.mend {
            mend(&mut client, drift, fix, rules)
                .await
                .unwrap_or_else(|error| panic!("{drift:?}: {error}"));
        }
    }
}

#[tokio::test]
async fn a_store_that_is_new_has_no_drift() {
    let test = TestStore::new().await;
    assert_eq!(named(&drifts(&test).await), ["runway partitions"], "before its first months");
    ensure_months(&test, &now().to_string(), 3).await;
    assert_eq!(drifts(&test).await, []);
}

#[tokio::test]
async fn a_store_with_real_kills_has_no_drift_and_analyzed_neither() {
    let Some(files) = real_files() else { return };
    let test = TestStore::new().await;
    let mut ingester = ingester(&test).await;
    for (name, bytes) in &files {
        store_text(&mut ingester, name, bytes, 100).await;
    }
    ensure_months(&test, &now().to_string(), 3).await;
    assert_eq!(drifts(&test).await, []);
    test.database.owner().await.batch_execute("ANALYZE").await.unwrap();
    assert_eq!(drifts(&test).await, []);
}

#[tokio::test]
async fn months_that_became_weeks_midway_and_months_again_are_no_drift() {
    let test = TestStore::new().await;
    let mut client = test.store.client().await.unwrap();
    for (time, interval) in [
        ("2026-06-15T00:00:00Z", noctis_core::partition::Interval::Month),
        ("2026-09-20T00:00:00Z", noctis_core::partition::Interval::Week),
        ("2026-11-22T00:00:00Z", noctis_core::partition::Interval::Month),
    ] {
        let policy = Policy { interval, ahead: 3, ..Policy::default() };
        let budget = noctis_store::partitions::LockBudget::default();
        let at = time.parse().unwrap();
        noctis_store::partitions::ensure(&mut client, &policy, budget, at, &[]).await.unwrap();
    }
    assert_eq!(drifts(&test).await, []);
}

#[tokio::test]
async fn a_glance_takes_no_lock_that_somebody_with_a_leaf_for_himself_could_hold_up() {
    let test = some_months().await;
    let mut holder = test.database.owner().await;
    let open = holder.transaction().await.unwrap();
    open.batch_execute(
        "LOCK TABLE killmails_raw, killmails_enriched, killmail_participants IN ACCESS EXCLUSIVE MODE",
    )
    .await
    .unwrap();
    let client = test.store.client().await.unwrap();
    client.batch_execute("SET statement_timeout = '5s'").await.unwrap();
    let policy = Policy::default();
    let (_, drifts) = examine(&client, &policy, now(), Depth::Glance).await.unwrap();
    assert_eq!(drifts, []);
    client.batch_execute("RESET statement_timeout").await.unwrap();
    open.rollback().await.unwrap();
}

#[test]
fn every_kind_has_one_name() {
    let names: std::collections::BTreeSet<&str> =
        Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
}
