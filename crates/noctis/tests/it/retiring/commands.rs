//! `noctis archive`, as it is used.

use std::fs;
use std::process::Command;

use noctis_store::testing::TestStore;

use super::{Drill, LATER, kill};
use crate::program::{Said, command, said};

const MAY: &str = "2024-05-05T00:00:00Z";

fn on(test: &TestStore, drill: &Drill, arguments: &[&str]) -> Command {
    let mut command =
        command(&[&["--database-url", &test.database.owner_url()], arguments].concat());
    command.env("NOCTIS_ARCHIVE_DIR", drill.folder.path());
    command
}

pub(super) fn noctis(test: &TestStore, drill: &Drill, arguments: &[&str]) -> Said {
    said(on(test, drill, arguments).spawn().unwrap())
}

#[tokio::test]
async fn a_month_is_listed_checked_and_brought_back() {
    let drill = Drill::with(&[kill(1, MAY), kill(2, "2024-06-06T00:00:00Z")]).await;
    let before = drill.rows().await;
    let nothing = noctis(&drill.test, &drill, &["archive", "list"]).good().out;
    assert!(nothing.starts_with("nothing is in the archive "), "{nothing}");
    drill.retire(LATER).await;

    let list = noctis(&drill.test, &drill, &["archive", "list"]).good().out;
    let lines: Vec<Vec<&str>> =
        list.lines().map(|line| line.split_whitespace().take(6).collect()).collect();
    assert_eq!(lines[1], ["2024-05", "0", "cold", "2024-05-01", "2024-06-01", "1"]);
    assert!(list.contains("\n2 kills answer from "), "{list}");
    let list = noctis(&drill.test, &drill, &["archive", "list", "--json"]).good().json();
    assert_eq!(list["parts"][1]["manifest"]["month"], "2024-06");
    assert_eq!(list["parts"][1]["state"], "cold");

    let verified = noctis(&drill.test, &drill, &["archive", "verify"]).good().out;
    assert_eq!(
        verified,
        "month=2024-05/part-0: 1 kills, as written\nmonth=2024-06/part-0: 1 kills, as written\n"
    );
    let path = drill.folder.path().join("table=killmails_raw/month=2024-06/part-0.parquet");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[1..]).unwrap();
    let damaged = noctis(&drill.test, &drill, &["archive", "verify"]);
    assert_eq!(damaged.code(), 1);
    assert!(
        damaged.out.contains("month=2024-06/part-0: ") && damaged.out.contains("is damaged"),
        "{}",
        damaged.out
    );
    assert_eq!(noctis(&drill.test, &drill, &["archive", "verify", "2024-05"]).code(), 0);
    fs::write(&path, &whole).unwrap();

    let back = noctis(&drill.test, &drill, &["archive", "restore", "2024-05"]).good().out;
    assert_eq!(back, "2024-05-01 to 2024-06-01: 1 kills are back, of 1 parts\n");
    let twice = noctis(&drill.test, &drill, &["archive", "restore", "2024-05"]);
    assert_eq!(twice.code(), 1);
    assert!(twice.err.contains("nothing of 2024-05 is in the archive alone"), "{}", twice.err);
    noctis(&drill.test, &drill, &["archive", "restore", "2024-06", "--json"]).good();
    assert_eq!(drill.rows().await, before);
}

#[tokio::test]
async fn a_kill_that_waited_is_stored_when_its_month_has_gone_and_a_late_one_goes_after_it() {
    let drill = Drill::with(&[kill(1, MAY)]).await;
    drill.until("close").await;
    assert_eq!(drill.store(&[kill(2, "2024-05-06T00:00:00Z")]).await.parked_total(), 1);
    let apply = ["partitions", "apply", "--floor", "1", "--now", LATER];
    noctis(&drill.test, &drill, &apply).good();
    assert_eq!(drill.parts().await, "2024-05/0 cold");
    assert_eq!(drill.number("SELECT count(*) FROM killmails_parked").await, 0);
    assert_eq!(drill.number("SELECT count(*) FROM killmails_raw_2024_05").await, 1);
    // It was stored just now, by the database's clock, which is years before the drill's.
    noctis(&drill.test, &drill, &apply).good();
    assert_eq!(drill.parts().await, "2024-05/0 cold, 2024-05/1 cold");
    let actions = "SELECT string_agg(action, ' ' ORDER BY entry) FROM lifecycle_ledger \
                   WHERE range_from = '2024-05-01+00' AND action <> 'create'";
    assert_eq!(drill.text(actions).await, "close archive detach drop close archive detach");
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_detached_and_the_next_run_goes_on() {
    let drill = Drill::with(&many(300)).await;
    let before = drill.rows().await;
    let apply = ["partitions", "apply", "--floor", "1", "--now", LATER];
    // No file may be longer than 4 kB, and writing on is an error rather than the end of the process.
    let full = on(&drill.test, &drill, &apply);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""]).arg(full.get_program());
    shell.args(full.get_args()).env_clear().env("NOCTIS_ARCHIVE_DIR", drill.folder.path());
    let output = shell.output().unwrap();
    let (out, err) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(out.contains("put off: archive"), "{out}{err}");
    assert_eq!(drill.rows().await, before);
    assert_eq!(drill.parts().await, "");
    noctis(&drill.test, &drill, &apply).good();
    assert_eq!(drill.parts().await, "2024-05/0 cold");
    drill.restore("2024-05").await;
    assert_eq!(drill.rows().await, before);
}

fn many(kills: i64) -> Vec<serde_json::Value> {
    (1..=kills).map(|number| kill(number, MAY)).collect()
}

#[tokio::test]
async fn another_store_takes_the_archive_over_and_has_its_kills() {
    let drill = Drill::with(&[kill(1, MAY), kill(3, MAY), kill(2, "2024-06-06T00:00:00Z")]).await;
    drill.retire(LATER).await;
    let id = drill.text("SELECT store_id::text FROM noctis_store").await;
    let other = Drill::new().await;
    let owner = other.owner().await;
    owner.batch_execute("UPDATE noctis_store SET store_id = gen_random_uuid()").await.unwrap();

    // It has one of the kills already: it would be there twice.
    other.store(&[kill(1, MAY)]).await;
    let refused = noctis(&other.test, &drill, &["archive", "adopt", &id]);
    assert_eq!(refused.code(), 1);
    assert!(
        refused.err.contains("1 of the 2 kills of month=2024-05/part-0 are in the tables too"),
        "{}",
        refused.err
    );
    assert_eq!(other.parts().await, "");
    for table in
        ["killmails_raw", "killmails_enriched", "killmail_participants", "killmail_registry"]
    {
        owner.batch_execute(&format!("DELETE FROM {table}")).await.unwrap();
    }
    let nobody = "00000000-0000-0000-0000-000000000001";
    assert_eq!(noctis(&other.test, &drill, &["archive", "adopt", nobody]).code(), 1);

    let adopted = noctis(&other.test, &drill, &["archive", "adopt", &id]).good().out;
    assert!(adopted.ends_with("2 parts and 3 kills were new to it\n"), "{adopted}");
    assert_eq!(other.parts().await, "2024-05/0 cold, 2024-06/0 cold");
    assert_eq!(other.store(&[kill(1, MAY)]).await.already_there, 1);
    noctis(&other.test, &drill, &["archive", "restore", "2024-05"]).good();
    assert_eq!(other.number("SELECT count(*) FROM killmails_raw").await, 2);

    // The first owner is told, and moves nothing there any more.
    drill.store(&[kill(7, "2024-07-07T00:00:00Z")]).await;
    let (_, problems) = drill.run(LATER).await;
    assert!(
        problems.iter().any(|problem| problem.contains("noctis archive adopt")),
        "{problems:?}"
    );
}
