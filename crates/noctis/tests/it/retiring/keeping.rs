//! The loop that `serve` keeps, and several that retire at once.

use jiff::SignedDuration;
use noctis::api::metrics;
use noctis::lifecycle::{Rules, retention};
use noctis_archive::Place;
use noctis_core::partition::{Policy, Retention};
use noctis_store::partitions::{LockBudget, RETIREMENT_LOCK};
use noctis_store::testing::ingest_options;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::crash::Address;
use super::{Drill, kill};
use crate::program::said;
use crate::tables::until;

const PUT_OFF: &str = "noctis_lifecycle_steps_put_off_total ";

/// Old enough by any clock, and nothing need settle: the loop goes by the real time.
async fn drill() -> Drill {
    let drill =
        Drill::with(&[kill(1, "2024-05-05T00:00:00Z"), kill(2, "2024-06-05T00:00:00Z")]).await;
    let retention = Retention { settle: SignedDuration::ZERO, ..drill.policy.retention };
    Drill { policy: Policy { retention, ..drill.policy }, ..drill }
}

/// The loop, until it is told to stop.
fn keep(drill: &Drill, stop: &CancellationToken) -> JoinHandle<()> {
    let rules = Rules { policy: drill.policy, budget: LockBudget::default() };
    let place = Place::Folder(drill.folder.path().to_owned());
    let counter = drill.counter.clone();
    tokio::spawn(retention::keep(counter, place, rules, ingest_options(), stop.clone()))
}

/// Once what is asked is so and the look is over, which holds the lock to its end: the loop is at rest and is stopped.
async fn keep_until(drill: &Drill, question: &str) {
    let stop = CancellationToken::new();
    let keeping = keep(drill, &stop);
    until(&drill.owner().await, question).await;
    let mut client = drill.owner().await;
    RETIREMENT_LOCK.take(&mut client).await.unwrap().release().await.unwrap();
    stop.cancel();
    keeping.await.unwrap();
}

#[tokio::test]
async fn the_loops_first_look_announces_what_goes_and_its_next_moves_it() {
    let drill = drill().await;
    let before = drill.rows().await;
    keep_until(&drill, "SELECT EXISTS (SELECT FROM lifecycle_ledger WHERE action = 'announce')")
        .await;
    assert_eq!(drill.rows().await, before);
    let actions = "SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM lifecycle_ledger WHERE action <> 'create'";
    assert_eq!(drill.text(actions).await, "announce", "nothing was done");
    assert_eq!(drill.parts().await, "");

    keep_until(&drill, "SELECT count(*) = 2 FROM archive_parts WHERE state = 'cold'").await;
    assert_eq!(drill.parts().await, "2024-05/0 cold, 2024-06/0 cold");
    assert_eq!(
        drill.number("SELECT count(*) FROM lifecycle_ledger WHERE action = 'announce'").await,
        1
    );
}

#[tokio::test]
async fn failure_12_a_month_that_cannot_go_is_counted_for_who_watches() {
    let drill = drill().await;
    let spoil = "CREATE TYPE killmails_enriched_2024_05_retired_0 AS ENUM ('in the way')";
    drill.owner().await.batch_execute(spoil).await.unwrap();
    let announced = "INSERT INTO lifecycle_ledger (action, who) VALUES ('announce', 'a test')";
    drill.owner().await.batch_execute(announced).await.unwrap();
    let figures = metrics::handle();
    let count = || -> f64 {
        let text = figures.render();
        let line = text.lines().find_map(|line| line.strip_prefix(PUT_OFF));
        line.map_or(0.0, |number| number.parse().unwrap())
    };
    let before = count();
    let stop = CancellationToken::new();
    let keeping = keep(&drill, &stop);
    until(
        &drill.owner().await,
        "SELECT EXISTS (SELECT FROM archive_parts WHERE month = '2024-06' AND state = 'cold')",
    )
    .await;
    while count() <= before {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    keeping.await.unwrap();
    assert_eq!(drill.parts().await, "2024-05/0 verified, 2024-06/0 cold");
}

#[tokio::test]
async fn of_two_that_retire_at_once_each_step_is_done_by_one() {
    let drill = drill().await;
    let mut holder = drill.owner().await;
    let held = RETIREMENT_LOCK.take(&mut holder).await.unwrap();
    let address = Address::of(&drill);
    let both = [address.apply().spawn().unwrap(), address.apply().spawn().unwrap()];
    // Both have come as far as they can while somebody else retires.
    let asking = "SELECT count(*) >= 2 FROM pg_stat_activity \
                  WHERE datname = current_database() AND query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid()";
    until(&drill.owner().await, asking).await;
    assert_eq!(drill.parts().await, "");
    held.release().await.unwrap();
    let done: Vec<usize> = both
        .map(|child| said(child).good().json()["done"].as_array().unwrap().len())
        .into_iter()
        .collect();
    println!("steps of each: {done:?}");
    let twice = "SELECT count(*) FROM (SELECT FROM lifecycle_ledger WHERE action IN ('close', 'archive', 'detach') \
                 GROUP BY action, range_from HAVING count(*) > 1) twice";
    assert_eq!(drill.number(twice).await, 0);
    let moved =
        "SELECT count(*) FROM lifecycle_ledger WHERE action IN ('close', 'archive', 'detach')";
    assert_eq!(drill.number(moved).await, 6);
    assert_eq!(drill.parts().await, "2024-05/0 cold, 2024-06/0 cold");
}
