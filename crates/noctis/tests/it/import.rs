//! `noctis import`: every form gives the same tables, nothing is lost or doubled, and each ending says what it was.

mod endings;
mod forms;

use std::fs;

use crate::program::{assert_sum, import, import_with, noctis, noctis_reading};
use crate::samples::{bodies, changed};
use crate::tables::{assert_same, contents, number};
use noctis_core::killmail::Reason;
use noctis_store::testing::{TestStore, real_killmails};

#[tokio::test]
async fn all_real_killmails_are_imported_once_and_their_files_skipped_thereafter() {
    let Some(folder) = real_killmails() else { return };
    let test = TestStore::new().await;
    let first = import(&test, &folder);
    assert!(first["stored"].as_u64().unwrap() >= 421, "{first:#}");
    assert_eq!(first["parked"], serde_json::json!({}));
    let before = contents(&test).await;

    let second = import(&test, &folder);
    assert_eq!(second["files"]["skipped"], first["files"]["read"]);
    assert_eq!((&second["files"]["read"], &second["read"]), (&0.into(), &0.into()));

    let again = import_with(&test, &folder, &["--again"]);
    assert_eq!(again["read"], first["read"]);
    assert_eq!((&again["stored"], &again["enriched_further"]), (&0.into(), &0.into()));
    assert_same(&contents(&test).await, &before, "read again");
}

#[tokio::test]
async fn the_summary_is_a_table_with_the_same_figures() {
    let test = TestStore::new().await;
    let mut text = bodies(3).join("\n");
    text.push_str("\nthis is no killmail\n{\"killmail_id\":5,\"killmail_hash\":\"");
    text.push_str(&"ab".repeat(20));
    text.push_str("\"}\n");
    let said = noctis_reading(&test, &["import", "-"], text.as_bytes()).good();
    let figures: Vec<&str> = said
        .out
        .lines()
        .filter(|line| !line.starts_with("seconds") && !line.starts_with("read a second"))
        .collect();
    insta::assert_snapshot!(figures.join("\n"), @r"
    files read                     1
    files skipped                  0
    files failed                   0
    read                           5
    stored                         3
    enriched further               0
    already there                  0
    wanted                         1
    parked                         1
      broken_json                  1
    `noctis parked list` shows what could not be stored
    ");
}

/// One input for each reason, and what may stand before it.
fn refused(reason: Reason, good: &str, other: &str) -> Vec<u8> {
    let with = |field: &str| other.replacen('{', &format!("{{{field},"), 1).into_bytes();
    match reason {
        Reason::BrokenJson => b"{\"killmail_id\": 1, \"victim\": ]}".to_vec(),
        Reason::NotUtf8 => b"{\"killmail_id\": 2, \"name\": \"\xff\"}".to_vec(),
        Reason::TooLarge => with(&format!("\"note\":\"{}\"", "x".repeat(17 << 20))),
        Reason::TooDeep => with(&format!("\"note\":{}{}", "[".repeat(40), "]".repeat(40))),
        Reason::NumberTooLarge => with("\"note\":1e200000"),
        Reason::NulCharacter => with("\"note\":\"\\u0000\""),
        Reason::LoneSurrogate => with("\"note\":\"\\ud800\""),
        Reason::DuplicateKey => with("\"note\":1,\"note\":2"),
        Reason::NotAKillmail => b"{\"title\": \"a song\"}".to_vec(),
        Reason::MissingField => b"{\"killmail_id\": 3, \"victim\": {}}".to_vec(),
        Reason::AbsurdField => changed(other, "solar_system_id", (-5).into()).into_bytes(),
        Reason::AbsurdTime => {
            changed(other, "killmail_time", "2062-01-01T00:00:00Z".into()).into_bytes()
        }
        Reason::OtherTime => {
            changed(good, "killmail_time", "2026-05-03T01:02:03Z".into()).into_bytes()
        }
        Reason::OtherBody => changed(good, "war_id", 77.into()).into_bytes(),
        Reason::Generated => other.as_bytes().to_vec(),
        Reason::PartitionClosed => {
            let real = changed(other, "killmail_id", 132_000_003.into());
            changed(&real, "killmail_time", "2026-01-09T00:00:00Z".into()).into_bytes()
        }
    }
}

#[tokio::test]
async fn whatever_cannot_be_stored_is_parked_with_its_bytes_and_reason_and_the_next_is_read() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let bodies = bodies(3);
    // A real kill, beside which generated ones are refused.
    let good = changed(&bodies[0], "killmail_id", 132_000_001.into());
    let january = changed(&bodies[0], "killmail_id", 132_000_004.into());
    let january = changed(&january, "killmail_time", "2026-01-08T00:00:00Z".into());
    fs::write(folder.path().join("0.json"), format!("{good}\n{january}")).unwrap();
    for reason in Reason::ALL {
        let bytes = refused(reason, &good, &bodies[1]);
        fs::write(folder.path().join(format!("1-{reason}.json")), bytes).unwrap();
    }
    let last = changed(&bodies[2], "killmail_id", 132_000_002.into());
    fs::write(folder.path().join("2.json"), last).unwrap();

    // Stored alone first, so that the store knows it when the others contradict.
    import(&test, &folder.path().join("0.json"));
    let owner = test.database.owner().await;
    let close = "ALTER TABLE killmails_raw_2026_01 ADD CONSTRAINT closed CHECK (false) NOT VALID";
    owner.batch_execute(close).await.unwrap();
    let summary = import(&test, folder.path());
    assert_eq!((&summary["stored"], &summary["files"]["skipped"]), (&1.into(), &1.into()));
    let parked = summary["parked"].as_object().unwrap();
    for reason in Reason::ALL {
        assert_eq!(parked.get(reason.name()), Some(&1.into()), "{reason}: {summary:#}");
    }
    let client = test.database.owner().await;
    for reason in Reason::ALL {
        let query = "SELECT bytes, source FROM killmails_parked WHERE reason = $1";
        let row = client.query_one(query, &[&reason.name()]).await.unwrap();
        let (bytes, source): (Vec<u8>, String) = (row.get(0), row.get(1));
        let whole = refused(reason, &good, &bodies[1]);
        assert!(whole.starts_with(&bytes), "{reason}");
        assert!(bytes.len() == whole.len() || reason == Reason::TooLarge, "{reason}");
        assert!(source.ends_with(&format!("1-{reason}.json")), "{source}");
    }
}

#[tokio::test]
async fn more_parked_than_allowed_is_exit_code_2() {
    let test = TestStore::new().await;
    let input = b"one\ntwo\nthree\n";
    let run =
        |max: &str| noctis_reading(&test, &["import", "-", "--json", "--max-parked", max], input);
    assert_eq!(run("3").code(), 0);
    let said = run("2");
    assert_eq!(said.code(), 2);
    assert_eq!(said.json()["parked"]["broken_json"], 3);
    assert_eq!(number(&test, "SELECT count(*) FROM killmails_parked").await, 3);
}

#[tokio::test]
async fn generated_killmails_refused_once_may_be_allowed_later() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let bodies = bodies(2);
    let real = changed(&bodies[0], "killmail_id", 132_000_001.into());
    fs::write(folder.path().join("1.json"), real).unwrap();
    fs::write(folder.path().join("2.json"), &bodies[1]).unwrap();
    assert_eq!(import(&test, folder.path())["parked"]["generated"], 1);
    let allowed = import_with(&test, folder.path(), &["--allow-generated"]);
    assert_eq!(allowed["stored"], 1, "{allowed:#}");
}

#[tokio::test]
async fn a_pipe_is_read_though_it_can_be_read_but_once() {
    let test = TestStore::new().await;
    for (bodies, stored) in [(bodies(3), 3), (bodies(5), 2)] {
        let input = bodies.join("\n");
        let said = noctis_reading(&test, &["import", "/dev/stdin", "--json"], input.as_bytes());
        assert_eq!(said.good().json()["stored"], stored);
    }
    assert_eq!(number(&test, "SELECT count(*) FROM imported_files").await, 0);
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_one_sentence() {
    let test = TestStore::new().await;
    let said = noctis(&test, &["import", "/no/such/file.json"]);
    assert_eq!(said.code(), 1);
    insta::assert_snapshot!(said.err, @"noctis: there is nothing to read at /no/such/file.json: No such file or directory (os error 2)");
    let empty = noctis_reading(&test, &["import", "-", "--json"], b"").good().json();
    assert_sum(&empty);
}
