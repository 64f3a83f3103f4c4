//! The sample galaxy holds what its scenes promise.

use std::collections::HashSet;

use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::{bodies, galaxy, time};
use crate::generate::{Scene, SceneKind, sample_galaxy};

fn sample() -> (Vec<Value>, Vec<Scene>, Timestamp) {
    let now: Timestamp = "2026-03-31T14:15:16Z".parse().unwrap();
    let (mut generator, scenes) = sample_galaxy(&galaxy::small(), 1, now).unwrap();
    let mut out = Vec::new();
    while generator.write_next(&mut out) {}
    (bodies(std::str::from_utf8(&out).unwrap()), scenes, now)
}

#[test]
fn the_sample_galaxy_spans_fourteen_months_and_shows_its_four_scenes() {
    let (bodies, scenes, now) = sample();
    assert_eq!(bodies.len(), 20_000);
    assert!(bodies.iter().all(|body| time(body) >= now - (427 * 24).hours() && time(body) < now));
    let kinds: Vec<SceneKind> = scenes.iter().map(|scene| scene.kind).collect();
    let expected =
        [SceneKind::StructureLoss, SceneKind::TitanBrawl, SceneKind::GateCamp, SceneKind::NpcKills];
    assert_eq!(kinds, expected);
    let systems: HashSet<i64> = scenes.iter().map(|scene| scene.system_id).collect();
    assert_eq!(systems.len(), scenes.len());
    for scene in &scenes {
        let here: Vec<&Value> = bodies
            .iter()
            .filter(|body| body["solar_system_id"] == scene.system_id)
            .filter(|body| time(body) >= scene.from && time(body) < scene.to)
            .collect();
        assert!(
            here.len() as u64 >= scene.kills && here.len() as u64 <= scene.kills + 30,
            "{scene:?}: {}",
            here.len()
        );
        check_scene(scene, &here);
    }
}

fn check_scene(scene: &Scene, here: &[&Value]) {
    let lost = |type_ids: &[i64]| {
        here.iter()
            .filter(|body| type_ids.contains(&body["victim"]["ship_type_id"].as_i64().unwrap()))
            .count()
    };
    let attackers = |body: &Value| body["attackers"].as_array().unwrap().len();
    match scene.kind {
        SceneKind::TitanBrawl => {
            assert!(
                lost(&[671, 3_764, 11_567]) >= 5
                    && lost(&[22_852, 23_913]) >= 11
                    && lost(&[19_720, 19_722, 19_724]) >= 34
            );
            assert!(here.iter().filter(|body| attackers(body) >= 100).count() >= 140);
            assert!(scene.attacker_alliance_id.is_some() && scene.victim_alliance_id.is_some());
        }
        SceneKind::GateCamp => {
            let gang: HashSet<i64> =
                here.iter().flat_map(|body| super::attacker_characters(body)).collect();
            let victims: HashSet<i64> = here.iter().map(|body| super::victim(body)).collect();
            assert!(gang.len() < 100 && victims.len() > 25, "{} {}", gang.len(), victims.len());
        }
        SceneKind::StructureLoss => assert_eq!(lost(&[35_832, 35_833, 35_834]), 1),
        SceneKind::NpcKills => {
            let npc =
                here.iter().filter(|body| super::attacker_characters(body).is_empty()).count();
            assert!(npc >= 14, "{npc}");
        }
    }
}
