//! Every filter alone and in pairs, against what the bodies themselves say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::stocked::Stocked;

/// A kill as the test sees it: the body that went in, and the enrichment that the API shows.
struct Known {
    body: Value,
    shown: Value,
}

/// A filter, and what it means, written down a second time without the product's code.
struct Clause {
    query: String,
    means: Box<dyn Fn(&Known) -> bool>,
}

fn clause(query: String, means: impl Fn(&Known) -> bool + 'static) -> Clause {
    Clause { query, means: Box::new(means) }
}

fn victim(known: &Known, field: &str, id: i64) -> bool {
    known.body["victim"][field] == id
}

fn attacker(known: &Known, field: &str, id: i64) -> bool {
    known.body["attackers"].as_array().unwrap().iter().any(|attacker| attacker[field] == id)
}

fn shown_has(known: &Known, list: &str, word: &str) -> bool {
    known.shown[list].as_array().unwrap().iter().any(|value| value == word)
}

fn total(known: &Known) -> Option<f64> {
    known.shown["value"]["total"].as_f64()
}

/// The value that most kills have of what `of` picks, and the runner-up.
fn commonest<'a>(known: &'a [Known], of: impl Fn(&'a Known) -> Vec<&'a Value>) -> [i64; 2] {
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for id in known.iter().flat_map(of).filter_map(Value::as_i64) {
        *counts.entry(id).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
    [counts[0].0, counts[1].0]
}

fn time(known: &Known) -> &str {
    known.body["killmail_time"].as_str().unwrap()
}

fn plain_clauses(known: &[Known]) -> Vec<Clause> {
    let [jita, second] = commonest(known, |known| vec![&known.body["solar_system_id"]]);
    let [ship, other_ship] = commonest(known, |known| vec![&known.body["victim"]["ship_type_id"]]);
    vec![
        clause(format!("solar_system_id={jita}"), move |known| {
            known.body["solar_system_id"] == jita
        }),
        clause(format!("system_id={jita},{second}"), move |known| {
            [jita, second].iter().any(|id| known.body["solar_system_id"] == *id)
        }),
        clause(format!("solar_system_id=-{jita}"), move |known| {
            known.body["solar_system_id"] != jita
        }),
        clause(format!("ship_type_id={ship},{other_ship}"), move |known| {
            victim(known, "ship_type_id", ship) || victim(known, "ship_type_id", other_ship)
        }),
        clause(format!("ship_type_id=-{ship}"), move |known| !victim(known, "ship_type_id", ship)),
        clause("from=2011-10-01".into(), |known| time(known) >= "2011-10-01"),
        clause("to=2014-05-10T12:00:00Z".into(), |known| time(known) < "2014-05-10T12:00:00Z"),
        clause("min_value=1e8".into(), |known| total(known).is_some_and(|total| total >= 1e8)),
        clause("max_isk=50000000".into(), |known| total(known).is_some_and(|total| total <= 5e7)),
        clause("npc=true".into(), |known| shown_has(known, "labels", "npc")),
        clause("npc=false".into(), |known| !shown_has(known, "labels", "npc")),
        clause("solo=true".into(), |known| shown_has(known, "labels", "solo")),
        clause("awox=false".into(), |known| !shown_has(known, "labels", "awox")),
        clause("labels=loc:lowsec,loc:w-space".into(), |known| {
            shown_has(known, "labels", "loc:lowsec") || shown_has(known, "labels", "loc:w-space")
        }),
        clause("labels=-tz:eu".into(), |known| !shown_has(known, "labels", "tz:eu")),
        clause("module_tags=T2,Rig".into(), |known| {
            shown_has(known, "module_tags", "T2") && shown_has(known, "module_tags", "Rig")
        }),
        clause("module_tags=-Frigate".into(), |known| !shown_has(known, "module_tags", "Frigate")),
    ]
}

fn participant_clauses(known: &[Known]) -> Vec<Clause> {
    let mut clauses = Vec::new();
    for field in ["character_id", "corporation_id", "alliance_id"] {
        let [victim_id, _] = commonest(known, |known| vec![&known.body["victim"][field]]);
        let [attacker_id, second] = commonest(known, |known| {
            known.body["attackers"].as_array().unwrap().iter().map(|one| &one[field]).collect()
        });
        clauses.push(clause(format!("victim.{field}={victim_id}"), move |known| {
            victim(known, field, victim_id)
        }));
        clauses.push(clause(format!("attacker.{field}={attacker_id},{second}"), move |known| {
            attacker(known, field, attacker_id) || attacker(known, field, second)
        }));
        clauses.push(clause(format!("{field}={attacker_id}"), move |known| {
            victim(known, field, attacker_id) || attacker(known, field, attacker_id)
        }));
        clauses.push(clause(format!("any.{field}=-{attacker_id}"), move |known| {
            !victim(known, field, attacker_id) && !attacker(known, field, attacker_id)
        }));
    }
    clauses
}

/// All kills, what the API shows of them beside the body that went in.
async fn all_known(stocked: &Stocked, bodies: BTreeMap<i64, Value>) -> Vec<Known> {
    let mut known = Vec::new();
    for (id, body) in bodies {
        let shown = stocked.get(&format!("/api/v1/killmails/{id}")).await.json();
        known.push(Known { body, shown });
    }
    known
}

fn expected(known: &[Known], clauses: &[&Clause]) -> BTreeSet<i64> {
    known
        .iter()
        .filter(|known| clauses.iter().all(|clause| (clause.means)(known)))
        .map(|known| known.body["killmail_id"].as_i64().unwrap())
        .collect()
}

async fn check(stocked: &Stocked, known: &[Known], clauses: &[&Clause], order: &str) -> usize {
    let query: Vec<&str> = clauses.iter().map(|clause| clause.query.as_str()).collect();
    let query = format!("{}&limit=1000&order={order}", query.join("&"));
    let (found, _) = stocked.page(&query).await;
    let expected = expected(known, clauses);
    assert_eq!(found.len(), expected.len(), "{query}");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{query}");
    expected.len()
}

#[tokio::test]
async fn every_filter_alone_finds_what_the_bodies_say() {
    let Some((stocked, bodies)) = Stocked::real().await else { return };
    let known = all_known(&stocked, bodies).await;
    let mut clauses = plain_clauses(&known);
    clauses.extend(participant_clauses(&known));
    for clause in &clauses {
        for order in ["time", "arrival"] {
            let found = check(&stocked, &known, &[clause], order).await;
            assert!(0 < found && found < known.len(), "{} tells nothing apart", clause.query);
        }
    }
}

#[tokio::test]
async fn every_two_filters_together_find_what_the_bodies_say() {
    let Some((stocked, bodies)) = Stocked::real().await else { return };
    let known = all_known(&stocked, bodies).await;
    let mut clauses = plain_clauses(&known);
    clauses.extend(participant_clauses(&known));
    let key = |clause: &Clause| {
        let key = clause.query.split('=').next().unwrap();
        // Two spellings of one key.
        if key == "system_id" { "solar_system_id" } else { key }.to_owned()
    };
    let mut found = 0;
    for (index, one) in clauses.iter().enumerate() {
        for other in clauses[index + 1..].iter().filter(|other| key(other) != key(one)) {
            found += check(&stocked, &known, &[one, other], "time").await;
        }
    }
    assert!(found > 0);
}

#[tokio::test]
async fn a_role_narrows_the_keys_without_one_and_names_stand_for_ids() {
    let Some((stocked, bodies)) = Stocked::real().await else { return };
    let known = all_known(&stocked, bodies).await;
    let [corporation, _] = commonest(&known, |known| vec![&known.body["victim"]["corporation_id"]]);
    for role in ["victim", "attacker"] {
        let narrowed = format!("corporation_id={corporation}&role={role}&limit=1000");
        let named = format!("{role}.corporation_id={corporation}&limit=1000");
        assert_eq!(stocked.page(&narrowed).await, stocked.page(&named).await);
    }
    for (named, with_id) in
        [("system=jITA", "system_id=30000142"), ("ship_type=Capsule", "ship_type_id=670")]
    {
        let (found, _) = stocked.page(&format!("{named}&limit=1000")).await;
        assert_eq!(found, stocked.page(&format!("{with_id}&limit=1000")).await.0, "{named}");
    }
    assert!(!stocked.page("ship_type=capsule").await.0.is_empty());
}
