//! Questions as people write them.

use super::*;

fn ask(query: &str) -> Result<Question, Fault> {
    let pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    parse(&pairs, &Catalogue::default(), "2026-11-22T12:00:00Z".parse().unwrap())
}

#[test]
fn a_question_is_read_with_or_and_not() {
    let question = ask("solar_system_id=30000142,-30002187&attacker.alliance_id=1,2,-3&role=victim&corporation_id=9&module_tags=T2 Guns,-Cyno&from=7d&limit=10&min_isk=1e9").unwrap();
    assert_eq!(
        question.systems[0],
        Choice { wanted: vec![30_000_142], unwanted: vec![30_002_187] }
    );
    assert_eq!(question.participants[0].ids, Choice { wanted: vec![1, 2], unwanted: vec![3] });
    assert_eq!(
        (question.participants[0].role, question.participants[1].role),
        (Role::Attacker, Role::Victim)
    );
    assert_eq!(
        question.module_tags[0],
        Choice { wanted: vec!["T2 Guns".into()], unwanted: vec!["Cyno".into()] }
    );
    assert_eq!(question.from.unwrap().to_string(), "2026-11-15T12:00:00Z");
    assert_eq!(
        (question.limit, question.value_min.unwrap().to_string()),
        (10, "1000000000.00".to_owned())
    );
}

#[track_caller]
fn check_fault(query: &str, words: &str) {
    let fault = ask(query).unwrap_err().to_string();
    assert!(fault.contains(words), "{fault}");
}

#[test]
fn a_fault_says_what_to_write_instead() {
    check_fault("solar_sistem_id=1", "did you mean `solar_system_id`?");
    check_fault("victim.allianz_id=1", "did you mean `victim.alliance_id`?");
    check_fault("alliance_id=x", "expected ids");
    check_fault("alliance_id=1,,2", "a value is empty");
    check_fault("alliance_id=--1", "expected ids");
    check_fault("npc=true&npc=false", "given twice");
    check_fault("limit=0", "expected 1 to 1000");
    check_fault("npc=yes", "expected true or false");
    check_fault("from=soon", "expected RFC 3339");
    check_fault("min_value=-1", "expected an amount");
    check_fault("order=random", "expected time or arrival");
    check_fault("cursor=x", "another question");
    check_fault("system=Nowhere", "no such name is known");
    let many = vec!["1"; 201].join(",");
    check_fault(&format!("alliance_id={many}"), "at most 200 values");
}

#[test]
fn names_are_listed_and_negated_as_ids_are() {
    check_fault("system=Jita,Amarr", "system is Jita: no such name is known");
    check_fault("system=-Jita", "system is Jita: no such name is known");
}

#[test]
fn a_cursor_is_good_for_its_question_in_any_order_of_keys_and_any_page_size() {
    let first = ask("from=7d&npc=true&solo=false").unwrap();
    let cursor = Cursor {
        question: first.hash.clone(),
        position: Position::Before {
            time: "2026-11-20T00:00:00Z".parse().unwrap(),
            killmail_id: 5,
        },
        from: first.from,
        to: None,
    };
    let next =
        ask(&format!("solo=false&limit=7&cursor={}&npc=true&from=7d", cursor.encode())).unwrap();
    assert_eq!((next.from, next.cursor), (first.from, Some(cursor.clone())));
    check_fault(
        &format!("solo=true&npc=true&from=7d&cursor={}", cursor.encode()),
        "another question",
    );
    check_fault(
        &format!("solo=false&npc=true&from=7d&order=arrival&cursor={}", cursor.encode()),
        "another question",
    );
}
