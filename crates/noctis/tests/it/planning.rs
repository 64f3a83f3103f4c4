//! Retention from the command line: a plan that is shown, saved, carried out once, and written down.

use noctis_store::testing::TestStore;
use tempfile::TempDir;

use crate::program::{Said, noctis, noctis_reading};

/// A store with two old months and a kill of the present; nothing need settle.
struct Drill {
    test: TestStore,
    folder: TempDir,
}

impl Drill {
    async fn new() -> Drill {
        let drill = Drill { test: TestStore::new().await, folder: tempfile::tempdir().unwrap() };
        for (seed, from, to) in [
            ("1", "2024-05-01", "2024-05-30"),
            ("2", "2024-06-01", "2024-06-30"),
            ("4", "1d", "0s"),
        ] {
            let kills = noctis(
                &drill.test,
                &["generate", "--seed", seed, "--kills", "20", "--from", from, "--to", to],
            );
            let import = ["import", "-", "--set", "import.min_free_disk=0"];
            noctis_reading(&drill.test, &import, kills.good().out.as_bytes()).good();
        }
        drill
    }

    fn partitions(&self, arguments: &[&str]) -> Said {
        let archive = self.folder.path().join("archive").display().to_string();
        let policy = ["--settle", "0s", "--floor", "1", "--archive-dir", &archive];
        noctis(&self.test, &[&["partitions"], arguments, &policy[..]].concat())
    }

    fn file(&self) -> String {
        self.folder.path().join("plan.json").display().to_string()
    }
}

/// `close 2024-05-01`: the steps but creations.
fn steps(answer: &serde_json::Value, list: &str) -> Vec<String> {
    let steps = answer[list].as_array().unwrap().iter();
    steps
        .filter(|step| step["step"] != "create")
        .map(|step| {
            let from = step["range"]["from"].as_str().unwrap();
            format!("{} {}", step["step"].as_str().unwrap(), &from[..10])
        })
        .collect()
}

const MAY: [&str; 3] = ["close 2024-05-01", "archive 2024-05-01", "detach 2024-05-01"];
const JUNE: [&str; 3] = ["close 2024-06-01", "archive 2024-06-01", "detach 2024-06-01"];

#[tokio::test]
async fn a_saved_plan_is_done_exactly_and_once() {
    let drill = Drill::new().await;
    let file = drill.file();
    let plan = drill.partitions(&["plan", "--cap", "1", "--save", &file]).good().out;
    for told in [
        "for the first time partitions are to leave the tables: 2 that hold 2024-05-01 to 2024-07-01",
        "ADD CONSTRAINT \"killmails_raw_2024_05_closed\" CHECK (false) NOT VALID",
        "     locks: ACCESS SHARE on killmails_raw_2024_05; reads all rows",
        "   2024-06-01 to 2024-07-01: its turn comes: 1 a run",
    ] {
        assert!(plan.contains(told), "{told}: {plan}");
    }
    let done = drill.partitions(&["apply", &file, "--json"]).good().json();
    assert_eq!(steps(&done, "done"), MAY);

    let again = drill.partitions(&["apply", &file]);
    assert_eq!(again.code(), 1);
    assert!(
        again.err.contains("changed since the plan was made: make a new plan"),
        "{}",
        again.err
    );

    let ledger = noctis(&drill.test, &["partitions", "ledger", "--json"]).good().json();
    let actions: Vec<&str> =
        ledger.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..4], ["detach", "archive", "close", "announce"]);
    let saved: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(ledger[0]["plan"], saved["inventory"]);
}

#[tokio::test]
async fn a_plan_is_refused_after_a_kill_came_for_what_was_to_go() {
    let drill = Drill::new().await;
    let file = drill.file();
    drill.partitions(&["plan", "--save", &file]).good();
    let late =
        ["generate", "--kills", "1", "--from", "2024-06-02", "--to", "2024-06-03", "--seed", "3"];
    let late = noctis(&drill.test, &late).good().out;
    noctis_reading(
        &drill.test,
        &["import", "-", "--set", "import.min_free_disk=0"],
        late.as_bytes(),
    )
    .good();
    assert_eq!(drill.partitions(&["apply", &file]).code(), 1);
    let plan = drill.partitions(&["plan", "--json"]).good().json();
    assert_eq!(steps(&plan, "steps"), [MAY, JUNE].concat(), "nothing was done");
}

#[tokio::test]
async fn without_a_file_all_that_is_due_is_done_and_dropped_after_its_grace() {
    let drill = Drill::new().await;
    let keep = drill.partitions(&["plan", "--json", "--after", "keep"]).good().json();
    assert_eq!(steps(&keep, "steps"), [""; 0]);
    let ahead =
        drill.partitions(&["plan", "--json", "--now", "2099-01-01", "--keep-months", "1200"]);
    assert_eq!(steps(&ahead.good().json(), "steps"), [""; 0]);

    let done = drill.partitions(&["apply", "--json"]).good().json();
    assert_eq!(steps(&done, "done"), [MAY, JUNE].concat());
    let later = in_days(8);
    let plan = drill.partitions(&["plan", "--json", "--now", &later]).good().json();
    assert_eq!(steps(&plan, "steps"), ["drop 2024-05-01", "drop 2024-06-01"]);
    drill.partitions(&["apply", "--now", &later]).good();
    let plan = drill.partitions(&["plan", "--json", "--now", &later]).good().json();
    assert_eq!(steps(&plan, "steps"), [""; 0]);
}

/// So many days from now.
fn in_days(days: i64) -> String {
    (noctis::clock::now() + jiff::SignedDuration::from_hours(24 * days)).to_string()
}
