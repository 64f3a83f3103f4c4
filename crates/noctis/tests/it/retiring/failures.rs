//! How other partition managers failed, by their numbers in docs/failures.md: what needs an archive to be shown.

mod clones;

use noctis_core::partition::{Policy, Retention};
use noctis_store::testing::TestStore;

use super::{Drill, LATER, kill};
use crate::program::{Said, is_killed, said};
use crate::retiring::crash::Address;

/// Kills of so many months from May 2020 on, one in each.
fn months(count: i64) -> Vec<serde_json::Value> {
    (0..count)
        .map(|n| {
            kill(n + 1, &format!("{}-{:02}-10T00:00:00Z", 2020 + (4 + n) / 12, 1 + (4 + n) % 12))
        })
        .collect()
}

fn run(mut command: std::process::Command) -> Said {
    said(command.spawn().unwrap())
}

/// What no inspection sees: a type of the name that the retired leaf needs, so that its detachment fails every time.
async fn spoil(test: &TestStore, month: &str) {
    let owner = test.database.owner().await;
    let spoil = format!("CREATE TYPE killmails_enriched_{month}_retired_0 AS ENUM ('in the way')");
    owner.batch_execute(&spoil).await.unwrap();
}

#[tokio::test]
async fn failure_02_creation_goes_on_while_a_month_waits_to_be_closed() {
    let drill = Drill::with(&months(1)).await;
    let mut holder = drill.owner().await;
    let open = holder.transaction().await.unwrap();
    open.batch_execute("LOCK TABLE killmails_raw_2020_05 IN SHARE MODE").await.unwrap();
    let applying = Address::of(&drill).apply().spawn().unwrap();
    let watcher = drill.owner().await;
    let waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted \
                   AND relation = 'killmails_raw_2020_05'::regclass \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    crate::tables::until(&watcher, waiting).await;
    // Of two months that have no leaf yet; a manager's lock that was held through the waiting would hold this up.
    let started = std::time::Instant::now();
    let stored =
        drill.store(&[kill(901, "2019-02-01T00:00:00Z"), kill(902, "2019-03-01T00:00:00Z")]).await;
    assert_eq!(stored.stored, 2, "{stored:?}");
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    open.commit().await.unwrap();
    said(applying).good();
    assert_eq!(drill.parts().await, "2020-05/0 cold");
}

#[tokio::test]
async fn failure_12_one_bad_month_in_the_middle_stops_no_other_and_is_told() {
    let drill = Drill::with(&months(3)).await;
    spoil(&drill.test, "2020_06").await;
    let before = drill.number("SELECT count(*) FROM killmail_registry").await;
    let told = run(Address::of(&drill).apply());
    assert_eq!(told.code(), 1, "{}", told.err);
    assert!(
        told.json()["put_off"][0]["reason"].as_str().unwrap().contains("2020_06_retired_0"),
        "{}",
        told.out
    );
    assert_eq!(drill.parts().await, "2020-05/0 cold, 2020-06/0 verified, 2020-07/0 cold");
    // Once what is in the way has gone, the next run ends it.
    drill
        .owner()
        .await
        .batch_execute("DROP TYPE killmails_enriched_2020_06_retired_0")
        .await
        .unwrap();
    run(Address::of(&drill).apply()).good();
    assert_eq!(drill.parts().await, "2020-05/0 cold, 2020-06/0 cold, 2020-07/0 cold");
    assert_eq!(drill.number("SELECT count(*) FROM killmail_registry").await, before);
}

#[tokio::test]
async fn failure_13_tables_stranded_by_a_death_are_dropped_though_the_policy_has_changed() {
    let drill = Drill::with(&months(1)).await;
    let address = Address::of(&drill);
    let died = run({
        let mut command = address.apply();
        command.args(["--fail-at", "detach.committed"]);
        command
    });
    assert!(is_killed(died.status), "{}", died.err);
    let tables = "SELECT count(*) FROM pg_class WHERE relname ~ '_retired_0$' AND relkind = 'r'";
    assert_eq!(drill.number(tables).await, 3);
    let mut keeping = address.apply();
    keeping.args(["--after", "keep"]);
    run(keeping).good();
    assert_eq!(drill.number(tables).await, 0);
    assert_eq!(drill.number("SELECT count(*) FROM retired_leaves").await, 0);
}

#[tokio::test]
async fn failure_30_of_many_expired_months_each_run_moves_some_though_one_always_fails() {
    let mut drill = Drill::with(&months(14)).await;
    let retention = Retention { cap: 3, floor: 1, ..Retention::default() };
    drill.policy = Policy { retention, ..drill.policy };
    // The oldest, which every run tries first.
    spoil(&drill.test, "2020_05").await;
    let cold = "SELECT count(*) FROM archive_parts WHERE state = 'cold'";
    let mut moved = 0;
    for run in 1..=7 {
        let (_, problems) = drill.run(LATER).await;
        assert_eq!(problems.len(), 1, "{problems:?}");
        let now = drill.number(cold).await;
        assert!(now > moved || now == 13, "run {run}: {moved} and then {now}");
        moved = now;
    }
    assert_eq!(moved, 13, "all but the bad one");
}

#[tokio::test]
async fn failure_14_what_hangs_on_a_leaf_is_told_and_never_taken_along() {
    let drill = Drill::with(&months(2)).await;
    let owner = drill.owner().await;
    owner
        .batch_execute("CREATE VIEW somebodys AS SELECT killmail_id FROM killmails_raw_2020_05")
        .await
        .unwrap();
    run(Address::of(&drill).apply()).good();
    assert_eq!(drill.parts().await, "2020-05/0 cold, 2020-06/0 cold");
    let told = run(Address::of(&drill).apply());
    assert_eq!(told.code(), 1, "{}", told.out);
    let retired = "SELECT string_agg(name, ' ' ORDER BY name) FROM retired_leaves WHERE month = ";
    assert!(
        drill
            .text(&format!("{retired}'2020-05'"))
            .await
            .contains("killmails_raw_2020_05_retired_0")
    );
    assert_eq!(drill.text(&format!("{retired}'2020-06'")).await, "");
    assert_eq!(drill.number("SELECT count(*) FROM somebodys").await, 1);
    owner.batch_execute("DROP VIEW somebodys").await.unwrap();
    run(Address::of(&drill).apply()).good();
    assert_eq!(drill.text(&format!("{retired}'2020-05'")).await, "");
}
