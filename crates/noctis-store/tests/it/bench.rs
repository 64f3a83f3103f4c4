//! What benchmarks need: statements read along and sent again, and the same rows without partitions.

use noctis_store::bench::{FLAT_PATH, Recorder, Replay, make_flat, mentioned, spread};
use noctis_store::{Store, StoreOptions, killmails};

use crate::prune::two_years;

fn options(config: tokio_postgres::Config) -> StoreOptions {
    StoreOptions { config, connections_max: 2, statement_timeout: None }
}

#[tokio::test]
async fn what_was_sent_is_sent_again_with_the_leaves_it_reads() {
    let test = two_years().await;
    let recorder = Recorder::start(&test.database.owner_config()).await.unwrap();
    let through = Store::connect(options(recorder.config())).await.unwrap();
    let client = through.client().await.unwrap();
    let _ = recorder.take();
    let time = killmails::time_of(&client, 105).await.unwrap().unwrap();
    let body = killmails::body(&client, (time, 105)).await.unwrap();
    assert!(body.is_some());
    let sent = recorder.take();
    let texts: Vec<&str> = sent.iter().map(|one| one.sql.as_str()).collect();
    assert_eq!(
        texts,
        [
            include_str!("../../sql/killmail/time_of.sql"),
            include_str!("../../sql/killmail/body.sql")
        ]
    );
    let replay = Replay::new(&test.store).await.unwrap();
    replay.run(&sent).await.unwrap();
    let told = replay.explain(&sent).await.unwrap();
    assert_eq!(told.leaves.iter().collect::<Vec<_>>(), ["killmails_raw_2025_06"]);
    assert!(told.buffers >= 3, "{told:?}");
}

#[tokio::test]
async fn flat_tables_have_the_same_rows_and_indexes() {
    let test = two_years().await;
    make_flat(&test.store.client().await.unwrap()).await.unwrap();
    // Once made they stay.
    make_flat(&test.store.client().await.unwrap()).await.unwrap();
    let mut config = test.database.owner_config();
    config.options(format!("-c search_path={FLAT_PATH}"));
    let flat = Store::connect(options(config)).await.unwrap();
    let counts = "SELECT
        (SELECT count(*) FROM killmails_raw), (SELECT count(*) FROM killmails_enriched),
        (SELECT count(*) FROM killmail_participants), (SELECT count(*) FROM pg_index WHERE indrelid IN (
          'killmails_raw'::regclass, 'killmails_enriched'::regclass, 'killmail_participants'::regclass))";
    let mut seen = Vec::new();
    for store in [&test.store, &flat] {
        let client = store.client().await.unwrap();
        let row = client.query_one(counts, &[]).await.unwrap();
        seen.push((0..4).map(|column| row.get::<_, i64>(column)).collect::<Vec<_>>());
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0][0], 440);
    let client = flat.client().await.unwrap();
    let sql = "SELECT relkind::text FROM pg_class WHERE oid = 'killmails_raw'::regclass";
    assert_eq!(client.query_one(sql, &[]).await.unwrap().get::<_, String>(0), "r");
}

#[tokio::test]
async fn whoever_is_on_most_mails_is_the_busiest() {
    let test = two_years().await;
    let client = test.store.client().await.unwrap();
    let june = noctis_core::time::TimeRange {
        from: "2025-06-01T00:00:00Z".parse().unwrap(),
        to: "2025-07-01T00:00:00Z".parse().unwrap(),
    };
    let found = mentioned(&client, june).await.unwrap();
    let system = found.iter().find(|who| who.kind == "system" && who.rank == "busiest").unwrap();
    assert_eq!(system.id, crate::kills::JITA.to_string());
    assert_eq!(found.iter().filter(|who| who.kind == "kill").count(), 3);
    assert_eq!(spread(&client, "kill", june, 5).await.unwrap().len(), 5);
    assert!(!spread(&client, "character", june, 100).await.unwrap().is_empty());
}
