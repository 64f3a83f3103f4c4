//! Every query of `sql/`: it can be prepared, and where it is given a range of time it touches only that.

use std::collections::BTreeMap;
use std::path::Path;

use noctis_store::testing::TestStore;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::explain::{plan, scans};
use crate::prune::two_years;

/// The texts by their paths below `sql/`.
pub(crate) fn queries() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    let mut queries = BTreeMap::new();
    for folder in std::fs::read_dir(&root).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            // The benchmark's are scripts, and the beginning of a statement.
            if !name.starts_with("bench/") {
                queries.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    queries
}

pub(crate) async fn with_staging(test: &TestStore) -> deadpool_postgres::Object {
    let client = test.store.client().await.unwrap();
    client.batch_execute(include_str!("../../sql/ingest/create_staging.sql")).await.unwrap();
    client.batch_execute(include_str!("../../sql/prices/create_staging.sql")).await.unwrap();
    client.batch_execute(include_str!("../../sql/archive/create_adopting.sql")).await.unwrap();
    client.batch_execute(include_str!("../../sql/suggest/create_new.sql")).await.unwrap();
    client
}

/// What goes in and what comes out: `known.sql (int8[]) -> killmail_id int8`.
async fn signature(client: &Client, text: &str) -> String {
    let statement = match client.prepare(text).await {
        Ok(statement) => statement,
        Err(error) => {
            let error = error.as_db_error().unwrap();
            // PostgreSQL prepares one statement at a time; these run as they are, without parameters.
            assert!(error.message().contains("multiple commands"), "{error}\n{text}");
            assert!(
                !text.contains('$') || text.contains("$$"),
                "several statements with parameters\n{text}"
            );
            return "several statements".to_owned();
        }
    };
    let parameters: Vec<&str> = statement.params().iter().map(Type::name).collect();
    let columns: Vec<String> = statement
        .columns()
        .iter()
        .map(|column| format!("{} {}", column.name(), column.type_()))
        .collect();
    format!("({}) -> {}", parameters.join(", "), columns.join(", "))
}

#[tokio::test]
async fn every_query_prepares() {
    let test = TestStore::new().await;
    let client = with_staging(&test).await;
    let mut signatures = Vec::new();
    for (name, text) in queries() {
        assert!(text.starts_with("-- "), "{name} does not say what it answers");
        signatures.push(format!("{name} {}", signature(&client, &text).await).trim().to_owned());
    }
    insta::assert_snapshot!(signatures.join("\n"));
}

/// Queries on the partitioned tables, each with parameters for one kill or one day of June 2025.
pub(crate) const TIMED: &[(&str, &str)] = &[
    ("archive/adopted_again.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("archive/adopted_at_hand.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("archive/adopted_meanwhile.sql", "'2025-06-05+00', '2025-06-06+00', 0, 100"),
    ("arguments/characters.sql", "'2025-06-05+00', '2025-06-06+00', 100"),
    ("arguments/kills.sql", "'2025-06-05+00', '2025-06-06+00', 500"),
    ("arguments/mentioned.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("drift/counted.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("drift/orphans.sql", "'2025-06-05+00', '2025-06-06+00'"),
    (
        "entity/battle_kills.sql",
        "30000142, '2025-06-05+00', '2025-06-06+00', '2025-06-05 12:00+00', 500",
    ),
    (
        "entity/battle_rows.sql",
        "'{105}', '{2025-06-05 12:00:00+00}', '2025-06-05+00', '2025-06-06+00', 1000",
    ),
    ("entity/corporation_characters.sql", "98000002, '2025-06-05+00', '2025-06-06+00', 0, 100"),
    ("entity/most_valuable.sql", "'2025-06-05+00', '2025-06-06+00', 20"),
    ("entity/most_valuable_in.sql", "'2025-06-05+00', '2025-06-06+00', 20, '{30000142}'"),
    ("entity/top_alliances.sql", "'2025-06-05+00', '2025-06-06+00', false, false, 20"),
    ("entity/top_characters.sql", "'2025-06-05+00', '2025-06-06+00', false, false, 20"),
    ("entity/top_corporations.sql", "'2025-06-05+00', '2025-06-06+00', false, false, 20"),
    ("entity/top_groups.sql", "'2025-06-05+00', '2025-06-06+00', false, false, 20"),
    ("entity/top_regions.sql", "'2025-06-05+00', '2025-06-06+00', false, 20"),
    ("entity/top_ships.sql", "'2025-06-05+00', '2025-06-06+00', false, false, 20"),
    ("entity/top_systems.sql", "'2025-06-05+00', '2025-06-06+00', false, 20"),
    (
        "ingest/bodies.sql",
        "'{101, 102}', '{2025-06-05 12:00+00, 2025-06-05 13:00+00}', '2025-06-05+00', '2025-06-06+00'",
    ),
    ("ingest/compare_known.sql", "'2025-06-05+00', '2025-06-06+00', '{1, 2}'"),
    ("ingest/forget_dropped.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("ingest/set_hash.sql", r"105, '2025-06-05 12:00:00+00', '\x00'"),
    (
        "ingest/stored_facts.sql",
        "'{101, 102}', '{2025-06-05 12:00+00, 2025-06-05 13:00+00}', '2025-06-05+00', '2025-06-06+00'",
    ),
    (
        "ingest/update_enriched.sql",
        "105, '2025-06-05 12:00:00+00', 1, false, false, false, 'zkb', 1, 1, 1, 1, 1, 0, '2025-06-05', '{}', '{}', '{}'",
    ),
    ("killmail/body.sql", "105, '2025-06-05 12:00:00+00'"),
    ("killmail/hashes.sql", "'{105}', '2025-06-05+00', '2025-06-06+00'"),
    ("killmail/listed_enriched.sql", "'{105}', '2025-06-05+00', '2025-06-06+00'"),
    ("killmail/listed_mails.sql", "'{105}', '2025-06-05+00', '2025-06-06+00'"),
    ("killmail/listed_parties.sql", "'{105}', '2025-06-05+00', '2025-06-06+00'"),
    ("ingest/register_range.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("ingest/take_wanted_range.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("killmail/word_counts.sql", "'2025-06-05+00', '2025-06-06+00', 100000"),
    ("names/coverage.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("names/shown.sql", "'{105}', '{2025-06-05 12:00:00+00}', '2025-06-05+00', '2025-06-06+00'"),
    ("presence/kills.sql", "'{105}', '2025-06-05+00', '2025-06-06+00'"),
    ("presence/participants.sql", "'{105}', '2025-06-05+00', '2025-06-06+00'"),
    ("presence/range.sql", "'2025-06-05+00', '2025-06-06+00', '2025-06-05 11:00+00', 104, 100"),
    ("presence/worth.sql", "'{105}', '2025-06-05+00', '2025-06-06+00'"),
    ("prices/report.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("re_enrich/count.sql", "'2025-06-05+00', '2025-06-06+00'"),
    ("re_enrich/page.sql", "'2025-06-05+00', '2025-06-06+00', '2025-06-05 11:00+00', 104, 100"),
    (
        "re_enrich/take.sql",
        "'{105}', '{2025-06-05 12:00:00+00}', '{700}', '2025-06-05+00', '2025-06-06+00'",
    ),
];
/// Queries that read every month, since they count what is there.
const READING_ALL: &[&str] = &["drift/registered.sql"];
/// Queries that name the partitioned tables and read no row of them.
const NOT_READING: &[&str] = &[
    "archive/create_adopting.sql",
    "ingest/copy_enriched.sql",
    "ingest/copy_participants.sql",
    "ingest/copy_raw.sql",
    "ingest/merge_raw.sql",
    "killmail/names.sql",
    "store/grants.sql",
];

#[tokio::test]
async fn every_timed_query_prunes() {
    let test = two_years().await;
    let client = with_staging(&test).await;
    // With twenty rows a month a sequential scan would win everywhere and say nothing of the indexes.
    client.batch_execute("ANALYZE; SET enable_seqscan = off").await.unwrap();
    let queries = queries();
    for (name, text) in &queries {
        let sql: String =
            text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let reads = ["killmails_raw", "killmails_enriched", "killmail_participants"]
            .iter()
            .any(|table| sql.contains(table));
        let listed = TIMED.iter().any(|(timed, _)| timed == name)
            || [NOT_READING, READING_ALL].concat().contains(&name.as_str());
        assert!(!reads || listed, "{name} reads partitioned tables: give it a range in TIMED");
    }
    let mut plans = Vec::new();
    for &(name, parameters) in TIMED {
        let text = queries[name].trim_end().trim_end_matches(';');
        client.batch_execute(&format!("PREPARE timed AS {text}")).await.unwrap();
        let scans = scans(&plan(&client, &format!("EXECUTE timed ({parameters})")).await);
        client.batch_execute("DEALLOCATE timed").await.unwrap();
        let leaves: Vec<String> = scans.into_iter().filter(|scan| scan.contains("20")).collect();
        assert!(leaves.iter().all(|scan| scan.contains("_2025_06")), "{name}: {leaves:#?}");
        assert!(!leaves.is_empty(), "{name} reads nothing");
        plans.push(format!("{name}\n  {}", leaves.join("\n  ")));
    }
    // Of indexes that cost the same on twenty rows, each version of PostgreSQL takes another.
    let version: i32 = client
        .query_one("SELECT current_setting('server_version_num')::int / 10000", &[])
        .await
        .unwrap()
        .get(0);
    if version == 15 {
        insta::assert_snapshot!(plans.join("\n"));
    }
}
