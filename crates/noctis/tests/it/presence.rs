//! What everybody did is counted exactly, whatever is stored, changed, archived, brought back and dropped meanwhile.

pub(crate) mod recount;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use noctis::presence::Counter;
use noctis::re_enrich::all_time;
use noctis::static_data::Current;
use noctis_core::catalogue::Type;
use noctis_core::enrich::prices::Prefer;
use noctis_core::enrich::prices::rows::{PriceKind, PriceRow};
use noctis_core::isk::Isk;
use noctis_store::fail::PRESENCE_POINTS;
use noctis_store::ingest::{IngestOptions, Ingester};
use noctis_store::presence::Turn;
use noctis_store::prices::{KeptPrices, PriceWriter};
use noctis_store::re_enrich::{self, Rules};
use noctis_store::testing::{TestStore, catalogue, ingest_options, now, store_text};
use serde_json::{Value, json};

use crate::differential::dice::Dice;
use crate::program::{import, import_with, is_killed, noctis, on, said};
use crate::samples::bodies;
use crate::stocked::made_up;
use crate::tables::number;
use recount::assert_exact;

fn counter(test: &TestStore) -> Counter {
    Counter::new(test.store.clone(), None, Current::new(catalogue()))
}

fn write(folder: &Path, name: &str, bodies: &[String]) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, bodies.join("\n")).unwrap();
    path
}

#[tokio::test]
async fn an_import_has_counted_when_it_ends() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    import(&test, &write(folder.path(), "kills.ndjson", &bodies(1_000)));
    let owner = test.database.owner().await;
    let months = assert_exact(&owner, None, "after an import").await;
    println!("{months} rows");
    assert!(months > 1_000);
    assert!(counter(&test).behind().await.unwrap().is_none());
}

/// How many changes of kills were noted in all.
const NOTED: &str = "SELECT last_value FROM presence_changes_change_seq";

/// The same bodies, worth so much to zKillboard.
fn worth(bodies: &[String], isk: u64) -> Vec<String> {
    let worth = |body: &String| {
        let mut body: Value = serde_json::from_str(body).unwrap();
        body["zkb"] = json!({"totalValue": isk, "points": isk % 9, "npc": isk.is_multiple_of(2), "solo": false, "awox": false});
        body.to_string()
    };
    bodies.iter().map(worth).collect()
}

/// CCP's category of ships.
const SHIPS: i64 = 6;

/// Another price for all ships, so that enriching again changes what kills are worth.
async fn price_ships(test: &TestStore, isk: u64) {
    let day = jiff::civil::date(2010, 1, 1);
    let price = Isk::parse(&isk.to_string());
    let row = |kind: &Type| PriceRow { type_id: kind.type_id, day, price, average_price: None };
    let catalogue = catalogue();
    let ships = catalogue.types.iter().filter(|kind| kind.category_id == SHIPS);
    let rows: Vec<PriceRow> = ships.map(row).collect();
    let mut writer = PriceWriter::new(&test.store).await.unwrap();
    writer.write(PriceKind::Override, &rows).await.unwrap();
}

async fn re_enrich_all(test: &TestStore) {
    let catalogue = catalogue();
    let rules = Rules { catalogue: &catalogue, prefer: Prefer::default() };
    let mut client = test.store.client().await.unwrap();
    let mut after = (all_time().from, i64::MIN);
    // Each batch goes on by one kill at least.
    loop {
        let mut kept = KeptPrices::default();
        let place = (all_time(), after);
        let done = re_enrich::batch(&mut client, &rules, &mut kept, place, 100).await.unwrap();
        let Some(last) = done.last else { return };
        after = last;
    }
}

/// Whatever order things come in, between any two steps of counting: what is counted in the end is what is there.
#[tokio::test]
async fn whatever_comes_between_the_steps_of_counting_is_counted_once() {
    for seed in 1..=4 {
        let test = TestStore::new().await;
        let mut dice = Dice::new(seed);
        let mut left = bodies(120);
        let mut there: Vec<String> = Vec::new();
        let options = IngestOptions { allow_generated: true, ..ingest_options() };
        let mut ingester = Ingester::new(&test.store, options).await.unwrap();
        let (catalogue, mut dropped) = (catalogue(), 0);
        let mut client = test.database.owner().await;
        while !left.is_empty() {
            let turn = Turn::begin(&mut client, &catalogue, now()).await.unwrap();
            for _ in 0..dice.below(4) {
                let some = left.split_off(left.len() - left.len().min(1 + dice.below(9)));
                match dice.below(4) {
                    0 => price_ships(&test, 1 + dice.below(1_000) as u64).await,
                    1 => re_enrich_all(&test).await,
                    2 if !there.is_empty() => {
                        let known = worth(
                            &there[dice.below(there.len())..],
                            1 + dice.below(1_000_000) as u64,
                        );
                        store_text(&mut ingester, "worth", known.join("\n").as_bytes(), 50).await;
                    }
                    _ => {
                        store_text(&mut ingester, "new", some.join("\n").as_bytes(), 50).await;
                        there.extend(some);
                        continue;
                    }
                }
                left.extend(some);
            }
            // What is dropped has counted nothing.
            match turn.expect("nobody else counts") {
                turn if dice.below(5) > 0 => drop(turn.finish().await.unwrap()),
                _ => dropped += 1,
            }
        }
        let changes = number(&test, NOTED).await;
        assert!(counter(&test).catch_up(5).await.unwrap());
        let owner = test.database.owner().await;
        let rows = assert_exact(&owner, None, &format!("seed {seed}")).await;
        println!("seed {seed}: {rows} rows, {dropped} turns dropped, {changes} changes");
        assert!(changes > 50, "seed {seed}: {changes} changes");
    }
}

/// Somebody who counts without a pause.
pub(crate) struct Counting {
    done: Arc<AtomicBool>,
    turns: tokio::task::JoinHandle<u32>,
}

impl Counting {
    pub(crate) fn of(test: &TestStore) -> Counting {
        let (counter, done) = (counter(test), Arc::new(AtomicBool::new(false)));
        let turns = tokio::spawn({
            let done = Arc::clone(&done);
            async move {
                let mut turns = 0;
                // Bounded by the runs beside it.
                while !done.load(Ordering::Relaxed) {
                    turns += u32::from(counter.turn().await.unwrap().is_some());
                }
                turns
            }
        });
        Counting { done, turns }
    }

    /// What is counted in the end is what is there; how many rows by month.
    pub(crate) async fn end_exactly(self, test: &TestStore, when: &str) -> usize {
        self.done.store(true, Ordering::Relaxed);
        println!("{when}: {} turns", self.turns.await.unwrap());
        assert!(counter(test).catch_up(5).await.unwrap(), "{when}");
        assert_exact(&test.database.owner().await, None, when).await
    }
}

#[tokio::test]
async fn four_imports_late_values_and_re_enrich_at_once_are_counted_exactly() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let all = bodies(1_200);
    import(&test, &write(folder.path(), "first.ndjson", &all[..300]));
    price_ships(&test, 1_000).await;
    let mut files = Vec::new();
    for part in 0..4 {
        // Each has what the next has too, and kills of years ago.
        let mut some = all[300 + part * 200..(300 + part * 200 + 400).min(1_200)].to_vec();
        some.extend((0..5).map(|n| {
            made_up(90_000 + part as i64 * 3 + n, &format!("201{}-0{}-05T12:00:00Z", part, 1 + n))
                .to_string()
        }));
        some.rotate_left(part * 50);
        files.push(write(folder.path(), &format!("{part}.ndjson"), &some));
    }
    files.push(write(folder.path(), "values.ndjson", &worth(&all[..900], 5_000_001)));
    let counting = Counting::of(&test);
    let mut runs: Vec<_> = files
        .iter()
        .map(|file| {
            on(&test, &["import", file.to_str().unwrap(), "--allow-generated"]).spawn().unwrap()
        })
        .collect();
    runs.push(on(&test, &["re-enrich"]).spawn().unwrap());
    tokio::task::spawn_blocking(move || {
        for run in runs {
            let said = said(run);
            // Somebody else may have been writing all the time.
            assert!([0, 2].contains(&said.code()), "{}{}", said.out, said.err);
        }
    })
    .await
    .unwrap();
    // Once more what is late: values of kills that are counted.
    let late = write(folder.path(), "late.ndjson", &worth(&all[900..], 7_000_002));
    import_with(&test, &late, &["--allow-generated"]);
    price_ships(&test, 2_000).await;
    noctis(&test, &["re-enrich"]).good();
    let rows = counting.end_exactly(&test, "everything at once").await;
    let changed = number(&test, NOTED).await;
    println!("{rows} rows, {changed} changes");
    assert!(changed > 1_000, "{changed} changes");
}

#[tokio::test]
async fn a_death_at_any_point_of_counting_counts_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let all = bodies(300);
    let first = write(folder.path(), "first.ndjson", &all[..200]);
    let second = write(
        folder.path(),
        "second.ndjson",
        &[worth(&all[..100], 4_000_000), all[200..].to_vec()].concat(),
    );
    for point in PRESENCE_POINTS {
        let test = TestStore::new().await;
        import(&test, &first);
        let died = noctis(&test, &["import", second.to_str().unwrap(), "--fail-at", point]);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        let stored = number(&test, "SELECT count(*) FROM killmail_registry").await;
        assert_eq!(stored, 300, "{point}: it counts when all is stored");
        let counted = number(&test, "SELECT arrival FROM presence_counted").await;
        assert_eq!(counted, if point == "presence.committed" { 300 } else { 200 }, "{point}");
        assert!(counter(&test).catch_up(5).await.unwrap());
        assert_exact(&test.database.owner().await, None, point).await;
    }
}

#[tokio::test]
async fn doctor_recounts_a_month_names_what_differs_and_writes_it_anew() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let all = bodies(400);
    import(&test, &write(folder.path(), "kills.ndjson", &all));
    let clean = noctis(&test, &["doctor", "--recount", "2026-05"]).good().out;
    assert!(clean.ends_with(" rows; 0 are not what the kills come to\n"), "{clean}");
    let owner = test.database.owner().await;
    // A change that nobody has counted yet is no difference.
    let change = "
        INSERT INTO presence_changes (killmail_id, \"timestamp\", npc, isk_value)
        SELECT killmail_id, \"timestamp\", npc, isk_value FROM killmails_enriched;
        UPDATE killmails_enriched SET isk_value = 77, npc = NOT npc";
    owner.batch_execute(change).await.unwrap();
    assert_eq!(noctis(&test, &["doctor", "--recount", "2026-05"]).good().out, clean);
    let spoil = "
        UPDATE presence SET kills = kills + 1, isk_lost = 5 WHERE month = '2026-05-01' AND kind = 8;
        DELETE FROM presence WHERE month = '2026-05-01' AND kind = 7;
        INSERT INTO presence VALUES (7, '2026-05-01', 1, 0, 0, 0, 0, 0, 1, 0, 0)";
    owner.batch_execute(spoil).await.unwrap();
    let found = noctis(&test, &["doctor", "--recount", "2026-05"]);
    assert_eq!(found.code(), 1);
    let lost = "!! character 7, 2026-05-01: 1 kills, 0 losses, 0 ISK destroyed, 0 lost instead of 0 kills, 0 losses, 0 ISK";
    assert!(found.out.contains(lost), "{}", found.out);
    assert!(found.out.contains("`noctis doctor --recount 2026-05 --fix` writes"), "{}", found.out);
    let json = noctis(&test, &["doctor", "--recount", "2026-05", "--fix", "--json"]).good().json();
    assert!(json["differing"].as_u64().unwrap() > 20 && json["mended"] == true, "{json:#}");
    assert_eq!(json["examples"].as_array().unwrap().len(), 20);
    assert_eq!(noctis(&test, &["doctor", "--recount", "2026-05"]).good().out, clean);
    assert!(counter(&test).catch_up(5).await.unwrap());
    assert_exact(&owner, None, "mended, and the changes counted").await;
    let clean = noctis(&test, &["doctor", "--recount", "2026-05"]).good().out;
    owner.batch_execute("DELETE FROM presence_traces WHERE trace = 'npc'").await.unwrap();
    let found = noctis(&test, &["doctor", "--recount", "2026-05"]);
    let led = "!! no search by item, label or tag is led to 2026-05 for 1 of them";
    assert!(found.code() == 1 && found.out.contains(led), "{}", found.out);
    noctis(&test, &["doctor", "--recount", "2026-05", "--fix"]).good();
    assert_eq!(noctis(&test, &["doctor", "--recount", "2026-05"]).good().out, clean);
    let wrong = noctis(&test, &["doctor", "--recount", "May"]);
    assert!(wrong.err.contains("`May` is no month; 2025-06 is one"), "{}", wrong.err);
}
