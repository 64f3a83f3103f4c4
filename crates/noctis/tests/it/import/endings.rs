//! How imports end before their files do: broken files, signals, a full disk.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use noctis_store::testing::TestStore;
use rustix::process::Signal;

use super::forms::{bzip2, entries, tar};
use crate::program::{assert_sum, command, import, noctis, on, said, send};
use crate::samples::{bodies, in_batches};
use crate::tables::{assert_same, contents, half_kills, kills, wait_for_kills};

#[tokio::test]
async fn what_was_read_of_a_broken_file_is_kept_and_the_next_is_read() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let bodies = bodies(60);
    let packed = zstd::encode_all(bodies[..20].join("\n").as_bytes(), 1).unwrap();
    let archive = tar(&entries(&bodies[20..40]));
    let mut broken = bzip2(bodies[40..50].join("\n").as_bytes());
    broken.truncate(broken.len() - 20);
    fs::write(folder.path().join("1.zst"), &packed[..packed.len() - 7]).unwrap();
    fs::write(folder.path().join("2.tar"), &archive[..archive.len() / 2]).unwrap();
    fs::write(folder.path().join("3.bz2"), &broken).unwrap();
    fs::write(folder.path().join("4.json"), bodies[50..].join("\n")).unwrap();
    let run = || noctis(&test, &["import", folder.path().to_str().unwrap(), "--json"]);

    let said = run();
    assert_eq!(said.code(), 1, "{}", said.out);
    let summary = said.json();
    assert_sum(&summary);
    assert_eq!((&summary["files"]["failed"], &summary["files"]["read"]), (&3.into(), &1.into()));
    assert_eq!(summary["parked"], serde_json::json!({}), "a value cut off is not parked");
    let problems: Vec<&str> =
        (0..3).map(|index| summary["failed_files"][index]["problem"].as_str().unwrap()).collect();
    insta::assert_debug_snapshot!(problems, @r#"
    [
        "the compressed data is broken or cut off: incomplete frame",
        "the archive is cut off",
        "the compressed data is broken or cut off: decompression not finished but EOF reached",
    ]
    "#);
    let before = kills(&test).await;
    assert!((19..50).contains(&before), "{before} kills");

    // Whole again, they are read, since nobody marked them finished.
    fs::write(folder.path().join("1.zst"), &packed).unwrap();
    fs::write(folder.path().join("2.tar"), &archive).unwrap();
    fs::write(folder.path().join("3.bz2"), bzip2(bodies[40..50].join("\n").as_bytes())).unwrap();
    let summary = run().good().json();
    assert_eq!((&summary["files"]["skipped"], &summary["files"]["read"]), (&1.into(), &3.into()));
    assert_eq!(kills(&test).await, 60);
}

#[tokio::test]
async fn an_import_that_sigterm_ended_midway_goes_on_when_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let bodies = bodies(900);
    for (index, chunk) in bodies.chunks(100).enumerate() {
        fs::write(folder.path().join(format!("{index}.json")), in_batches(chunk, 10)).unwrap();
    }
    let undisturbed = TestStore::new().await;
    import(&undisturbed, folder.path());

    let test = TestStore::new().await;
    let path = folder.path().to_str().unwrap();
    let child = on(&test, &["import", path, "--json"]).spawn().unwrap();
    wait_for_kills(&test, 10).await;
    send(&child, Signal::TERM);
    let ended = said(child);
    assert_eq!(ended.code(), 143, "{}", ended.out);
    let summary = ended.json();
    assert_sum(&summary);
    assert_eq!(summary["end"]["how"], "interrupted");
    assert!(ended.err.contains("the same command goes on"), "{}", ended.err);
    assert_eq!(summary["stored"], kills(&test).await);
    assert!(kills(&test).await < 900);
    assert_eq!(half_kills(&test).await, 0);

    import(&test, folder.path());
    let expected = contents(&undisturbed).await;
    assert_same(&contents(&test).await, &expected, "repeated");
}

#[tokio::test]
async fn ctrl_c_ends_an_import_at_once_though_standard_input_says_nothing() {
    let test = TestStore::new().await;
    let mut command = on(&test, &["import", "-", "--json"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(in_batches(&bodies(20), 10).as_bytes()).unwrap();
    wait_for_kills(&test, 20).await;
    let asked = Instant::now();
    send(&child, Signal::INT);
    let ended = said(child);
    assert_eq!(ended.code(), 130, "{}", ended.err);
    assert!(asked.elapsed() < Duration::from_secs(10));
    assert_eq!(ended.json()["stored"], 20);
    drop(input);
}

/// The one test with a PostgreSQL of its own: its folder is the one that is watched.
#[test]
fn an_import_stops_with_a_sentence_while_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
    let data = folder.path().join("data");
    let run = |arguments: &[&str]| {
        let arguments = [&["--data-dir", data.to_str().unwrap()], arguments].concat();
        said(command(&arguments).spawn().unwrap())
    };
    let file = folder.path().join("kills.json");
    fs::write(&file, bodies(5).join("\n")).unwrap();
    let file = file.to_str().unwrap();

    let nothing_there = run(&["import", file]);
    assert_eq!(nothing_there.code(), 1);
    assert!(nothing_there.err.contains("`noctis serve` or `noctis migrate` makes it"));

    let migrated = run(&["migrate"]).good();
    assert!(migrated.out.contains("applied 0001_store"), "{}", migrated.out);
    let full = run(&["import", file, "--json", "--min-free-disk", "9000TB"]);
    assert_eq!(full.code(), 1, "{}", full.err);
    assert_eq!(
        (&full.json()["end"]["how"], &full.json()["read"]),
        (&"disk_full".into(), &0.into())
    );
    assert!(full.err.contains("--min-free-disk is 9000000000 MB"), "{}", full.err);

    let room = run(&["import", file, "--json", "--min-free-disk", "0"]).good();
    assert_eq!(room.json()["stored"], 5);
    let asked = run(&["psql", "--", "-Atc", "SELECT count(*) FROM killmails_raw"]).good();
    assert_eq!(asked.out, "5\n");
    let url = run(&["database", "url"]).good();
    assert!(url.out.starts_with("postgresql://noctis_read@"), "{}", url.out);
}
