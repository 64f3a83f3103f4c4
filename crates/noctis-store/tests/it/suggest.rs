//! Names that are made ready to be suggested, against a reading of all of them.

use jiff::Timestamp;
use noctis_core::suggest::{Asked, Entity, Fit, Kind, best, fold};
use noctis_store::names::{self, NewNames};
use noctis_store::suggest::{self, build, built, find, find_slips, fresh};
use noctis_store::testing::TestStore;

const NAMES: i64 = 3_000;
const QUERIES: usize = 2_000;
const LIMIT: usize = 10;

/// Numbers that look thrown.
fn thrown(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |end| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    }
}

fn name(thrown: &mut impl FnMut(u64) -> u64) -> String {
    let syllables = ["ka", "mi", "Na", "ri", "Sha", "dow", "Ö", "я", "the", "x"];
    let mut word = |_| (0..=thrown(3)).map(|_| syllables[thrown(10) as usize]).collect::<String>();
    let words = [word(0), word(1)];
    words.join(if words[0].len() > 4 { " " } else { "" })
}

async fn filled() -> (TestStore, tempfile::TempDir) {
    let test = TestStore::new().await;
    let mut thrown = thrown(3);
    let mut told = NewNames::default();
    for id in 1..=NAMES {
        let ticker = Some(format!("T{}", thrown(500))).filter(|_| id % 2 == 0);
        match id % 10 {
            0 => told.alliances.push((id, name(&mut thrown), ticker)),
            1 | 2 => told.corporations.push((id, name(&mut thrown), ticker, None)),
            _ => told.characters.push((id, name(&mut thrown), None, None)),
        }
    }
    let mut client = test.store.client().await.unwrap();
    names::put(&mut client, &told, now()).await.unwrap();
    let active = "INSERT INTO presence (entity_id, month, kind, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, \
                  isk_destroyed, isk_lost) SELECT eve_id, '2026-10-01', 1, eve_id % 7, 0, 0, eve_id % 3, 0, 0, 0, 0 FROM characters";
    client.batch_execute(active).await.unwrap();
    (test, tempfile::tempdir().unwrap())
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// All there is, read one by one.
async fn all(test: &TestStore) -> Vec<Entity> {
    let sql = "SELECT 1, eve_id, name, NULL FROM characters UNION ALL SELECT 2, eve_id, name, ticker FROM corporations \
               UNION ALL SELECT 3, eve_id, name, ticker FROM alliances";
    let rows = test.store.client().await.unwrap().query(sql, &[]).await.unwrap();
    let read = rows.iter().map(|row| {
        let kind =
            [Kind::Character, Kind::Corporation, Kind::Alliance][row.get::<_, i32>(0) as usize - 1];
        let id: i64 = row.get(1);
        let activity = if kind == Kind::Character { id % 7 + id % 3 } else { 0 };
        Entity { kind, id, activity, name: row.get(2), ticker: row.get(3) }
    });
    read.collect()
}

/// What is typed: a part of a name, another one, or something else.
fn typed(entities: &[Entity], thrown: &mut impl FnMut(u64) -> u64) -> String {
    let one = &entities[thrown(entities.len() as u64) as usize];
    let text = one.ticker.as_ref().filter(|_| thrown(4) == 0).unwrap_or(&one.name);
    let letters: Vec<char> = text.chars().collect();
    let from = thrown(letters.len() as u64) as usize;
    let until = from + 1 + thrown((letters.len() - from) as u64) as usize;
    let mut typed: String = letters[from..until].iter().collect();
    if thrown(5) == 0 {
        typed.push('q');
    }
    typed
}

#[tokio::test]
async fn two_thousand_random_queries_are_answered_as_a_reading_of_all_names_does() {
    let (test, folder) = filled().await;
    let made = build(&test.store, folder.path()).await.unwrap();
    assert_eq!(made.names, NAMES);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file is gone");
    let entities = all(&test).await;
    let texts = |one: &Entity| {
        std::iter::once(&one.name).chain(&one.ticker).map(|text| fold(text)).collect()
    };
    let folded: Vec<(Entity, Vec<String>)> =
        entities.iter().map(|one| (one.clone(), texts(one))).collect();
    let client = test.store.client().await.unwrap();
    let mut thrown = thrown(5);
    let (mut empty, mut full) = (0, 0);
    for query in 0..QUERIES {
        let typed = typed(&entities, &mut thrown);
        let Some(asked) = Asked::new(&typed) else { continue };
        let kind = [None, Some(Kind::Alliance), Some(Kind::Character)][query % 3];
        // Every name is read, folded once beforehand.
        let judge = |(entity, folded): &(Entity, Vec<String>)| {
            let fit = folded.iter().filter_map(|text| asked.judge(text)).min()?;
            let is_meant = kind.is_none_or(|kind| kind == entity.kind) && fit < Fit::Words;
            is_meant.then(|| (fit, entity.clone()))
        };
        let naive = best(folded.iter().filter_map(judge).collect(), LIMIT);
        let found = find(&client, &asked, kind, LIMIT).await.unwrap();
        assert_eq!(found[..naive.len()], naive, "{typed}");
        let slips = find_slips(&client, &asked, kind, LIMIT).await.unwrap();
        let fits = |(fit, one): &(Fit, Entity)| {
            entities.contains(one)
                && kind.is_none_or(|kind| kind == one.kind)
                && one.judge(&asked) == Some(*fit)
        };
        assert!(found.iter().chain(&slips).all(fits), "{typed}");
        empty += u32::from(naive.is_empty());
        full += u32::from(naive.len() == LIMIT);
    }
    assert!(empty > 100 && full > 400, "{empty} empty and {full} full answers");
}

#[tokio::test]
async fn who_is_renamed_or_gone_is_not_suggested_by_an_old_name_and_new_names_are_fresh() {
    let (test, folder) = filled().await;
    assert_eq!(built(&test.store.client().await.unwrap()).await.unwrap(), None);
    let made = build(&test.store, folder.path()).await.unwrap();
    let client = test.store.client().await.unwrap();
    assert_eq!(built(&client).await.unwrap().map(|built| built.grams), Some(made.grams));
    client.batch_execute("UPDATE characters SET updated_at = '2020-01-01'").await.unwrap();
    let asked = Asked::new("kami").unwrap();
    let found = find(&client, &asked, Some(Kind::Character), LIMIT).await.unwrap();
    let (first, second) = (found[0].1.id, found[1].1.id);
    let change = format!(
        "UPDATE characters SET name = 'Quite Another', updated_at = now() WHERE eve_id = {first}; \
         DELETE FROM characters WHERE eve_id = {second}"
    );
    client.batch_execute(&change).await.unwrap();
    let found = find(&client, &asked, Some(Kind::Character), LIMIT).await.unwrap();
    assert!(found.iter().all(|(_, one)| one.id != first && one.id != second));
    let fresh = fresh(&client, Some(&made)).await.unwrap();
    let renamed = |entity: &&Entity| entity.kind == Kind::Character;
    assert_eq!(fresh.iter().find(renamed).unwrap().name, "Quite Another");
    // Made anew, it is among the grams.
    build(&test.store, folder.path()).await.unwrap();
    let asked = Asked::new("quite an").unwrap();
    let found = find(&client, &asked, None, LIMIT).await.unwrap();
    assert_eq!(found[0].1.id, first);
}

#[tokio::test]
async fn grams_are_made_and_swapped_while_others_read_and_by_one_at_a_time() {
    let (test, folder) = filled().await;
    build(&test.store, folder.path()).await.unwrap();
    let (one, other) = (build(&test.store, folder.path()), build(&test.store, folder.path()));
    let reading = async {
        let client = test.store.client().await.unwrap();
        let asked = Asked::new("ka").unwrap();
        for _ in 0..200 {
            let found = find(&client, &asked, None, LIMIT).await.unwrap();
            assert!(found.iter().all(|(_, one)| one.judge(&asked).is_some()));
        }
    };
    let (one, other, ()) = tokio::join!(one, other, reading);
    let is_locked = |made: &noctis_store::Result<_>| {
        matches!(made, Err(noctis_store::Error::Locked("suggest")))
    };
    assert!(one.is_ok() ^ other.is_ok() && (is_locked(&one) ^ is_locked(&other)));
    let client = test.store.client().await.unwrap();
    assert!(suggest::built(&client).await.unwrap().is_some());
    let left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'suggest%new%'";
    assert_eq!(client.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
}
