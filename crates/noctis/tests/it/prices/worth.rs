//! What prices make of kills: values of our own beside zKillboard's, whichever came first.

use noctis_store::testing::TestStore;
use serde_json::{Value, json};

use crate::program::{noctis, noctis_reading};
use crate::tables::{assert_same, contents};

/// A Rifter with a 1MN afterburner fitted, two of 34 in a container that dropped, a thing without a price and a copy of a
/// blueprint.
const MAIL: &str = r#"{"killmail_id": 90000001, "killmail_time": "2025-06-10T12:00:00Z", "solar_system_id": 30000142,
  "victim": {"character_id": 90000001, "corporation_id": 98000001, "damage_taken": 5, "ship_type_id": 587, "items": [
    {"item_type_id": 439, "flag": 19, "singleton": 0, "quantity_destroyed": 1},
    {"item_type_id": 3465, "flag": 5, "singleton": 0, "quantity_dropped": 1, "items": [
      {"item_type_id": 34, "flag": 0, "singleton": 0, "quantity_dropped": 2}]},
    {"item_type_id": 35, "flag": 5, "singleton": 0, "quantity_destroyed": 9},
    {"item_type_id": 691, "flag": 5, "singleton": 2, "quantity_destroyed": 1}]},
  "attackers": [{"character_id": 90000002, "corporation_id": 98000002, "damage_done": 5, "final_blow": true,
    "security_status": 0.0, "ship_type_id": 587, "weapon_type_id": 439}]}"#;
/// The same with zKillboard's word, and that word alone, as its pages have it.
fn with_zkb() -> String {
    let mut mail: Value = serde_json::from_str(MAIL).unwrap();
    mail["zkb"] = zkb();
    mail.to_string()
}

fn zkb() -> Value {
    json!({"hash": "cb62fb62c0947e3909050f976b2a240b43dc005f", "totalValue": 2000000.0, "fittedValue": 1.0,
           "droppedValue": 2.0, "destroyedValue": 1999998.0, "points": 1, "npc": false, "solo": true, "awox": false,
           "labels": ["solo"]})
}

fn zkb_alone() -> String {
    json!([{"killmail_id": 90000001, "zkb": zkb()}]).to_string()
}

const PRICES: &str = "average,date,region_id,type_id\n1000000,2025-06-09,10000002,587\n\
    20000,2025-06-10,10000002,439\n5,2025-06-01,10000002,34\n100,2025-06-11,10000002,3465\n7,2024-01-01,10000002,35\n";

fn prices(test: &TestStore) {
    noctis_reading(test, &["prices", "import", "-"], PRICES.as_bytes()).good();
}

fn import(test: &TestStore, text: &str, flags: &[&str]) {
    noctis_reading(test, &[flags, &["import", "-"]].concat(), text.as_bytes()).good();
}

fn kill(test: &TestStore) -> Value {
    noctis(test, &["kill", "90000001", "--json"]).good().json()
}

#[tokio::test]
async fn a_kill_without_a_zkb_block_is_worth_its_prices() {
    let test = TestStore::new().await;
    prices(&test);
    import(&test, MAIL, &[]);
    let kill = kill(&test);
    assert_eq!(
        kill["value"],
        json!({"total": 1020110.01, "fitted": 20000.0, "dropped": 110.0, "destroyed": 1020000.01, "source": "own",
               "zkb": null, "own": 1020110.01, "price_date": "2025-06-10", "unpriced_count": 1})
    );
    let each: Vec<&Value> =
        kill["items"].as_array().unwrap().iter().map(|item| &item["price"]).collect();
    assert_eq!(each, [&json!(20000.0), &json!(100.0), &json!(null), &json!(0.01)]);
    assert_eq!(kill["items"][1]["items"][0]["price"], 5.0);
}

#[tokio::test]
async fn without_prices_a_kill_has_the_value_that_came_with_it_or_none() {
    let test = TestStore::new().await;
    import(&test, MAIL, &[]);
    assert_eq!(kill(&test)["value"]["source"], "none");
    import(&test, &zkb_alone(), &[]);
    let value = &kill(&test)["value"];
    assert_eq!((&value["source"], &value["total"]), (&json!("zkb"), &json!(2000000.0)));
    assert_eq!((&value["own"], &value["price_date"]), (&json!(null), &json!(null)));
    // Prices that come later are nothing to kills that are stored, before these are enriched again.
    prices(&test);
    assert_eq!(kill(&test)["value"]["own"], json!(null));
}

#[tokio::test]
async fn both_values_are_kept_whichever_prevails_and_whatever_came_first() {
    let mail = || MAIL.to_owned();
    let orders: [(&str, Vec<String>); 4] = [
        ("together", vec![with_zkb()]),
        ("the mail first", vec![mail(), zkb_alone()]),
        ("the block first", vec![zkb_alone(), mail()]),
        ("in one batch", vec![format!("{}\n{}\n{}", mail(), with_zkb(), mail())]),
    ];
    for (prefer, total, fitted) in [("zkb", 2000000.0, 1.0), ("own", 1020110.01, 20000.0)] {
        let mut expected = None;
        for (name, inputs) in &orders {
            let test = TestStore::new().await;
            prices(&test);
            for input in inputs {
                import(&test, input, &["--set", &format!("value.prefer={prefer}")]);
            }
            let value = kill(&test)["value"].clone();
            assert_eq!(value["source"], prefer, "{name}");
            assert_eq!((&value["total"], &value["fitted"]), (&json!(total), &json!(fitted)));
            assert_eq!((&value["zkb"], &value["own"]), (&json!(2000000.0), &json!(1020110.01)));
            assert_eq!(value["price_date"], "2025-06-10");
            let contents = contents(&test).await;
            assert!(contents["enriched"][0].contains(r#""own": {"total": 1020110.01"#));
            match &expected {
                None => expected = Some(contents),
                Some(expected) => assert_same(&contents, expected, name),
            }
        }
    }
}

#[tokio::test]
async fn the_report_compares_both_values() {
    let test = TestStore::new().await;
    prices(&test);
    let nothing = noctis(&test, &["prices", "report"]).good().out;
    assert!(nothing.contains("nothing to compare"), "{nothing}");
    import(&test, &with_zkb(), &[]);
    let other = with_zkb().replace("90000001", "90000003").replace("2000000.0", "1020110.01");
    import(&test, &other, &[]);
    import(&test, &MAIL.replace("90000001", "90000004"), &[]);
    let report = noctis(&test, &["prices", "report"]).good().out;
    insta::assert_snapshot!(report);
    let report = noctis(&test, &["prices", "report", "--json"]).good().json();
    assert_eq!((&report[0]["group"], &report[0]["compared"]), (&json!(null), &json!(2)));
    assert_eq!((&report[1]["group"], &report[1]["kills"]), (&json!("Frigate"), &json!(3)));
    assert_eq!(report[0]["with_unpriced"], 2);
    let empty = noctis(&test, &["prices", "report", "--until", "2025-06-10", "--json"]).good();
    assert_eq!(empty.json()[0]["kills"], 0);
}
