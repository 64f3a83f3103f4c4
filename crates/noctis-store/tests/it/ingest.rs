//! Storing: whole kills, once, whatever comes in whatever order; and what comes out is what went in.

use std::collections::BTreeMap;

use jiff::civil::date;
use noctis_core::enrich::prices::rows::{PriceKind, PriceRow};
use noctis_core::isk::Isk;
use noctis_core::killmail::shape::{Record, recognise};
use noctis_store::ingest::{Ingester, Outcome};
use noctis_store::prices::PriceWriter;
use noctis_store::testing::{TestStore, catalogue, ingest_options};
use serde_json::Value;
use tokio_postgres::Client;

use crate::reading::{pieces, real_files, store_text};

async fn ingester(test: &TestStore) -> Ingester {
    Ingester::new(&test.store, ingest_options()).await.unwrap()
}

/// Everything a kill has in all tables, without the times of storing: equal for equal stores.
pub(crate) async fn contents(client: &Client) -> BTreeMap<&'static str, Vec<String>> {
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
            "SELECT (to_jsonb(t) - 'wanted_at')::text FROM killmails_wanted t ORDER BY killmail_id",
        ),
        ("parked", "SELECT encode(digest, 'hex') || reason FROM killmails_parked ORDER BY 1"),
    ];
    let mut contents = BTreeMap::new();
    for (name, query) in queries {
        contents.insert(
            name,
            client.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect(),
        );
    }
    contents
}

#[tokio::test]
async fn all_real_killmails_come_out_as_they_went_in_and_again_change_nothing() {
    let Some(files) = real_files() else { return };
    let test = TestStore::new().await;
    let mut ingester = ingester(&test).await;
    let mut outcome = Outcome::default();
    for (name, bytes) in &files {
        outcome.add(&store_text(&mut ingester, name, bytes, 100).await);
    }
    assert_eq!(outcome.parked_total(), 0, "{:?}", outcome.parked);
    assert!(outcome.stored >= 421, "{outcome:?}");
    let client = test.database.owner().await;
    let before = contents(&client).await;
    check_bodies(&client, &files).await;

    for (name, bytes) in files.iter().rev() {
        let again = store_text(&mut ingester, name, bytes, 7).await;
        assert_eq!((again.stored, again.enriched_further), (0, 0), "{name}: {again:?}");
    }
    assert_eq!(contents(&client).await, before);
    println!("{outcome:?}");
}

/// Every body that stands in the files is equal to the stored one, as JSON values.
async fn check_bodies(client: &Client, files: &[(String, Vec<u8>)]) {
    let mut checked = 0;
    for piece in files.iter().flat_map(|(_, bytes)| pieces(bytes)) {
        let Ok(Record::Mail(mail)) = recognise(&piece) else { continue };
        let query = "SELECT raw_payload::text FROM killmails_raw WHERE killmail_id = $1";
        let stored: String =
            client.query_one(query, &[&mail.killmail.killmail_id]).await.unwrap().get(0);
        let (stored, came): (Value, Value) =
            (serde_json::from_str(&stored).unwrap(), serde_json::from_str(&mail.body).unwrap());
        assert_eq!(stored, came);
        assert!(stored.get("zkb").is_none());
        checked += 1;
    }
    println!("{checked} bodies equal");
}

#[tokio::test]
async fn the_order_of_files_and_the_size_of_batches_do_not_matter() {
    let Some(files) = real_files() else { return };
    let mut expected = None;
    for (turn, batch_max) in [(0, 1_000), (2, 13), (5, 50)] {
        let test = TestStore::new().await;
        let mut ingester = ingester(&test).await;
        price_half_of_all_types(&test).await;
        let mut order: Vec<_> = files.iter().collect();
        order.rotate_left(turn);
        if turn == 5 {
            order.reverse();
        }
        for (name, bytes) in order {
            store_text(&mut ingester, name, bytes, batch_max).await;
        }
        let contents = contents(&test.database.owner().await).await;
        match &expected {
            None => expected = Some(contents),
            Some(expected) => assert_eq!(contents, *expected),
        }
    }
    let expected = expected.unwrap();
    let with_own = expected["enriched"].iter().filter(|row| row.contains("\"own\": {"));
    assert!(with_own.count() > 400, "kills have values of our own");
}

/// Prices as they are imported, of types with an even id.
async fn price_half_of_all_types(test: &TestStore) {
    let day = date(2026, 11, 1);
    let types = catalogue();
    let rows = types.types.iter().filter(|kind| kind.type_id % 2 == 0).map(|kind| PriceRow {
        type_id: kind.type_id,
        day,
        price: Isk::parse(&format!("{}.5", kind.type_id)),
        average_price: None,
    });
    let mut writer = PriceWriter::new(&test.store).await.unwrap();
    let changed = writer.write(PriceKind::Adjusted, &rows.collect::<Vec<_>>()).await.unwrap();
    assert!(changed > 20_000);
}

#[tokio::test]
async fn four_imports_at_once_end_in_the_same_tables() {
    let Some(files) = real_files() else { return };
    let alone = TestStore::new().await;
    let mut one = ingester(&alone).await;
    for (name, bytes) in &files {
        store_text(&mut one, name, bytes, 100).await;
    }
    let expected = contents(&alone.database.owner().await).await;

    let test = TestStore::new().await;
    let mut stored = 0;
    let tasks: Vec<_> = (0..4)
        .map(|turn| {
            let (store, mut files) = (test.store.clone(), files.clone());
            files.rotate_left(turn * 2);
            tokio::spawn(async move {
                let mut ingester = Ingester::new(&store, ingest_options()).await.unwrap();
                let mut outcome = Outcome::default();
                for (name, bytes) in &files {
                    outcome.add(&store_text(&mut ingester, name, bytes, 40 + turn * 17).await);
                }
                outcome.stored
            })
        })
        .collect();
    for task in tasks {
        stored += task.await.unwrap();
    }
    let client = test.database.owner().await;
    assert_eq!(contents(&client).await, expected);
    assert_eq!(stored, expected["registry"].len() as u64);
    let row = client.query_one("SELECT count(*), min(arrival), max(arrival), count(DISTINCT arrival) FROM killmail_registry", &[]).await.unwrap();
    let (count, min, max, distinct): (i64, i64, i64, i64) =
        (row.get(0), row.get(1), row.get(2), row.get(3));
    assert_eq!((min, max, distinct), (1, count, count), "arrivals are numbered without gaps");
}

/// A mail without a final blow: nothing says over whom CCP's hash goes, so it has to be told.
const MAIL_WITHOUT_FINAL_BLOW: &str = r#"{"killmail_id":7,"killmail_time":"2020-01-01T00:00:00Z","solar_system_id":30000142,"victim":{"ship_type_id":587,"damage_taken":1,"items":[]},"attackers":[{"security_status":0,"final_blow":false,"damage_done":1}]}"#;
const ITS_HASH: &str = r#"{"7":"cb62fb62c0947e3909050f976b2a240b43dc005f"}"#;

#[tokio::test]
async fn a_hash_that_comes_after_its_body_is_told_to_it() {
    let mut expected = None;
    for order in [[MAIL_WITHOUT_FINAL_BLOW, ITS_HASH], [ITS_HASH, MAIL_WITHOUT_FINAL_BLOW]] {
        let test = TestStore::new().await;
        let mut ingester = ingester(&test).await;
        for text in order {
            store_text(&mut ingester, "test", text.as_bytes(), 10).await;
        }
        let contents = contents(&test.database.owner().await).await;
        assert!(contents["raw"][0].contains("cb62fb62c0947e3909050f976b2a240b43dc005f"));
        assert_eq!(expected.get_or_insert_with(|| contents.clone()), &contents);
        let again = store_text(&mut ingester, "test", ITS_HASH.as_bytes(), 10).await;
        assert_eq!((again.enriched_further, again.already_there), (0, 1));
    }
}

#[tokio::test]
async fn a_block_with_numbers_in_any_notation_says_nothing_new_when_it_comes_again() {
    let test = TestStore::new().await;
    let mut ingester = ingester(&test).await;
    let body = MAIL_WITHOUT_FINAL_BLOW.strip_suffix('}').unwrap();
    for value in ["1e16", "215153976725.76563", "12345678901234567", "1e-7"] {
        let text = format!("{body},\"zkb\":{{\"totalValue\":{value},\"points\":1}}}}");
        store_text(&mut ingester, "test", text.as_bytes(), 10).await;
        let again = store_text(&mut ingester, "test", text.as_bytes(), 10).await;
        assert_eq!((again.enriched_further, again.already_there), (0, 1), "{value}");
    }
}

#[tokio::test]
async fn refused_entries_of_a_history_are_kept_apart_by_their_ids() {
    let test = TestStore::new().await;
    let mut ingester = ingester(&test).await;
    store_text(&mut ingester, "test", br#"{"1":"bad","2":"bad","3":null}"#, 10).await;
    let client = test.database.owner().await;
    let rows =
        client.query("SELECT killmail_id FROM killmails_parked ORDER BY 1", &[]).await.unwrap();
    let ids: Vec<Option<i64>> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(ids, [Some(1), Some(2), Some(3)]);
}
