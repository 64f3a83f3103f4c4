//! Six kills that differ in all that can be asked, and what each key finds among them.

use noctis_store::ingest::Ingester;
use noctis_store::testing::{TestStore, ingest_options, store_text};
use serde_json::{Value, json};

pub(super) const COUNT: i64 = 6;
/// Came without a value.
pub(super) const WITHOUT_VALUE: [i64; 2] = [5, 6];

const JITA: i64 = 30_000_142;
const HED_GP: i64 = 30_001_161;
const TAMA: i64 = 30_002_813;
const J_SYSTEM: i64 = 31_000_001;
/// Hulls: frigates, a capsule, a titan.
const RIFTER: i64 = 587;
const MERLIN: i64 = 603;
const CAPSULE: i64 = 670;
const EREBUS: i64 = 671;
/// Modules and cargo: a gun, a hull repairer, minerals, a container.
const GUN: i64 = 484;
const TRITANIUM: i64 = 34;
const PYERITE: i64 = 35;
const CONTAINER: i64 = 3_467;

/// What a key finds, by the last digit of the killmail's id.
pub(super) const ANSWERS: &[(&str, &[i64])] = &[
    ("", &[1, 2, 3, 4, 5, 6]),
    ("system=jita", &[1, 2]),
    ("solar_system_id=30000142,30001161", &[1, 2, 3]),
    ("system_id=-30000142", &[3, 4, 5, 6]),
    ("constellation=Kimotoro", &[1, 2]),
    ("region=The Forge,Catch", &[1, 2, 3]),
    ("region=-The Forge", &[3, 4, 5, 6]),
    ("security=highsec", &[1, 2]),
    ("security=nullsec", &[3]),
    ("security=lowsec,w-space", &[4, 5]),
    ("security=abyssal", &[]),
    ("security=-highsec", &[3, 4, 5, 6]),
    ("killmail_id=2,3,99", &[2, 3]),
    ("killmail_id=-2", &[1, 3, 4, 5, 6]),
    ("war_id=7", &[2]),
    ("war_id=-7", &[1, 3, 4, 5, 6]),
    ("ship_type=Rifter", &[1]),
    ("ship_type_id=587,603", &[1, 3]),
    ("ship_group=Frigate", &[1, 3]),
    ("ship_group=-Frigate,-Capsule", &[4, 5, 6]),
    ("victim.ship_group=Titan", &[4]),
    ("attacker.ship_type=Rifter", &[2, 4]),
    ("attacker.ship_group=Titan", &[3]),
    ("attacker.ship_group=-Titan", &[1, 2, 4, 5, 6]),
    ("any.ship_type=Erebus", &[3, 4]),
    ("final_blow.ship_type=Rifter", &[2]),
    ("attacker.weapon_type_id=484", &[1, 4]),
    ("weapon_type_id=484,35", &[1, 3, 4]),
    ("final_blow.weapon_type_id=484", &[1]),
    ("victim.character_id=90000011", &[3]),
    ("attacker.character_id=90000011", &[1, 2]),
    ("character_id=90000011", &[1, 2, 3]),
    ("character_id=90000011&role=victim", &[3]),
    ("character_id=-90000011", &[4, 5, 6]),
    ("final_blow.character_id=90000011", &[1]),
    ("final_blow.character_id=-90000011", &[2, 3, 4, 5, 6]),
    ("victim.corporation_id=98000021", &[1]),
    ("attacker.corporation_id=98000022", &[1, 2]),
    ("final_blow.corporation_id=98000022", &[1]),
    ("corporation_id=98000021,98000022", &[1, 2]),
    ("victim.alliance_id=31", &[1]),
    ("attacker.alliance_id=32", &[2, 3]),
    ("attacker.alliance_id=32,-33", &[3]),
    ("alliance_id=31&alliance_id=32", &[]),
    ("alliance_id=31,32", &[1, 2, 3]),
    ("final_blow.alliance_id=33", &[2, 4]),
    ("faction_id=500010", &[5, 6]),
    ("victim.faction=Serpentis", &[6]),
    ("attacker.alliance_id=33&attacker.ship_type_id=587", &[2, 4]),
    ("attacker.alliance_id=33&attacker.ship_type_id=587&same_attacker=true", &[2]),
    ("attacker.alliance_id=33&attacker.ship_type_id=-587&same_attacker=true", &[4]),
    ("attacker.character_id=90000012&attacker.ship_group=Titan&same_attacker=true", &[3]),
    ("attacker.character_id=-90000012,-90000015&same_attacker=true", &[1, 2, 5, 6]),
    ("item_type=Tritanium", &[1, 2, 3]),
    ("item_type_id=34,484", &[1, 2, 3, 4]),
    ("item_type_id=-34", &[4, 5, 6]),
    ("item_type_id=99999999999", &[]),
    ("fitted.item_type_id=484", &[4]),
    ("fitted.item_type_id=34", &[]),
    ("dropped.item_type_id=34", &[1, 3]),
    ("dropped.item_type_id=-34", &[2, 4, 5, 6]),
    ("npc=true", &[5, 6]),
    ("npc=false", &[1, 2, 3, 4]),
    ("solo=true", &[1]),
    ("awox=true", &[4]),
    ("min_value=1e6", &[2, 3, 4]),
    ("max_isk=1000000", &[1, 2, 4]),
    ("min_fitted_value=11", &[2, 3, 4]),
    ("max_dropped_value=20", &[1, 2]),
    ("min_destroyed_value=30&max_destroyed_value=30", &[3]),
    ("min_attacker_count=2", &[2, 3, 4]),
    ("max_player_count=0", &[5, 6]),
    ("min_points=2", &[2, 3, 4]),
    ("max_points=1", &[1]),
    ("value.source=zkb", &[1, 2, 3, 4]),
    ("value.source=-zkb", &[5, 6]),
    ("labels=pvp", &[1, 2, 3, 4]),
    ("labels=solo,awox", &[1, 4]),
    ("labels=-pvp", &[5, 6]),
    ("module_tags_any=Capsule,Capital", &[2, 4]),
    ("module_tags=Capital,Titan", &[4]),
    ("module_tags=Capital,-Titan", &[]),
];

fn mail(id: i64, system: i64, victim: &Value, items: &Value, attackers: &Value) -> Value {
    let mut victim = victim.clone();
    victim["damage_taken"] = 100.into();
    victim["items"] = items.clone();
    let mut attackers = attackers.clone();
    for (place, attacker) in attackers.as_array_mut().unwrap().iter_mut().enumerate() {
        attacker["damage_done"] = 50.into();
        attacker["security_status"] = json!(0.0);
        attacker["final_blow"] = (place == 0).into();
    }
    json!({
        "killmail_id": id, "killmail_time": format!("2026-11-{:02}T10:00:00Z", 10 + id),
        "solar_system_id": system, "victim": victim, "attackers": attackers,
    })
}

/// The kills, as zKillboard sends those with a value.
fn made_up() -> Vec<Value> {
    let stack = |type_id: i64, flag: i64, fate: &str| json!({"item_type_id": type_id, "flag": flag, "singleton": 0, format!("quantity_{fate}"): 1});
    let in_container = json!([{
        "item_type_id": CONTAINER, "flag": 5, "singleton": 1, "quantity_destroyed": 1,
        "items": [{"item_type_id": TRITANIUM, "flag": 27, "singleton": 0, "quantity_dropped": 9}]
    }]);
    let mut kills = vec![
        mail(
            1,
            JITA,
            &json!({"character_id": 90000013, "corporation_id": 98000021, "alliance_id": 31, "ship_type_id": RIFTER}),
            &json!([stack(TRITANIUM, 5, "dropped"), stack(PYERITE, 5, "destroyed")]),
            &json!([{"character_id": 90000011, "corporation_id": 98000022, "ship_type_id": MERLIN, "weapon_type_id": GUN}]),
        ),
        mail(
            2,
            JITA,
            &json!({"character_id": 90000013, "corporation_id": 98000023, "ship_type_id": CAPSULE}),
            &json!([stack(TRITANIUM, 5, "destroyed")]),
            &json!([
                {"character_id": 90000014, "corporation_id": 98000024, "alliance_id": 33, "ship_type_id": RIFTER},
                {"character_id": 90000011, "corporation_id": 98000022, "alliance_id": 32, "ship_type_id": MERLIN}
            ]),
        ),
        mail(
            3,
            HED_GP,
            &json!({"character_id": 90000011, "corporation_id": 98000023, "ship_type_id": MERLIN}),
            &in_container,
            &json!([
                {"character_id": 90000012, "corporation_id": 98000024, "ship_type_id": EREBUS, "weapon_type_id": PYERITE},
                {"character_id": 90000015, "corporation_id": 98000024, "alliance_id": 32, "ship_type_id": MERLIN}
            ]),
        ),
        mail(
            4,
            TAMA,
            &json!({"character_id": 90000013, "corporation_id": 98000025, "ship_type_id": EREBUS}),
            &json!([stack(GUN, 27, "dropped")]),
            &json!([
                {"character_id": 90000012, "corporation_id": 98000025, "alliance_id": 33, "ship_type_id": MERLIN},
                {"character_id": 90000015, "corporation_id": 98000026, "ship_type_id": RIFTER, "weapon_type_id": GUN}
            ]),
        ),
        mail(
            5,
            J_SYSTEM,
            &json!({"character_id": 90000013, "corporation_id": 98000023, "ship_type_id": 648}),
            &Value::Null,
            &json!([{"faction_id": 500_010, "ship_type_id": 3_742}]),
        ),
        mail(
            6,
            39_999_999,
            &json!({"faction_id": 500_020, "ship_type_id": 648}),
            &json!([]),
            &json!([{"faction_id": 500_010}]),
        ),
    ];
    kills[1]["war_id"] = 7.into();
    kills
}

/// Total, fitted, dropped, destroyed in ISK, and points; of the first four.
const VALUES: [[i64; 5]; 4] = [
    [900_000, 10, 10, 10, 1],
    [1_000_000, 20, 20, 20, 2],
    [5_000_000, 30, 30, 30, 3],
    [1_000_000, 40, 40, 40, 4],
];

/// Stores them in the order of their ids, as zKillboard sends those with a value.
pub(super) async fn stock(test: &TestStore) {
    let mut text = String::new();
    for (place, mut kill) in made_up().into_iter().enumerate() {
        if let Some([total, fitted, dropped, destroyed, points]) = VALUES.get(place) {
            kill["zkb"] = json!({
                "totalValue": total, "fittedValue": fitted, "droppedValue": dropped, "destroyedValue": destroyed,
                "points": points, "npc": false, "solo": place == 0, "awox": place == 3,
            });
        }
        text.push_str(&format!("{kill}\n"));
    }
    let mut ingester = Ingester::new(&test.store, ingest_options()).await.unwrap();
    let outcome = store_text(&mut ingester, "made up", text.as_bytes(), 10).await;
    assert_eq!((outcome.stored, outcome.parked_total()), (COUNT as u64, 0), "{outcome:?}");
}
