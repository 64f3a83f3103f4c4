//! Enriching stored kills again: what differs is written, nothing else; whatever else writes loses nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use noctis_store::fail::RE_ENRICH_POINTS;
use noctis_store::testing::TestStore;
use serde_json::{Value, json};

use crate::program::{import, is_killed, noctis, on, said};
use crate::samples::bodies;
use crate::sde::export::{ABADDON_II, Export, J999999};
use crate::sde::import_sde;
use crate::served::wait_until;
use crate::stocked::made_up;
use crate::tables::{Contents, assert_same, contents, half_kills, number};

fn write(folder: &Path, name: &str, bodies: &[String]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bodies.join("\n")).unwrap();
    path
}

/// A store with so many kills of two months, and what is in it.
async fn stocked(kills: u64) -> (TestStore, Contents) {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    import(&test, &write(folder.path(), "kills.ndjson", &bodies(kills)));
    let contents = contents(&test).await;
    (test, contents)
}

/// Makes what was added to some kills, all enriched long ago, say something else.
async fn spoil(test: &TestStore, which: &str) {
    let statement = format!(
        "UPDATE killmails_enriched SET enriched_at = '2020-01-01+00';
         UPDATE killmails_enriched SET labels = '{{spoilt}}', module_tags = '{{}}', npc = NOT npc, points = 7
         WHERE {which}"
    );
    test.database.owner().await.batch_execute(&statement).await.unwrap();
}

#[track_caller]
fn re_enrich(test: &TestStore, flags: &[&str]) -> Value {
    let summary = noctis(test, &[&["re-enrich", "--json"], flags].concat()).good().json();
    let count = |name: &str| summary[name].as_u64().unwrap();
    let parts = ["differed", "unchanged", "busy", "unreadable"].map(count);
    assert_eq!(count("looked"), parts.into_iter().sum::<u64>(), "{summary:#}");
    summary
}

async fn ids(test: &TestStore, query: &str) -> BTreeSet<i64> {
    let rows = test.database.owner().await.query(query, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn only_rows_that_differ_are_written_and_a_second_run_only_looks() {
    let (test, expected) = stocked(300).await;
    spoil(&test, "killmail_id % 3 = 0").await;
    let spoilt =
        ids(&test, "SELECT killmail_id FROM killmails_enriched WHERE labels = '{spoilt}'").await;
    let first = re_enrich(&test, &[]);
    assert_eq!((&first["looked"], &first["differed"]), (&json!(300), &json!(spoilt.len())));
    assert_eq!(first["end"]["how"], "finished");
    assert_same(&contents(&test).await, &expected, "enriched again");
    let fresh = "SELECT killmail_id FROM killmails_enriched WHERE enriched_at > '2020-01-01+00'";
    assert_eq!(ids(&test, fresh).await, spoilt);

    // With what a row was made is no difference: only the build is another one.
    let statement = "UPDATE killmails_enriched SET enrichment_blob = enrichment_blob || '{\"static_data\": \"1\"}'";
    test.database.owner().await.batch_execute(statement).await.unwrap();
    let second = re_enrich(&test, &[]);
    assert_eq!((&second["looked"], &second["differed"]), (&json!(300), &json!(0)));
    assert_eq!((&second["vacuums"], &second["go_on_from"]), (&json!(0), &Value::Null));
    assert_eq!(ids(&test, fresh).await, spoilt);
}

#[tokio::test]
async fn a_range_of_time_leaves_all_else_alone() {
    let (test, expected) = stocked(300).await;
    spoil(&test, "true").await;
    let in_may = number(
        &test,
        "SELECT count(*) FROM killmails_enriched WHERE \"timestamp\" >= '2026-05-10+00' AND \"timestamp\" < '2026-06-01+00'",
    )
    .await;
    let summary = re_enrich(&test, &["--from", "2026-05-10", "--to", "2026-06-01"]);
    assert_eq!((&summary["looked"], &summary["differed"]), (&json!(in_may), &json!(in_may)));
    assert_eq!(summary["partitions"], 1);
    let spoilt = "SELECT count(*) FROM killmails_enriched WHERE labels = '{spoilt}'";
    assert_eq!(number(&test, spoilt).await, 300 - in_may);
    re_enrich(&test, &[]);
    assert_same(&contents(&test).await, &expected, "the rest, too");
    for (flags, sentence) in [
        (["--from", "yesterday"], "`yesterday` is no time"),
        (["--to", "1969-01-01"], "--to must be later than --from"),
    ] {
        let said = noctis(&test, &[&["re-enrich"][..], &flags].concat());
        assert_eq!((said.code(), said.err.lines().count()), (1, 1), "{}", said.err);
        assert!(said.err.contains(sentence), "{}", said.err);
    }
}

#[tokio::test]
async fn a_kill_of_an_unknown_ship_and_system_gains_by_the_next_static_data() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mut kill = made_up(1_000, "2026-05-05T12:00:00Z");
    kill["victim"]["ship_type_id"] = json!(ABADDON_II);
    kill["solar_system_id"] = json!(J999999);
    import(&test, &write(folder.path(), "kill.json", &[kill.to_string()]));
    let added = async || -> (Vec<String>, Vec<String>) {
        let query = "SELECT labels, module_tags FROM killmails_enriched";
        let row = test.database.owner().await.query_one(query, &[]).await.unwrap();
        (row.get(0), row.get(1))
    };
    let (labels, tags) = added().await;
    let has = |words: &[String], word: &str| words.iter().any(|other| other == word);
    assert!(!has(&labels, "cat:6") && !has(&tags, "Battleship"), "{labels:?} {tags:?}");

    import_sde(&test, &Export::newer().write_zip(folder.path())).good();
    assert_eq!(re_enrich(&test, &[])["differed"], 1);
    let (labels, tags) = added().await;
    for label in ["cat:6", "loc:w-space", "wh:c3"] {
        assert!(has(&labels, label), "{label}: {labels:?}");
    }
    for tag in ["Battleship", "T2 Hull"] {
        assert!(has(&tags, tag), "{tag}: {tags:?}");
    }
    let build = "SELECT (enrichment_blob ->> 'static_data')::bigint FROM killmails_enriched";
    assert_eq!(number(&test, build).await, 9_000_000);
    assert_eq!(re_enrich(&test, &[])["differed"], 0);
}

#[tokio::test]
async fn a_death_at_any_fail_point_leaves_whole_rows_and_the_next_run_completes() {
    for point in RE_ENRICH_POINTS {
        let (test, expected) = stocked(400).await;
        spoil(&test, "true").await;
        let died = noctis(&test, &["re-enrich", "--fail-at", &format!("{point}:2")]);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        let left = "SELECT count(*) FROM killmails_enriched WHERE labels = '{spoilt}'";
        let left = number(&test, left).await;
        assert!((1..400).contains(&left), "{point}: {left} left");
        assert_eq!(half_kills(&test).await, 0, "{point}");
        assert_eq!(re_enrich(&test, &[])["differed"], left, "{point}");
        assert_same(&contents(&test).await, &expected, point);
    }
}

/// The same bodies with zKillboard's word on their value.
fn with_values(bodies: &[String]) -> Vec<String> {
    let with_value = |body: &String| {
        let mut body: Value = serde_json::from_str(body).unwrap();
        body["zkb"] = json!({
            "totalValue": 5_000_000_000.25, "points": 11, "npc": false, "solo": true, "awox": false,
            "labels": ["ganked"],
        });
        body.to_string()
    };
    bodies.iter().map(with_value).collect()
}

#[tokio::test]
async fn readers_and_an_import_of_values_meanwhile_lose_nothing_and_wait_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let bodies = bodies(1_500);
    let kills = write(folder.path(), "kills.ndjson", &bodies);
    let values = write(folder.path(), "values.ndjson", &with_values(&bodies));
    let undisturbed = TestStore::new().await;
    import(&undisturbed, &kills);
    import(&undisturbed, &values);
    let expected = contents(&undisturbed).await;

    let test = TestStore::new().await;
    import(&test, &kills);
    spoil(&test, "true").await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = test.database.reader().await;
    let reading = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut reads = 0_u64;
            // Bounded by the runs beside it.
            while !done.load(Ordering::Relaxed) {
                reader.batch_execute("BEGIN; SET LOCAL lock_timeout = '50ms'").await.unwrap();
                let query = "SELECT count(*) FROM killmails_enriched WHERE labels IS NOT NULL";
                let count: i64 = reader.query_one(query, &[]).await.unwrap().get(0);
                reader.batch_execute("COMMIT").await.unwrap();
                assert_eq!(count, 1_500, "every reader sees every kill");
                reads += 1;
            }
            reads
        }
    });
    let enriching = on(&test, &["re-enrich", "--json"]).spawn().unwrap();
    let importing = on(&test, &["import", values.to_str().unwrap(), "--json"]).spawn().unwrap();
    let (summary, imported) = tokio::task::spawn_blocking(move || {
        (said(enriching).good().json(), said(importing).good().json())
    })
    .await
    .unwrap();
    done.store(true, Ordering::Relaxed);
    println!("{} reads beside {summary}", reading.await.unwrap());
    assert_eq!(summary["busy"], 0);
    assert_eq!(imported["enriched_further"], 1_500);
    assert_same(&contents(&test).await, &expected, "values and enrichment");
    assert_eq!(re_enrich(&test, &[])["differed"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_being_written_is_looked_at_again_when_its_writer_is_done() {
    let (test, _) = stocked(200).await;
    spoil(&test, "true").await;
    let spoilt = "SELECT count(*) FROM killmails_enriched WHERE labels = '{spoilt}'";
    let first = number(&test, "SELECT min(killmail_id) FROM killmails_enriched").await;
    let writer = test.database.owner().await;
    let zkb = json!({"zkb": {"totalValue": 42.5}, "zkb_rank": 9});
    let statement = "UPDATE killmails_enriched SET enrichment_blob = enrichment_blob || $2::text::jsonb WHERE killmail_id = $1";
    writer.batch_execute("BEGIN").await.unwrap();
    writer.execute(statement, &[&first, &zkb.to_string()]).await.unwrap();

    // It writes the neighbours in the batch, and has the one to look at again.
    let enriching = on(&test, &["re-enrich", "--json"]).spawn().unwrap();
    let looker = test.database.owner().await;
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        wait_until("the neighbours are written", || {
            let row = runtime.block_on(looker.query_one(spoilt, &[])).unwrap();
            row.get::<_, i64>(0) < 200
        });
    });
    writer.batch_execute("COMMIT").await.unwrap();
    let summary = tokio::task::spawn_blocking(move || said(enriching).good().json()).await.unwrap();
    assert_eq!((&summary["differed"], &summary["busy"]), (&json!(200), &json!(0)));
    assert_eq!(number(&test, spoilt).await, 0);
    let value =
        "SELECT isk_value::float8::bigint FROM killmails_enriched WHERE value_source = 'zkb'";
    assert_eq!(number(&test, value).await, 42, "what the writer said is what is enriched from");
}

#[tokio::test]
async fn a_month_whose_rows_all_differ_grows_by_a_fifth_at_most() {
    let (test, expected) = stocked(6_000).await;
    let client = test.database.owner().await;
    // Of the same size as what it is to become.
    client.batch_execute("UPDATE killmails_enriched SET npc = NOT npc").await.unwrap();
    let mut before = Vec::new();
    for leaf in ["killmails_enriched_2026_05", "killmails_enriched_2026_06"] {
        // As dense as it can be: every page full.
        client.batch_execute(&format!("VACUUM FULL {leaf}")).await.unwrap();
        let size = number(&test, &format!("SELECT pg_relation_size('{leaf}')")).await;
        before.push((leaf, size));
    }
    assert_eq!(re_enrich(&test, &[])["differed"], 6_000);
    for (leaf, before) in before {
        let after = number(&test, &format!("SELECT pg_relation_size('{leaf}')")).await;
        println!("{leaf}: {before} bytes, then {after}");
        assert!(after * 10 <= before * 12, "{leaf}: {before} bytes, then {after}");
    }
    assert_same(&contents(&test).await, &expected, "enriched again");
}
