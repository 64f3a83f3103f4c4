//! Turns: waited for so long and no longer, and given back when nobody waits for the answer; decoding that panics; what is filled in.

use std::path::Path;

use noctis_core::catalogue::Catalogue;
use noctis_core::killmail::parse::parse;
use noctis_core::question::Condition;

use super::*;
use crate::Place;

/// A small archive that is kept, and its part.
async fn reader(schema: &str) -> (Reader, Manifest) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archives").join(schema);
    let archive = Archive::open(&Place::Folder(folder)).unwrap();
    let manifest = archive.manifests().await.unwrap().remove(0);
    (Reader::new(archive), manifest)
}

async fn all_turns(reader: &Reader) {
    drop(reader.turns.acquire_many(READERS_MAX as u32).await.unwrap());
}

#[tokio::test]
async fn a_question_whose_turn_does_not_come_is_told_so() {
    let (reader, manifest) = reader("schema-10").await;
    let reader = Reader { turn_wait: Duration::ZERO, ..reader };
    let _taken = reader.turns.acquire_many(READERS_MAX as u32).await.unwrap();
    let error = reader.kills(&manifest, &[]).await.unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_given_up_gives_its_turn_back() {
    let (reader, manifest) = reader("schema-10").await;
    let (begun, mut began) = tokio::sync::mpsc::channel(1);
    let question = reader.with(&manifest, async move |part, alive| {
        begun.send(()).await.unwrap();
        // Ends when nobody waits.
        while alive.check(part.raw.file.path()).is_ok() {
            tokio::task::yield_now().await;
        }
        Ok(())
    });
    tokio::select! {
        _ = question => panic!("somebody waits"),
        _ = began.recv() => {}
    }
    all_turns(&reader).await;
}

#[tokio::test]
async fn a_search_ends_at_the_next_chunk_when_nobody_waits() {
    let (reader, manifest) = reader("schema-10").await;
    let part = reader.part(&manifest).await.unwrap();
    let judge = Judge::new(&Condition::All(Vec::new()), &Catalogue::default());
    let span = Span { range: manifest.range, before: None, least: None };
    let waiting = Arc::new(());
    let alive = Alive::of(&waiting);
    let search = Search { part: &part, judge: &judge, alive: &alive };
    let found = search.newest(span, 10).await.unwrap();
    assert!(!found.is_empty());
    drop(waiting);
    assert!(search.newest(span, 10).await.is_err());
    assert!(search.among(&found).await.is_err());
    assert!(search.highest(manifest.range, (None, 10)).await.is_err());
}

#[tokio::test]
async fn decoding_that_panics_is_a_damaged_part_that_is_named() {
    let (reader, manifest) = reader("schema-10").await;
    let damaged: Result<()> =
        reader.with(&manifest, async |_, _| panic!("the page ends too early")).await;
    let error = damaged.unwrap_err();
    let Error::Damaged { path, detail } = &error else { panic!("{error}") };
    assert_eq!(path, &format!("manifest/{}.json", manifest.name.path()));
    assert!(detail.contains("the page ends too early"), "{detail}");
    all_turns(&reader).await;
}

#[tokio::test]
async fn items_that_a_part_has_no_column_for_are_those_of_the_bodies() {
    let (reader, manifest) = reader("schema-4").await;
    let part = reader.part(&manifest).await.unwrap();
    assert_eq!(part.raw.place("item_type_ids"), None);
    let rows = table::listed(0..part.raw.rows());
    let batch = part.raw.read(&["raw_payload", "item_type_ids"].into(), &rows).await.unwrap();
    assert_eq!(batch.num_rows(), part.raw.rows());
    let columns = columns::Columns(&batch);
    let mut items = 0;
    for row in 0..batch.num_rows() {
        let mail = parse(columns.texts("raw_payload").text(row).unwrap()).unwrap();
        let found = columns.lists("item_type_ids").numbers(row);
        assert_eq!(found, mail.item_type_ids());
        items += found.len();
    }
    assert!(items > 0);
}

#[tokio::test]
async fn instants_are_those_of_the_kills_that_are_meant_and_no_more() {
    use noctis_core::question::condition::{Fact, Field, Party, Role, Trait};
    let (reader, manifest) = reader("schema-10").await;
    let part = reader.part(&manifest).await.unwrap();
    let rows = table::listed(0..part.participants.rows());
    let wanted = ["timestamp", "corporation_id"].into();
    let batch = part.participants.read(&wanted, &rows).await.unwrap();
    let (times, ids) = (
        columns::Columns(&batch).times("timestamp"),
        columns::Columns(&batch).int8("corporation_id"),
    );
    let everybody: HashSet<i64> = (0..batch.num_rows()).filter_map(|row| ids.at(row)).collect();
    assert!(everybody.len() > 1);
    for id in everybody.into_iter().chain([1]) {
        let one = Trait { field: Field::Corporation, ids: vec![id], wanted: true };
        let condition = Condition::Is(Fact::Party(Party { role: Role::Any, traits: vec![one] }));
        let judge = Judge::new(&condition, &Catalogue::default());
        let all = vec![(i64::MIN, i64::MAX)];
        let found = follow::instants(&part, &judge, all).await.unwrap();
        let there = (0..batch.num_rows()).filter(|row| ids.at(*row) == Some(id));
        let there = there.filter_map(|row| times.at(row)).map(|time| (time, time));
        assert_eq!(found, timeline::apart(there.collect()));
    }
}
