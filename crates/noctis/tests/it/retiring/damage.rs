//! What is not proved stays: rows that changed, files that did, an archive that does not answer.

use std::fs;
use std::path::PathBuf;

use noctis_archive::{Archive, Place};

use super::{Drill, LATER, kill};

/// After the grace of what was retired at the database's time of the test.
const AFTER_GRACE: &str = "2031-02-15T00:00:00Z";

async fn drill() -> Drill {
    Drill::with(&[kill(1, "2024-05-05T00:00:00Z"), kill(2, "2024-05-06T00:00:00Z")]).await
}

fn file(drill: &Drill) -> PathBuf {
    drill.folder.path().join("table=killmails_enriched/month=2024-05/part-0.parquet")
}

#[tokio::test]
async fn a_row_deleted_between_reading_back_and_detaching_detaches_nothing() {
    for table in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let drill = drill().await;
        drill.until("archive").await;
        assert_eq!(drill.parts().await, "2024-05/0 verified");
        let owner = drill.owner().await;
        let delete = format!(
            "DELETE FROM {table} WHERE killmail_id = 2 AND \"timestamp\" = '2024-05-06+00'"
        );
        assert_eq!(
            owner.execute(&delete, &[]).await.unwrap(),
            if table == "killmail_participants" { 3 } else { 1 }
        );
        let (done, problems) = drill.run(LATER).await;
        assert!(!done.contains(&"detach"), "{done:?}");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("no longer is what its leaves hold"), "{problems:?}");
        assert!(drill.leaves().await.starts_with("2024_05, "));
        assert_eq!(drill.parts().await, "", "the part is not trusted any more");
        // What is there now is archived by the next run.
        drill.retire(LATER).await;
        assert_eq!(drill.parts().await, "2024-05/0 cold");
        assert_eq!(
            drill
                .number("SELECT count(*) FROM lifecycle_ledger WHERE action = 'forget_part'")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn leaves_that_were_open_since_are_not_detached_though_the_count_is_equal() {
    let drill = drill().await;
    drill.until("archive").await;
    let owner = drill.owner().await;
    owner
        .batch_execute(
            "ALTER TABLE killmails_enriched_2024_05 DROP CONSTRAINT killmails_enriched_2024_05_closed;
             UPDATE killmails_enriched_2024_05 SET points = 77 WHERE killmail_id = 1;
             ALTER TABLE killmails_enriched_2024_05 ADD CONSTRAINT killmails_enriched_2024_05_closed CHECK (false) NOT VALID",
        )
        .await
        .unwrap();
    let (_, problems) = drill.run(LATER).await;
    assert!(problems[0].contains("have been open since"), "{problems:?}");
    drill.retire(LATER).await;
    drill.restore("2024-05").await;
    assert_eq!(drill.number("SELECT points::bigint FROM killmails_enriched WHERE killmail_id = 1 AND \"timestamp\" = '2024-05-05+00'").await, 77);
}

#[tokio::test]
async fn a_damaged_file_detaches_nothing_and_drops_nothing() {
    let flip = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
    for damage in [&flip as &dyn Fn(&mut Vec<u8>), &cut] {
        let drill = drill().await;
        drill.until("archive").await;
        let whole = fs::read(file(&drill)).unwrap();
        let mut damaged = whole.clone();
        damage(&mut damaged);
        fs::write(file(&drill), &damaged).unwrap();
        let (done, problems) = drill.run(LATER).await;
        assert!(!done.contains(&"detach"), "{done:?}");
        assert!(problems[0].contains("damaged"), "{problems:?}");
        assert!(drill.leaves().await.starts_with("2024_05, "));

        fs::write(file(&drill), &whole).unwrap();
        drill.retire(LATER).await;
        fs::write(file(&drill), &damaged).unwrap();
        let (done, problems) = drill.run(AFTER_GRACE).await;
        assert!(!done.contains(&"drop"), "{done:?}");
        assert!(problems[0].contains("is kept: its files are not as they were"), "{problems:?}");
        assert_eq!(drill.number("SELECT count(*) FROM killmails_raw_2024_05_retired_0").await, 2);

        fs::write(file(&drill), &whole).unwrap();
        assert_eq!(drill.retire(AFTER_GRACE).await, ["drop"]);
        assert_eq!(drill.number("SELECT count(*) FROM pg_class WHERE relname LIKE '%retired%' AND relname LIKE 'killm%'").await, 0);
    }
}

#[tokio::test]
async fn a_restore_from_a_damaged_file_changes_nothing_and_the_next_goes_through() {
    let drill = drill().await;
    let before = drill.rows().await;
    drill.retire(LATER).await;
    let whole = fs::read(file(&drill)).unwrap();
    fs::write(file(&drill), &whole[..whole.len() / 2]).unwrap();
    let budget = noctis_store::partitions::LockBudget::default();
    let refused =
        noctis::lifecycle::restore::restore(&drill.test.store, &drill.archive, "2024-05", budget)
            .await;
    assert!(format!("{:#}", refused.unwrap_err()).contains("damaged"));
    assert_eq!(drill.parts().await, "2024-05/0 cold");
    fs::write(file(&drill), &whole).unwrap();
    drill.restore("2024-05").await;
    assert_eq!(drill.rows().await, before);
}

#[tokio::test]
async fn a_folder_that_is_not_there_any_more_detaches_nothing() {
    let drill = drill().await;
    drill.until("archive").await;
    fs::remove_dir_all(drill.folder.path()).unwrap();
    let (done, problems) = drill.run(LATER).await;
    assert!(!done.contains(&"detach") && problems.len() == 1, "{done:?} {problems:?}");
    assert!(drill.leaves().await.starts_with("2024_05, "));
}

#[tokio::test]
async fn an_object_store_that_answers_500_detaches_nothing() {
    let mut drill = drill().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let failing = || async { axum::http::StatusCode::INTERNAL_SERVER_ERROR };
    let server = axum::serve(listener, axum::Router::new().fallback(failing));
    let _server = tokio::spawn(server.into_future());
    drill.archive = Archive::open(&Place::S3 {
        bucket: "kills".to_owned(),
        prefix: String::new(),
        endpoint: Some(endpoint),
        region: "us-east-1".to_owned(),
        access_key_id: None,
        secret_access_key: None,
        allow_http: true,
    })
    .unwrap();
    let (done, problems) = drill.run(LATER).await;
    assert!(done.iter().all(|action| ["create", "close"].contains(action)), "{done:?}");
    assert!(problems[0].contains("archive"), "{problems:?}");
    assert_eq!(drill.parts().await, "");
    assert!(drill.leaves().await.starts_with("2024_05, "));
    assert_eq!(drill.rows().await["killmails_raw"].len(), 3);
}

#[tokio::test]
async fn a_detach_left_pending_by_somebody_is_finished_and_its_leaf_put_back() {
    let drill = drill().await;
    let before = drill.rows().await;
    let mut reader = drill.owner().await;
    let reading = reader.transaction().await.unwrap();
    reading.query("SELECT count(*) FROM killmails_raw", &[]).await.unwrap();
    let owner = drill.owner().await;
    owner.batch_execute("SET statement_timeout = '300ms'").await.unwrap();
    let detach = "ALTER TABLE killmails_raw DETACH PARTITION killmails_raw_2024_05 CONCURRENTLY";
    assert!(owner.batch_execute(detach).await.is_err(), "it waits for the reader, and is cut off");
    assert_eq!(drill.number("SELECT count(*) FROM pg_inherits WHERE inhdetachpending").await, 1);
    reading.rollback().await.unwrap();
    let budget = noctis_store::partitions::LockBudget::default();
    let mut client = drill.client().await;
    let finished =
        noctis_store::partitions::retire::finish_pending(&mut client, budget).await.unwrap();
    assert_eq!(finished, ["killmails_raw_2024_05"]);
    assert_eq!(drill.rows().await, before);
    drill.retire(LATER).await;
    assert_eq!(drill.parts().await, "2024-05/0 cold");
}

#[tokio::test]
async fn a_table_that_something_hangs_on_is_not_dropped_and_the_others_are() {
    let drill =
        Drill::with(&[kill(1, "2024-05-05T00:00:00Z"), kill(2, "2024-06-06T00:00:00Z")]).await;
    drill.retire(LATER).await;
    let view = "CREATE VIEW mine AS SELECT killmail_id FROM killmails_raw_2024_05_retired_0";
    drill.owner().await.batch_execute(view).await.unwrap();
    let (done, problems) = drill.run(AFTER_GRACE).await;
    assert_eq!((done, problems.len()), (vec!["drop"], 1), "{problems:?}");
    assert!(problems[0].contains("other objects depend on it"), "{problems:?}");
    assert_eq!(drill.number("SELECT count(*) FROM retired_leaves").await, 3);
}
