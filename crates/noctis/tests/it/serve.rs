//! `serve` from its start to its end, with whatever befalls it and PostgreSQL meanwhile.

use std::io::Write;
use std::process::{Child, Stdio};

use noctis_store::testing::{TestDatabase, TestStore};
use rustix::process::{Signal, getpgid, getsid, kill_process};

use crate::program::{Said, command, on, said, send};
use crate::samples::bodies;
use crate::served::{Folder, Served, ended, wait_until};

/// A refusal is one sentence, and no success.
#[track_caller]
fn assert_refused(said: &Said, sentence: &str) {
    assert_eq!(said.code(), 1, "{}", said.out);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    assert!(said.err.contains(sentence), "{}", said.err);
}

#[test]
fn an_empty_folder_is_served_joined_and_left_clean() {
    let folder = Folder::new();
    let served = Served::start(folder.command(&[]));
    let postgres = folder.postmaster().unwrap();
    assert_eq!(
        served.greeting,
        format!("noctis serves on http://{}; Ctrl-C ends it\n", served.address)
    );

    let (status, page) = served.get("/");
    assert_eq!(status, 200);
    assert!(page.contains("noctis import PATH"), "it tells how to import: {page}");
    assert!(!page.contains("SAMPLE DATA"));
    assert_eq!(served.get("/readyz"), (200, "ready\n".to_owned()));
    let empty = serde_json::json!({"cold_months": [], "killmails": [], "next": null});
    assert_eq!(served.json("/api/v1/killmails"), empty);

    let leaves = folder.noctis(&["partitions", "status", "--json"]).good().json();
    assert_eq!(leaves.as_array().unwrap().len(), 12, "this month and three ahead: {leaves:#}");
    let nothing = folder.noctis(&["partitions", "plan"]).good().out;
    assert!(nothing.ends_with(": nothing to do\n"), "{nothing}");
    folder.noctis(&["doctor"]).good();
    folder.noctis(&["kills"]).good();
    let url = folder.noctis(&["database", "url"]).good().out;
    assert!(url.starts_with("postgresql://noctis_read@"), "{url}");
    assert_eq!(folder.sql("SELECT current_user"), "noctis_read");
    assert_eq!(folder.postmaster(), Some(postgres), "they joined, and left it running");

    let second = folder.noctis(&["serve", "--listen", "127.0.0.1:0"]);
    assert_refused(&second, "noctis serve runs already on ");
    assert!(served.is_ready());

    let end = served.end(Signal::TERM);
    assert_eq!((end.code(), end.err.as_str()), (0, ""));
    folder.assert_no_postgres(postgres);
}

#[test]
fn without_serve_a_command_starts_postgres_and_stops_it_and_the_data_stays() {
    let folder = Folder::new();
    let refused = folder.noctis(&["kills"]);
    assert_refused(&refused, "there is no database in ");
    assert!(!folder.data.join("postgres").exists(), "asking makes nothing");
    folder.noctis(&["migrate"]).good();
    assert_eq!(folder.postmaster(), None);
    let mut import = reading(&folder);
    feed(&mut import, 20);
    drop(import.stdin.take());
    assert_eq!(said(import).good().json()["stored"], 20);
    assert_eq!(folder.postmaster(), None);
    assert_eq!(folder.sql("SELECT count(*) FROM killmails_raw"), "20");
    let served = Served::start(folder.command(&[]));
    assert_eq!(served.json("/api/v1/killmails")["killmails"].as_array().unwrap().len(), 20);
    let postgres = folder.postmaster().unwrap();
    assert_eq!(served.end(Signal::INT).code(), 0);
    folder.assert_no_postgres(postgres);
}

/// An import that waits for its input.
fn reading(folder: &Folder) -> Child {
    folder.command(&["import", "-", "--json"]).stdin(Stdio::piped()).spawn().unwrap()
}

fn feed(import: &mut Child, kills: u64) {
    let text = bodies(kills).join("\n") + "\n";
    import.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn an_import_outlives_serve_and_whoever_leaves_last_stops_postgres() {
    let folder = Folder::new();
    let mut served = Served::start(folder.command(&[]));
    let postgres = folder.postmaster().unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        let mut import = reading(&folder);
        feed(&mut import, 30);
        wait_until("the import has joined", || {
            folder.sql("SELECT count(*) FROM pg_class WHERE relpersistence = 't'") != "0"
        });
        assert_eq!(served.end(signal).code(), 0);
        assert_eq!(folder.postmaster(), Some(postgres), "the import still needs it");
        served = Served::start(folder.command(&[]));
        drop(import.stdin.take());
        let summary = said(import).good().json();
        assert_eq!(summary["read"], 30, "{summary:#}");
        assert_eq!(folder.postmaster(), Some(postgres), "now serve needs it");
    }
    assert_eq!(served.json("/api/v1/killmails")["killmails"].as_array().unwrap().len(), 30);

    let mut import = reading(&folder);
    feed(&mut import, 30);
    wait_until("the import has joined", || {
        folder.sql("SELECT count(*) FROM pg_class WHERE relpersistence = 't'") != "0"
    });
    assert_eq!(served.end(Signal::TERM).code(), 0);
    send(&import, Signal::TERM);
    assert_eq!(ended(import).code(), 143);
    folder.assert_no_postgres(postgres);
}

#[test]
fn a_busy_port_is_one_sentence_and_starts_nothing() {
    let folder = Folder::new();
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let said = folder.noctis(&["serve", "--listen", &address]);
    assert_refused(&said, &format!("{address} is in use by another program"));
    assert!(!folder.data.join("postgres").exists());
}

#[test]
fn an_end_asked_for_while_postgres_comes_up_leaves_none_running() {
    let folder = Folder::new();
    for event in ["serve.lock", "postgres/postmaster.pid"] {
        let child = folder.command(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
        wait_until(event, || folder.data.join(event).exists());
        send(&child, Signal::TERM);
        let end = ended(child);
        assert_eq!(end.code(), 0, "{event}: {}", end.err);
        assert_eq!(folder.postmaster(), None, "{event}");
    }
    let served = Served::start(folder.command(&[]));
    assert!(served.is_ready());
}

#[test]
fn whoever_is_killed_is_replaced_and_ctrl_c_does_not_reach_postgres() {
    let folder = Folder::new();
    let served = Served::start(folder.command(&[]));
    let postgres = folder.postmaster().unwrap();
    // Our own session cannot be asked for where its leader stands outside of the container's process namespace.
    assert_eq!(getsid(Some(postgres)), Ok(postgres), "PostgreSQL leads a session of its own");
    assert_eq!(getpgid(Some(postgres)), Ok(postgres), "and a process group");

    served.end(Signal::KILL);
    assert_eq!(folder.postmaster(), Some(postgres), "an orphan");
    let served = Served::start(folder.command(&[]));
    assert_eq!(folder.postmaster(), Some(postgres), "adopted");
    assert!(served.is_ready());

    kill_process(postgres, Signal::KILL).unwrap();
    wait_until("PostgreSQL is started again", || {
        folder.postmaster().is_some_and(|now| now != postgres) && served.is_ready()
    });
    let postgres = folder.postmaster().unwrap();

    served.end(Signal::KILL);
    folder.noctis(&["doctor"]).good();
    folder.assert_no_postgres(postgres);
}

#[tokio::test]
async fn a_given_database_is_served_beyond_loopback_and_migrated_if_it_is_empty() {
    let empty = TestDatabase::empty().await;
    let first = Served::start(command(&["--database-url", &empty.owner_url()]));
    assert!(first.is_ready());
    assert_eq!(first.json("/api/v1/killmails")["next"], serde_json::Value::Null);

    let test = TestStore::new().await;
    let second = Served::start_at(on(&test, &[]), "0.0.0.0:0", &[]);
    assert!(second.address.starts_with("0.0.0.0:"), "{}", second.address);
    assert!(second.is_ready());
    for served in [first, second] {
        assert_eq!(served.end(Signal::TERM).code(), 0);
    }
}
