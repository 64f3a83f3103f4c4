//! Killmails made up for a test, and what tests of the database share: leaves, plans, waiting for a state.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use noctis_core::killmail::split::Piece;
use noctis_core::partition::{Interval, Policy};
use noctis_store::ingest::{Batch, Ingester, Outcome};
use noctis_store::partitions::{self, Applied, LockBudget};
use noctis_store::presence::Turn;
use noctis_store::testing::{TestStore, catalogue, ingest_options};
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::reading::{add, now};

pub(crate) const JITA: i64 = 30_000_142;
pub(crate) const RIFTER: i64 = 587;
/// A carrier.
pub(crate) const ARCHON: i64 = 23_757;
/// What the made-up kills hold, and who is on them.
pub(crate) const VICTIM: i64 = 90_000_001;
pub(crate) const ATTACKER: i64 = 90_000_002;
pub(crate) const VICTIM_CORPORATION: i64 = 98_000_001;
pub(crate) const ATTACKER_CORPORATION: i64 = 98_000_002;
pub(crate) const ATTACKER_ALLIANCE: i64 = 99_000_002;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A Rifter lost in Jita to a pilot of an alliance and an NPC.
pub(crate) fn kill(killmail_id: i64, time: &str) -> Value {
    json!({
        "killmail_id": killmail_id,
        "killmail_time": time,
        "solar_system_id": JITA,
        "victim": {
            "character_id": VICTIM, "corporation_id": VICTIM_CORPORATION, "damage_taken": 500, "ship_type_id": RIFTER,
            "items": [{"item_type_id": 34, "flag": 5, "singleton": 0, "quantity_dropped": 7}]
        },
        "attackers": [
            {"character_id": ATTACKER, "corporation_id": ATTACKER_CORPORATION, "alliance_id": ATTACKER_ALLIANCE,
             "damage_done": 400, "final_blow": true, "security_status": -1.5, "ship_type_id": RIFTER,
             "weapon_type_id": 3170},
            {"faction_id": 500_010, "damage_done": 100, "final_blow": false, "security_status": 0.0,
             "ship_type_id": 3742}
        ]
    })
}

pub(crate) fn batch(kills: &[Value]) -> Batch {
    let mut batch = Batch::default();
    let source: Arc<str> = "made up".into();
    for kill in kills {
        let piece = Piece::Value(kill.to_string().into_bytes());
        assert!(add(&mut batch, piece, &source).is_none(), "no id stands in a test's batch twice");
    }
    batch
}

pub(crate) async fn ingester(test: &TestStore) -> Ingester {
    Ingester::new(&test.store, ingest_options()).await.unwrap()
}

/// Stores them, none of them refused.
pub(crate) async fn store(test: &TestStore, kills: &[Value]) -> Outcome {
    let outcome = ingester(test).await.store(batch(kills), now()).await.unwrap();
    assert_eq!(outcome.parked_total(), 0, "{outcome:?}");
    outcome
}

/// Counts everything that is in the tables, so that it may leave them.
pub(crate) async fn count_all(test: &TestStore) {
    let mut client = test.database.owner().await;
    let catalogue = catalogue();
    // Bounded by the kills there are: each turn counts some, or is the last.
    loop {
        let turn = Turn::begin(&mut client, &catalogue, now()).await.unwrap();
        if !turn.expect("nobody else counts").finish().await.unwrap().more {
            return;
        }
    }
}

/// Makes the month of `time` and so many after it.
pub(crate) async fn ensure_months(test: &TestStore, time: &str, ahead: u8) -> Applied {
    let policy = Policy { interval: Interval::Month, ahead, ..Policy::default() };
    let mut client = test.store.client().await.unwrap();
    partitions::ensure(&mut client, &policy, LockBudget::default(), at(time), &[]).await.unwrap()
}

/// The first column of a query's rows, as text.
pub(crate) async fn column(client: &Client, query: &str) -> Vec<String> {
    let rows = client.simple_query(query).await.unwrap();
    rows.into_iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                Some(row.get(0).unwrap_or("NULL").to_owned())
            }
            _ => None,
        })
        .collect()
}

pub(crate) async fn count(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// How often a state is asked for, ten milliseconds apart, before it counts as never coming.
const ASKS_MAX: u32 = 1_500;

/// Waits until the database says yes.
pub(crate) async fn until(client: &Client, question: &str) {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    for _ in 0..ASKS_MAX {
        ticks.tick().await;
        if client.query_one(question, &[]).await.unwrap().get(0) {
            return;
        }
    }
    panic!("it never came to this: {question}");
}
