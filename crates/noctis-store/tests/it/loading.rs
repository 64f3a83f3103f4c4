//! Months loaded bare: the same tables as the usual way makes, whatever comes twice, late, from others, or is known.

use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::killmail::split::Piece;
use noctis_core::partition::Interval;
use noctis_store::ingest::{Batch, IngestOptions, Ingester, LoadRules, Loader, Outcome};
use noctis_store::testing::{TestStore, catalogue, ingest_options};
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::drift::drifts;
use crate::ingest::contents;
use crate::kills::{batch, column, count, kill, until};
use crate::reading::{add, now};

/// Kills of two months are enough for a load, and two batches without any for its end.
pub(crate) const RULES: LoadRules =
    LoadRules { kills_min: 50, open_max: 2, idle_max: 2, kills_max: 10_000, repeated_max: 100 };

fn options() -> IngestOptions {
    IngestOptions { allow_generated: true, ..ingest_options() }
}

async fn loader(test: &TestStore, options: IngestOptions) -> Loader {
    Loader::new(&test.store, options, RULES).await.unwrap()
}

/// So many kills of December 2025 to February 2026, with zKillboard's blocks and everything odd.
pub(crate) fn generated(kills: u64) -> Vec<Vec<u8>> {
    let (from, to) =
        ("2025-12-01T00:00:00Z".parse().unwrap(), "2026-03-01T00:00:00Z".parse().unwrap());
    let options = Options { kills, from, to, seed: 7, oddities: true, zkb: true };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let lines = std::iter::from_fn(|| {
        let mut line = Vec::new();
        generator.write_next(&mut line).then_some(line)
    });
    lines.collect()
}

fn batches(lines: &[Vec<u8>], size: usize) -> Vec<Batch> {
    let batches = lines.chunks(size).map(|lines| {
        let mut batch = Batch::default();
        for line in lines {
            assert!(add(&mut batch, Piece::Value(line.clone()), &"made up".into()).is_none());
        }
        batch
    });
    batches.collect()
}

async fn load(loader: &mut Loader, batches: Vec<Batch>) -> Outcome {
    let mut outcome = Outcome::default();
    for batch in batches {
        outcome.add(&loader.store(batch, now()).await.unwrap());
    }
    outcome.add(&loader.finish(now()).await.unwrap());
    outcome
}

async fn usually(test: &TestStore, options: IngestOptions, batches: Vec<Batch>) -> Outcome {
    let mut ingester = Ingester::new(&test.store, options).await.unwrap();
    let mut outcome = Outcome::default();
    for batch in batches {
        outcome.add(&ingester.store(batch, now()).await.unwrap());
    }
    outcome
}

/// Leaves that came to be with their kills in them, by the ledger.
async fn loaded(client: &Client) -> Vec<String> {
    let query = "SELECT to_char(range_from, 'YYYY-MM-DD') || ' ' || rows FROM lifecycle_ledger \
                 WHERE action = 'create' AND rows IS NOT NULL ORDER BY range_from";
    column(client, query).await
}

/// Each leaf with its indexes, constraints and kind.
async fn leaves(client: &Client) -> Vec<String> {
    let query = r#"
        SELECT c.relname || ' ' || c.relpersistence::text || ' '
          || (SELECT string_agg(substring(pg_get_indexdef(i.indexrelid) FROM 'USING .*') || ' ' || part.inhparent::regclass, '; '
                                ORDER BY part.inhparent)
              FROM pg_index i JOIN pg_inherits part ON part.inhrelid = i.indexrelid WHERE i.indrelid = c.oid) || ' '
          || (SELECT string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), '; ' ORDER BY k.contype, k.conname)
              FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c')
        FROM pg_inherits p JOIN pg_class c ON c.oid = p.inhrelid
        WHERE p.inhparent IN ('killmails_raw'::regclass, 'killmails_enriched'::regclass, 'killmail_participants'::regclass)
        ORDER BY c.relname"#;
    column(client, query).await
}

async fn assert_same(found: &Client, expected: &Client) {
    let (found, expected) = (contents(found).await, contents(expected).await);
    for (table, expected) in &expected {
        for (found, expected) in found[table].iter().zip(expected) {
            assert_eq!(found, expected, "{table}");
        }
        assert_eq!(found[table].len(), expected.len(), "rows of {table}");
    }
}

async fn no_gaps_in_arrivals(client: &Client) {
    let query = "SELECT count(*) = max(arrival) AND min(arrival) = 1 AND count(DISTINCT arrival) = count(*) \
                 FROM killmail_registry";
    assert!(client.query_one(query, &[]).await.unwrap().get::<_, bool>(0));
}

async fn nothing_is_left(client: &Client) {
    let query = "SELECT relname FROM pg_class WHERE relname LIKE 'loading%' AND relkind = 'r'";
    assert_eq!(column(client, query).await, Vec::<String>::new());
}

/// Both ways, and the same in all tables. Tells what the loads' store has been told.
async fn assert_equal(options: IngestOptions, parts: Vec<(Vec<Vec<u8>>, usize)>) -> TestStore {
    let (usual, bare) = (TestStore::new().await, TestStore::new().await);
    let all = || parts.iter().flat_map(|(lines, size)| batches(lines, *size)).collect::<Vec<_>>();
    let expected = usually(&usual, options.clone(), all()).await;
    let found = load(&mut loader(&bare, options).await, all()).await;
    assert_eq!(found, expected);
    let (usual, client) = (usual.database.owner().await, bare.database.owner().await);
    assert_same(&client, &usual).await;
    assert_eq!(leaves(&client).await, leaves(&usual).await);
    no_gaps_in_arrivals(&client).await;
    nothing_is_left(&client).await;
    let drifts: Vec<String> =
        drifts(&bare).await.iter().map(|drift| drift.detail.clone()).collect();
    assert_eq!(drifts, Vec::<String>::new());
    bare
}

#[tokio::test]
async fn months_loaded_bare_are_equal_to_those_stored_batch_by_batch() {
    let bare = assert_equal(options(), vec![(generated(600), 70)]).await;
    let client = bare.database.owner().await;
    let loaded = loaded(&client).await;
    assert_eq!(loaded.len(), 3, "{loaded:?}");
}

#[tokio::test]
async fn weeks_are_loaded_as_months_are() {
    let mut options = options();
    options.policy.interval = Interval::Week;
    let bare = assert_equal(options, vec![(generated(1_000), 100)]).await;
    let loaded = loaded(&bare.database.owner().await).await;
    assert!(loaded.len() > 8, "{loaded:?}");
}

#[tokio::test]
async fn in_any_order_and_many_months_at_a_time_nothing_is_different() {
    let mut lines = generated(600);
    lines.reverse();
    // Each third kill first: all months at once.
    let (mut mixed, mut rest) = (Vec::new(), Vec::new());
    for (place, line) in lines.into_iter().enumerate() {
        if place % 3 == 0 { mixed.push(line) } else { rest.push(line) }
    }
    mixed.append(&mut rest);
    assert_equal(options(), vec![(mixed, 90)]).await;
}

fn text(kill: &Value) -> Vec<u8> {
    kill.to_string().into_bytes()
}

/// Kills of June 2020, one a minute, whose ids begin here.
fn june(first: i64, kills: i64) -> Vec<Vec<u8>> {
    let at = |n: i64| format!("2020-06-{:02}T{:02}:{:02}:00Z", 1 + n / 1_440, n / 60 % 24, n % 60);
    (0..kills).map(|n| text(&kill(first + n, &at(n)))).collect()
}

/// The same kill with something else in it.
fn changed(line: &[u8], key: &str, value: Value) -> Vec<u8> {
    let mut kill: Value = serde_json::from_slice(line).unwrap();
    kill[key] = value;
    text(&kill)
}

#[tokio::test]
async fn what_comes_again_while_its_month_is_loaded_is_compared_as_ever() {
    let kills = june(1, 120);
    let zkb = json!({ "totalValue": 5_000_000.5, "points": 3 });
    let again = vec![
        kills[0].clone(),
        changed(&kills[1], "zkb", zkb.clone()),
        changed(&kills[2], "solar_system_id", json!(30_000_001)),
        changed(&kills[3], "killmail_time", json!("2020-06-20T00:00:00Z")),
    ];
    let more = vec![changed(&kills[1], "solar_system_id", json!(30_000_002)), kills[5].clone()];
    let bare = assert_equal(
        ingest_options(),
        vec![(kills, 60), (again, 10), (more, 10), (june(200, 60), 60)],
    )
    .await;
    // The last ones were on their way when the third text of one id was met.
    assert_eq!(loaded(&bare.database.owner().await).await, ["2020-06-01 180"]);
}

#[tokio::test]
async fn what_comes_again_while_the_batch_with_it_is_under_way_is_compared_as_ever() {
    let kills = june(1, 120);
    // Some as they were, some with more said of them, some with other contents.
    let again = |kills: &[Vec<u8>], system: i64| -> Vec<Vec<u8>> {
        let zkb = json!({ "totalValue": system, "points": 3 });
        let kinds = kills.iter().enumerate().map(|(place, kill)| match place % 3 {
            0 => kill.clone(),
            1 => changed(kill, "zkb", zkb.clone()),
            _ => changed(kill, "solar_system_id", json!(system)),
        });
        kinds.collect()
    };
    let second = [again(&kills[..30], 30_000_001), kills[60..90].to_vec()].concat();
    // The second is under way when these come.
    let third = [again(&kills[60..90], 30_000_002), kills[30..60].to_vec()].concat();
    let fourth = [again(&kills[..30], 30_000_003), kills[90..120].to_vec()].concat();
    let parts = vec![(kills[..60].to_vec(), 60), (second, 60), (third, 60), (fourth, 60)];
    let bare = assert_equal(ingest_options(), parts).await;
    assert_eq!(loaded(&bare.database.owner().await).await.len(), 1);
}

#[tokio::test]
async fn what_is_known_of_ids_before_and_while_their_month_is_loaded_comes_to_them() {
    let kills = june(1, 120);
    let said = |id: i64, value: i64| {
        text(&json!({ "killmail_id": id, "zkb": { "totalValue": value, "points": 1,
            "hash": format!("{id:040x}") } }))
    };
    let before = vec![said(1, 7_000_000), said(2, 8_000_000), said(5_000, 9_000_000)];
    let meanwhile = vec![said(3, 7_500_000), said(1, 9_900_000)];
    let (first, second) = (kills[..60].to_vec(), kills[60..].to_vec());
    let usual = TestStore::new().await;
    let bare = TestStore::new().await;
    let all = || {
        [&before, &first, &meanwhile, &second]
            .into_iter()
            .flat_map(|lines| batches(lines, 100))
            .collect::<Vec<_>>()
    };
    usually(&usual, ingest_options(), all()).await;
    let outcome = load(&mut loader(&bare, ingest_options()).await, all()).await;
    assert_eq!(outcome.total(), 125);
    let (usual, client) = (usual.database.owner().await, bare.database.owner().await);
    assert_same(&client, &usual).await;
    assert_eq!(loaded(&client).await, ["2020-06-01 120"]);
}

#[tokio::test]
async fn kills_that_are_known_already_are_no_news_to_a_load() {
    let kills = june(1, 120);
    // One is stored under another month, with other contents.
    let elsewhere = vec![changed(&kills[9], "killmail_time", json!("2026-10-20T00:00:00Z"))];
    let test = TestStore::new().await;
    usually(&test, ingest_options(), batches(&elsewhere, 1)).await;
    let outcome = load(&mut loader(&test, ingest_options()).await, batches(&kills, 60)).await;
    assert_eq!((outcome.stored, outcome.parked_total()), (119, 1));
    let client = test.database.owner().await;
    assert_eq!(loaded(&client).await, ["2020-06-01 119"]);
    let parked = "SELECT reason FROM killmails_parked";
    assert_eq!(column(&client, parked).await, ["other_time"]);
}

#[tokio::test]
async fn a_feeds_kill_of_a_month_that_is_loaded_waits_for_nothing_and_the_load_joins_it() {
    let (test, usual) = (TestStore::new().await, TestStore::new().await);
    let kills = june(1, 120);
    usually(&usual, ingest_options(), batches(&kills, 60)).await;
    let mut loader = loader(&test, ingest_options()).await;
    let mut outcome = Outcome::default();
    let mut parts = batches(&kills, 60).into_iter();
    outcome.add(&loader.store(parts.next().unwrap(), now()).await.unwrap());
    assert_eq!(outcome.stored, 0, "it is not stored yet");
    let client = test.database.owner().await;
    // Another of the same month, and one that the load has already.
    let fed = [kills[3].clone(), kills[100].clone()];
    let feed = usually(&test, ingest_options(), batches(&fed, 1)).await;
    assert_eq!(feed.stored, 2);
    assert_eq!(count(&client, "SELECT count(*) FROM killmails_raw").await, 2);
    outcome.add(&loader.store(parts.next().unwrap(), now()).await.unwrap());
    outcome.add(&loader.finish(now()).await.unwrap());
    assert_eq!((outcome.stored, outcome.already_there), (118, 2));
    assert_same(&client, &usual.database.owner().await).await;
    assert_eq!(leaves(&client).await, leaves(&usual.database.owner().await).await);
    no_gaps_in_arrivals(&client).await;
    nothing_is_left(&client).await;
}

#[tokio::test]
async fn one_kill_registered_elsewhere_meanwhile_lets_its_month_be_stored_singly() {
    let test = TestStore::new().await;
    let kills = june(1, 120);
    let mut loader = loader(&test, ingest_options()).await;
    loader.store(batches(&kills, 120).remove(0), now()).await.unwrap();
    let elsewhere = vec![changed(&kills[9], "killmail_time", json!("2026-10-20T00:00:00Z"))];
    usually(&test, ingest_options(), batches(&elsewhere, 1)).await;
    let outcome = loader.finish(now()).await.unwrap();
    assert_eq!((outcome.stored, outcome.parked_total()), (119, 1));
    let client = test.database.owner().await;
    no_gaps_in_arrivals(&client).await;
    nothing_is_left(&client).await;
    let parked = "SELECT reason FROM killmails_parked";
    assert_eq!(column(&client, parked).await, ["other_time"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_loads_of_the_same_months_at_once_end_in_the_same_tables() {
    let (test, usual) = (TestStore::new().await, TestStore::new().await);
    let lines = generated(600);
    usually(&usual, options(), batches(&lines, 70)).await;
    let both = [70, 110].map(|size| {
        let (store, parts) = (test.store.clone(), batches(&lines, size));
        tokio::spawn(async move {
            let mut loader = Loader::new(&store, options(), RULES).await.unwrap();
            load(&mut loader, parts).await
        })
    });
    let mut outcome = Outcome::default();
    for one in both {
        outcome.add(&one.await.unwrap());
    }
    assert_eq!((outcome.stored, outcome.total()), (600, 1_200));
    let client = test.database.owner().await;
    assert_same(&client, &usual.database.owner().await).await;
    no_gaps_in_arrivals(&client).await;
    nothing_is_left(&client).await;
}

#[tokio::test]
async fn what_is_given_up_or_left_by_the_dead_is_removed() {
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    let mut one = loader(&test, ingest_options()).await;
    // The second batch is under way when it is given up.
    for batch in batches(&june(1, 120), 60) {
        one.store(batch, now()).await.unwrap();
    }
    assert_eq!(count(&client, "SELECT count(*) FROM killmail_registry").await, 0);
    assert!(one.unsettled().next().is_some());
    one.give_up().await;
    nothing_is_left(&client).await;
    // No session has this number.
    client.batch_execute("CREATE TABLE loading_999999999_killmails_raw_2020_06 ()").await.unwrap();
    assert_eq!(
        drifts(&test).await.iter().filter(|drift| drift.table.contains("loading")).count(),
        0
    );
    let mut two = loader(&test, ingest_options()).await;
    nothing_is_left(&client).await;
    load(&mut two, batches(&june(1, 60), 60)).await;
    assert_eq!(loaded(&client).await, ["2020-06-01 60"]);
}

#[tokio::test]
async fn months_of_which_something_was_dropped_are_stored_the_usual_way() {
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    client
        .batch_execute(
            "INSERT INTO dropped_ranges VALUES ('2020-06-01+00', '2020-07-01+00', 2, 2);
             INSERT INTO killmail_registry VALUES (1, '2020-06-01 00:00+00', 1), (2, '2020-06-01 00:01+00', 2)",
        )
        .await
        .unwrap();
    let kills = june(1, 120);
    let outcome = load(&mut loader(&test, ingest_options()).await, batches(&kills, 60)).await;
    assert_eq!((outcome.stored, outcome.already_there), (118, 2));
    let again = IngestOptions { again: true, ..ingest_options() };
    let outcome = load(&mut loader(&test, again).await, batches(&kills, 60)).await;
    assert_eq!((outcome.stored, outcome.already_there), (2, 118));
    assert_eq!(loaded(&client).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_keeps_nobody_waiting_until_it_is_attached() {
    let test = TestStore::new().await;
    let mut loader = loader(&test, ingest_options()).await;
    loader.store(batches(&june(1, 120), 120).remove(0), now()).await.unwrap();
    let client = test.database.owner().await;
    until(&client, "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'").await;
    let held = "SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
                JOIN pg_stat_activity a USING (pid) WHERE a.state = 'idle in transaction' AND a.datname = current_database() \
                AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE 'loading%' AND c.relname NOT LIKE 'pg%'";
    assert_eq!(column(&client, held).await, Vec::<String>::new());
    // A month beside it is made, and one is stored to.
    let other = [kill(900, "2020-07-01T00:00:00Z")];
    let mut ingester = Ingester::new(&test.store, ingest_options()).await.unwrap();
    assert_eq!(ingester.store(batch(&other), now()).await.unwrap().stored, 1);
    assert_eq!(loader.finish(now()).await.unwrap().stored, 120);
}
