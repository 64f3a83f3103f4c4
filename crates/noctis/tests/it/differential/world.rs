//! The store that is asked: all real kills, and generated ones with oddities, some of them held back to arrive later.

use std::collections::BTreeMap;
use std::sync::Arc;

use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_store::ingest::{IngestOptions, Ingester};
use noctis_store::testing::{catalogue, ingest_options, store_text};
use serde_json::Value;

use super::naming::Naming;
use super::witness::{Kill, outcomes};
use crate::shelf::Shelf;
use crate::stocked::Stocked;

/// Kills made up.
const GENERATED: u64 = 3_000;
/// One in so many of these arrives later, in the middle of answers.
const HELD_BACK_EACH: usize = 6;
/// One month in so many is archived, the newest but one among them.
const ARCHIVED_EACH: usize = 8;
/// Times at which some arrive.
const WAVES: usize = 4;

pub(crate) struct World {
    pub(crate) stocked: Stocked,
    /// Some months are here.
    shelf: Shelf,
    /// All bodies, those held back too.
    bodies: BTreeMap<i64, Value>,
    held_back: Vec<String>,
}

impl World {
    pub(crate) async fn new() -> Arc<World> {
        // Without the real ones, said aloud, the generated have to do.
        let (stocked, mut bodies) = match Stocked::real().await {
            Some(real) => real,
            None => (Stocked::empty().await, BTreeMap::new()),
        };
        let (mut stored, mut held_back) = (Vec::new(), Vec::new());
        for (index, text) in generated().into_iter().enumerate() {
            let body: Value = serde_json::from_str(&text).unwrap();
            bodies.insert(body["killmail_id"].as_i64().unwrap(), body);
            // Not the same rest each time, since kills of one fight follow another.
            let is_late = index.wrapping_mul(0x9E37_79B9).is_multiple_of(HELD_BACK_EACH);
            if is_late { held_back.push(text) } else { stored.push(text) }
        }
        let shelf = Shelf::new();
        let stocked = stocked.with_archive(shelf.place());
        let world = World { stocked, shelf, bodies, held_back };
        world.store(&stored).await;
        world.archive().await;
        let client = world.stocked.test.database.owner().await;
        client.batch_execute("ANALYZE").await.unwrap();
        Arc::new(world)
    }

    /// Moves some months out of the tables: more take longer and show no more.
    async fn archive(&self) {
        let store = &self.stocked.test.store;
        let months = Shelf::hot_months(store).await;
        for month in months.iter().rev().skip(1).step_by(ARCHIVED_EACH) {
            self.shelf.put(store, month).await;
        }
    }

    /// All kills that are stored now.
    pub(crate) async fn kills(&self) -> Arc<Vec<Kill>> {
        let outcomes = outcomes(&self.stocked.test.database).await;
        let kill = |(id, outcome)| Kill::new(&self.bodies[id], outcome, &catalogue());
        Arc::new(outcomes.iter().map(kill).collect())
    }

    pub(crate) async fn naming(&self) -> Naming {
        let database = &self.stocked.test.database;
        Naming::new(database, &catalogue(), self.bodies.values()).await
    }

    /// Kills that were held back, in the portions in which they arrive.
    pub(crate) fn waves(&self) -> Vec<Vec<String>> {
        let each = self.held_back.len().div_ceil(WAVES);
        // Dealt out, so that each wave has old and new ones.
        (0..WAVES)
            .map(|wave| {
                self.held_back.iter().skip(wave).step_by(WAVES).take(each).cloned().collect()
            })
            .collect()
    }

    pub(crate) async fn store(&self, bodies: &[String]) {
        let options = IngestOptions { allow_generated: true, ..ingest_options() };
        let mut ingester = Ingester::new(&self.stocked.test.store, options).await.unwrap();
        let outcome = store_text(&mut ingester, "made up", bodies.join("\n").as_bytes(), 500).await;
        assert_eq!(outcome.stored, bodies.len() as u64, "{outcome:?}");
    }
}

/// Bodies of three months with oddities.
fn generated() -> Vec<String> {
    let options = Options {
        kills: GENERATED,
        from: "2026-04-01T00:00:00Z".parse().unwrap(),
        to: "2026-07-01T00:00:00Z".parse().unwrap(),
        seed: 11,
        oddities: true,
        zkb: false,
    };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let mut line = Vec::new();
    let mut bodies = Vec::new();
    while generator.write_next(&mut line) {
        bodies.push(String::from_utf8(std::mem::take(&mut line)).unwrap().trim_end().to_owned());
    }
    bodies
}
