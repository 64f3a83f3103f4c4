//! Questions and their answers: every key against a few kills made up so that each tells them apart.

mod kills;
mod pages;

use std::ops::Deref;

use noctis::kills::{Kills, Page};
use noctis_core::question::{Asked, Question};
use noctis_store::testing::{TestStore, catalogue, now};
use noctis_store::{Connection, people};

/// What is asked, and the connection on which names are looked up.
pub(crate) struct Asker {
    kills: Kills,
    client: Connection,
}

impl Deref for Asker {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.client
    }
}

/// Reads a question as the API does: the names in it are looked up.
pub(crate) async fn understood(client: &Connection, asked: &Asked) -> Question {
    let people = people::named(client, &asked.people().unwrap()).await.unwrap();
    asked.understand(&catalogue(), &people, now()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn pairs(query: &str) -> Asked {
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    Asked::from_pairs(&pairs).unwrap_or_else(|fault| panic!("{query}: {fault}"))
}

async fn page(asker: &Asker, question: &Question) -> Page {
    asker.kills.page(&catalogue(), question, now()).await.unwrap()
}

fn ids(page: &Page) -> Vec<i64> {
    page.keys.iter().map(|(_, id)| *id).collect()
}

/// The ids that a query string means, newest first.
async fn answer(client: &Asker, query: &str) -> Vec<i64> {
    ids(&page(client, &understood(client, &pairs(query)).await).await)
}

/// The ids that a JSON question means, newest first.
async fn answer_json(client: &Asker, text: &str) -> Vec<i64> {
    let asked = Asked::from_json(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    ids(&page(client, &understood(client, &asked).await).await)
}

async fn stocked() -> (TestStore, Asker) {
    let test = TestStore::new().await;
    kills::stock(&test).await;
    let client = test.store.client().await.unwrap();
    let asker = Asker { kills: Kills::new(test.store.clone(), None), client };
    (test, asker)
}

#[tokio::test]
async fn every_key_finds_the_kills_it_means() {
    let (_test, client) = stocked().await;
    let mut wrong = String::new();
    for (query, expected) in kills::ANSWERS {
        // Newest first: the highest id, as they were made up.
        let mut expected = expected.to_vec();
        expected.sort_unstable_by(|one, other| other.cmp(one));
        for order in ["time", "arrival", "value&from=30d"] {
            let mut found = answer(&client, &format!("{query}&order={order}")).await;
            found.sort_unstable_by(|one, other| other.cmp(one));
            let mut expected = expected.clone();
            if order.starts_with("value") {
                expected.retain(|id| !kills::WITHOUT_VALUE.contains(id));
            }
            if found != expected {
                wrong.push_str(&format!("{query} by {order}: {found:?}, not {expected:?}\n"));
            }
        }
    }
    assert_eq!(wrong, "");
}

#[tokio::test]
async fn every_key_turned_round_finds_all_others() {
    let (_test, client) = stocked().await;
    let all: Vec<i64> = (1..=kills::COUNT).rev().collect();
    for (query, expected) in kills::ANSWERS.iter().filter(|(query, _)| !query.is_empty()) {
        let fields: Vec<String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| {
                let values: Vec<String> = value.split(',').map(|one| format!("{one:?}")).collect();
                format!("{key:?}: [{}]", values.join(", "))
            })
            .collect();
        let others: Vec<i64> = all.iter().copied().filter(|id| !expected.contains(id)).collect();
        let question = fields.join(", ");
        assert_eq!(answer_json(&client, &format!("{{\"not\": {{{question}}}}}")).await, others);
        let twice = format!("{{\"not\": {{\"not\": {{{question}}}}}}}");
        let mut back = answer_json(&client, &twice).await;
        back.sort_unstable();
        assert_eq!(back, expected.to_vec(), "{twice}");
    }
}

#[tokio::test]
async fn json_nests_and_takes_long_lists() {
    let (_test, client) = stocked().await;
    let any = r#"{"any": [{"victim.alliance_id": 31}, {"attacker.character_id": 90000012, "npc": false}]}"#;
    assert_eq!(answer_json(&client, any).await, [4, 3, 1]);
    let mixed =
        r#"{"any": [{"alliance_id": 32}, {"system": "Jita"}], "not": {"ship_group": "Capsule"}}"#;
    assert_eq!(answer_json(&client, mixed).await, [3, 1]);
    let all = r#"{"all": [{"any": [{"npc": true}, {"solo": true}]}, {"not": {"not": {"min_value": 1}}}]}"#;
    assert_eq!(answer_json(&client, all).await, [1]);
    let long: Vec<i64> = (90_000_012..90_010_012).collect();
    let long = format!("{{\"attacker.character_id\": {long:?}}}");
    assert_eq!(answer_json(&client, &long).await, [4, 3, 2]);
}

#[tokio::test]
async fn names_of_people_are_found_in_any_case_and_may_begin_with_a_dash() {
    let (test, client) = stocked().await;
    let owner = test.database.owner().await;
    let named = "INSERT INTO characters (eve_id, name) VALUES (90000011, 'Ann Other'), (14, 'Twin'), (15, 'twin'); \
                 INSERT INTO corporations (eve_id, name) VALUES (98000021, 'Miners'); \
                 INSERT INTO alliances (eve_id, name) VALUES (31, '-Fleet-'), (32, 'Fleet-')";
    owner.batch_execute(named).await.unwrap();
    assert_eq!(answer(&client, "attacker.character=ann oTHer").await, [2, 1]);
    assert_eq!(answer(&client, "victim.corporation=MINERS").await, [1]);
    assert_eq!(answer(&client, "victim.alliance=-fleet-").await, [1]);
    assert_eq!(answer_json(&client, r#"{"alliance": {"not": "-fleet-"}}"#).await, [6, 5, 4, 3, 2]);
    assert_eq!(answer(&client, "alliance=-Fleet-,--Fleet-").await, Vec::<i64>::new());
    let asked = pairs("character=TWIN");
    let people = people::named(&client, &asked.people().unwrap()).await.unwrap();
    let fault = asked.understand(&catalogue(), &people, now()).unwrap_err().to_string();
    assert!(fault.contains("character=TWIN can mean several"), "{fault}");
}
