//! `serve --sample`: a galaxy beside the real data, the same after an interruption, and questions that find something.

use rustix::process::Signal;
use serde_json::Value;

use crate::program::command;
use crate::served::{Folder, Served, on_folder, wait_until};

/// Pages of one question at most.
const PAGES_MAX: usize = 100;

/// What one SQL statement says, as the role that only reads.
fn sql(folder: &Folder, statement: &str) -> String {
    let arguments = ["psql", "--", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement];
    let said = on_folder(&folder.sample(), &arguments).output().unwrap();
    assert!(said.status.success(), "{statement}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim_end().to_owned()
}

fn kills(folder: &Folder) -> u64 {
    sql(folder, "SELECT count(*) FROM killmail_registry").parse().unwrap()
}

fn start(folder: &Folder) -> Served {
    Served::start_at(folder.command(&[]), "127.0.0.1:0", &["--sample"])
}

/// The contents of each `<pre>` of a page.
fn commands(page: &str) -> Vec<String> {
    let unescaped = |text: &str| {
        [
            ("&lt;", "<"),
            ("&#60;", "<"),
            ("&gt;", ">"),
            ("&#62;", ">"),
            ("&#39;", "'"),
            ("&#x27;", "'"),
        ]
        .into_iter()
        .chain([("&quot;", "\""), ("&#34;", "\""), ("&#38;", "&"), ("&amp;", "&")])
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
    };
    page.split("<pre>")
        .skip(1)
        .map(|rest| unescaped(rest.split("</pre>").next().unwrap()))
        .collect()
}

/// All kills of a question.
fn count(served: &Served, path: &str) -> usize {
    let (mut found, mut cursor) = (0, String::new());
    for _ in 0..PAGES_MAX {
        let page = served.json(&format!("{path}{cursor}"));
        found += page["killmails"].as_array().unwrap().len();
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return found,
        }
    }
    panic!("{path} never ends");
}

#[test]
fn the_sample_is_filled_once_beside_the_real_data_and_its_questions_find_kills() {
    let folder = Folder::new();
    let served = start(&folder);
    wait_until("some kills are there", || kills(&folder) > 0);
    assert_eq!(served.end(Signal::INT).code(), 0);
    println!("interrupted at {} kills", kills(&folder));

    let served = start(&folder);
    wait_until("all kills are there", || kills(&folder) >= 20_000);
    wait_until("the names are there", || sql(&folder, "SELECT count(*) FROM alliances") != "0");
    assert_eq!(kills(&folder), 20_000);
    let parked = on_folder(&folder.sample(), &["parked", "list"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&parked.stdout), "nothing is parked\n");
    let months = "SELECT count(DISTINCT date_trunc('month', \"timestamp\")) FROM killmails_raw";
    assert!(["14", "15"].contains(&sql(&folder, months).as_str()));
    assert!(!folder.data.exists(), "the real folder is not even made");

    let (_, page) = served.get("/");
    assert!(page.contains("SAMPLE DATA"));
    let commands = commands(&page);
    assert_eq!(commands.len(), 8, "four questions, each as a command and as SQL: {commands:#?}");
    for question in commands.chunks(2) {
        let path = question[0].split('\'').nth(1).unwrap();
        let path = &path[path.find("/api/v1/").unwrap()..];
        let found = count(&served, path);
        assert!(found > 0, "{path}");
        assert_eq!(sql(&folder, &question[1]).lines().count(), found, "{}", question[1]);
        println!("{found} kills: {path}");
    }
    let id = sql(&folder, "SELECT max(killmail_id) FROM killmail_registry");
    let (status, kill) = served.get(&format!("/kill/{id}"));
    assert!(status == 200 && kill.contains("SAMPLE DATA"), "{status}");
    assert_eq!(served.end(Signal::TERM).code(), 0);
}

#[test]
fn the_sample_takes_no_other_database() {
    let said = command(&["--database-url", "postgres://localhost/real", "serve", "--sample"]);
    let said = crate::program::said({ said }.spawn().unwrap());
    assert_eq!(said.code(), 1);
    assert!(said.err.contains("unset DATABASE_URL"), "{}", said.err);
}
