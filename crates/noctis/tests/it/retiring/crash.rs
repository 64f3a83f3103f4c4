//! Deaths: wherever this program or PostgreSQL is killed while a month leaves or comes back, tables and archive together hold
//! what they held before, and the next run completes.
//!
//! What they hold is told by SQL alone: rows as text, those of the tables as they stand there, those of the files after they
//! were copied into tables of their own.

mod ledger;
pub(super) mod server;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, TryStreamExt};
use noctis_archive::Archive;
use noctis_core::partition::{Member, PartState};
use noctis_store::Client;
use noctis_store::fail::{RESTORE_POINTS, RETIRE_POINTS};
use noctis_store::partitions::ddl::moving;
use noctis_store::partitions::parts;
use rustix::process::Signal;

use super::{Drill, LATER, kill};
use crate::presence::recount::assert_exact;
use crate::program::{command, is_killed, said, send};
use crate::tables::{Contents, assert_same};

/// The month that goes and comes.
const MONTH: &str = "2024-05";

/// How the commands are told where everything is.
pub(super) struct Address<'a> {
    pub(super) url: String,
    pub(super) archive: &'a std::path::Path,
}

impl Address<'_> {
    pub(super) fn of(drill: &Drill) -> Address<'_> {
        Address { url: drill.test.database.owner_url(), archive: drill.folder.path() }
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&[&["--database-url", &self.url], arguments].concat());
        command.env("NOCTIS_ARCHIVE_DIR", self.archive);
        command
    }

    /// Months leave, and retired tables go.
    pub(super) fn apply(&self) -> Command {
        self.command(&[
            "partitions",
            "apply",
            "--now",
            LATER,
            "--ahead",
            "1",
            "--floor",
            "1",
            "--cap",
            "9",
            "--json",
        ])
    }

    /// The month comes back.
    pub(super) fn restore(&self) -> Command {
        self.command(&["archive", "restore", MONTH, "--json"])
    }
}

#[track_caller]
fn good(mut command: Command) {
    said(command.spawn().unwrap()).good();
}

/// All rows: those in the tables, and those of the parts that answer.
async fn everything(client: &Client, archive: &Archive) -> Contents {
    client.batch_execute("SET TimeZone = 'UTC'").await.unwrap();
    let cold: Vec<_> = parts::parts(client)
        .await
        .unwrap()
        .into_iter()
        .filter(|part| part.state == PartState::Cold)
        .collect();
    let mut contents = Contents::new();
    for member in Member::ALL {
        let parent = member.table();
        client
            .batch_execute(&format!(
                "DROP TABLE IF EXISTS of_files; CREATE TEMP TABLE of_files (LIKE {parent})"
            ))
            .await
            .unwrap();
        for part in &cold {
            let mut rows = std::pin::pin!(archive.rows(&part.manifest, member));
            let sink = client.copy_in(&moving::copy_in(member, "of_files")).await.unwrap();
            let mut sink = std::pin::pin!(sink);
            while let Some(bytes) = rows.try_next().await.unwrap() {
                sink.send(bytes).await.unwrap();
            }
            sink.finish().await.unwrap();
        }
        let query = format!(
            "SELECT t::text FROM {parent} t UNION ALL SELECT t::text FROM of_files t ORDER BY 1"
        );
        let rows = client.query(&query, &[]).await.unwrap();
        contents.insert(parent, rows.iter().map(|row| row.get(0)).collect());
    }
    let registry = client
        .query("SELECT killmail_id::text FROM killmail_registry ORDER BY 1", &[])
        .await
        .unwrap();
    contents.insert("killmail_registry", registry.iter().map(|row| row.get(0)).collect());
    assert_eq!(contents["killmail_registry"].len(), contents["killmails_raw"].len());
    contents
}

/// Sixty kills of May and June 2024.
fn two_months() -> Vec<serde_json::Value> {
    let time = |id: i64| format!("2024-{:02}-{:02}T00:00:00Z", 5 + id % 2, 1 + id % 28);
    (1..=60).map(|id| kill(id, &time(id))).collect()
}

async fn drill() -> Drill {
    Drill::with(&two_months()).await
}

/// Kills the command at the point, and looks; then runs it again, and looks.
async fn die(drill: &Drill, mut command: Command, again: Command, point: &str) {
    let client = drill.owner().await;
    let before = everything(&client, &drill.archive).await;
    let died = said(command.args(["--fail-at", point]).spawn().unwrap());
    assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
    assert_same(&everything(&client, &drill.archive).await, &before, &format!("killed at {point}"));
    good(again);
    assert_same(&everything(&client, &drill.archive).await, &before, &format!("after {point}"));
    assert!(drill.counter.catch_up(5).await.unwrap(), "{point}");
    assert_exact(&client, Some(&drill.archive), point).await;
    let unfinished =
        drill.number("SELECT count(*) FROM archive_parts WHERE state = 'verified'").await;
    assert_eq!(unfinished, 0, "{point}");
}

#[tokio::test]
async fn failure_28_killed_at_any_point_of_leaving_nothing_is_lost_or_double() {
    let mut drill = drill().await;
    println!("fail points: {}", RETIRE_POINTS.join(", "));
    for point in RETIRE_POINTS {
        let started = Instant::now();
        if point.starts_with("archive.claim") || point == "archive.generation_raised" {
            // An archive is claimed once.
            drill = self::drill().await;
        }
        let address = Address::of(&drill);
        if point.starts_with("drop.") {
            good(address.apply());
        }
        die(&drill, address.apply(), address.apply(), point).await;
        println!("{point}: killed, completed, {:?}", started.elapsed());
        good(address.restore());
    }
}

#[tokio::test]
async fn failure_11_killed_at_any_point_of_coming_back_nothing_is_lost_or_double() {
    let drill = drill().await;
    let address = Address::of(&drill);
    println!("fail points: {}", RESTORE_POINTS.join(", "));
    for (number, point) in (0..).zip(RESTORE_POINTS) {
        let started = Instant::now();
        good(address.apply());
        // Something has come late: its leaf gives way to the month that comes back.
        drill.store(&[kill(1_000 + number, "2024-05-15T00:00:00Z")]).await;
        if point == "restore.committed" {
            // Nothing is left to restore then: the second run says so.
            let client = drill.owner().await;
            let before = everything(&client, &drill.archive).await;
            let died = said(address.restore().args(["--fail-at", point]).spawn().unwrap());
            assert!(is_killed(died.status), "{point}: {}{}", died.out, died.err);
            assert_same(&everything(&client, &drill.archive).await, &before, point);
            assert_ne!(said(address.restore().spawn().unwrap()).code(), 0);
            assert_same(&everything(&client, &drill.archive).await, &before, point);
        } else {
            die(&drill, address.restore(), address.restore(), point).await;
        }
        println!("{point}: killed, completed, {:?}", started.elapsed());
    }
}

/// Deaths at random in the gate, and at night.
const RANDOM: u32 = 6;
const RANDOM_AT_NIGHT: u32 = 50;

#[tokio::test]
async fn deaths_at_random_moments_lose_nothing() {
    die_at_random(RANDOM).await;
}

#[tokio::test]
#[ignore = "takes minutes; .ci/nightly runs it"]
async fn fifty_deaths_at_random_moments_lose_nothing() {
    die_at_random(RANDOM_AT_NIGHT).await;
}

async fn die_at_random(times: u32) {
    let drill = drill().await;
    let address = Address::of(&drill);
    let client = drill.owner().await;
    // How long it takes undisturbed says where chance may strike.
    let started = Instant::now();
    good(address.apply());
    let mut longest = started.elapsed();
    let before = everything(&client, &drill.archive).await;
    let mut killed = 0;
    for turn in 0..times {
        let (mut command, again) = if turn % 2 == 0 {
            (address.restore(), address.restore())
        } else {
            (address.apply(), address.apply())
        };
        let wait = Duration::from_micros(random(u64::try_from(longest.as_micros()).unwrap()));
        let child = command.spawn().unwrap();
        let was_killed = kill_after(child, wait);
        killed += u32::from(was_killed);
        assert_same(
            &everything(&client, &drill.archive).await,
            &before,
            &format!("killed after {wait:?}"),
        );
        let started = Instant::now();
        let completed = said({ again }.spawn().unwrap());
        // What had been done before the death is not there to be done again.
        assert!(completed.code() == 0 || turn % 2 == 0, "{}{}", completed.out, completed.err);
        longest = started.elapsed().max(longest / 2);
        assert_same(
            &everything(&client, &drill.archive).await,
            &before,
            &format!("after {wait:?}"),
        );
    }
    println!("{times} runs, {killed} of them killed before their end");
}

fn random(below: u64) -> u64 {
    RandomState::new().hash_one(0) % below.max(1)
}

/// Waits for the end that long, then kills; whether it was not over by then.
fn kill_after(mut child: Child, wait: Duration) -> bool {
    // Nobody sends: this is a wait with an end.
    let (_open, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(wait);
    send(&child, Signal::KILL);
    is_killed(child.wait().unwrap())
}
