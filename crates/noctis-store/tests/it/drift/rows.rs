//! Rows that are in one table and not in the others, and kills that are in two places.

use noctis_core::drift::{Drift, Mend};
use noctis_core::partition::Policy;
use noctis_store::drift::{Rules, mend};
use noctis_store::partitions::index_rollout::Limits;

use super::{drifts, fix, named, some_months};
use crate::reading::now;

#[tokio::test]
async fn a_kill_that_misses_rows_is_found_on_its_leaf() {
    for (sql, expected) in [
        (
            "DELETE FROM killmails_enriched WHERE killmail_id = 8",
            vec!["orphan killmails_raw_2026_08"],
        ),
        (
            "DELETE FROM killmail_participants WHERE killmail_id = 8 AND ordinal = 0",
            vec!["orphan killmails_raw_2026_08"],
        ),
        (
            "DELETE FROM killmails_raw WHERE killmail_id = 8",
            // Enriched alone, participants alone, and registered without a row.
            vec![
                "orphan killmail_registry",
                "orphan killmails_raw_2026_08",
                "orphan killmails_raw_2026_08",
            ],
        ),
        (
            "DELETE FROM killmail_registry WHERE killmail_id = 8",
            vec!["orphan killmails_raw", "orphan killmails_raw_2026_08"],
        ),
        (
            "INSERT INTO killmail_registry VALUES (4711, '2026-04-01+00', 4711)",
            vec!["orphan killmail_registry"],
        ),
    ] {
        let test = some_months().await;
        test.database.owner().await.batch_execute(sql).await.unwrap();
        let found = drifts(&test).await;
        assert_eq!(named(&found), expected, "{sql}: {found:#?}");
        fix(&test, &found).await;
        assert_eq!(named(&drifts(&test).await), expected, "nothing is done about it by itself");
    }
}

/// A part of the archive that says it holds August's kill.
const COLD: &str = "INSERT INTO archive_parts (month, part, range_from, range_to, state, kills, manifest, verified_at) \
    VALUES ('2026-08', 0, '2026-08-01+00', '2026-09-01+00', 'cold', 1, '{}', now())";

#[tokio::test]
async fn a_month_both_hot_and_archived_answers_from_its_leaf_again() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    owner.batch_execute(COLD).await.unwrap();
    let found = drifts(&test).await;
    assert_eq!(named(&found), ["hot_and_archived killmails_raw_2026_08"], "{found:#?}");
    let epoch = "SELECT epoch FROM noctis_store";
    let before = crate::kills::count(&owner, epoch).await;
    fix(&test, &found).await;
    assert_eq!(drifts(&test).await, []);
    assert_eq!(crate::kills::count(&owner, epoch).await, before + 1);
}

#[tokio::test]
async fn an_archived_month_and_a_late_kill_for_it_are_no_drift() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    owner.batch_execute(COLD).await.unwrap();
    // One kill went to files, the one in the leaf came late.
    owner
        .batch_execute("INSERT INTO killmail_registry VALUES (4711, '2026-08-20+00', 4711)")
        .await
        .unwrap();
    assert_eq!(drifts(&test).await, []);
}

#[tokio::test]
async fn files_with_more_kills_than_the_leaf_go_on_answering() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    owner.batch_execute(COLD).await.unwrap();
    owner.batch_execute("UPDATE archive_parts SET kills = 5").await.unwrap();
    let found = drifts(&test).await;
    assert_eq!(named(&found), ["hot_and_archived killmails_raw_2026_08"], "{found:#?}");
    assert!(matches!(found[0].mend, Mend::Advice(_)), "{found:#?}");
    // Found while there were fewer of them in the files: it is counted again.
    owner.batch_execute("UPDATE archive_parts SET kills = 1").await.unwrap();
    let found = drifts(&test).await;
    owner.batch_execute("UPDATE archive_parts SET kills = 5").await.unwrap();
    let Drift { mend: Mend::Fix(fix), .. } = &found[0] else { panic!("{found:#?}") };
    let policy = Policy::default();
    let rules = Rules { policy: &policy, limits: Limits::default(), now: now() };
    let mut client = test.store.client().await.unwrap();
    let refused = mend(&mut client, &found[0], fix, rules).await.unwrap_err().to_string();
    assert!(refused.contains("go on answering"), "{refused}");
    let cold = "SELECT count(*) FROM archive_parts WHERE state = 'cold'";
    assert_eq!(crate::kills::count(&owner, cold).await, 1);
}

#[tokio::test]
async fn a_kill_lost_after_it_was_dropped_and_imported_again_is_told() {
    let test = some_months().await;
    let owner = test.database.owner().await;
    // Two were dropped: the eighth has arrived anew since.
    owner
        .batch_execute(
            "INSERT INTO killmail_registry VALUES (4711, '2026-08-20+00', 1); \
             INSERT INTO dropped_ranges (range_from, range_to, arrival_max, kills) \
             VALUES ('2026-08-01+00', '2026-09-01+00', 1, 2)",
        )
        .await
        .unwrap();
    assert_eq!(drifts(&test).await, []);
    for table in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let lose = format!("DELETE FROM {table} WHERE killmail_id = 8");
        owner.batch_execute(&lose).await.unwrap();
    }
    assert_eq!(named(&drifts(&test).await), ["orphan killmail_registry"]);
}
