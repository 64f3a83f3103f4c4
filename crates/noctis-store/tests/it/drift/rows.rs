//! Rows that are in one table and not in the others, and kills that are in two places.

use super::{drifts, fix, named, some_months};

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
