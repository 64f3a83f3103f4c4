//! Kills that come again, or late, while their month is being archived, in the archive, or dropped.

use std::time::Duration;

use noctis::lifecycle::restore::restore;
use noctis_core::killmail::Reason;
use noctis_core::partition::{After, Interval, Policy, Retention};
use noctis_store::partitions::{self, LockBudget};

use super::{Drill, LATER, drop_policy, kill};

const MAY: &str = "2024-05-05T00:00:00Z";

#[tokio::test]
async fn an_archived_kill_that_comes_again_is_known_and_a_late_one_becomes_the_next_part() {
    let drill = Drill::with(&[kill(1, MAY)]).await;
    drill.retire(LATER).await;
    let mut worth_more = kill(1, MAY);
    worth_more["zkb"] = serde_json::json!({"totalValue": 5.0, "hash": "ab".repeat(20)});
    let again = drill.store(&[kill(1, MAY), kill(2, "2024-05-31T23:59:59Z")]).await;
    assert_eq!((again.already_there, again.stored, again.parked_total()), (1, 1, 0));
    let again = drill.store(&[worth_more]).await;
    assert_eq!((again.already_there, again.parked_total()), (1, 0), "{again:?}");
    assert!(drill.leaves().await.starts_with("2024_05, "), "an ordinary leaf");

    assert_eq!(drill.retire(LATER).await, ["drop", "close", "archive", "detach"]);
    assert_eq!(drill.parts().await, "2024-05/0 cold, 2024-05/1 cold");
    // Late once more, and restored: all three are in one leaf.
    drill.store(&[kill(3, "2024-05-01T00:00:00Z")]).await;
    let restored = drill.restore("2024-05").await;
    assert_eq!((restored.len(), restored[0].kills, restored[0].parts.len()), (1, 3, 2));
    assert_eq!(
        drill
            .number("SELECT count(*) FROM killmails_raw WHERE \"timestamp\" < '2025-01-01+00'")
            .await,
        3
    );
    assert_eq!(drill.parts().await, "2024-05/0 restored, 2024-05/1 restored");
    let twice = drill
        .store(&[kill(1, MAY), kill(2, "2024-05-31T23:59:59Z"), kill(3, "2024-05-01T00:00:00Z")])
        .await;
    assert_eq!((twice.already_there, twice.stored), (3, 0));
    drill.retire(LATER).await;
    assert_eq!(drill.parts().await, "2024-05/2 cold");
}

#[tokio::test]
async fn a_batch_that_meets_a_closed_month_goes_on_and_its_kills_wait_their_turn() {
    let drill = Drill::with(&[kill(1, MAY)]).await;
    drill.until("close").await;
    let outcome = drill
        .store(&[kill(1, MAY), kill(2, "2024-05-06T00:00:00Z"), kill(3, "2024-07-07T00:00:00Z")])
        .await;
    let parked = outcome.parked.get(Reason::PartitionClosed.name());
    assert_eq!((outcome.already_there, outcome.stored, parked), (1, 1, Some(&1)), "{outcome:?}");
    drill.retire(LATER).await;
    // Gone to files, so that an ordinary leaf takes it.
    let outcome = drill.store(&[kill(2, "2024-05-06T00:00:00Z")]).await;
    assert_eq!(outcome.stored, 1);
}

#[tokio::test]
async fn an_ingester_whose_last_look_was_before_the_closing_goes_on_too() {
    let drill = Drill::with(&[kill(1, MAY)]).await;
    let options = noctis_store::testing::ingest_options();
    let mut ingester =
        noctis_store::ingest::Ingester::new(&drill.test.store, options).await.unwrap();
    drill.until("close").await;
    let kills = [kill(2, "2024-05-06T00:00:00Z"), kill(3, "2024-07-07T00:00:00Z")];
    let outcome = ingester.store(super::batch(&kills), super::at(LATER)).await.unwrap();
    assert_eq!((outcome.stored, outcome.parked_total()), (1, 1), "{outcome:?}");
    // Opened again by somebody, and stored.
    for table in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let open = format!("ALTER TABLE {table}_2024_05 DROP CONSTRAINT {table}_2024_05_closed");
        drill.owner().await.batch_execute(&open).await.unwrap();
    }
    let outcome = ingester.store(super::batch(&kills), super::at(LATER)).await.unwrap();
    assert_eq!((outcome.stored, outcome.already_there, outcome.parked_total()), (1, 1, 0));
}

#[tokio::test]
async fn a_dropped_kill_counts_as_known_until_it_is_imported_again() {
    let drill = drop_policy(Drill::with(&[kill(1, MAY), kill(2, "2024-05-06T00:00:00Z")]).await);
    assert_eq!(drill.retire(LATER).await, ["close", "discard"]);
    assert_eq!(drill.parts().await, "");
    assert_eq!(drill.number("SELECT kills FROM dropped_ranges").await, 2);
    assert_eq!(drill.number("SELECT count(*) FROM killmails_raw_2024_05_discarded").await, 2);
    let known = drill.store(&[kill(1, MAY), kill(3, "2024-05-07T00:00:00Z")]).await;
    assert_eq!((known.already_there, known.stored), (1, 1));
    let again = drill.store_with(&[kill(1, MAY), kill(3, "2024-05-07T00:00:00Z")], true).await;
    assert_eq!((again.stored, again.already_there), (1, 1), "{again:?}");
    let arrivals = "SELECT arrival FROM killmail_registry WHERE killmail_id = 1";
    assert!(drill.number(arrivals).await > 4, "it has arrived anew");
    let twice = drill.store_with(&[kill(1, MAY)], true).await;
    assert_eq!((twice.stored, twice.already_there), (0, 1), "it is there");
}

/// The newest of all that arrived is dropped and imported again: its number must be above those that were dropped.
#[tokio::test]
async fn a_kill_imported_again_is_never_taken_for_the_dropped_one() {
    let drill = drop_policy(Drill::with(&[]).await);
    drill.store(&[kill(1, MAY)]).await;
    assert_eq!(drill.retire(LATER).await, ["close", "discard"]);
    assert_eq!(drill.store_with(&[kill(1, MAY)], true).await.stored, 1);
    let number = "SELECT arrival - (SELECT max(arrival_max) FROM dropped_ranges) FROM killmail_registry WHERE killmail_id = 1";
    assert_eq!(drill.number(number).await, 1);
    // To the archive this time, from which nobody stores it once more.
    let retention = Retention { after: After::Archive, ..drill.policy.retention };
    let drill = Drill { policy: Policy { retention, ..drill.policy }, ..drill };
    drill.run("2031-02-15T00:00:00Z").await;
    drill.run("2031-02-15T00:00:00Z").await;
    assert_eq!(drill.parts().await, "2024-05/0 cold");
    let lower = "UPDATE killmail_registry SET arrival = 1 WHERE killmail_id = 1";
    drill.owner().await.batch_execute(lower).await.unwrap();
    let twice = drill.store_with(&[kill(1, MAY)], true).await;
    assert_eq!((twice.stored, twice.already_there), (0, 1), "it is in the archive");
}

/// Two weeks came late for a month that has gone, each with more than a connection holds back.
async fn two_late_weeks() -> Drill {
    let mut drill = Drill::with(&[kill(1, MAY)]).await;
    drill.retire(LATER).await;
    drill.policy.interval = Interval::Week;
    let mut client = drill.client().await;
    let needed = ["2024-05-08T00:00:00Z", "2024-05-15T00:00:00Z"].map(super::at);
    let budget = LockBudget::default();
    partitions::ensure(&mut client, &drill.policy, budget, super::at(LATER), &needed)
        .await
        .unwrap();
    let late: Vec<_> = (0..600)
        .map(|n| kill(100 + n, &format!("2024-05-{:02}T{:02}:00:00Z", 7 + n % 12, n % 24)))
        .collect();
    assert_eq!(drill.store(&late).await.stored, 600);
    assert!(drill.leaves().await.starts_with("2024_w19, 2024_w20, "), "{}", drill.leaves().await);
    drill
}

#[tokio::test]
async fn a_month_with_two_late_weeks_comes_back() {
    let drill = two_late_weeks().await;
    let restored =
        tokio::time::timeout(Duration::from_secs(120), drill.restore("2024-05")).await.unwrap();
    assert_eq!((restored.len(), restored[0].kills), (1, 601));
    assert!(drill.leaves().await.starts_with("2024_05, "), "{}", drill.leaves().await);
}

#[tokio::test]
async fn a_restore_that_fails_leaves_no_tables_and_opens_what_it_closed() {
    let drill = two_late_weeks().await;
    let leaves = drill.leaves().await;
    let file = drill.folder.path().join("table=killmails_enriched/month=2024-05/part-0.parquet");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let budget = LockBudget::default();
    let failed = restore(&drill.test.store, &drill.archive, "2024-05", budget).await;
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(drill.leaves().await, leaves);
    let tables = "SELECT count(*) FROM pg_class WHERE relname LIKE '%restored%'";
    assert_eq!(drill.number(tables).await, 0);
    let closed = "SELECT count(*) FROM pg_constraint WHERE conname LIKE '%closed'";
    assert_eq!(drill.number(closed).await, 0);
    assert_eq!(drill.store(&[kill(2, "2024-05-09T00:00:00Z")]).await.stored, 1);
    // Whole again, it comes back.
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(drill.restore("2024-05").await[0].kills, 602);
}

#[tokio::test]
async fn enriching_again_and_the_walk_for_names_pass_by_what_is_closed_or_archived() {
    let drill = Drill::with(&[kill(1, MAY), kill(2, "2024-06-06T00:00:00Z")]).await;
    drill.until("close").await;
    let said = crate::program::noctis(&drill.test, &["re-enrich", "--json"]).good();
    assert_eq!(said.json()["looked"], 2, "June and the newest: {}", said.out);
    drill.retire(LATER).await;
    let said = crate::program::noctis(&drill.test, &["re-enrich", "--json"]).good();
    assert_eq!(said.json()["looked"], 1, "the newest: {}", said.out);
    let mut client = drill.client().await;
    let walked = noctis_store::names::walk::walk(&mut client, super::at(LATER)).await.unwrap();
    assert_eq!(walked, 3);
}

/// A week that reaches into the next month, late for two months that have gone as such.
#[tokio::test]
async fn a_late_week_across_two_archived_months_is_restored_with_each() {
    let mut drill = Drill::with(&[kill(1, MAY), kill(2, "2024-06-20T00:00:00Z")]).await;
    drill.retire(LATER).await;
    drill.policy.interval = Interval::Week;
    let mut client = drill.client().await;
    let late = ["2024-05-31T00:00:00Z", "2024-06-01T00:00:00Z"];
    let needed = late.map(super::at);
    let budget = LockBudget::default();
    partitions::ensure(&mut client, &drill.policy, budget, super::at(LATER), &needed)
        .await
        .unwrap();
    drill.store(&[kill(3, late[0]), kill(4, late[1])]).await;
    assert!(drill.leaves().await.starts_with("2024_w22, "), "{}", drill.leaves().await);
    assert_eq!(drill.restore("2024-05").await[0].kills, 3);
    assert!(drill.leaves().await.starts_with("2024_05_d0501, "), "{}", drill.leaves().await);
    assert_eq!(drill.parts().await, "2024-05/0 restored, 2024-06/0 cold");
    assert_eq!(drill.restore("2024-06").await[0].kills, 4);
    assert_eq!(drill.parts().await, "2024-05/0 restored, 2024-06/0 restored");
    assert_eq!(drill.rows().await["killmails_raw"].len(), 5);
}
