//! An archive that is ahead of the store, and one that has lost something: doctor names it, and adopting mends what can be.

use std::fs;

use super::commands::noctis;
use super::{Drill, LATER, counter, kill};

const MAY: &str = "2024-05-05T00:00:00Z";
const LATE: &str = "2024-05-07T00:00:00Z";

/// What doctor says of the archive: kind, name, detail, and the advice to it.
fn told(drill: &Drill, of: &Drill, arguments: &[&str]) -> Vec<[String; 3]> {
    let report = noctis(&drill.test, of, &[&["doctor", "--json"], arguments].concat()).json();
    let drifts = report["drifts"].as_array().unwrap();
    let text = |drift: &serde_json::Value, key: &str| drift[key].as_str().unwrap().to_owned();
    let found = drifts.iter().map(|drift| {
        let rest = format!("{} {}", text(drift, "detail"), drift["mend"]);
        [text(drift, "kind"), text(drift, "table"), rest]
    });
    found
        .filter(|[kind, ..]| {
            ["archive_files", "archive_owner", "hot_and_archived"].contains(&kind.as_str())
        })
        .collect()
}

/// A store as it was before anything was retired into the archive of `drill`: stores of tests have the same id.
pub(super) async fn as_before(drill: &Drill, kills: &[serde_json::Value]) -> Drill {
    let mut before = Drill::with(kills).await;
    before.archive = drill.archive.clone();
    before.counter = counter(&before.test, drill.folder.path());
    before
}

pub(super) async fn id(drill: &Drill) -> String {
    drill.text("SELECT store_id::text FROM noctis_store").await
}

#[tokio::test]
async fn missing_and_damaged_files_and_another_owner_are_each_named() {
    let drill = Drill::with(&[kill(1, MAY), kill(2, "2024-06-06T00:00:00Z")]).await;
    drill.retire(LATER).await;
    assert_eq!(told(&drill, &drill, &["--deep"]), Vec::<[String; 3]>::new());
    let named = |arguments: &[&str], detail: &str| {
        let found = told(&drill, &drill, arguments);
        assert_eq!(found.len(), 1, "{detail}: {found:?}");
        let [kind, name, said] = &found[0];
        assert_eq!((kind.as_str(), name.as_str()), ("archive_files", "month=2024-05/part-0"));
        assert!(said.contains(detail), "{said}");
    };
    let file = drill.folder.path().join("table=killmail_participants/month=2024-05/part-0.parquet");
    let whole = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    named(&[], "part-0.parquet");
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    named(&[], "part-0.parquet");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    fs::write(&file, flipped).unwrap();
    named(&["--deep"], "part-0.parquet");
    fs::write(&file, whole).unwrap();
    let manifest = drill.folder.path().join("manifest/month=2024-05/part-0.json");
    let whole = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, whole.replace("noctis ", "somebody ")).unwrap();
    named(&[], "is not the one that was written");
    fs::remove_file(&manifest).unwrap();
    named(&[], "its manifest is missing");
    fs::write(&manifest, whole).unwrap();
    assert_eq!(told(&drill, &drill, &["--deep"]), Vec::<[String; 3]>::new());

    // To a store of another name it is another's, with parts that it knows nothing of.
    let other = Drill::new().await;
    let owner = other.owner().await;
    owner.batch_execute("UPDATE noctis_store SET store_id = gen_random_uuid()").await.unwrap();
    let found = told(&other, &drill, &[]);
    let kinds: Vec<_> = found.iter().map(|[kind, name, _]| (kind.as_str(), name)).collect();
    assert_eq!(kinds.len(), 3, "{found:?}");
    let id = id(&drill).await;
    let adopt = format!("noctis archive adopt {id}");
    assert!(found.iter().all(|[.., said]| said.contains(&adopt)), "{found:?}");
    let detail = format!("it belongs to another store, {id}");
    assert!(found.iter().any(|[kind, _, said]| kind == "archive_owner" && said.contains(&detail)));
    for month in ["month=2024-05/part-0", "month=2024-06/part-0"] {
        assert!(kinds.contains(&("hot_and_archived", &month.to_owned())), "{found:?}");
    }
}

#[tokio::test]
async fn what_came_late_after_the_moment_stays_in_files_and_the_rest_goes_once_more() {
    let drill = Drill::with(&[kill(1, MAY)]).await;
    drill.retire(LATER).await;
    drill.store(&[kill(2, LATE)]).await;
    drill.retire(LATER).await;
    let before = as_before(&drill, &[kill(1, MAY)]).await;

    let id = id(&before).await;
    let said = noctis(&before.test, &drill, &["archive", "adopt", &id]).good().out;
    assert!(said.contains("2 parts and 1 kills were new to it\n"), "{said}");
    assert!(said.ends_with(
        "month=2024-05/part-0: its kills are in the tables, so its files answer nothing\n"
    ));
    assert_eq!(before.parts().await, "2024-05/0 restored, 2024-05/1 cold");
    assert_eq!(told(&before, &drill, &["--deep"]), Vec::<[String; 3]>::new());
    before.retire(LATER).await;
    assert_eq!(before.parts().await, "2024-05/1 cold, 2024-05/2 cold");
    let names: Vec<_> = before.archive.manifests().await.unwrap();
    assert_eq!(names.len(), 2, "the older files are gone");
    assert_eq!(before.restore("2024-05").await[0].kills, 2);
}

#[tokio::test]
async fn a_part_that_is_not_whole_in_the_tables_is_refused_by_its_name() {
    let drill = Drill::with(&[kill(1, MAY), kill(2, LATE)]).await;
    drill.retire(LATER).await;
    let before = as_before(&drill, &[kill(1, MAY)]).await;
    let id = id(&before).await;
    let owner = before.owner().await;
    let refused = |sentence: &str| {
        let said = noctis(&before.test, &drill, &["archive", "adopt", &id]);
        assert_eq!(said.code(), 1, "{}", said.out);
        assert!(said.err.contains(sentence), "{}", said.err);
    };
    refused("1 of the 2 kills of month=2024-05/part-0 are in the tables too");
    before.store(&[kill(2, LATE)]).await;
    // Rows that the tables lack are in the files alone.
    for (table, sentence) in [
        ("killmail_participants", "3 participants instead of 6"),
        ("killmails_enriched", "1 of them not whole"),
        ("killmail_registry", "1 of them not whole"),
    ] {
        let kept = format!(
            "CREATE TABLE kept AS SELECT * FROM {table} WHERE killmail_id = 2; DELETE FROM {table} WHERE killmail_id = 2"
        );
        owner.batch_execute(&kept).await.unwrap();
        refused(sentence);
        let back = format!("INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept");
        owner.batch_execute(&back).await.unwrap();
    }
    assert_eq!(before.parts().await, "");
    noctis(&before.test, &drill, &["archive", "adopt", &id]).good();
    assert_eq!(before.parts().await, "2024-05/0 restored");
}

#[tokio::test]
async fn kills_that_another_part_of_the_store_answers_are_not_taken_over_twice() {
    let drill = Drill::with(&[kill(1, MAY)]).await;
    drill.retire(LATER).await;
    drill.store(&[kill(2, LATE)]).await;
    drill.restore("2024-05").await;
    drill.retire(LATER).await;
    assert_eq!(drill.parts().await, "2024-05/1 cold");
    // Put back to when it had the first part, whose files a backup still has.
    let before = Drill::with(&[kill(1, MAY)]).await;
    before.retire(LATER).await;
    let id = id(&before).await;
    let refused = noctis(&before.test, &drill, &["archive", "adopt", &id]);
    assert_eq!(refused.code(), 1, "{}", refused.out);
    let sentence = "1 of the 2 kills of month=2024-05/part-1 should be in another part already";
    assert!(refused.err.contains(sentence), "{}", refused.err);
    before.restore("2024-05").await;
    before.store(&[kill(2, LATE)]).await;
    noctis(&before.test, &drill, &["archive", "adopt", &id]).good();
    assert_eq!(before.parts().await, "2024-05/0 restored, 2024-05/1 restored");
    let before = Drill { archive: drill.archive.clone(), ..before };
    before.retire(LATER).await;
    assert_eq!(before.parts().await, "2024-05/2 cold");
    assert_eq!(before.archive.manifests().await.unwrap().len(), 1);
    assert_eq!(before.restore("2024-05").await[0].kills, 2);
}
