//! The ledger beside what PostgreSQL's own log says was done.

use std::collections::BTreeMap;

use noctis_store::{Store, StoreOptions};

use super::server::Mortal;
use super::{Address, good};
use crate::program::{is_killed, said};

/// A transaction, as the server's log has it.
#[derive(Default)]
struct Logged {
    definitions: Vec<String>,
    lines: u32,
    committed: bool,
}

/// The transactions of the log, by their numbers; each of its lines begins with one.
fn transactions(log: &str) -> BTreeMap<String, Logged> {
    let mut all: BTreeMap<String, Logged> = BTreeMap::new();
    for line in log.lines() {
        let parts = line.strip_prefix("tx ").and_then(|line| line.split_once(' '));
        let Some((number, text)) = parts else { continue };
        // `LOG:  statement: …` and `LOG:  execute s1: …`
        let sql = text
            .split_once("statement: ")
            .or_else(|| text.split_once("execute ").and_then(|(_, text)| text.split_once(": ")));
        let Some((_, sql)) = sql else { continue };
        let one = all.entry(number.to_owned()).or_default();
        let verbs =
            ["CREATE TABLE", "ALTER TABLE", "DROP TABLE", "CREATE INDEX", "CREATE UNIQUE INDEX"];
        if verbs.iter().any(|verb| sql.starts_with(verb)) && sql.contains("killmail") {
            one.definitions.push(sql.to_owned());
        }
        one.committed |= sql.starts_with("COMMIT");
    }
    all
}

/// Which transactions wrote lines of the ledger: its statement begins on a line of its own, after the comment.
fn count_lines(log: &str, all: &mut BTreeMap<String, Logged>) {
    let mut number = "";
    for line in log.lines() {
        if let Some((found, _)) = line.strip_prefix("tx ").and_then(|line| line.split_once(' ')) {
            number = found;
        }
        if line.contains("INSERT INTO lifecycle_ledger") {
            all.entry(number.to_owned()).or_default().lines += 1;
        }
    }
}

#[tokio::test]
async fn every_definition_in_the_servers_log_has_one_line_of_the_ledger() {
    let mortal = Mortal::new().await;
    let folder = mortal.archive_folder();
    let store = mortal.store().await;
    let database = store.client().await.unwrap();
    let telling = "SELECT count(*) FROM lifecycle_ledger WHERE action IN \
                   ('create', 'close', 'reopen', 'detach', 'discard', 'drop', 'restore')";
    let before: i64 = database.query_one(telling, &[]).await.unwrap().get(0);
    let config = mortal.cluster.superuser_config();
    let options = StoreOptions { config, connections_max: 1, statement_timeout: None };
    let superuser = Store::connect(options).await.unwrap();
    let superuser = superuser.client().await.unwrap();
    for setting in ["log_statement = 'all'", "log_line_prefix = 'tx %v '"] {
        superuser.batch_execute(&format!("ALTER SYSTEM SET {setting}")).await.unwrap();
    }
    superuser.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let address = Address { url: mortal.cluster.owner_url(), archive: &folder };
    // Deaths before and after a commit, and a whole life.
    for point in ["detach.written_down", "detach.committed", "drop.dropped"] {
        let died = said(address.apply().args(["--fail-at", point]).spawn().unwrap());
        assert!(is_killed(died.status), "{point}: {}{}", died.out, died.err);
    }
    good(address.apply());
    good(address.restore());
    good(address.apply());
    good(address.apply());

    let log = std::fs::read(mortal.cluster.log_path()).unwrap();
    let log = String::from_utf8_lossy(&log);
    let mut transactions = transactions(&log);
    count_lines(&log, &mut transactions);
    let mut changing = 0;
    for one in transactions.values().filter(|one| one.committed && !one.definitions.is_empty()) {
        assert_eq!(one.lines, 1, "lines of the ledger for {:#?}", one.definitions);
        changing += 1;
    }
    for one in transactions.values().filter(|one| !one.committed && one.lines == 0) {
        // A month that comes back is built beside the group, in tables that nobody reads; the line is its attachment's.
        let others: Vec<&String> =
            one.definitions.iter().filter(|sql| !sql.contains("_restored")).collect();
        let is_begun = one.definitions.len() > 1;
        assert!(others.is_empty() || is_begun, "without a line of the ledger: {others:#?}");
    }
    let after: i64 = database.query_one(telling, &[]).await.unwrap().get(0);
    println!(
        "{changing} transactions with definitions, {} lines that tell of them",
        after - before
    );
    assert!(changing > 8, "the log was read");
    assert_eq!(after - before, changing, "lines that tell of definitions, and definitions");
}
