//! Each label, where it begins and where it ends.

use super::*;
use crate::catalogue::{System, Table};
use crate::enrich::tests::{CAPSULE, CATALOGUE, RIFTER, VICTIM_CORPORATION, kill, pilot};
use crate::enrich::{Sources, enrich};
use crate::isk::Isk;
use crate::killmail::NPC_CHARACTER_ID_MAX;

const ASTRAHUS: i64 = 35_832;
const NPC_CORPORATION: i64 = 1_000_125;

fn labels_of(change: impl FnOnce(&mut Killmail)) -> Vec<String> {
    let mut killmail = kill();
    change(&mut killmail);
    enrich(&killmail, None, &Sources::without_prices(&CATALOGUE)).labels
}

#[track_caller]
fn check(label: &str, expected: bool, change: impl FnOnce(&mut Killmail)) {
    let labels = labels_of(change);
    assert_eq!(labels.iter().any(|own| own == label), expected, "{label} in {labels:?}");
    assert!(LABELS.iter().any(|row| row.label == label), "{label} has no meaning");
}

#[test]
fn npc_is_a_kill_without_players_and_what_belongs_to_their_corporations() {
    let agent = |killmail: &mut Killmail| {
        killmail.attackers[0].character_id = Some(NPC_CHARACTER_ID_MAX);
        killmail.attackers[0].corporation_id = Some(NPC_CORPORATION);
    };
    check("npc", true, agent);
    check("pvp", false, agent);
    check("npc", true, |killmail| {
        killmail.attackers[0].character_id = None;
        killmail.attackers[0].corporation_id = None;
        killmail.attackers[0].faction_id = Some(500_021);
    });
    check("npc", false, |killmail| killmail.attackers[0].character_id = None);
    check("npc", false, |killmail| killmail.attackers[0].corporation_id = Some(NPC_CORPORATION));
    check("pvp", true, |_| {});
}

#[test]
fn solo_is_one_player_against_a_ship_that_can_fight() {
    check("solo", true, |_| {});
    check("solo", false, |killmail| killmail.attackers.push(pilot(90_000_003)));
    for hull in [CAPSULE, 672 /* Caldari Shuttle */, 601 /* Ibis */, ASTRAHUS] {
        check("solo", false, |killmail| killmail.victim.ship_type_id = hull);
    }
    let beside = |ship, killmail: &mut Killmail| {
        let mut beside = pilot(0);
        (beside.character_id, beside.ship_type_id, beside.final_blow) = (None, Some(ship), false);
        killmail.attackers.push(beside);
    };
    check("solo", true, |killmail| beside(RIFTER, killmail));
    check("solo", false, |killmail| beside(ASTRAHUS, killmail));
}

#[test]
fn awox_is_a_final_blow_from_the_victims_own_player_corporation() {
    let mate =
        |killmail: &mut Killmail| killmail.attackers[0].corporation_id = Some(VICTIM_CORPORATION);
    check("awox", true, mate);
    check("awox", false, |_| {});
    check("awox", false, |killmail| {
        mate(killmail);
        killmail.attackers[0].final_blow = false;
        killmail.attackers.push(pilot(90_000_003));
    });
    check("awox", false, |killmail| {
        killmail.victim.corporation_id = Some(NPC_CORPORATION);
        killmail.attackers[0].corporation_id = Some(NPC_CORPORATION);
    });
    check("awox", false, |killmail| {
        mate(killmail);
        killmail.victim.ship_type_id = CAPSULE;
    });
}

#[test]
fn a_kill_has_one_count_of_attackers_unless_it_is_solo() {
    let counts = [
        (1, "#:1"),
        (2, "#:2+"),
        (4, "#:2+"),
        (5, "#:5+"),
        (9, "#:5+"),
        (10, "#:10+"),
        (25, "#:25+"),
        (50, "#:50+"),
        (100, "#:100+"),
        (999, "#:100+"),
        (1_000, "#:1000+"),
        (3_753, "#:1000+"),
    ];
    for (count, label) in counts {
        let labels = labels_of(|killmail| {
            killmail.victim.ship_type_id = CAPSULE;
            killmail.attackers = (0..count).map(|n| pilot(90_000_002 + n)).collect();
        });
        let own: Vec<&String> = labels.iter().filter(|own| own.starts_with("#:")).collect();
        assert_eq!(own, [label], "{count}");
    }
    assert!(!labels_of(|_| {}).iter().any(|own| own.starts_with("#:")));
}

#[test]
fn a_kill_has_one_band_of_value_where_the_value_is_known() {
    let bands = [
        ("0", None),
        ("999999999.99", None),
        ("1000000000", Some("isk:1b+")),
        ("4999999999.99", Some("isk:1b+")),
        ("5000000000", Some("isk:5b+")),
        ("10000000000", Some("isk:10b+")),
        ("100000000000", Some("isk:100b+")),
        ("999999999999.99", Some("isk:100b+")),
        ("1000000000000", Some("isk:1t+")),
        ("999999999999999999.99", Some("isk:1t+")),
    ];
    for (value, expected) in bands {
        assert_eq!(isk(Isk::parse(value).unwrap().amount()), expected, "{value}");
    }
}

#[test]
fn a_place_is_told_by_true_security_or_kind_of_space() {
    let places = [
        (30_000_142, "loc:highsec"), // Jita
        (30_000_011, "loc:highsec"), // Shenela, 0.457
        (30_000_013, "loc:lowsec"),  // Onsooh, 0.443
        (30_002_412, "loc:lowsec"),  // Ennur, 0.058
        (30_002_420, "loc:nullsec"), // Egbinger, 0.035
        (30_004_759, "loc:nullsec"), // 1DQ1-A
        (30_100_000, "loc:nullsec"), // Zarzakh
        (31_000_005, "loc:w-space"), // Thera
        (31_000_001, "loc:w-space"), // Sentinel
        (31_000_001, "loc:drifter"),
        (32_000_001, "loc:abyssal"),
    ];
    for (system, label) in places {
        check(label, true, |killmail| killmail.solar_system_id = system);
    }
    for system in CATALOGUE.systems.iter() {
        let labels = labels_of(|killmail| killmail.solar_system_id = system.system_id);
        let own =
            labels.iter().filter(|own| own.starts_with("loc:") && *own != "loc:drifter").count();
        assert_eq!(own, usize::from(system.region_id < 13_000_000), "{}", system.name);
    }
}

#[test]
fn a_wormholes_class_is_told_where_the_static_data_has_it() {
    let classes = [
        (Some(1), Some("wh:c1")),
        (Some(2), Some("wh:c2")),
        (Some(3), Some("wh:c3")),
        (Some(4), Some("wh:c4")),
        (Some(5), Some("wh:c5")),
        (Some(6), Some("wh:c6")),
        (Some(7), None), // High security.
        (Some(12), Some("wh:thera")),
        (Some(13), Some("wh:c13")),
        (Some(14), None), // Sentinel, one of the Drifters'.
        (Some(25), None), // Pochven.
        (None, None),
    ];
    let j100009 = CATALOGUE.systems.named("J100009").next().unwrap();
    let mut killmail = kill();
    killmail.solar_system_id = j100009.system_id;
    for (wormhole_class, label) in classes {
        let system = System { wormhole_class, ..j100009.clone() };
        let catalogue =
            Catalogue { systems: Table::new(vec![system]).unwrap(), ..Catalogue::default() };
        let labels = enrich(&killmail, None, &Sources::without_prices(&catalogue)).labels;
        let own: Vec<_> = labels.iter().filter(|label| label.starts_with("wh:")).collect();
        assert_eq!(own, label.iter().collect::<Vec<_>>(), "{wormhole_class:?}");
        assert!(labels.iter().any(|label| label == "loc:w-space"));
        assert!(label.is_none_or(|label| LABELS.iter().any(|row| row.label == label)));
    }
}

#[test]
fn every_hour_has_one_prime_time() {
    let hours = ["use"; 4].into_iter().chain(["usw"; 4]).chain(["au"; 6]).chain(["ru"; 3]);
    for (hour, zone) in hours.chain(["eu"; 5]).chain(["use"; 2]).enumerate() {
        let label = format!("tz:{zone}");
        for minute in ["00:00", "59:59"] {
            let time = format!("2007-12-05T{hour:02}:{minute}Z").parse().unwrap();
            check(&label, true, |killmail| killmail.killmail_time = time);
        }
    }
}

#[test]
fn the_victims_hull_gives_category_capital_and_structure() {
    let hulls = [
        (RIFTER, "cat:6", [false, false, false]),
        (671 /* Erebus */, "cat:6", [true, true, false]),
        (28_352 /* Rorqual */, "cat:6", [true, true, false]),
        (20_183 /* Providence, a freighter */, "cat:6", [true, false, false]),
        (ASTRAHUS, "cat:65", [false, false, true]),
        (33_475 /* Mobile Tractor Unit */, "cat:22", [false, false, false]),
        (16_213 /* Caldari Control Tower */, "cat:23", [false, false, true]),
        (2_233 /* Customs Office */, "cat:46", [false, false, true]),
    ];
    for (hull, category, expected) in hulls {
        let labels = labels_of(|killmail| killmail.victim.ship_type_id = hull);
        assert!(labels.iter().any(|own| own == category), "{hull} {labels:?}");
        let found = ["capital", "capital-victim", "structure"]
            .map(|label| labels.iter().any(|own| own == label));
        assert_eq!(found, expected, "{hull} {labels:?}");
    }
}

#[test]
fn the_attackers_ships_give_their_labels() {
    let ships = [
        (671 /* Erebus */, &["capital-attackers", "super-attackers"][..]),
        (19_720 /* Revelation */, &["capital-attackers"]),
        (37_604 /* Apostle */, &["capital-attackers", "logi-attackers"]),
        (11_987 /* Guardian */, &["logi-attackers"]),
        (22_456 /* Sabre */, &["bubbler-attackers"]),
        (12_017 /* Devoter */, &["bubbler-attackers"]),
        (22_430 /* Sin */, &["blops-attackers"]),
        (RIFTER, &[]),
    ];
    for (ship, expected) in ships {
        let labels = labels_of(|killmail| killmail.attackers[0].ship_type_id = Some(ship));
        let own: Vec<&String> = labels.iter().filter(|own| own.ends_with("-attackers")).collect();
        assert_eq!(own, expected, "{ship}");
        assert!(expected.iter().all(|label| LABELS.iter().any(|row| row.label == *label)));
    }
}

#[test]
fn a_feeds_labels_are_kept_where_ours_do_not_answer() {
    let feed = |labels: &[&str]| Zkb {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..Zkb::default()
    };
    let enriched = |labels: &[&str]| {
        enrich(&kill(), Some(&feed(labels)), &Sources::without_prices(&CATALOGUE)).labels
    };
    assert_eq!(
        enriched(&["ganked", "fw:amarr", "isk:under1b", "tz:eu", "npc", "cat:6", "ganked"]),
        ["cat:6", "fw:amarr", "ganked", "isk:under1b", "loc:highsec", "pvp", "solo", "tz:au"]
    );
    let before = enriched(&["loc:lowsec", "loc:of-old"]);
    assert_eq!(before, ["cat:6", "loc:lowsec", "loc:of-old", "pvp", "solo", "tz:au"]);
    assert!(!enriched(&["padding"]).contains(&"pvp".to_owned()), "padding is not pvp");
    let unknown = enrich(
        &kill(),
        Some(&feed(&["loc:lowsec", "cat:6"])),
        &Sources::without_prices(&Catalogue::default()),
    );
    assert_eq!(unknown.labels, ["#:1", "cat:6", "loc:lowsec", "pvp", "tz:au"]);
}

#[test]
fn a_feeds_labels_are_bounded_in_number_and_length() {
    let many = (0..FEED_LABELS_MAX + 9).map(|n| format!("feed-{n}")).chain(["x".repeat(65)]);
    let long =
        Zkb { labels: vec!["x".repeat(FEED_LABEL_BYTES_MAX + 1), String::new()], ..Zkb::default() };
    let zkb = Zkb { labels: many.collect(), ..Zkb::default() };
    let own = enrich(&kill(), None, &Sources::without_prices(&CATALOGUE)).labels;
    assert_eq!(
        enrich(&kill(), Some(&zkb), &Sources::without_prices(&CATALOGUE)).labels.len(),
        own.len() + FEED_LABELS_MAX
    );
    assert_eq!(enrich(&kill(), Some(&long), &Sources::without_prices(&CATALOGUE)).labels, own);
}
