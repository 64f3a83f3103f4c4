//! Presence is what a recount of tables and files says, before and after months leave, come back, are dropped, or come from an
//! archive that this store did not know.

use std::fs;

use noctis_core::partition::Interval;

use super::commands::noctis;
use super::{Drill, LATER, counter, drop_policy, kill};
use crate::presence::recount::assert_exact;

const MAY: &str = "2024-05-05T00:00:00Z";
const LATE: &str = "2024-05-31T23:59:59Z";
const JUNE: &str = "2024-06-01T00:00:00Z";

/// Kills of three months, some of them worth something.
fn kills() -> Vec<serde_json::Value> {
    let some = |n: i64| {
        let mut one =
            kill(n, &format!("2024-{:02}-{:02}T{:02}:00:00Z", 4 + n % 3, 1 + n % 28, n % 24));
        one["solar_system_id"] = (30_000_142 + n % 5).into();
        one["victim"]["character_id"] = (90_000_100 + n % 7).into();
        if n % 4 == 0 {
            // A pod.
            one["victim"]["ship_type_id"] = 670.into();
            one["zkb"] =
                serde_json::json!({"totalValue": 1_000_000.25 * n as f64, "npc": n % 8 == 0});
        }
        one
    };
    (1..=60).map(some).collect()
}

impl Drill {
    async fn count(&self) {
        assert!(self.counter.catch_up(10).await.unwrap(), "nobody else counts");
    }

    /// By SQL, and by doctor's recount.
    async fn assert_counted(&self, when: &str) -> usize {
        let rows = assert_exact(&self.owner().await, Some(&self.archive), when).await;
        let recounted = self.counter.recount(jiff::civil::date(2024, 5, 1), false).await.unwrap();
        assert_eq!(recounted.differing, 0, "{when}: {recounted:?}");
        let all = "SELECT count(*) FROM presence WHERE month = '2024-05-01'";
        assert_eq!(Ok(self.number(all).await), recounted.rows.try_into(), "{when}");
        rows
    }

    async fn counted(&self) -> Vec<String> {
        let client = self.owner().await;
        let query = "SELECT p::text FROM presence p ORDER BY 1";
        client.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// As a store was before anybody counted.
    async fn forget_counting(&self) {
        let nothing = "UPDATE presence_counted SET arrival = 0; TRUNCATE presence, presence_days, presence_changes";
        self.owner().await.batch_execute(nothing).await.unwrap();
    }
}

#[tokio::test]
async fn months_that_leave_and_come_back_change_nothing_that_is_counted() {
    let drill = Drill::with(&kills()).await;
    drill.count().await;
    let before = drill.counted().await;
    assert!(drill.assert_counted("stored").await > 50);
    drill.retire(LATER).await;
    assert_eq!(drill.counted().await, before, "in files");
    // Late, and counted by whoever retires.
    drill.store(&[kill(101, LATE), kill(102, JUNE)]).await;
    drill.retire(LATER).await;
    drill.assert_counted("late").await;
    let before = drill.counted().await;
    drill.restore("2024-05").await;
    assert_eq!(drill.counted().await, before, "brought back");
    drill.store(&[kill(103, MAY)]).await;
    drill.retire(LATER).await;
    drill.restore("2024-06").await;
    drill.assert_counted("again").await;
}

#[tokio::test]
async fn weeks_are_counted_by_their_kills_months() {
    let mut drill = Drill::new().await;
    drill.policy.interval = Interval::Week;
    let options = noctis_store::ingest::IngestOptions {
        policy: drill.policy,
        ..noctis_store::testing::ingest_options()
    };
    let mut ingester =
        noctis_store::ingest::Ingester::new(&drill.test.store, options).await.unwrap();
    let mut all = kills();
    all.push(kill(999_999, super::NEWEST));
    ingester.store(super::batch(&all), super::at(LATER)).await.unwrap();
    drill.retire(LATER).await;
    assert!(drill.leaves().await.starts_with("20"), "{}", drill.leaves().await);
    assert!(drill.parts().await.contains("2024-04/3 cold"), "{}", drill.parts().await);
    drill.assert_counted("weeks in files").await;
}

#[tokio::test]
async fn what_is_dropped_is_taken_back_and_counts_again_when_it_is_imported_again() {
    let drill = drop_policy(Drill::with(&kills()).await);
    drill.retire(LATER).await;
    assert_eq!(drill.number("SELECT count(*) FROM killmails_raw").await, 1);
    drill.assert_counted("dropped").await;
    drill.store_with(&kills()[..30], true).await;
    drill.store(&[kill(104, MAY)]).await;
    drill.count().await;
    drill.assert_counted("imported again").await;
    drill.retire("2031-02-15T00:00:00Z").await;
    drill.retire("2031-02-15T00:00:00Z").await;
    drill.assert_counted("dropped again").await;
}

#[tokio::test]
async fn a_store_whose_months_went_before_anybody_counted_is_counted_from_the_archive() {
    let drill = Drill::with(&kills()).await;
    drill.retire(LATER).await;
    let expected = drill.counted().await;
    drill.forget_counting().await;
    // The archive is away: nothing is counted half, and it is tried again.
    let away = drill.folder.path().join("away");
    fs::rename(drill.folder.path().join("table=killmails_raw"), &away).unwrap();
    let error = drill.counter.turn().await.unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.starts_with("counting kills that are in the archive: the archived month 2024-0"),
        "{error}"
    );
    assert_eq!(drill.counted().await, Vec::<String>::new());
    fs::rename(&away, drill.folder.path().join("table=killmails_raw")).unwrap();
    drill.count().await;
    assert_eq!(drill.counted().await, expected);
    drill.assert_counted("from the archive").await;
}

#[tokio::test]
async fn adopted_kills_are_counted_once_wherever_they_were() {
    let drill = Drill::with(&kills()).await;
    drill.retire(LATER).await;
    drill.store(&[kill(105, MAY)]).await;
    drill.retire(LATER).await;
    let id = drill.text("SELECT store_id::text FROM noctis_store").await;
    // Half of it in the tables, as a backup has it, and counted there.
    for (stored, what) in [(kills(), "hot"), (Vec::new(), "cold"), (kills(), "dropped")] {
        let mut other = Drill::with(&stored).await;
        other.archive = drill.archive.clone();
        other.counter = counter(&other.test, drill.folder.path());
        other.count().await;
        if what == "dropped" {
            other = drop_policy(other);
            other.retire(LATER).await;
            assert_eq!(other.number("SELECT count(*) FROM killmails_raw").await, 1);
        }
        noctis(&other.test, &drill, &["archive", "adopt", &id]).good();
        other.count().await;
        other.assert_counted(what).await;
        let month =
            "SELECT sum(kills)::bigint FROM presence WHERE month = '2024-05-01' AND kind = 8";
        let all = "SELECT count(*) FROM killmail_registry WHERE \"timestamp\" >= '2024-05-01+00' AND \"timestamp\" < '2024-06-01+00'";
        assert_eq!(other.number(month).await, other.number(all).await, "{what}");
        assert_eq!(other.number(all).await, 21, "{what}");
    }
}
