//! Enrichment as a whole: precedence with zkb, and what is not known.

mod real;

use std::sync::LazyLock;

use super::*;
use crate::killmail::{Attacker, Item, Victim};

pub(super) static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse(&noctis_sde::text()).unwrap());

pub(super) const RIFTER: i64 = 587;
pub(super) const CAPSULE: i64 = 670;
pub(super) const JITA: i64 = 30_000_142;
pub(super) const VICTIM_CORPORATION: i64 = 98_000_001;

/// A Rifter lost in Jita at 12:00 to one pilot in a Rifter.
pub(super) fn kill() -> Killmail {
    Killmail {
        killmail_id: 1,
        killmail_time: "2025-06-01T12:00:00Z".parse().unwrap(),
        solar_system_id: JITA,
        war_id: None,
        victim: Victim {
            character_id: Some(90_000_001),
            corporation_id: Some(VICTIM_CORPORATION),
            alliance_id: None,
            faction_id: None,
            ship_type_id: RIFTER,
            damage_taken: 1000,
            items: Vec::new(),
        },
        attackers: vec![pilot(90_000_002)],
    }
}

pub(super) fn pilot(character_id: i64) -> Attacker {
    Attacker {
        character_id: Some(character_id),
        corporation_id: Some(98_000_002),
        alliance_id: None,
        faction_id: None,
        ship_type_id: Some(RIFTER),
        weapon_type_id: None,
        damage_done: 1000,
        final_blow: true,
        security_status: 0.0,
    }
}

pub(super) fn item(item_type_id: i64, flag: i64) -> Item {
    Item {
        item_type_id,
        flag,
        singleton: 0,
        quantity_destroyed: Some(1),
        quantity_dropped: None,
        items: Vec::new(),
    }
}

#[test]
fn without_a_zkb_block_the_value_is_not_known_and_the_flags_are_computed() {
    let enriched = enrich(&kill(), None, &Sources::without_prices(&CATALOGUE));
    assert_eq!((enriched.isk_value, enriched.value_source), (None, ValueSource::None));
    assert_eq!(enriched.points, None);
    assert!(enriched.solo && !enriched.npc && !enriched.awox);
    assert_eq!(enriched.labels, ["cat:6", "loc:highsec", "pvp", "solo", "tz:au"]);
    assert_eq!(enriched.module_tags, ["Frigate"]);
}

#[test]
fn values_points_and_flags_are_zkillboards_where_they_came() {
    let zkb = Zkb {
        total_value: Isk::parse("5000000000"),
        dropped_value: Isk::parse("1.5"),
        points: Some(7),
        npc: Some(false),
        solo: Some(false),
        awox: Some(true),
        ..Zkb::default()
    };
    let enriched = enrich(&kill(), Some(&zkb), &Sources::without_prices(&CATALOGUE));
    assert_eq!((enriched.isk_value, enriched.value_source), (zkb.total_value, ValueSource::Zkb));
    assert_eq!((enriched.dropped_value, enriched.fitted_value), (zkb.dropped_value, None));
    assert_eq!(enriched.points, Some(7));
    assert!(enriched.awox && !enriched.solo);
    assert_eq!(enriched.labels, ["#:1", "awox", "cat:6", "isk:5b+", "loc:highsec", "pvp", "tz:au"]);
}

#[test]
fn a_block_without_a_value_leaves_the_source_none() {
    let zkb = Zkb { fitted_value: Isk::parse("1"), points: Some(1), ..Zkb::default() };
    let enriched = enrich(&kill(), Some(&zkb), &Sources::without_prices(&CATALOGUE));
    assert_eq!((enriched.isk_value, enriched.value_source), (None, ValueSource::None));
    assert!(enriched.solo, "a block without flags leaves ours");
}

#[test]
fn an_unknown_type_or_system_is_enriched_without_what_it_would_say() {
    let mut killmail = kill();
    killmail.solar_system_id = i64::MAX;
    killmail.victim.ship_type_id = i64::MAX;
    killmail.victim.items = vec![item(i64::MAX, 27)];
    killmail.attackers[0].ship_type_id = Some(i64::MAX);
    let enriched = enrich(&killmail, None, &Sources::without_prices(&CATALOGUE));
    assert_eq!(enriched.labels, ["#:1", "pvp", "tz:au"]);
    assert_eq!(enriched.module_tags, ["High Slot"]);
    let empty = enrich(&kill(), None, &Sources::without_prices(&Catalogue::default()));
    assert_eq!(empty.labels, ["#:1", "pvp", "tz:au"]);
    assert!(empty.module_tags.is_empty());
}
