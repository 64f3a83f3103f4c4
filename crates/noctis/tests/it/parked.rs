//! `noctis parked`: what could not be stored is shown, and tried again when it may be stored after all.

use noctis_store::testing::TestStore;

use crate::program::{noctis, noctis_reading};
use crate::samples::{bodies, changed};
use crate::tables::{assert_same, contents, half_kills, kills, number};

/// A store with one kill, another body under its id, a line that is no JSON, and one that is no killmail.
async fn store_with_parked() -> TestStore {
    let test = TestStore::new().await;
    let body = &bodies(1)[0];
    let other = changed(body, "war_id", 77.into());
    let input = format!("{body}\n{other}\nnonsense \x1b[2J\n{{\"title\":\"a song\"}}\n");
    noctis_reading(&test, &["import", "-"], input.as_bytes()).good();
    test
}

#[tokio::test]
async fn the_list_counts_by_reason_and_shows_the_newest() {
    let test = store_with_parked().await;
    let list = noctis(&test, &["parked", "list"]).good().out;
    let without_times: Vec<String> = list
        .lines()
        .map(|line| match line.find("20") {
            Some(at) if line[at..].len() > 19 && line[at + 4..].starts_with('-') => {
                format!("{}<parked at>        {}", &line[..at], &line[at + 19..])
            }
            _ => line.to_owned(),
        })
        .collect();
    insta::assert_snapshot!(without_times.join("\n"), @r"
    reason          count    size
    broken_json         1    13 B
    not_a_killmail      1    18 B
    other_body          1  1.1 kB

    id  parked at            reason                  killmail    size  source          detail
     3  <parked at>          not_a_killmail                 -    18 B  standard input  none of the shapes killmails come in
     2  <parked at>          broken_json                    -    13 B  standard input  this is no JSON object
     1  <parked at>          other_body      9000007000000000  1.1 kB  standard input  killmail 9000007000000000 is stored with another body
    ");

    let one = noctis(&test, &["parked", "list", "--reason", "broken_json", "--json"]).good().json();
    assert_eq!(
        one["counts"],
        serde_json::json!([{"reason": "broken_json", "count": 1, "bytes": 13}])
    );
    assert_eq!(one["parked"].as_array().unwrap().len(), 1);
    let none = noctis(&test, &["parked", "list", "--reason", "too_deep"]).good();
    assert_eq!(none.out, "nothing is parked\n");
    let wrong = noctis(&test, &["parked", "list", "--reason", "ugly"]);
    assert!(wrong.err.contains("no such reason; there are broken_json, not_utf8"), "{}", wrong.err);
}

#[tokio::test]
async fn one_is_shown_as_text_or_as_its_bytes() {
    let test = store_with_parked().await;
    let query = "SELECT parked_id FROM killmails_parked WHERE reason = 'broken_json'";
    let id = number(&test, query).await.to_string();
    assert_eq!(noctis(&test, &["parked", "show", &id, "--raw"]).good().out, "nonsense \x1b[2J");
    let shown = noctis(&test, &["parked", "show", &id]).good().out;
    assert!(shown.starts_with("reason    broken_json\n"), "{shown}");
    assert!(shown.contains("source    standard input\n"), "{shown}");
    assert!(shown.ends_with("\nnonsense \u{fffd}[2J\n"), "{shown:?}");
    let none = noctis(&test, &["parked", "show", "999"]);
    assert_eq!(none.code(), 1);
    assert!(none.err.contains("nothing is parked under 999"), "{}", none.err);
}

#[tokio::test]
async fn what_is_refused_again_stays_as_it_is() {
    let test = store_with_parked().await;
    let before = contents(&test).await;
    let query = "SELECT sum(parked_id)::bigint FROM killmails_parked";
    let numbers = number(&test, query).await;
    let said = noctis(&test, &["parked", "retry"]).good();
    assert_eq!(said.out, "tried 3: 0 stored, 3 parked still\n");
    assert_same(&contents(&test).await, &before, "tried again");
    assert_eq!(number(&test, query).await, numbers);
}

/// As an older noctis, which could not read it yet, would have left it.
async fn park(test: &TestStore, body: &str, reason: &str) -> i64 {
    let query = "INSERT INTO killmails_parked (digest, reason, detail, source, bytes)
        VALUES (sha256(convert_to($1, 'UTF8')), $2, 'a test', 'a test', convert_to($1, 'UTF8'))
        RETURNING parked_id";
    test.database.owner().await.query_one(query, &[&body, &reason]).await.unwrap().get(0)
}

#[tokio::test]
async fn what_can_be_stored_now_is_and_is_parked_no_more() {
    let test = store_with_parked().await;
    let bodies = bodies(6);
    let mut ids = Vec::new();
    for body in &bodies[1..] {
        ids.push(park(&test, body, "absurd_time").await.to_string());
    }
    let one = noctis(&test, &["parked", "retry", &ids[2]]).good();
    assert_eq!(one.out, "tried 1: 1 stored, 0 parked still\n");
    assert_eq!(kills(&test).await, 2);

    let by_reason = ["parked", "retry", "--reason", "absurd_time", "--json"];
    let rest = noctis(&test, &by_reason).good().json();
    assert_eq!(rest, serde_json::json!({"tried": 4, "stored": 4, "parked_still": 0}));
    assert_eq!((kills(&test).await, half_kills(&test).await), (6, 0));
    assert_eq!(number(&test, "SELECT count(*) FROM killmails_parked").await, 3);
}

#[tokio::test]
async fn one_that_is_refused_does_not_hold_back_its_neighbours() {
    let test = TestStore::new().await;
    let bodies = bodies(3);
    let twin = bodies[1].replacen("\"killmail_time\":\"2026", "\"killmail_time\":\"2025", 1);
    assert_ne!(twin, bodies[1]);
    for body in [&bodies[0], &bodies[1], &twin, &bodies[2]] {
        park(&test, body, "absurd_field").await;
    }
    let said = noctis(&test, &["parked", "retry"]).good();
    assert_eq!(said.out, "tried 4: 3 stored, 1 parked still\n");
    assert_eq!(kills(&test).await, 3);
    let left = "SELECT count(*) FROM killmails_parked WHERE reason = 'absurd_field'";
    assert_eq!(number(&test, left).await, 1);
}

#[tokio::test]
async fn generated_killmails_are_stored_once_they_are_allowed() {
    let test = TestStore::new().await;
    let bodies = bodies(2);
    let real = changed(&bodies[0], "killmail_id", 132_000_001.into());
    let input = format!("{real}\n{}\n", bodies[1]);
    noctis_reading(&test, &["import", "-"], input.as_bytes()).good();
    let refused = noctis(&test, &["parked", "retry"]).good();
    assert_eq!(refused.out, "tried 1: 0 stored, 1 parked still\n");
    let allowed = noctis(&test, &["parked", "retry", "--allow-generated"]).good();
    assert_eq!(allowed.out, "tried 1: 1 stored, 0 parked still\n");
    assert_eq!(kills(&test).await, 2);
}
