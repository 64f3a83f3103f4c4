//! Migrations: on rows that are there already, twice, changed, too new, too old, by two at once, and cut off.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use noctis_store::migrate::{MIGRATIONS, check, known_version, migrate, migrate_to, version};
use noctis_store::testing::TestDatabase;
use tokio_postgres::Client;

use crate::kills::{column, until};

/// The rows that a store of this version may hold.
fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/migrations/{name}.sql"))
}

/// All rows of all tables, each as an object of its columns.
async fn rows(client: &Client) -> BTreeMap<String, Vec<String>> {
    let tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
                  AND relname <> 'noctis_migrations'";
    let mut rows = BTreeMap::new();
    for table in column(client, tables).await {
        let query = format!("SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1");
        rows.insert(table, column(client, &query).await);
    }
    rows
}

/// Every row is still there with all it held; a column may have come beside.
#[track_caller]
fn assert_kept(before: &[String], after: &[String], what: &str) {
    let read = |row: &String| serde_json::from_str::<serde_json::Value>(row).unwrap();
    let after: Vec<serde_json::Value> = after.iter().map(read).collect();
    assert_eq!(before.len(), after.len(), "{what}");
    for row in before.iter().map(read) {
        let columns = row.as_object().unwrap();
        let holds = |other: &serde_json::Value| {
            columns.iter().all(|(key, value)| other.get(key) == Some(value))
        };
        assert!(after.iter().any(holds), "{what}: {row} is gone from {after:?}");
    }
}

/// The schema, as far as the catalog tells it in lines.
async fn schema(client: &Client) -> Vec<String> {
    column(
        client,
        "SELECT table_schema || '.' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable \
         FROM information_schema.columns WHERE table_schema IN ('public', 'eve') \
         UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
         UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE connamespace = 'public'::regnamespace ORDER BY 1",
    )
    .await
}

#[test]
fn every_migration_has_its_sample_and_its_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let listed: Vec<String> =
        MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.name)).collect();
    assert_eq!(files, listed);
    for (place, migration) in (1..).zip(MIGRATIONS) {
        assert_eq!(migration.version, place, "{}", migration.name);
        assert!(migration.name.starts_with(&format!("{place:04}_")), "{}", migration.name);
        assert!(sample(migration.name).is_file(), "{} has no sample", migration.name);
    }
}

#[tokio::test]
async fn rows_of_every_version_survive_all_later_migrations() {
    let database = TestDatabase::empty().await;
    let mut client = database.owner().await;
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for migration in MIGRATIONS {
        assert_eq!(migrate_to(&mut client, migration.version).await.unwrap(), [migration.name]);
        let there = rows(&client).await;
        for (table, before) in &expected {
            assert_kept(before, &there[table], &format!("{table} after {}", migration.name));
        }
        let sample = std::fs::read_to_string(sample(migration.name)).unwrap();
        client.batch_execute(&sample).await.unwrap();
        expected = rows(&client).await;
    }
    assert!(
        expected.values().all(|rows| !rows.is_empty()),
        "a table without a sample row: {expected:?}"
    );
    check(&client).await.unwrap();
    // They are not only there, they are found.
    let kill =
        "SELECT solar_system_name || ' ' || victim_character_name || ' ' || value FROM eve.kills";
    assert_eq!(column(&client, kill).await, ["Jita The victim 12345.67"]);
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = TestDatabase::empty().await;
    let mut client = database.owner().await;
    assert_eq!(migrate(&mut client).await.unwrap().len(), MIGRATIONS.len());
    let (before, rows_before) = (schema(&client).await, rows(&client).await);
    assert_eq!(migrate(&mut client).await.unwrap(), Vec::<&str>::new());
    assert_eq!((schema(&client).await, rows(&client).await), (before, rows_before));
}

#[tokio::test]
async fn step_by_step_and_at_once_end_in_the_same_schema() {
    let (steps, at_once) = (TestDatabase::empty().await, TestDatabase::empty().await);
    let (mut one, mut other) = (steps.owner().await, at_once.owner().await);
    for migration in MIGRATIONS {
        migrate_to(&mut one, migration.version).await.unwrap();
    }
    migrate(&mut other).await.unwrap();
    assert_eq!(schema(&one).await, schema(&other).await);
}

fn one_line(error: &noctis_store::Error) -> String {
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    text
}

#[tokio::test]
async fn another_text_a_newer_and_an_older_schema_are_refused_with_one_line() {
    let database = TestDatabase::empty().await;
    let mut client = database.owner().await;
    let older = check(&client).await.unwrap_err();
    assert_eq!(
        one_line(&older),
        format!(
            "this database has schema 0, older than the {} this noctis needs: run `noctis migrate`",
            known_version()
        )
    );
    migrate(&mut client).await.unwrap();
    client
        .batch_execute("UPDATE noctis_migrations SET sha256 = '\\x00' WHERE version = 2")
        .await
        .unwrap();
    let changed = migrate(&mut client).await.unwrap_err();
    assert!(
        one_line(&changed).contains("0002_killmails was applied with another text"),
        "{changed}"
    );

    let newer = known_version() + 1;
    client
        .execute(
            "INSERT INTO noctis_migrations (version, name, sha256) VALUES ($1, 'later', '\\x00')",
            &[&newer],
        )
        .await
        .unwrap();
    for refused in [check(&client).await.unwrap_err(), migrate(&mut client).await.unwrap_err()] {
        assert!(one_line(&refused).contains("install a newer noctis"), "{refused}");
    }
    // The refusal gave the lock back.
    let locks =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()";
    assert_eq!(column(&client, locks).await, ["0"]);
}

#[tokio::test]
async fn of_two_migrators_at_once_one_migrates_and_the_other_waits_for_it() {
    let database = TestDatabase::empty().await;
    let (mut one, mut other) = (database.owner().await, database.owner().await);
    let (first, second) = tokio::join!(migrate(&mut one), migrate(&mut other));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.len() + second.len(), MIGRATIONS.len(), "{first:?} {second:?}");
    check(&one).await.unwrap();
}

#[tokio::test]
async fn a_migrator_killed_midway_leaves_nothing_half_and_the_next_goes_on() {
    let database = TestDatabase::empty().await;
    let mut migrator = database.owner().await;
    let mut holder = database.owner().await;
    let watcher = database.owner().await;
    // Migration 0002 has made its first tables when it meets a name that another session is about to take.
    let open = holder.transaction().await.unwrap();
    open.batch_execute("CREATE TABLE killmail_registry (id bigint)").await.unwrap();
    let killing = async {
        let waiting =
            "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until(&watcher, &format!("SELECT EXISTS (SELECT {waiting})")).await;
        column(&watcher, &format!("SELECT pg_terminate_backend(pid) {waiting}")).await;
    };
    let (died, ()) = tokio::join!(migrate(&mut migrator), killing);
    assert!(died.is_err(), "{died:?}");
    open.rollback().await.unwrap();
    let mut next = database.owner().await;
    assert_eq!(version(&next).await.unwrap(), 1);
    assert_eq!(column(&next, "SELECT to_regclass('killmails_raw') IS NULL").await, ["t"]);
    assert_eq!(migrate(&mut next).await.unwrap().len(), MIGRATIONS.len() - 1);
    check(&next).await.unwrap();
}
