//! What users of the generator may rely on.

mod galaxy;
mod scenes;
mod statistics;

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;

fn options(kills: u64, from: &str, to: &str) -> Options {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    Options { kills, from: time(from), to: time(to), seed: 7, oddities: false, zkb: false }
}

fn years(kills: u64) -> Options {
    options(kills, "2008-01-01T00:00:00Z", "2026-07-01T00:00:00Z")
}

fn text(source: &GalaxySource, options: Options) -> String {
    let mut generator = Generator::new(source, options).unwrap();
    let mut out = Vec::new();
    while generator.write_next(&mut out) {}
    String::from_utf8(out).unwrap()
}

fn bodies(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn time(body: &Value) -> Timestamp {
    body["killmail_time"].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_every_release() {
    let first = text(&galaxy::small(), years(1_000));
    assert_eq!(first, text(&galaxy::small(), years(1_000)));
    assert_ne!(first, text(&galaxy::small(), Options { seed: 8, ..years(1_000) }));
    let digest: String =
        Sha256::digest(first.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!(digest, @"ad73245cc2a987c1");
    insta::assert_snapshot!(first.lines().next().unwrap(), @r#"{"attackers":[{"character_id":3346960004,"corporation_id":4000555136,"damage_done":4178,"final_blow":true,"security_status":-7.4,"ship_type_id":16240,"weapon_type_id":16240},{"character_id":3346960003,"corporation_id":4000555136,"damage_done":0,"final_blow":false,"security_status":3,"ship_type_id":597,"weapon_type_id":597}],"killmail_id":9000007000000000,"killmail_time":"2008-01-01T00:00:00Z","solar_system_id":30000002,"victim":{"alliance_id":5000000069,"character_id":3002760668,"corporation_id":4000004417,"damage_taken":4178,"items":[{"flag":0,"item_type_id":3146,"quantity_dropped":1,"singleton":0},{"flag":0,"item_type_id":215,"quantity_dropped":81,"singleton":0},{"flag":0,"item_type_id":3146,"quantity_dropped":1,"singleton":0},{"flag":0,"item_type_id":215,"quantity_destroyed":92,"singleton":0},{"flag":0,"item_type_id":3146,"quantity_dropped":1,"singleton":0},{"flag":0,"item_type_id":215,"quantity_destroyed":81,"singleton":0},{"flag":0,"item_type_id":3146,"quantity_destroyed":1,"singleton":0},{"flag":0,"item_type_id":3146,"quantity_dropped":1,"singleton":0},{"flag":0,"item_type_id":215,"quantity_destroyed":105,"singleton":0},{"flag":0,"item_type_id":434,"quantity_dropped":1,"singleton":0},{"flag":0,"item_type_id":448,"quantity_destroyed":1,"singleton":0},{"flag":0,"item_type_id":438,"quantity_destroyed":1,"singleton":0},{"flag":0,"item_type_id":2048,"quantity_destroyed":1,"singleton":0},{"flag":0,"item_type_id":2048,"quantity_destroyed":1,"singleton":0},{"flag":0,"item_type_id":2048,"quantity_dropped":1,"singleton":0},{"flag":0,"item_type_id":31790,"quantity_dropped":1,"singleton":0},{"flag":0,"item_type_id":31788,"quantity_destroyed":1,"singleton":0},{"flag":0,"item_type_id":31790,"quantity_dropped":1,"singleton":0},{"flag":5,"item_type_id":35,"quantity_destroyed":52,"singleton":0}],"ship_type_id":16242}}"#);
}

#[test]
fn the_order_of_the_static_data_does_not_matter() {
    let mut reversed = galaxy::small();
    reversed.systems.reverse();
    reversed.types.reverse();
    assert_eq!(text(&galaxy::small(), years(300)), text(&reversed, years(300)));
}

#[test]
fn every_line_is_a_killmail_in_ascending_time_and_id_within_the_range() {
    let options = options(3_000, "2015-12-20T10:20:30Z", "2016-01-10T05:06:07Z");
    let bodies = bodies(&text(&galaxy::small(), options.clone()));
    assert_eq!(bodies.len(), 3_000);
    let ids: Vec<i64> = bodies.iter().map(|body| body["killmail_id"].as_i64().unwrap()).collect();
    let times: Vec<Timestamp> = bodies.iter().map(time).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]) && times.is_sorted());
    assert!(
        ids.iter().all(|&id| is_generated(id))
            && times[0] >= options.from
            && times[2_999] < options.to
    );
    for body in &bodies {
        let year = time(body).to_string()[..4].parse::<i32>().unwrap();
        assert_eq!(body["victim"].get("position").is_some(), year >= 2016, "{body}");
        assert_eq!(final_blows(body), 1, "{body}");
        let characters = attacker_characters(body);
        let distinct: HashSet<i64> = characters.iter().copied().collect();
        assert_eq!(distinct.len(), characters.len(), "{body}");
        let victim = body["victim"]["character_id"].as_i64();
        assert!(victim.is_none_or(|victim| !distinct.contains(&victim)), "{body}");
        assert!(
            body["victim"]["corporation_id"].is_i64() && body["victim"]["ship_type_id"].is_i64()
        );
    }
}

#[test]
fn a_run_is_exactly_as_long_as_asked_even_where_there_is_no_time_for_it() {
    for kills in [1, 2, 17, 400] {
        let options = options(kills, "2020-02-29T23:59:00Z", "2020-02-29T23:59:02Z");
        assert_eq!(text(&galaxy::small(), options).lines().count() as u64, kills);
    }
}

#[test]
fn impossible_wishes_are_refused() {
    let refused = |source: &GalaxySource, options| Generator::new(source, options).err();
    let small = galaxy::small();
    assert_eq!(refused(&small, years(0)), Some(GenerateError::Kills));
    assert_eq!(refused(&small, years(KILLS_MAX + 1)), Some(GenerateError::Kills));
    let backwards = options(1, "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z");
    assert_eq!(refused(&small, backwards), Some(GenerateError::Range));
    assert_eq!(
        refused(&small, options(1, "1960-01-01T00:00:00Z", "2020-01-01T00:00:00Z")),
        Some(GenerateError::Range)
    );
    assert_eq!(refused(&GalaxySource::default(), years(1)), Some(GenerateError::Source));
}

#[test]
fn oddities_are_there_when_wanted_and_change_nothing_else() {
    let plain = text(&galaxy::small(), years(8_000));
    let odd = text(&galaxy::small(), Options { oddities: true, ..years(8_000) });
    let plain_lines: HashSet<&str> = plain.lines().collect();
    let changed = odd.lines().filter(|line| !plain_lines.contains(line)).count();
    assert!((100..400).contains(&changed), "{changed}");
    let (plain, odd) = (bodies(&plain), bodies(&odd));
    let ids: HashSet<i64> = odd.iter().map(|body| body["killmail_id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 8_000);
    for (name, count) in [
        ("victim attacks", count(&odd, |body| attacker_characters(body).contains(&victim(body)))),
        ("character twice", count(&odd, |body| repeats(&attacker_characters(body)))),
        ("no final blow", count(&odd, |body| final_blows(body) == 0)),
        ("two final blows", count(&odd, |body| final_blows(body) == 2)),
        (
            "quantity above 2^31",
            count(&odd, |body| largest_quantity(&body["victim"]["items"]) > 1 << 31),
        ),
        (
            "id against time",
            odd.windows(2)
                .filter(|pair| pair[0]["killmail_id"].as_i64() > pair[1]["killmail_id"].as_i64())
                .count(),
        ),
    ] {
        assert!(count > 5, "{name}: {count}");
    }
    assert_eq!(count(&plain, |body| largest_quantity(&body["victim"]["items"]) > 1 << 31), 0);
}

#[test]
fn a_zkb_block_is_added_without_changing_the_body() {
    let plain = text(&galaxy::small(), years(2_000));
    let with_zkb = text(&galaxy::small(), Options { zkb: true, ..years(2_000) });
    for (plain, line) in plain.lines().zip(with_zkb.lines()) {
        assert!(line.starts_with(&plain[..plain.len() - 1]));
        let body: Value = serde_json::from_str(line).unwrap();
        let value = |key: &str| (body["zkb"][key].as_f64().unwrap() * 100.0).round() as i64;
        assert_eq!(value("droppedValue") + value("destroyedValue"), value("totalValue"));
        assert!(value("fittedValue") <= value("totalValue"));
        assert_eq!(body["zkb"]["hash"].as_str().unwrap().len(), 40);
        assert!(body["zkb"]["points"].as_i64().unwrap() >= 1 && body["zkb"]["npc"].is_boolean());
    }
}

#[test]
fn pilots_on_killmails_belong_where_the_names_say() {
    for body in bodies(&text(&galaxy::small(), years(500))) {
        let awox =
            |attacker: &Value| attacker["corporation_id"] == body["victim"]["corporation_id"];
        for attacker in body["attackers"].as_array().unwrap() {
            let Some(character_id) = attacker["character_id"].as_i64() else { continue };
            let corporation_id = attacker["corporation_id"].as_i64().unwrap();
            assert!(corporation_of(character_id) == corporation_id || awox(attacker));
            assert_eq!(alliance_of(corporation_id), attacker["alliance_id"].as_i64());
            assert!(is_invented(character_id));
        }
    }
}

fn count(bodies: &[Value], is: impl Fn(&Value) -> bool) -> usize {
    bodies.iter().filter(|body| is(body)).count()
}

fn final_blows(body: &Value) -> usize {
    body["attackers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|attacker| attacker["final_blow"] == true)
        .count()
}

fn attacker_characters(body: &Value) -> Vec<i64> {
    body["attackers"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|attacker| attacker["character_id"].as_i64())
        .collect()
}

fn victim(body: &Value) -> i64 {
    body["victim"]["character_id"].as_i64().unwrap_or(-1)
}

fn repeats(characters: &[i64]) -> bool {
    characters.iter().collect::<HashSet<_>>().len() < characters.len()
}

fn largest_quantity(items: &Value) -> i64 {
    let quantity =
        |item: &Value| item["quantity_dropped"].as_i64().or(item["quantity_destroyed"].as_i64());
    items.as_array().unwrap().iter().filter_map(quantity).max().unwrap_or(0)
}
