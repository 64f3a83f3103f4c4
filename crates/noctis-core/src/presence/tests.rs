//! Who a kill counts for, and how it is taken back.

use std::sync::LazyLock;

use super::*;

const JITA: i64 = 30_000_142;
const KIMOTORO: i64 = 20_000_020;
const THE_FORGE: i64 = 10_000_002;
const RIFTER: i64 = 587;
const FRIGATE: i64 = 25;
const CAPSULE: i64 = 670;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse(&noctis_sde::text()).unwrap());

fn victim(character_id: i64) -> Participant {
    let (corporation_id, alliance_id) = (Some(98_000_001), Some(99_000_001));
    Participant {
        character_id: Some(character_id),
        corporation_id,
        alliance_id,
        ..Participant::default()
    }
}

fn attacker(ordinal: i32, character_id: i64) -> Participant {
    Participant {
        ordinal,
        character_id: Some(character_id),
        corporation_id: Some(98_000_002),
        alliance_id: None,
        ship_type_id: Some(RIFTER),
    }
}

fn mail(ship_type_id: i64, participants: Vec<Participant>) -> Mail {
    Mail {
        key: ("2025-06-30T23:59:59Z".parse().unwrap(), 7),
        solar_system_id: JITA,
        ship_type_id,
        npc: false,
        isk_value: Isk::parse("12.50"),
        participants,
        traces: Vec::new(),
    }
}

fn of(tally: &Tally, kind: Kind, id: i64) -> Option<Counts> {
    let mut found = tally.days().filter(|(entity, _, _)| *entity == Entity { kind, id });
    let counts = found.next().map(|(_, day, counts)| {
        assert_eq!(day.to_string(), "2025-06-30");
        *counts
    });
    assert_eq!(found.next(), None);
    counts
}

fn kills(kills: i64, isk: &str) -> Counts {
    Counts { kills, isk_destroyed: isk.parse().unwrap(), ..Counts::default() }
}

#[test]
fn a_fleet_of_one_corporation_has_one_kill() {
    let mut tally = Tally::default();
    tally.add(&mail(RIFTER, vec![victim(1), attacker(1, 2), attacker(2, 3)]), &CATALOGUE);
    for (kind, id) in [
        (Kind::Character, 2),
        (Kind::Character, 3),
        (Kind::Corporation, 98_000_002),
        (Kind::System, JITA),
        (Kind::Constellation, KIMOTORO),
        (Kind::Region, THE_FORGE),
    ] {
        assert_eq!(of(&tally, kind, id), Some(kills(1, "12.50")), "{kind:?} {id}");
    }
    let loss = Counts { losses: 1, isk_lost: "12.50".parse().unwrap(), ..Counts::default() };
    for (kind, id) in [(Kind::Character, 1), (Kind::Alliance, 99_000_001)] {
        assert_eq!(of(&tally, kind, id), Some(loss), "{kind:?} {id}");
    }
    // Rifters killed a Rifter.
    let both = Counts { kills: 1, isk_destroyed: "12.50".parse().unwrap(), ..loss };
    assert_eq!(of(&tally, Kind::ShipType, RIFTER), Some(both));
    assert_eq!(of(&tally, Kind::ShipGroup, FRIGATE), Some(both));
    assert_eq!(of(&tally, Kind::Alliance, 99_000_002), None);
}

#[test]
fn who_shot_himself_has_a_kill_and_a_loss() {
    let mut tally = Tally::default();
    tally.add(&mail(RIFTER, vec![victim(1), attacker(1, 1), attacker(2, 1)]), &CATALOGUE);
    let counts = of(&tally, Kind::Character, 1).unwrap();
    assert_eq!((counts.kills, counts.losses), (1, 1));
}

#[test]
fn pods_and_npcs_are_told_apart() {
    let mut tally = Tally::default();
    let by_npcs = Mail { npc: true, isk_value: None, ..mail(CAPSULE, vec![victim(1)]) };
    tally.add(&by_npcs, &CATALOGUE);
    tally.add(&mail(CAPSULE, vec![victim(1), attacker(1, 2)]), &CATALOGUE);
    let counts = of(&tally, Kind::Character, 1).unwrap();
    assert_eq!((counts.losses, counts.pod_losses, counts.npc_losses), (2, 2, 1));
    assert_eq!(counts.isk_lost.to_string(), "12.50");
    let there = of(&tally, Kind::Region, THE_FORGE).unwrap();
    assert_eq!((there.kills, there.pod_kills, there.npc_kills, there.losses), (2, 2, 1, 0));
}

#[test]
fn what_is_taken_back_leaves_nothing() {
    let mut tally = Tally::default();
    let before = mail(RIFTER, vec![victim(1), attacker(1, 2)]);
    let after = Mail { isk_value: Isk::parse("99"), npc: true, ..before.clone() };
    tally.add(&before, &CATALOGUE);
    tally.take_back(&before, &CATALOGUE);
    assert_eq!(tally.days().count(), 0);
    tally.take_back(&before, &CATALOGUE);
    tally.add(&after, &CATALOGUE);
    let counts = of(&tally, Kind::System, JITA).unwrap();
    assert_eq!((counts.kills, counts.npc_kills), (0, 1));
    assert_eq!(counts.isk_destroyed.to_string(), "86.50");
}

#[test]
fn kinds_have_their_numbers() {
    for (number, kind) in (1..).zip(Kind::ALL) {
        assert_eq!((kind.number(), Kind::of(number)), (number, Some(kind)));
    }
    assert_eq!((Kind::of(0), Kind::of(9)), (None, None));
}
