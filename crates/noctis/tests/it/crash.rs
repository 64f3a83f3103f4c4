//! Deaths: wherever an import is killed, no kill is half stored, and the import repeated completes as if nothing was.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use noctis_store::fail::{LOAD_POINTS, POINTS};
use noctis_store::testing::TestStore;
use rustix::process::Signal;

use crate::presence::Counting;
use crate::program::{self, is_killed, noctis, on, send};
use crate::samples::{bodies, in_batches};
use crate::tables::{Contents, assert_same, contents, half_kills, kills, number, wait_for_kills};

/// Three files of 80 kills each, in two months, with something to park.
fn make_files(folder: &Path, batch: usize) {
    let bodies = bodies(240);
    for (index, chunk) in bodies.chunks(80).enumerate() {
        let mut text = in_batches(chunk, batch);
        text.push_str(&format!("this is no killmail {index}\n"));
        fs::write(folder.join(format!("{index}.ndjson")), text).unwrap();
    }
}

async fn undisturbed(folder: &Path) -> Contents {
    let test = TestStore::new().await;
    let summary = program::import(&test, folder);
    assert_eq!(summary["stored"], 240);
    contents(&test).await
}

#[tokio::test]
async fn a_death_at_any_fail_point_leaves_no_half_kill_and_the_next_import_completes() {
    let folder = tempfile::tempdir().unwrap();
    make_files(folder.path(), 40);
    let expected = undisturbed(folder.path()).await;
    println!("fail points: {}", POINTS.join(", "));
    for point in POINTS {
        let test = TestStore::new().await;
        let path = folder.path().to_str().unwrap();
        // Somebody counts meanwhile, and after the death.
        let counting = Counting::of(&test);
        let died = noctis(&test, &["import", path, "--fail-at", &format!("{point}:2")]);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        let stored = kills(&test).await;
        assert!((1..240).contains(&stored), "{point}: {stored} kills");
        assert_eq!(half_kills(&test).await, 0, "{point}");
        program::import(&test, folder.path());
        assert_same(&contents(&test).await, &expected, point);
        counting.end_exactly(&test, point).await;
        println!("{point}: killed with {stored} kills stored, completed");
    }
}

/// A month of which there is enough to load it bare, and a file with some of it again.
fn make_month(folder: &Path) {
    let bodies = bodies(2_400);
    let may: Vec<&str> =
        bodies.iter().map(String::as_str).filter(|body| body.contains("\"2026-05-")).collect();
    assert!(may.len() >= 1_000, "{} kills", may.len());
    fs::write(folder.join("0.ndjson"), may.join("\n")).unwrap();
    fs::write(folder.join("1.ndjson"), may[may.len() - 50..].join("\n")).unwrap();
}

#[tokio::test]
async fn a_death_at_any_point_of_a_load_leaves_all_of_its_month_or_nothing_and_no_table() {
    let folder = tempfile::tempdir().unwrap();
    make_month(folder.path());
    let undisturbed = TestStore::new().await;
    program::import(&undisturbed, folder.path());
    let expected = contents(&undisturbed).await;
    let all = kills(&undisturbed).await;
    let loaded =
        "SELECT count(*) FROM lifecycle_ledger WHERE action = 'create' AND rows IS NOT NULL";
    assert_eq!(number(&undisturbed, loaded).await, 1);
    println!("fail points: {}", LOAD_POINTS.join(", "));
    for point in LOAD_POINTS {
        let test = TestStore::new().await;
        let path = folder.path().to_str().unwrap();
        let died = noctis(&test, &["import", path, "--fail-at", point]);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        wait_for_its_sessions(&test).await;
        let stored = kills(&test).await;
        assert_eq!(stored, if point == "load.committed" { all } else { 0 }, "{point}");
        assert_eq!(half_kills(&test).await, 0, "{point}");
        let doctor = noctis(&test, &["doctor"]);
        assert!(!doctor.out.contains("loading"), "{point}: {}", doctor.out);
        program::import(&test, folder.path());
        assert_same(&contents(&test).await, &expected, point);
        let left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'loading%' AND relkind = 'r'";
        assert_eq!(number(&test, left).await, 0, "{point}");
        println!("{point}: killed with {stored} kills stored, completed");
    }
}

/// PostgreSQL notices a client's death when it has done what it was asked.
async fn wait_for_its_sessions(test: &TestStore) {
    let others = "SELECT count(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND application_name = 'noctis' AND state <> 'idle'";
    for _ in 0..LOOKS_MAX {
        if number(test, others).await == 0 {
            return;
        }
    }
    panic!("the dead import's sessions stayed");
}

/// Each look is a question to PostgreSQL over a connection of its own.
const LOOKS_MAX: u32 = 5_000;

/// The longest wait after the chosen kill; some batches are stored in that time.
const WAIT_MICROSECONDS_MAX: u64 = 60_000;

#[tokio::test]
async fn ten_deaths_at_random_moments_leave_no_half_kill_and_the_next_import_completes() {
    let folder = tempfile::tempdir().unwrap();
    make_files(folder.path(), 10);
    let expected = undisturbed(folder.path()).await;
    for _ in 0..10 {
        let test = TestStore::new().await;
        let at_least = i64::try_from(random(230)).unwrap();
        let wait = Duration::from_micros(random(WAIT_MICROSECONDS_MAX));
        let counting = Counting::of(&test);
        let child = on(&test, &["import", folder.path().to_str().unwrap()]).spawn().unwrap();
        wait_for_kills(&test, at_least).await;
        kill_after(child, wait);
        let stored = kills(&test).await;
        assert_eq!(half_kills(&test).await, 0, "{stored} kills");
        program::import(&test, folder.path());
        assert_same(&contents(&test).await, &expected, &format!("after {stored} kills"));
        counting.end_exactly(&test, "a death at random").await;
        println!("killed {wait:?} after kill {at_least}, with {stored} stored, completed");
    }
}

/// Another number in each run: whoever is unlucky reads it in the output.
fn random(below: u64) -> u64 {
    RandomState::new().hash_one(0) % below
}

/// Waits for the end that long, then kills.
fn kill_after(mut child: std::process::Child, wait: Duration) {
    // Nobody sends: this is a wait with an end.
    let (_open, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(wait);
    send(&child, Signal::KILL);
    child.wait().unwrap();
}
