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
async fn an_export_follows_the_cursor_to_its_end_in_both_orders() {
    let stocked = Stocked::empty().await;
    let kills = [
        (1, "2026-01-02T03:04:05Z"),
        (2, "2024-01-02T03:04:05Z"),
        (3, "2009-01-02T03:04:05Z"),
        (4, "2026-01-03T00:00:00Z"),
    ];
    stocked.add(&kills).await;
    let ids = |text: &str| -> Vec<i64> {
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|kill| kill["killmail_id"].as_i64().unwrap()).collect()
    };
    let all = ["kills", "--all", "--limit", "1", "--format", "ndjson"];
    let by_time = noctis(&stocked.test, &all).good();
    assert_eq!((ids(&by_time.out), by_time.err.as_str()), (vec![4, 1, 2, 3], ""));
    let by_arrival = noctis(&stocked.test, &[&all[..], &["--order", "arrival"]].concat()).good();
    let mut arrived = ids(&by_arrival.out);
    arrived.sort_unstable();
    assert_eq!(arrived, [1, 2, 3, 4]);
    // The end of what has arrived is no end: the cursor that is told goes on from there.
    let cursor = by_arrival.err.trim_end().rsplit(' ').next().unwrap().to_owned();
    stocked.add(&[(5, "2008-01-01T00:00:00Z")]).await;
    let later = [&all[..], &["--order", "arrival", "--cursor", &cursor]].concat();
    assert_eq!(ids(&noctis(&stocked.test, &later).good().out), [5]);
    let csv = noctis(&stocked.test, &["kills", "--all", "--ids", "--csv", "--since", "2020-01-01"]);
    let csv = csv.good().out;
    assert_eq!(csv.lines().next(), Some("killmail_id,killmail_hash,killmail_time"));
    assert_eq!(csv.lines().count(), 4, "{csv}");
}

#[tokio::test]
async fn flags_take_names_and_ids_and_are_named_when_they_are_wrong() {
    let stocked = two_kills().await;
    let test = &stocked.test;
    let sql = "INSERT INTO alliances (eve_id, name) VALUES (99000002, 'Night Shift'), (99000003, 'night shift')";
    test.database.owner().await.execute(sql, &[]).await.unwrap();
    for (flags, count) in [
        (["--character", "tsuki, the \"second\""], None),
        (["--system", "30000142"], Some(2)),
        (["--system", "-Jita"], Some(0)),
        (["--region", "The Forge"], Some(2)),
        (["--region", "10000002"], Some(2)),
        (["--ship", "587,-588"], Some(2)),
        (["--alliance", "99000002"], Some(2)),
        (["--alliance", "Night Shift"], None),
        (["--since", "yesterday"], None),
        (["--limit", "1001"], None),
        (["--cursor", "x"], None),
        (["--where", "solo=perhaps"], None),
    ] {
        let run = noctis(test, &["kills", flags[0], flags[1], "--format", "json"]);
        match count {
            Some(count) => {
                let kills = run.good().json()["killmails"].as_array().map(Vec::len);
                assert_eq!(kills, Some(count), "{flags:?}");
            }
            None => {
                assert_eq!(run.code(), 1, "{flags:?}: {}", run.out);
                let told = if flags[0] == "--cursor" { "this cursor" } else { flags[0] };
                assert!(run.err.starts_with(&format!("noctis: {told}")), "{}", run.err);
            }
        }
    }
    let refused = noctis(test, &["kills", "--all"]);
    assert!(refused.err.contains("add --format ndjson or --format csv"), "{}", refused.err);
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
