//! `noctis doctor` as it is run: what it tells, what it mends, how it ends, and that it may be killed while it mends.

use noctis_store::testing::TestStore;

use crate::program::{command, is_killed, noctis, on, said};

async fn a_store() -> TestStore {
    let test = TestStore::new().await;
    noctis(&test, &["partitions", "apply"]).good();
    test
}

/// The kinds of drift in an answer of `--json`.
fn kinds(report: &serde_json::Value, list: &str) -> Vec<String> {
    let drifts = report[list].as_array().unwrap();
    drifts.iter().map(|drift| drift["kind"].as_str().unwrap().to_owned()).collect()
}

/// A leaf that is not the latest: the month after this one.
async fn next_month(test: &TestStore) -> String {
    let client = test.database.owner().await;
    let sql = "SELECT 'killmails_raw_' || to_char(now() + interval '1 month', 'YYYY_MM')";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn what_is_safe_is_mended_what_is_not_is_told_with_what_to_do() {
    let test = a_store().await;
    let leaf = next_month(&test).await;
    let client = test.database.owner().await;
    client
        .batch_execute(&format!(
            "ALTER TABLE {leaf} SET (fillfactor = 70); CREATE TABLE killmails_raw_1999_01 (id bigint)"
        ))
        .await
        .unwrap();
    let found = noctis(&test, &["doctor", "--json"]);
    assert_eq!(found.code(), 1);
    assert_eq!(kinds(&found.json(), "drifts"), ["unclaimed_table", "storage_options"]);
    let fixed = noctis(&test, &["doctor", "--fix", "--json"]);
    assert_eq!(fixed.code(), 1, "one is left");
    assert_eq!(kinds(&fixed.json(), "drifts"), ["unclaimed_table"]);
    assert_eq!(kinds(&fixed.json(), "mended"), ["storage_options"]);
    let told = noctis(&test, &["doctor"]).out;
    assert!(told.contains("!! killmails_raw_1999_01 (unclaimed_table): "), "{told}");
    client.batch_execute("DROP TABLE killmails_raw_1999_01").await.unwrap();
    let clean = noctis(&test, &["doctor", "--deep", "--json"]).json();
    assert_eq!((kinds(&clean, "drifts"), kinds(&clean, "mended")), (vec![], vec![]), "{clean:#}");
}

#[tokio::test]
async fn killed_at_every_point_of_an_index_the_next_run_goes_on() {
    for point in noctis_store::fail::INDEX_POINTS {
        let test = a_store().await;
        let client = test.database.owner().await;
        client.batch_execute("DROP INDEX killmails_enriched_labels_idx").await.unwrap();
        let killed = said(on(&test, &["--fail-at", point, "doctor", "--fix"]).spawn().unwrap());
        assert!(is_killed(killed.status), "{point} is not passed: {}{}", killed.out, killed.err);
        let report = noctis(&test, &["doctor", "--fix", "--json"]).json();
        assert_eq!(kinds(&report, "drifts"), Vec::<String>::new(), "{point}: {report:#}");
        let valid = "SELECT bool_and(indisvalid) AND count(*) = 5 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
                     WHERE x.relname LIKE 'killmails\\_enriched\\_%labels\\_idx'";
        assert!(client.query_one(valid, &[]).await.unwrap().get::<_, bool>(0), "{point}");
    }
}

#[tokio::test]
async fn migrate_builds_an_index_that_is_declared_and_not_there() {
    let test = a_store().await;
    let client = test.database.owner().await;
    client
        .batch_execute("DROP INDEX killmails_raw_system_id_timestamp_killmail_id_idx")
        .await
        .unwrap();
    let told = noctis(&test, &["migrate"]).good().out;
    let expected =
        "built the index killmails_raw_system_id_timestamp_killmail_id_idx on 4 partitions";
    assert!(told.contains(expected), "{told}");
    assert!(!noctis(&test, &["migrate"]).good().out.contains("built"));
    assert_eq!(said(command(&["doctor", "--help"]).spawn().unwrap()).code(), 0);
}
