//! `noctis kills` and `noctis kill`: the same answers on the command line.

use serde_json::Value;

use crate::program::noctis;
use crate::stocked::Stocked;

async fn two_kills() -> Stocked {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z"), (2, "2026-01-02T04:00:00Z")]).await;
    let sql = "INSERT INTO characters (eve_id, name) VALUES (90000002, 'Tsuki, the \"Second\"')";
    stocked.test.database.owner().await.execute(sql, &[]).await.unwrap();
    stocked
}

#[tokio::test]
async fn kills_come_as_a_table_as_json_and_as_csv() {
    let stocked = two_kills().await;
    let test = &stocked.test;
    insta::assert_snapshot!("table", noctis(test, &["kills", "--system", "jita"]).good().out);

    let said = noctis(test, &["kills", "--since", "2026-01-02 03:30", "--json"]).good().json();
    let asked = stocked.get("/api/v1/killmails?from=2026-01-02%2003:30").await.json();
    assert_eq!(said, asked);
    assert_eq!(said["killmails"][0]["killmail_id"], 2);

    let csv = noctis(test, &["kills", "--where", "ship_type=Rifter", "--limit", "1", "--csv"]);
    let received = asked["killmails"][0]["received_at"].as_str().unwrap();
    insta::assert_snapshot!("csv", csv.good().out.replace(received, "RECEIVED"));
}

#[tokio::test]
async fn flags_and_where_mean_what_the_keys_mean() {
    let stocked = two_kills().await;
    for (flags, count) in [
        (vec!["--ship", "Rifter", "--character", "90000002"], 2),
        (vec!["--corporation", "-98000002"], 0),
        (vec!["--alliance", "99000002", "--where", "npc=false", "--where", "solo=true"], 2),
        (vec!["--where", "victim.alliance_id=99000002"], 0),
        (vec!["--until", "2026-01-02 04:00", "--order", "arrival"], 1),
        (vec!["--since", "1h"], 0),
    ] {
        let arguments = [&["kills", "--json"], flags.as_slice()].concat();
        let said = noctis(&stocked.test, &arguments).good().json();
        assert_eq!(said["killmails"].as_array().map(Vec::len), Some(count), "{flags:?}");
    }
}

#[tokio::test]
async fn a_page_names_the_cursor_of_the_next() {
    let stocked = two_kills().await;
    let first = noctis(&stocked.test, &["kills", "--limit", "1"]).good().out;
    let cursor = first.trim_end().rsplit("--cursor ").next().unwrap().to_owned();
    let second = noctis(&stocked.test, &["kills", "--limit", "1", "--cursor", &cursor]).good().out;
    assert!(first.contains(" 04:00:00 ") && second.contains(" 03:04:05 "), "{first}{second}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_one_sentence() {
    let stocked = Stocked::empty().await;
    let mut said = String::new();
    for arguments in [
        ["kills", "--system", "Nowhere"],
        ["kills", "--where", "allience_id=1"],
        ["kills", "--where", "npc"],
        ["kill", "1", "--json"],
        ["kill", "1", "--esi"],
    ] {
        let run = noctis(&stocked.test, &arguments);
        assert_eq!((run.code(), run.out.as_str()), (1, ""), "{arguments:?}");
        said.push_str(&run.err);
    }
    insta::assert_snapshot!("refusals", said);
}

#[tokio::test]
async fn one_kill_comes_for_people_as_json_and_as_its_body() {
    let stocked = two_kills().await;
    let test = &stocked.test;
    insta::assert_snapshot!("kill", noctis(test, &["kill", "1"]).good().out);
    let json: Value = noctis(test, &["kill", "1", "--json"]).good().json();
    assert_eq!(json, stocked.get("/api/v1/killmails/1").await.json());
    let body = noctis(test, &["kill", "1", "--esi"]).good().json();
    assert_eq!(body, crate::stocked::made_up(1, "2026-01-02T03:04:05Z"));
}
