//! What questions mean, and that both ways of writing them mean the same.

use super::*;

#[test]
fn a_question_is_read_with_or_and_not() {
    let query = "solar_system_id=30000142,-30002187&attacker.alliance_id=1,2,-3&role=victim&corporation_id=9\
                 &module_tags=T2 Guns,-Cyno&from=7d&limit=10&min_isk=1e9";
    let question = ask(query).unwrap();
    insta::assert_snapshot!(question.condition.to_string(), @"all(module_tag=7:T2 Guns;not(module_tag=4:Cyno);not(party.attacker(alliance=3;));not(system=30002187);party.attacker(alliance=1,2;);party.victim(corporation=9;);system=30000142;value>=1000000000.00;)");
    assert_eq!(question.from.unwrap().to_string(), "2026-11-15T12:00:00Z");
    assert_eq!(question.limit, 10);
}

/// Each key with a value, and what it demands.
#[test]
fn every_key_has_its_meaning() {
    let mut told = String::new();
    for entry in KEYS.iter() {
        let value = value_for(&entry.name);
        let query = format!("{}={value}", entry.name);
        let framed = if value == "value" { format!("{query}&from=7d") } else { query.clone() };
        told.push_str(&format!("{query} -> {}\n", meant(&framed)));
    }
    insta::assert_snapshot!(told);
}

fn value_for(key: &str) -> &'static str {
    let last = key.rsplit('.').next().unwrap();
    match last {
        "from" => "7d",
        "to" => "2026-11-22",
        "solar_system" | "system" => "jita,-Amarr",
        "constellation" => "kimotoro",
        "region" => "The Forge",
        "character" => "Ann",
        "corporation" => "-Miners",
        "alliance" => "-affliction-,-Fleet",
        "faction" => "serpentis",
        "ship_type" => "RIFTER",
        "ship_group" => "frigate,-Capsule",
        "weapon_type" | "item_type" => "Tritanium",
        "security" => "lowsec,-w-space",
        "labels" | "module_tags" | "module_tags_any" => "one,two,-three,-four",
        "role" => "victim",
        "same_attacker" | "npc" | "solo" => "true",
        "awox" => "false",
        "source" => "own,-none",
        "order" => "value",
        "limit" => "7",
        "fields" => "ids",
        "format" => "ndjson",
        "cursor" => cursor_of_nothing(),
        _ if last.starts_with("min_") || last.starts_with("max_") => "1000",
        _ => "5,-7,6,5",
    }
}

/// A cursor that fits the question of nothing but it.
fn cursor_of_nothing() -> &'static str {
    let position = Position::Before { time: now(), killmail_id: 1 };
    let question = ask("").unwrap().hash;
    let cursor = Cursor { question, position, from: None, to: None };
    Box::leak(cursor.encode().into_boxed_str())
}

#[track_caller]
fn check_same(query: &str, json: &str) {
    let (pairs, nested) = (ask(query).unwrap(), ask_json(json).unwrap());
    assert_eq!(pairs, nested, "{query}\n{json}");
}

#[test]
fn pairs_and_json_mean_the_same() {
    check_same("", "{}");
    check_same("system=Jita&npc=false", r#"{"npc": false, "system": "Jita"}"#);
    check_same("alliance_id=1,-2&limit=7", r#"{"alliance_id": [1, -2], "limit": 7}"#);
    check_same("alliance_id=1,-2,-3", r#"{"alliance_id": ["1", {"not": [3, "2"]}]}"#);
    check_same("alliance_id=-2", r#"{"not": {"alliance_id": 2}}"#);
    check_same("alliance=-Fleet", r#"{"alliance": {"not": "Fleet"}}"#);
    check_same("min_isk=1e9&from=7d", r#"{"from": "7d", "min_value": 1e9}"#);
    check_same("labels=a&labels=b", r#"{"labels": "a", "labels": "b"}"#);
    check_same("module_tags=a,b", r#"{"all": [{"module_tags": "a"}, {"module_tags": ["b"]}]}"#);
}

#[test]
fn json_nests() {
    let question = ask_json(
        r#"{
            "region": "Delve",
            "role": "attacker",
            "any": [
                {"alliance_id": [1, 2], "ship_group": "Dreadnought"},
                {"not": {"any": [{"npc": true}, {"victim.character": "Ann"}]}}
            ]
        }"#,
    );
    insta::assert_snapshot!(question.unwrap().condition.to_string(), @"all(any(all(party.attacker(alliance=1,2;);party.victim(ship_group=485;););not(any(npc;party.victim(character=11;);)););region=10000060;)");
}

#[test]
fn one_and_the_same_attacker_has_all_that_is_bound_to_him() {
    let query =
        "attacker.alliance_id=1,-2&attacker.ship_type_id=5&victim.alliance_id=3&alliance_id=4";
    insta::assert_snapshot!(meant(query), @"all(not(party.attacker(alliance=2;));party.any(alliance=4;);party.attacker(alliance=1;);party.attacker(ship_type=5;);party.victim(alliance=3;);)");
    insta::assert_snapshot!(meant(&format!("{query}&same_attacker=true")), @"all(party.any(alliance=4;);party.attacker(alliance!=2;alliance=1;ship_type=5;);party.victim(alliance=3;);)");
    assert_eq!(meant(&format!("{query}&same_attacker=false")), meant(query));
    // What `role` makes an attacker's is bound too; another group's is not.
    assert_eq!(
        meant("alliance_id=1&role=attacker&attacker.ship_type_id=5&same_attacker=true"),
        meant("attacker.alliance_id=1&attacker.ship_type_id=5&same_attacker=true"),
    );
    let nested = r#"{"same_attacker": true, "attacker.alliance_id": 1, "all": [{"attacker.ship_type_id": 5}]}"#;
    assert_eq!(
        ask_json(nested).unwrap().condition.to_string(),
        meant("attacker.alliance_id=1&attacker.ship_type_id=5"),
    );
}

#[test]
fn names_of_people_are_told_before_they_are_known() {
    let json = r#"{"character": "Ann", "any": [{"victim.alliance": ["-x-", "Y"]}, {"not": {"corporation": "Z"}}],
                   "system": "Jita", "faction": "ORE", "alliance_id": 5}"#;
    let wanted = Asked::from_json(json.as_bytes()).unwrap().people().unwrap();
    assert_eq!(wanted.characters, ["Ann"]);
    assert_eq!(wanted.corporations, ["Z"]);
    assert_eq!(wanted.alliances, ["-x-", "Y", "x-"]);
}

#[test]
fn a_cursor_is_good_for_its_question_in_any_order_of_keys_and_any_page_size_and_form() {
    let first = ask("from=7d&npc=true&solo=false&system_id=1,2").unwrap();
    let cursor = Cursor {
        question: first.hash.clone(),
        position: Position::Before {
            time: "2026-11-20T00:00:00Z".parse().unwrap(),
            killmail_id: 5,
        },
        from: first.from,
        to: None,
    };
    let text = cursor.encode();
    let next = "solo=false&solar_system_id=2,1,2&limit=7&npc=true&from=7d&format=csv&fields=ids";
    let next = ask(&format!("{next}&cursor={text}")).unwrap();
    assert_eq!((next.from, next.cursor), (first.from, Some(cursor.clone())));
    for other in [
        "solo=true&npc=true&from=7d&system_id=1,2",
        "solo=false&npc=true&from=7d&system_id=1,2&order=arrival",
        "solo=false&npc=true&from=7d&system_id=1,-2",
        "solo=false&npc=true&from=8d&system_id=1,2",
        "solo=false&npc=true&system_id=1,2",
    ] {
        let fault = ask(&format!("{other}&cursor={text}")).unwrap_err();
        assert_eq!(fault, Fault::ForeignCursor, "{other}");
    }
}

#[test]
fn a_time_that_stands_still_is_the_same_however_it_is_written() {
    let hash = |query: &str| ask(query).unwrap().hash;
    assert_eq!(
        hash("from=2026-11-22"),
        hash("from=2026-11-22T01:00:00%2B01:00".replace("%2B", "+").as_str())
    );
    assert_ne!(hash("from=2026-11-22"), hash("from=12h"));
}
