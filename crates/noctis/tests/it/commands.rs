//! The commands around the killmails: partitions, doctor, generate, version, and schemas that are not ours.

use std::fs;

use noctis_store::migrate::migrate_to;
use noctis_store::testing::{TestDatabase, TestStore};

use crate::program::{Said, command, import, noctis, noctis_reading, on, said};
use crate::samples::{bodies, changed};
use crate::tables::kills;

fn run(arguments: &[&str]) -> Said {
    said(command(arguments).spawn().unwrap())
}

#[tokio::test]
async fn a_plan_is_shown_carried_out_and_then_empty() {
    let test = TestStore::new().await;
    let plan = noctis(&test, &["partitions", "plan"]).good().out;
    assert!(plan.lines().next().unwrap().ends_with(": 4 steps"), "{plan}");
    assert_eq!(plan.matches("    locks: ").count(), 4 * 7, "{plan}");
    let shown = noctis(&test, &["partitions", "plan", "--json"]).good().json();
    assert_eq!(noctis(&test, &["partitions", "status", "--json"]).good().out, "[]\n");
    assert_eq!(noctis(&test, &["doctor"]).code(), 1, "partitions are missing");

    let done = noctis(&test, &["partitions", "apply", "--json"]).good().json();
    for (done, shown) in
        done["done"].as_array().unwrap().iter().zip(shown["steps"].as_array().unwrap())
    {
        assert_eq!((&done["suffix"], &done["range"]), (&shown["suffix"], &shown["range"]));
    }
    assert_eq!(done["done"].as_array().unwrap().len(), 4);
    let nothing = noctis(&test, &["partitions", "plan", "--json"]).good().json();
    assert_eq!(nothing["steps"], serde_json::json!([]));
    let status = noctis(&test, &["partitions", "status"]).good().out;
    assert!(status.contains("4 partitions of each table, "), "{status}");

    let weekly = ["--set", "partitions.interval=week", "--set", "partitions.ahead=24"];
    let said = noctis(&test, &[&weekly[..], &["partitions", "apply"]].concat()).good().out;
    assert!(said.contains("_w"), "{said}");
    let gaps = "SELECT count(*) FROM (
        SELECT a.\"to\" <> lead(a.\"from\") OVER (ORDER BY a.\"from\") AS gap FROM (
          SELECT substring(bound FROM 'FROM \\(''([^'']+)')::timestamptz AS \"from\",
            substring(bound FROM 'TO \\(''([^'']+)')::timestamptz AS \"to\"
          FROM (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'killmails_raw'::regclass) b
        ) a) g WHERE gap";
    assert_eq!(crate::tables::number(&test, gaps).await, 0, "neither gap nor overlap");
    let again = noctis(&test, &[&weekly[..], &["partitions", "apply"]].concat()).good().out;
    assert!(again.ends_with(": nothing to do\n"), "{again}");
}

#[tokio::test]
async fn a_table_in_the_way_is_named() {
    let test = TestStore::new().await;
    let plan = noctis(&test, &["partitions", "plan", "--json"]).good().json();
    let name = format!("killmails_raw_{}", plan["steps"][1]["suffix"].as_str().unwrap());
    let statement = format!("CREATE TABLE {name} ()");
    test.database.owner().await.batch_execute(&statement).await.unwrap();
    for (command, json) in [("plan", false), ("plan", true), ("apply", false), ("apply", true)] {
        let flags: &[&str] = if json { &["--json"] } else { &[] };
        let said = noctis(&test, &[&["partitions", command], flags].concat());
        assert_eq!(said.code(), 1);
        assert!(said.out.contains(&format!("needs the name {name}")), "{}", said.out);
    }
    let said = noctis(&test, &["doctor"]);
    assert_eq!(said.code(), 1);
    assert!(said.out.contains(&format!("needs the name {name}")), "{}", said.out);
}

#[tokio::test]
async fn doctor_finds_a_server_that_may_lose_kills() {
    let test = TestStore::new().await;
    noctis(&test, &["partitions", "apply"]).good();
    let client = test.database.owner().await;
    let fsync: String = client.query_one("SHOW fsync", &[]).await.unwrap().get(0);
    let said = noctis(&test, &["doctor", "--json"]);
    assert_eq!(said.code(), i32::from(fsync == "off"), "{}", said.out);
    let report = said.json();
    let found =
        report["findings"].as_array().unwrap().iter().find(|one| one["what"] == "setting fsync");
    assert_eq!(found.unwrap()["problem"].is_string(), fsync == "off");
}

#[test]
fn the_same_seed_generates_the_same_killmails() {
    let fixed = ["generate", "--kills", "50", "--from", "2026-01-01", "--to", "2026-03-01"];
    let with = |flags: &[&str]| run(&[&fixed[..], flags].concat()).good().out;
    let plain = with(&[]);
    assert_eq!(plain.lines().count(), 50);
    assert_eq!(with(&[]), plain);
    for flags in [&["--seed", "2"][..], &["--oddities"], &["--zkb"]] {
        assert_ne!(with(flags), plain, "{flags:?}");
    }
    for (flags, sentence) in [
        (["--from", "yesterday"], "`yesterday` is no time"),
        (["--to", "400d"], "end after it begins"),
        (["--kills", "0"], "the number of kills must be"),
    ] {
        let said = run(&[&["generate"][..], &flags].concat());
        assert_eq!((said.code(), said.err.lines().count()), (1, 1), "{}", said.err);
        assert!(said.err.contains(sentence), "{}", said.err);
    }
}

#[tokio::test]
async fn generated_killmails_stay_out_of_a_store_with_real_ones_unless_allowed() {
    let test = TestStore::new().await;
    let real = changed(&bodies(1)[0], "killmail_id", 132_000_001.into());
    noctis_reading(&test, &["import", "-"], real.as_bytes()).good();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("generated.ndjson");
    fs::write(&file, run(&["generate", "--kills", "20"]).good().out).unwrap();
    let refused = import(&test, &file);
    assert_eq!(refused["parked"], serde_json::json!({"generated": 20}));
    assert_eq!(kills(&test).await, 1);
    let allowed = ["import", file.to_str().unwrap(), "--again", "--allow-generated", "--json"];
    assert_eq!(noctis(&test, &allowed).good().json()["stored"], 20);
}

#[test]
fn the_version_says_at_length_whose_the_data_is() {
    let short = format!("noctis {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]).good().out, short);
    assert_eq!(run(&["-V"]).good().out, short);
    let long = run(&["--version", "--long"]).good().out;
    assert!(long.starts_with(&short), "{long}");
    for word in ["MIT", "Apache", "CCP's developer licence", "non-commercial", "build "] {
        assert!(long.contains(word), "{word}: {long}");
    }
    assert_eq!(run(&["--long"]).code(), 2);
    assert_eq!(run(&[]).code(), 2, "a command is missing");
}

#[tokio::test]
async fn another_schema_is_refused_with_one_line() {
    let older = TestDatabase::empty().await;
    migrate_to(&mut older.owner().await, 2).await.unwrap();
    let newer = TestStore::new().await;
    let statement =
        "INSERT INTO noctis_migrations SELECT 99, 'x', sha256 FROM noctis_migrations LIMIT 1";
    newer.database.owner().await.batch_execute(statement).await.unwrap();
    let older = command(&["--database-url", &older.owner_url(), "kills"]).spawn().unwrap();
    let refused = [
        said(older),
        noctis(&newer, &["kills"]),
        said(on(&newer, &["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap()),
    ];
    for (said, version) in refused.iter().zip(["2", "99", "99"]) {
        assert_eq!((said.code(), said.err.lines().count()), (1, 1), "{}", said.err);
        assert!(said.err.contains(version), "{}", said.err);
    }
}
