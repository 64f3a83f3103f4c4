//! The schema `eve` and the role that reads it: a public contract.

use noctis_store::testing::TestStore;
use serde_json::json;
use tokio_postgres::Client;

use crate::kills::{column, ensure_months, kill, store};

#[tokio::test]
async fn the_views_have_these_columns() {
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    let query = "SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type \
                 FROM information_schema.columns c WHERE c.table_schema = 'eve' \
                 ORDER BY c.table_name, c.ordinal_position";
    insta::assert_snapshot!(column(&client, query).await.join("\n"));
}

#[tokio::test]
async fn every_column_of_a_view_stands_in_the_page_of_the_schema() {
    let page = include_str!("../../../../docs/schema.md");
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    for view in ["kills", "participants", "items", "coverage", "activity"] {
        let (_, part) = page.split_once(&format!("\n**`eve.{view}`**")).unwrap();
        let (part, _) = part.split_once("\n\n").unwrap();
        let listed: Vec<&str> = part.split('`').skip(1).step_by(2).collect();
        let query = format!(
            "SELECT column_name FROM information_schema.columns \
             WHERE table_schema = 'eve' AND table_name = '{view}'"
        );
        for name in column(&client, &query).await {
            assert!(listed.contains(&name.as_str()), "docs/schema.md lacks {view}.{name}");
        }
    }
}

#[tokio::test]
async fn items_are_counted_in_their_containers_too() {
    let test = TestStore::new().await;
    let mut with_container = kill(1, "2026-11-22T11:00:00Z");
    // A Giant Secure Container with tritanium in it, beside pyerite.
    with_container["victim"]["items"] = json!([
        {"item_type_id": 35, "flag": 5, "singleton": 0, "quantity_destroyed": 3_000_000_000_i64},
        {"item_type_id": 11489, "flag": 5, "singleton": 0, "quantity_dropped": 1, "items": [
            {"item_type_id": 34, "flag": 0, "singleton": 0, "quantity_dropped": 40},
            {"item_type_id": 34, "flag": 0, "singleton": 0, "quantity_destroyed": 2}
        ]}
    ]);
    let mut without_items = kill(2, "2026-11-22T11:00:01Z");
    without_items["victim"].as_object_mut().unwrap().remove("items");
    store(&test, &[with_container, without_items]).await;
    let reader = test.database.reader().await;
    let items = "SELECT concat_ws(' ', item_type_name, item_type_id, 'in', coalesce(container_type_id::text, '-'), \
                 quantity_dropped, quantity_destroyed) FROM eve.items ORDER BY item_type_id, quantity_dropped";
    insta::assert_snapshot!(column(&reader, items).await.join("\n"), @r"
    Tritanium 34 in 11489 0 2
    Tritanium 34 in 11489 40 0
    Pyerite 35 in - 0 3000000000
    Giant Secure Container 11489 in - 1 0
    ");
}

#[tokio::test]
async fn a_kill_is_one_row_with_its_names() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-11-22T11:00:00Z"), kill(2, "2026-11-21T11:00:00Z")]).await;
    let client = test.database.owner().await;
    client
        .batch_execute("INSERT INTO characters (eve_id, name) VALUES (90000001, 'The victim'), (90000002, 'The attacker')")
        .await
        .unwrap();
    let reader = test.database.reader().await;
    let kills = "SELECT concat_ws(' | ', killmail_id, solar_system_name, region_name, victim_character_name, \
                 ship_type_name, ship_group_name, final_blow_character_name, attacker_count, player_count, value_source) \
                 FROM eve.kills ORDER BY killmail_time DESC";
    insta::assert_snapshot!(column(&reader, kills).await.join("\n"), @r"
    1 | Jita | The Forge | The victim | Rifter | Frigate | The attacker | 2 | 1 | none
    2 | Jita | The Forge | The victim | Rifter | Frigate | The attacker | 2 | 1 | none
    ");
    let participants = "SELECT concat_ws(' | ', ordinal, role, character_name, ship_type_name, final_blow) \
                        FROM eve.participants WHERE killmail_id = 1 ORDER BY ordinal";
    assert_eq!(column(&reader, participants).await.len(), 3);
}

#[tokio::test]
async fn coverage_lists_what_is_there() {
    let test = TestStore::new().await;
    ensure_months(&test, "2025-12-15T00:00:00Z", 1).await;
    let reader = test.database.reader().await;
    let coverage = "SELECT concat_ws(' ', partition, state, range_from, range_to) FROM eve.coverage ORDER BY range_from";
    insta::assert_snapshot!(column(&reader, coverage).await.join("\n"), @r"
    killmails_raw_2025_12 hot 2025-12-01 00:00:00+00 2026-01-01 00:00:00+00
    killmails_raw_2026_01 hot 2026-01-01 00:00:00+00 2026-02-01 00:00:00+00
    ");
}

async fn refusal(client: &Client, statement: &str) -> Option<String> {
    let error = client.batch_execute(statement).await.err()?;
    Some(error.code().unwrap().code().to_owned())
}

#[tokio::test]
async fn the_reading_role_sees_kills_and_names_and_nobodys_profile() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-11-22T00:00:00Z", 1).await;
    let reader = test.database.reader().await;
    for table in [
        "eve.kills",
        "eve.participants",
        "eve.items",
        "eve.coverage",
        "killmails_raw",
        "killmails_enriched",
        "killmail_participants",
        "killmail_registry",
        "killmails_wanted",
        "characters",
        "corporations",
        "alliances",
        "systems",
        "constellations",
        "regions",
        "types",
        "type_groups",
        "type_categories",
    ] {
        let question = format!("SELECT count(*) FROM {table}");
        assert_eq!(refusal(&reader, &question).await, None, "{table}");
    }
    for table in [
        "users",
        "users_characters",
        "surveillance_profiles",
        "surveillance_filters",
        "killmails_parked",
        "imported_files",
        "noctis_store",
        "noctis_migrations",
    ] {
        let question = format!("SELECT count(*) FROM {table}");
        assert_eq!(refusal(&reader, &question).await.as_deref(), Some("42501"), "{table}");
    }
}

#[tokio::test]
async fn the_reading_role_cannot_write() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-11-22T11:00:00Z")]).await;
    let reader = test.database.reader().await;
    // Even when it says that it wants to.
    reader.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    for statement in [
        "DELETE FROM killmails_raw",
        "DELETE FROM killmails_raw_2026_11",
        "UPDATE killmails_enriched SET isk_value = 0",
        "INSERT INTO characters (eve_id, name) VALUES (1, 'me')",
        "TRUNCATE killmail_registry",
        "CREATE TABLE mine (id bigint)",
        "DROP VIEW eve.kills",
    ] {
        assert_eq!(refusal(&reader, statement).await.as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn the_reading_roles_sessions_begin_bounded_and_in_utc() {
    let test = TestStore::new().await;
    let reader = test.database.reader().await;
    for (setting, value) in [
        ("TimeZone", "UTC"),
        ("statement_timeout", "30s"),
        ("default_transaction_read_only", "on"),
        ("enable_partitionwise_join", "on"),
        ("search_path", "public, eve"),
    ] {
        assert_eq!(column(&reader, &format!("SHOW {setting}")).await, [value], "{setting}");
    }
}
