//! Deaths: wherever an import is killed, no kill is half stored, and the import repeated completes as if nothing was.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use noctis_store::fail::POINTS;
use noctis_store::testing::TestStore;
use rustix::process::Signal;

use crate::program::{self, is_killed, noctis, on, send};
use crate::samples::{bodies, in_batches};
use crate::tables::{Contents, assert_same, contents, half_kills, kills};

/// Three files of two batches each, in two months, with values learned late and something to park.
fn make_files(folder: &Path) {
    let bodies = bodies(240);
    for (index, chunk) in bodies.chunks(80).enumerate() {
        let mut text = in_batches(chunk, 40);
        text.push_str(&format!("this is no killmail {index}\n"));
        fs::write(folder.join(format!("{index}.ndjson")), text).unwrap();
    }
}

async fn undisturbed(folder: &Path) -> (Contents, Duration) {
    let test = TestStore::new().await;
    let started = Instant::now();
    let summary = program::import(&test, folder);
    let took = started.elapsed();
    assert_eq!(summary["stored"], 240);
    (contents(&test).await, took)
}

#[tokio::test]
async fn a_death_at_any_fail_point_leaves_no_half_kill_and_the_next_import_completes() {
    let folder = tempfile::tempdir().unwrap();
    make_files(folder.path());
    let (expected, _) = undisturbed(folder.path()).await;
    println!("fail points: {}", POINTS.join(", "));
    for point in POINTS {
        let test = TestStore::new().await;
        let path = folder.path().to_str().unwrap();
        let died = noctis(&test, &["import", path, "--fail-at", &format!("{point}:2")]);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        let stored = kills(&test).await;
        assert!((1..240).contains(&stored), "{point}: {stored} kills");
        assert_eq!(half_kills(&test).await, 0, "{point}");
        program::import(&test, folder.path());
        assert_same(&contents(&test).await, &expected, point);
        println!("{point}: killed with {stored} kills stored, completed");
    }
}

#[tokio::test]
async fn ten_deaths_at_random_moments_leave_no_half_kill_and_the_next_import_completes() {
    let folder = tempfile::tempdir().unwrap();
    make_files(folder.path());
    let (expected, took) = undisturbed(folder.path()).await;
    for _ in 0..10 {
        let test = TestStore::new().await;
        let share = u32::try_from(RandomState::new().hash_one(0) % 1_000).unwrap();
        let moment = took * share / 1_000;
        let child = on(&test, &["import", folder.path().to_str().unwrap()]).spawn().unwrap();
        kill_after(child, moment);
        let stored = kills(&test).await;
        assert_eq!(half_kills(&test).await, 0, "after {moment:?}");
        program::import(&test, folder.path());
        assert_same(&contents(&test).await, &expected, &format!("after {moment:?}"));
        println!("killed after {moment:?} of {took:?} with {stored} kills stored, completed");
    }
}

/// Waits for the end that long, then kills.
fn kill_after(mut child: std::process::Child, moment: Duration) {
    // Nobody sends: this is a wait with an end.
    let (_open, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(moment);
    send(&child, Signal::KILL);
    child.wait().unwrap();
}
