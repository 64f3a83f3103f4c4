//! Kills that come again, or late, while their month is being archived, in the archive, or dropped.

use noctis_core::killmail::Reason;
use noctis_core::partition::Interval;
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
