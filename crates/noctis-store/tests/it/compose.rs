//! Composed questions: every product of clauses touches the months of its window alone, and finds by an index.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::isk::Isk;
use noctis_core::question::{self, Asked, People, Question};
use noctis_core::time::TimeRange;
use noctis_store::Connection;
use noctis_store::compose::{self, Composed};
use noctis_store::ingest::Ingester;
use noctis_store::testing::{TestStore, catalogue, ingest_options, now, store_text};
use serde_json::Value;

/// Enough that months differ; the plans do not hang on it.
const KILLS: u64 = 2_400;

/// Generated kills in the first half of 2025, four hundred a month.
async fn half_a_year() -> TestStore {
    let test = TestStore::new().await;
    let options = Options {
        kills: KILLS,
        from: time("2025-01-01T00:00:00Z"),
        to: time("2025-07-01T00:00:00Z"),
        seed: 7,
        oddities: false,
        zkb: true,
    };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let mut text = Vec::new();
    while generator.write_next(&mut text) {}
    let mut ingest = ingest_options();
    ingest.allow_generated = true;
    let mut ingester = Ingester::new(&test.store, ingest).await.unwrap();
    assert_eq!(store_text(&mut ingester, "generated", &text, 1_000).await.stored, KILLS);
    test.database.owner().await.batch_execute("ANALYZE").await.unwrap();
    test
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Two months in the middle.
fn window() -> TimeRange {
    TimeRange { from: time("2025-03-01T00:00:00Z"), to: time("2025-05-01T00:00:00Z") }
}

fn parse(query: &str) -> Question {
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    question::parse(&pairs, &catalogue(), &People::default(), now()).unwrap()
}

async fn explain(client: &Connection, composed: &Composed) -> Value {
    let sql = format!("EXPLAIN (FORMAT JSON) {}", composed.sql);
    let rows = client.query_typed(&sql, &composed.parameters()).await.unwrap_or_else(|error| {
        panic!("{}\n{error:?}", composed.sql);
    });
    rows[0].get(0)
}

/// Each node of a plan that reads a table.
fn scans<'a>(node: &'a Value, found: &mut Vec<&'a Value>) {
    match node {
        Value::Object(fields) => {
            if fields.contains_key("Relation Name") || fields.contains_key("Index Name") {
                found.push(node);
            }
            fields.values().for_each(|field| scans(field, found));
        }
        Value::Array(nodes) => nodes.iter().for_each(|node| scans(node, found)),
        _ => {}
    }
}

/// All questions that clauses of each kind make together, none of a kind among them.
fn products() -> Vec<String> {
    let mut drivers = vec![String::new()];
    for role in ["victim", "attacker", "any"] {
        for entity in ["character_id", "corporation_id", "alliance_id"] {
            drivers.push(format!("{role}.{entity}=98000001&"));
        }
    }
    let others = [
        "",
        "attacker.alliance_id=99000001,99000002&final_blow.ship_group=Titan&",
        "any.character_id=-90000001&attacker.weapon_type_id=484&attacker.faction_id=500010&same_attacker=true&",
    ];
    let mails = [
        "",
        "system=Jita&dropped.item_type=Tritanium&",
        "region=-Delve&security=lowsec&ship_type_id=587,588&item_type_id=-34&war_id=1&",
    ];
    let enriched = [
        "",
        "min_value=1e8&max_value=1e10&",
        "npc=false&solo=true&awox=false&",
        "module_tags=T2,-Capsule&labels=pvp,-npc&",
    ];
    let mut all = Vec::new();
    for driver in &drivers {
        for other in others {
            for mail in mails {
                all.extend(enriched.map(|enriched| format!("{driver}{other}{mail}{enriched}")));
            }
        }
    }
    all
}

#[track_caller]
fn assert_only_the_months_of_the_window(plan: &Value, query: &str, sql: &str) {
    let mut found = Vec::new();
    scans(plan, &mut found);
    let leaves: BTreeSet<&str> =
        found.iter().filter_map(|scan| scan["Relation Name"].as_str()).collect();
    assert!(!leaves.is_empty(), "{query} reads nothing: {plan:#}");
    for leaf in leaves {
        assert!(
            leaf.ends_with("_2025_03") || leaf.ends_with("_2025_04"),
            "{query} reads {leaf}:\n{sql}\n{plan:#}"
        );
    }
}

#[tokio::test]
async fn every_product_of_clauses_touches_the_months_of_its_window_alone() {
    let test = half_a_year().await;
    let client = test.store.client().await.unwrap();
    let catalogue = catalogue();
    let before = Some((time("2025-04-10T00:00:00Z"), 9_000_000_000_000_000));
    let below = Some((Isk::parse("1e8").unwrap(), time("2025-04-10T00:00:00Z"), 9_000_000));
    for query in products() {
        let question = parse(&query);
        let ids = vec![9_000_000_000_000_001, 9_000_000_000_000_002];
        for composed in [
            compose::newest(&question, &catalogue, window(), None, 51),
            compose::newest(&question, &catalogue, window(), before, 51),
            compose::among(&question, &catalogue, ids, window()),
            compose::highest(&question, &catalogue, window(), None, 51),
            compose::highest(&question, &catalogue, window(), below, 51),
        ] {
            let plan = explain(&client, &composed).await;
            assert_only_the_months_of_the_window(&plan, &query, &composed.sql);
        }
    }
}

/// The index that each shape of question walks, without the month in its name.
#[tokio::test]
async fn each_shape_of_question_walks_the_index_made_for_it() {
    let test = half_a_year().await;
    let client = test.store.client().await.unwrap();
    // Leaves of four hundred kills are read whole sooner than by an index; those of EVE's size are not.
    client.batch_execute("SET enable_seqscan = off; SET enable_bitmapscan = off").await.unwrap();
    let busiest = "SELECT character_id, corporation_id, alliance_id FROM killmail_participants \
                   WHERE alliance_id IS NOT NULL AND character_id IS NOT NULL \
                   GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1 LIMIT 1";
    let row = client.query_one(busiest, &[]).await.unwrap();
    let [character, corporation, alliance]: [i64; 3] = [row.get(0), row.get(1), row.get(2)];
    let catalogue = catalogue();
    let mut walked = BTreeMap::new();
    for (shape, query) in [
        ("latest", String::new()),
        ("system", "system=Jita".to_owned()),
        ("ship type", "ship_type_id=587".to_owned()),
        ("character", format!("character_id={character}")),
        ("character as victim", format!("victim.character_id={character}")),
        ("corporation", format!("corporation_id={corporation}")),
        ("alliance", format!("attacker.alliance_id={alliance}")),
    ] {
        let composed = compose::newest(&parse(&query), &catalogue, window(), None, 51);
        let plan = explain(&client, &composed).await;
        let mut found = Vec::new();
        scans(&plan, &mut found);
        for scan in &found {
            assert_ne!(scan["Node Type"], "Seq Scan", "{shape}: {plan:#}");
        }
        // The index gives its rows in the order of the answer, however many there are.
        assert!(
            !plan.to_string().contains("\"Node Type\":\"Sort\""),
            "{shape} is sorted: {plan:#}"
        );
        let first = found[0]["Index Name"].as_str().unwrap_or_default();
        walked.insert(shape, first.replace("_2025_03", "").replace("_2025_04", ""));
    }
    insta::assert_debug_snapshot!(walked);
}

/// Indexes that are chosen by how common a value is, not by the order of their rows.
#[tokio::test]
async fn what_is_rare_is_found_by_its_own_index_and_by_value_nothing_is_sorted() {
    let test = half_a_year().await;
    let client = test.store.client().await.unwrap();
    let catalogue = catalogue();
    client.batch_execute("SET enable_seqscan = off").await.unwrap();
    for (query, index) in [
        ("item_type_id=2147483647", "_item_type_ids_idx"),
        ("war_id=1", "_war_id_timestamp_killmail_id_idx"),
        ("module_tags=No such tag", "_module_tags_idx"),
        ("labels=no such label", "_labels_idx"),
    ] {
        let composed = compose::newest(&parse(query), &catalogue, window(), None, 51);
        let plan = explain(&client, &composed).await;
        let text = plan.to_string();
        assert!(text.contains(&format!("_2025_03{index}")), "{query}: {plan:#}");
        assert!(text.contains(&format!("_2025_04{index}")), "{query}: {plan:#}");
    }
    client.batch_execute("SET enable_bitmapscan = off").await.unwrap();
    let below = Some((Isk::parse("1e8").unwrap(), time("2025-04-10T00:00:00Z"), 9_000_000));
    for below in [None, below] {
        let composed = compose::highest(&parse(""), &catalogue, window(), below, 51);
        let plan = explain(&client, &composed).await;
        let text = plan.to_string();
        assert!(text.contains("_isk_value_timestamp_killmail_id_idx"), "{plan:#}");
        assert!(!text.contains("\"Node Type\":\"Sort\""), "by value is sorted: {plan:#}");
    }
}

/// Read by its own index, a tag of four in five kills is a month read whole.
#[tokio::test]
async fn what_most_kills_have_is_found_among_the_newest() {
    let test = half_a_year().await;
    let client = test.store.client().await.unwrap();
    let catalogue = catalogue();
    client.batch_execute("SET enable_seqscan = off").await.unwrap();
    for query in ["labels=pvp", "module_tags=High Slot", "security=nullsec", "npc=false"] {
        let composed = compose::newest(&parse(query), &catalogue, window(), None, 6);
        let plan = explain(&client, &composed).await;
        let text = plan.to_string();
        assert!(text.contains("killmails_raw_2025_04_timestamp_killmail_id_idx"), "{plan:#}");
        assert!(!text.contains("\"Node Type\":\"Sort\""), "{query} is sorted: {plan:#}");
    }
}

/// People of several kinds and roles, one of whom is enough: their indexes are read, not the months.
#[tokio::test]
async fn a_list_of_people_to_follow_drives_by_the_indexes_of_all_of_them() {
    let test = half_a_year().await;
    let client = test.store.client().await.unwrap();
    client.batch_execute("SET enable_seqscan = off").await.unwrap();
    let json = r#"{"any": [{"character_id": [1, 2]}, {"victim.corporation_id": 3},
                           {"attacker.alliance_id": 4, "min_value": 1}]}"#;
    let asked = Asked::from_json(json.as_bytes()).unwrap();
    let question = asked.understand(&catalogue(), &People::default(), now()).unwrap();
    let composed = compose::newest(&question, &catalogue(), window(), None, 51);
    let plan = explain(&client, &composed).await;
    let text = plan.to_string();
    for index in ["character_id", "corporation_id", "alliance_id"] {
        assert!(
            text.contains(&format!("killmail_participants_2025_03_{index}")),
            "{index}: {plan:#}"
        );
    }
}
