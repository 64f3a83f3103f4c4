//! Months that leave the tables for files, and come back: nothing lost, nothing double, whatever is in the way.

mod commands;
mod counted;
mod crash;
mod damage;
mod equal;
mod failures;
mod keeping;
mod late;
mod older;
mod owners;
mod put_back;
mod taking_over;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use noctis::lifecycle::restore::{Restored, restore};
use noctis::lifecycle::retire::Retirer;
use noctis::presence::Counter;
use noctis::static_data::Current;
use noctis_archive::{Archive, Place};
use noctis_core::partition::{After, Policy, Retention, Step, plan};
use noctis_store::ingest::{Batch, Incoming, Ingester, Outcome};
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::{TestStore, catalogue, ingest_options};
use noctis_store::{Client, Connection};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Years after everything: what is stored has settled.
const LATER: &str = "2031-01-15T00:00:00Z";
/// Keeps what is older from being the newest, from which the kept months are counted back.
const NEWEST: &str = "2030-12-24T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A store with an archive in a folder.
struct Drill {
    test: TestStore,
    folder: TempDir,
    archive: Archive,
    counter: Counter,
    policy: Policy,
}

impl Drill {
    async fn new() -> Drill {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(&Place::Folder(folder.path().to_owned())).unwrap();
        let retention = Retention { floor: 1, cap: 100, ..Retention::default() };
        let policy = Policy { ahead: 0, retention, ..Policy::default() };
        let test = TestStore::new().await;
        let counter = counter(&test, folder.path());
        Drill { test, folder, archive, counter, policy }
    }

    /// With these kills, and one that is newer than all.
    async fn with(kills: &[Value]) -> Drill {
        let drill = Drill::new().await;
        let mut kills = kills.to_vec();
        kills.push(kill(999_999, NEWEST));
        let outcome = drill.store(&kills).await;
        assert_eq!(outcome.stored, kills.len() as u64, "{outcome:?}");
        drill
    }

    async fn client(&self) -> Connection {
        self.test.store.client().await.unwrap()
    }

    async fn owner(&self) -> Client {
        self.test.database.owner().await
    }

    async fn store(&self, kills: &[Value]) -> Outcome {
        self.store_with(kills, false).await
    }

    async fn store_with(&self, kills: &[Value], again: bool) -> Outcome {
        let options = noctis_store::ingest::IngestOptions { again, ..ingest_options() };
        let mut ingester = Ingester::new(&self.test.store, options).await.unwrap();
        ingester.store(batch(kills), at(LATER)).await.unwrap()
    }

    fn retirer(&self) -> Retirer<'_> {
        Retirer::new(&self.archive, &self.counter, LockBudget::default(), None)
    }

    async fn plan(&self, now: &str) -> Vec<Step> {
        let client = self.client().await;
        let cutoff = self.policy.retention.cutoff(at(now));
        let mut inventory = partitions::inspect_with_touched(&client, cutoff).await.unwrap();
        // The drill's time is years ahead of any clock.
        inventory.database_now = None;
        let planned = plan(&self.policy, &inventory, at(now), &[]);
        assert_eq!(planned.conflicts, []);
        planned.steps
    }

    /// One run at this time; what was in the way, and of each step its name.
    async fn run(&self, now: &str) -> (Vec<&'static str>, Vec<String>) {
        let (mut done, mut problems) = (Vec::new(), Vec::new());
        let mut client = self.client().await;
        let mut retirer = self.retirer();
        let mut failed = Vec::new();
        for step in self.plan(now).await {
            if failed.contains(&step.range()) {
                continue;
            }
            match retirer.step(&mut client, &step).await {
                Ok(_) => done.push(step.action()),
                Err(error) => {
                    failed.push(step.range());
                    problems.push(format!("{error:#}"));
                }
            }
        }
        retirer.remove_superseded(&client).await.unwrap();
        (done, problems)
    }

    /// One run in which nothing was in the way.
    async fn retire(&self, now: &str) -> Vec<&'static str> {
        let (done, problems) = self.run(now).await;
        assert_eq!(problems, Vec::<String>::new());
        done.into_iter().filter(|action| *action != "create").collect()
    }

    /// Carries out the steps of the next plan up to this one, and leaves the rest.
    async fn until(&self, action: &str) {
        let mut client = self.client().await;
        let mut retirer = self.retirer();
        for step in self.plan(LATER).await {
            let is_last = step.action() == action;
            retirer.step(&mut client, &step).await.unwrap();
            if is_last {
                return;
            }
        }
        panic!("no {action} was planned");
    }

    async fn restore(&self, month: &str) -> Vec<Restored> {
        restore(&self.test.store, &self.archive, month, LockBudget::default()).await.unwrap()
    }

    /// The rows of the three tables as texts, by table.
    async fn rows(&self) -> BTreeMap<&'static str, Vec<String>> {
        let client = self.owner().await;
        let mut rows = BTreeMap::new();
        for table in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
            let query = format!("SELECT t::text FROM {table} t ORDER BY 1");
            let found = client.query(&query, &[]).await.unwrap();
            rows.insert(table, found.iter().map(|row| row.get(0)).collect());
        }
        rows
    }

    async fn number(&self, query: &str) -> i64 {
        self.owner().await.query_one(query, &[]).await.unwrap().get(0)
    }

    async fn text(&self, query: &str) -> String {
        let text: Option<String> = self.owner().await.query_one(query, &[]).await.unwrap().get(0);
        text.unwrap_or_default()
    }

    /// `2024-05/0 cold, …`
    async fn parts(&self) -> String {
        let query = "SELECT string_agg(month || '/' || part || ' ' || state, ', ' ORDER BY month, part) FROM archive_parts";
        self.text(query).await
    }

    /// The attached leaves of raw, without the table's name.
    async fn leaves(&self) -> String {
        let query = "SELECT string_agg(substr(inhrelid::regclass::text, 15), ', ' ORDER BY inhrelid::regclass::text) \
                     FROM pg_inherits WHERE inhparent = 'killmails_raw'::regclass";
        self.text(query).await
    }
}

/// Counts what is in this store and its archive.
fn counter(test: &TestStore, archive: &Path) -> Counter {
    let place = Place::Folder(archive.to_owned());
    Counter::new(test.store.clone(), Some(place), Current::new(catalogue()))
}

fn drop_policy(drill: Drill) -> Drill {
    let retention = Retention { after: After::Drop, ..drill.policy.retention };
    Drill { policy: Policy { retention, ..drill.policy }, ..drill }
}

/// A Rifter lost in Jita to a pilot and an NPC.
fn kill(killmail_id: i64, time: &str) -> Value {
    json!({
        "killmail_id": killmail_id, "killmail_time": time, "solar_system_id": 30_000_142,
        "victim": {"character_id": 90_000_001, "corporation_id": 98_000_001, "damage_taken": 500, "ship_type_id": 587,
                   "items": [{"item_type_id": 34, "flag": 5, "singleton": 0, "quantity_dropped": 7}]},
        "attackers": [
            {"character_id": 90_000_002, "corporation_id": 98_000_002, "alliance_id": 99_000_002, "damage_done": 400,
             "final_blow": true, "security_status": -1.5, "ship_type_id": 587, "weapon_type_id": 3170},
            {"faction_id": 500_010, "damage_done": 100, "final_blow": false, "security_status": 0.0, "ship_type_id": 3742}
        ]
    })
}

fn batch(kills: &[Value]) -> Batch {
    use noctis::reading::value::{Reading, read};
    use noctis_core::killmail::split::Piece;
    let mut batch = Batch::default();
    for kill in kills {
        let piece = Piece::Value(kill.to_string().into_bytes());
        let Reading::Kill(incoming) = read(piece, &"made up".into(), at(LATER)) else {
            panic!("{kill} is a kill");
        };
        let incoming: Incoming = *incoming;
        assert!(batch.add(incoming).is_ok(), "no id stands in a batch twice");
    }
    batch
}
