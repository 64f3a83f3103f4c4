//! What is refused, and in which words.

use super::*;
use crate::isk::Isk;

#[track_caller]
fn check_fault(query: &str, words: &str) {
    let fault = ask(query).unwrap_err().to_string();
    assert!(fault.contains(words), "{fault}");
}

#[track_caller]
fn check_json_fault(json: &str, words: &str) {
    let fault = ask_json(json).unwrap_err().to_string();
    assert!(fault.contains(words), "{fault}");
}

#[test]
fn a_fault_says_what_to_write_instead() {
    check_fault("alliance_id=x", "alliance_id is x: expected ids");
    check_fault("alliance_id=1,,2", "a value is empty");
    check_fault("alliance_id=--1", "expected ids");
    check_fault("alliance_id=99999999999999999999", "expected ids");
    check_fault("npc=true&npc=false", "npc: this key is given twice");
    check_fault("min_value=1&min_isk=2", "min_isk: this key is given twice");
    check_fault("npc=true,false", "npc: this key takes one value");
    check_fault("limit=0", "expected 1 to 1000");
    check_fault("npc=yes", "expected true or false");
    check_fault("from=soon", "expected RFC 3339");
    check_fault("min_isk=-1", "min_isk is -1: expected an amount");
    check_fault("max_points=1.5", "expected a whole number");
    check_fault("order=random", "expected time, arrival or value");
    check_fault("security=null", "expected highsec, lowsec, nullsec, w-space, abyssal");
    check_fault("value.source=zkill", "expected zkb, own, none");
    check_fault("fields=some", "expected all or ids");
    check_fault("format=xml", "expected json, ndjson or csv");
    check_fault("role=pilot", "expected victim, attacker, final_blow or any");
    check_fault("cursor=x", "another question");
    check_fault("system=Nowhere", "system is Nowhere: no such name is known");
    check_fault("system=Jita,-Nowhere", "system is Nowhere: no such name is known");
    check_fault("attacker.alliance=Nobody", "attacker.alliance is Nobody: no such name is known");
    check_fault("victim.weapon_type_id=5", "ask attacker.weapon_type_id");
    check_fault("role=victim&weapon_type_id=5", "leave role=victim out");
    let many = vec!["1"; 201].join(",");
    check_fault(&format!("alliance_id={many}"), "at most 200 values");
    let many: Vec<String> = (0..65).map(|tag| tag.to_string()).collect();
    check_fault(&format!("module_tags={}", many.join(",")), "65 tags: expected 64 at most");
}

#[test]
fn an_unknown_key_is_answered_with_the_one_that_was_meant() {
    for (typed, meant) in [
        ("solar_sistem_id", "solar_system_id"),
        ("allience_id", "alliance_id"),
        ("victim.allianz_id", "victim.alliance_id"),
        ("Alliance_ID", "alliance_id"),
        ("isk", "min_isk"),
        ("tags", "module_tags"),
        ("tag", "module_tags"),
        ("ship", "ship_type"),
        ("label", "labels"),
        ("war", "war_id"),
        ("ship_name", "ship_type"),
        ("system_name", "system"),
        ("victim.corp_id", "victim.corporation"),
        ("sec", "security"),
        ("finalblow.character_id", "final_blow.character_id"),
        ("page_limit", "limit"),
        ("", "to"),
    ] {
        let fault = ask(&format!("{typed}=1")).unwrap_err();
        let Fault::UnknownKey { key, nearest } = &fault else { panic!("{fault}") };
        assert_eq!((key.as_str(), nearest.as_str()), (typed, meant));
    }
}

#[test]
fn a_name_that_can_mean_several_is_answered_with_all_of_them() {
    let candidates = vec![(12, "Twin".to_owned()), (13, "Twin".to_owned())];
    let (key, name) = ("victim.character".to_owned(), "Twin".to_owned());
    let expected = Fault::Ambiguous { key, name, candidates };
    assert_eq!(ask("victim.character=Ann,-Twin").unwrap_err(), expected);
}

#[test]
fn order_by_value_needs_a_range_of_a_year_at_most() {
    check_fault("order=value", "order=value needs from, at most 366 days before to");
    check_fault("order=value&to=2026-01-01", "order=value needs from");
    check_fault("order=value&from=367d", "at most 366 days between from and to");
    check_fault("order=value&from=2020-01-01&to=2021-01-03", "at most 366 days");
    assert!(ask("order=value&from=366d").is_ok());
    let year = ask("order=value&from=2020-01-01&to=2021-01-01").unwrap();
    let position = Position::Below { value: Isk::default(), time: now(), killmail_id: 1 };
    let cursor = Cursor { question: year.hash, position, from: None, to: None };
    // A cursor may not widen what was asked.
    check_fault(
        &format!("order=value&from=2020-01-01&to=2021-01-01&cursor={}", cursor.encode()),
        "order=value needs from",
    );
}

#[test]
fn json_that_is_no_question_is_refused_with_what_was_expected() {
    check_json_fault("[]", "expected an object");
    check_json_fault("{", "it is no JSON");
    check_json_fault(r#"{"system": null}"#, "system: expected a text");
    check_json_fault(r#"{"system": []}"#, "system: the list is empty");
    check_json_fault(r#"{"system": [["Jita"]]}"#, "system: expected a text");
    check_json_fault(r#"{"system": {"not": {"not": "Jita"}}}"#, "system: expected a text");
    check_json_fault(r#"{"alliance_id": {"not": -5}}"#, "alliance_id is -5: expected ids");
    check_json_fault(r#"{"alliance_id": 5.5}"#, "expected ids");
    check_json_fault(r#"{"alliance_id": "1,2"}"#, "alliance_id is 1,2: expected ids");
    check_json_fault(r#"{"allience_id": 5}"#, "did you mean `alliance_id`?");
    check_json_fault(r#"{"any": []}"#, "any: expected an array of one object or more");
    check_json_fault(r#"{"any": {"npc": true}}"#, "any: expected an array of one object or more");
    check_json_fault(r#"{"not": {}}"#, "not: expected an object of one key or more");
    check_json_fault(r#"{"any": [{"limit": 5}]}"#, "limit: this belongs at the top");
    check_json_fault(r#"{"npc": {"not": true}}"#, "npc: this key takes one value");
    check_json_fault(r#"{"npc": true, "npc": true}"#, "npc: this key is given twice");
}

#[test]
fn json_has_bounds_of_depth_keys_and_lists() {
    let nested = |depth: usize| {
        format!("{}{}{}", r#"{"not": "#.repeat(depth), r#"{"npc": true}"#, "}".repeat(depth))
    };
    assert!(ask_json(&nested(DEPTH_MAX - 1)).is_ok());
    check_json_fault(&nested(DEPTH_MAX), "at most 8 deep");
    let keys = |count| vec![r#"{"npc": true}"#; count].join(", ");
    assert!(ask_json(&format!(r#"{{"any": [{}]}}"#, keys(PAIRS_MAX - 1))).is_ok());
    check_json_fault(&format!(r#"{{"any": [{}]}}"#, keys(PAIRS_MAX)), "at most 256 keys");
    let list = |count| format!(r#"{{"alliance_id": {:?}}}"#, vec![5; count]);
    assert!(ask_json(&list(LIST_MAX)).is_ok());
    check_json_fault(&list(LIST_MAX + 1), "at most 10000 values");
    let names: Vec<String> = (0..=NAMES_MAX).map(|number| format!("Fleet {number}")).collect();
    let names = format!(r#"{{"alliance": {names:?}}}"#);
    let asked = Asked::from_json(names.as_bytes()).unwrap();
    assert!(asked.people().unwrap_err().to_string().contains("at most 1000 names"));
}
