//! What is in the tables, to be compared.

use std::collections::BTreeMap;

use noctis_store::testing::TestStore;

pub(crate) type Contents = BTreeMap<&'static str, Vec<String>>;

/// Panics with the first row that differs.
#[track_caller]
pub(crate) fn assert_same(found: &Contents, expected: &Contents, when: &str) {
    for (table, expected) in expected {
        let found = &found[table];
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found, expected, "{when}: a row of {table}");
        }
        assert_eq!(found.len(), expected.len(), "{when}: the rows of {table}");
    }
}

/// Every row of a store but for times and orders of arrival, and the names of files: equal for equal stores.
pub(crate) async fn contents(test: &TestStore) -> Contents {
    let queries = [
        (
            "raw",
            "SELECT (to_jsonb(t) - 'inserted_at')::text FROM killmails_raw t ORDER BY killmail_id",
        ),
        (
            "enriched",
            "SELECT (to_jsonb(t) - 'enriched_at')::text FROM killmails_enriched t ORDER BY killmail_id",
        ),
        (
            "participants",
            "SELECT to_jsonb(t)::text FROM killmail_participants t ORDER BY killmail_id, ordinal",
        ),
        (
            "registry",
            "SELECT (to_jsonb(t) - 'arrival')::text FROM killmail_registry t ORDER BY killmail_id",
        ),
        (
            "wanted",
            "SELECT (to_jsonb(t) - 'wanted_at' - 'source')::text FROM killmails_wanted t ORDER BY killmail_id",
        ),
        ("parked", "SELECT encode(digest, 'hex') || reason FROM killmails_parked ORDER BY 1"),
    ];
    let client = test.database.owner().await;
    let mut contents = BTreeMap::new();
    for (name, query) in queries {
        let rows = client.query(query, &[]).await.unwrap();
        contents.insert(name, rows.iter().map(|row| row.get(0)).collect());
    }
    contents
}

/// Kills that lack a row in one of the tables, or an attacker.
pub(crate) async fn half_kills(test: &TestStore) -> i64 {
    let query = r#"
        SELECT count(*)
        FROM killmails_raw r
        FULL JOIN killmails_enriched e USING (killmail_id, "timestamp")
        FULL JOIN killmail_registry g USING (killmail_id, "timestamp")
        FULL JOIN (
          SELECT killmail_id, "timestamp", count(*) AS rows
          FROM killmail_participants
          GROUP BY killmail_id, "timestamp"
        ) p USING (killmail_id, "timestamp")
        WHERE r.attacker_count IS NULL OR e.enriched_at IS NULL OR g.arrival IS NULL
          OR p.rows IS DISTINCT FROM r.attacker_count + 1"#;
    number(test, query).await
}

pub(crate) async fn kills(test: &TestStore) -> i64 {
    number(test, "SELECT count(*) FROM killmail_registry").await
}

pub(crate) async fn number(test: &TestStore, query: &str) -> i64 {
    test.database.owner().await.query_one(query, &[]).await.unwrap().get(0)
}

/// Each look is a question to PostgreSQL, so this is a minute and more.
const LOOKS_MAX: u32 = 100_000;

/// Looks until so many kills are there.
pub(crate) async fn wait_for_kills(test: &TestStore, at_least: i64) {
    let client = test.database.owner().await;
    for _ in 0..LOOKS_MAX {
        let query = "SELECT count(*) FROM killmail_registry";
        let count: i64 = client.query_one(query, &[]).await.unwrap().get(0);
        if count >= at_least {
            return;
        }
    }
    panic!("the import stores nothing");
}

/// Looks until the database says yes.
pub(crate) async fn until(client: &noctis_store::Client, question: &str) {
    for _ in 0..LOOKS_MAX {
        if client.query_one(question, &[]).await.unwrap().get(0) {
            return;
        }
    }
    panic!("it never came to this: {question}");
}
