//! The generated galaxy measured against the real one; run with `-- --nocapture` to see the table.

use std::collections::HashMap;

use serde_json::Value;

use super::{bodies, galaxy, text, time, years};

/// Means of the ELIT sample: bytes, attackers and items of a kill.
const GOALS: [f64; 3] = [3_265.0, 10.1, 18.0];
const TOLERANCE: f64 = 0.15;

#[test]
fn means_tails_and_shares_are_those_of_real_killmails() {
    let Some(source) = galaxy::real() else { return };
    for seed in [1, 2] {
        let text = text(&source, super::Options { seed, ..years(20_000) });
        let bytes: Vec<f64> = text.lines().map(|line| line.len() as f64).collect();
        let kills = bodies(&text);
        let attackers: Vec<f64> =
            kills.iter().map(|kill| rows(kill, "/attackers").len() as f64).collect();
        let items: Vec<f64> =
            kills.iter().map(|kill| rows(kill, "/victim/items").len() as f64).collect();
        println!("seed {seed}, {} kills, {} bytes", kills.len(), text.len());
        for ((name, values), goal) in
            [("bytes", &bytes), ("attackers", &attackers), ("items", &items)].into_iter().zip(GOALS)
        {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            println!("| {name} | {goal} | {mean:.1} | {:?} |", quantiles(values));
            assert!((mean / goal - 1.0).abs() < TOLERANCE, "mean {name} is {mean}, not {goal}");
        }
        let p99 = quantiles(&attackers)[6];
        assert!((70.0..200.0).contains(&p99), "p99 of attackers {p99}");
        check_buckets(&attackers);
        check_shares(&kills);
        check_growth(&kills);
        check_slopes(&kills);
    }
}

fn rows<'a>(kill: &'a Value, pointer: &str) -> &'a [Value] {
    kill.pointer(pointer).and_then(Value::as_array).unwrap()
}

/// p5, p10, p25, p50, p75, p90, p99, max.
fn quantiles(values: &[f64]) -> [f64; 8] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.99, 1.0]
        .map(|share| sorted[((sorted.len() - 1) as f64 * share) as usize])
}

fn check_buckets(attackers: &[f64]) {
    let buckets = [
        (1.0, 0.138),
        (2.0, 0.131),
        (4.0, 0.160),
        (9.0, 0.269),
        (19.0, 0.207),
        (49.0, 0.062),
        (99.0, 0.025),
        (999.0, 0.007),
    ];
    let mut low = 0.0;
    for (high, goal) in buckets {
        let count = attackers.iter().filter(|&&count| count > low && count <= high).count();
        let share = count as f64 / attackers.len() as f64;
        println!("| attackers to {high} | {goal} | {share:.3} |");
        assert!((share - goal).abs() < 0.035, "attackers up to {high}: {share}, not {goal}");
        low = high;
    }
}

/// A share by name, with the bounds it must keep.
type Share = (&'static str, f64, f64, fn(&Value) -> bool);

const SHARES_OF_ROWS: [Share; 8] = [
    ("rows without alliance", 0.18, 0.42, |row| row.get("alliance_id").is_none()),
    ("rows without character", 0.005, 0.025, is_npc),
    ("rows without ship", 0.01, 0.05, |row| row.get("ship_type_id").is_none()),
    ("rows without weapon", 0.005, 0.025, |row| row.get("weapon_type_id").is_none()),
    ("rows with faction", 0.02, 0.2, |row| row.get("faction_id").is_some()),
    ("rows with weapon == ship", 0.21, 0.31, |row| row["weapon_type_id"] == row["ship_type_id"]),
    ("rows without damage", 0.15, 0.25, |row| row["damage_done"] == 0),
    ("rows with whole security", 0.25, 0.36, |row| row["security_status"].is_i64()),
];

const SHARES_OF_KILLS: [Share; 11] = [
    ("NPC kills", 0.04, 0.12, |kill| rows(kill, "/attackers").iter().all(is_npc)),
    ("kills with an NPC", 0.09, 0.20, |kill| rows(kill, "/attackers").iter().any(is_npc)),
    ("capsules", 0.10, 0.29, |kill| kill["victim"]["ship_type_id"] == 670),
    ("victims without character", 0.01, 0.05, |kill| is_npc(&kill["victim"])),
    ("victims without alliance", 0.35, 0.55, |kill| kill["victim"].get("alliance_id").is_none()),
    ("kills without items", 0.08, 0.22, |kill| rows(kill, "/victim/items").is_empty()),
    ("kills in a war", 0.01, 0.04, |kill| kill.get("war_id").is_some()),
    ("kills at a moon", 0.0005, 0.01, |kill| kill.get("moon_id").is_some()),
    ("kills with containers", 0.015, 0.045, |kill| any_item(kill, |item| item["items"].is_array())),
    ("sum of damage differs", 0.001, 0.01, |kill| {
        kill["victim"]["damage_taken"] != sum_of_damage(kill)
    }),
    ("slots known before 2012", 0.0, 0.0, |kill| {
        time(kill).as_second() < 1_325_376_000 && any_item(kill, |item| item["flag"] == 27)
    }),
];

fn check_shares(kills: &[Value]) {
    let attackers: Vec<&Value> = kills.iter().flat_map(|kill| rows(kill, "/attackers")).collect();
    let kills: Vec<&Value> = kills.iter().collect();
    let of_rows = SHARES_OF_ROWS.iter().map(|share| (share, &attackers));
    for ((name, low, high, is), all) in
        of_rows.chain(SHARES_OF_KILLS.iter().map(|share| (share, &kills)))
    {
        let share = all.iter().filter(|value| is(value)).count() as f64 / all.len() as f64;
        println!("| {name} | {low} to {high} | {share:.4} |");
        assert!(share >= *low && share <= *high, "{name}: {share} is not from {low} to {high}");
    }
}

fn is_npc(party: &Value) -> bool {
    party.get("character_id").is_none()
}

fn any_item(kill: &Value, is: fn(&Value) -> bool) -> bool {
    rows(kill, "/victim/items").iter().any(is)
}

fn sum_of_damage(kill: &Value) -> u64 {
    rows(kill, "/attackers").iter().map(|row| row["damage_done"].as_u64().unwrap()).sum()
}

fn check_growth(kills: &[Value]) {
    let mut by_year: HashMap<String, usize> = HashMap::new();
    for kill in kills {
        *by_year.entry(time(kill).to_string()[..4].to_owned()).or_default() += 1;
    }
    let (early, late) = (by_year["2009"], by_year["2025"]);
    println!("| kills 2009, 2025 | grows | {early}, {late} |");
    assert!(late > 2 * early && late < 6 * early);
}

/// Slope of log frequency over log rank, fitted by least squares as the statistics did. It depends on how much is counted,
/// so as many kills are counted as there: 2,643 for systems, 545 for the rest.
fn check_slopes(kills: &[Value]) {
    let some = || kills.iter().step_by(36);
    let attackers = || some().flat_map(|kill| rows(kill, "/attackers"));
    for (name, ids, low, high) in [
        ("systems (0.92)", ids(kills.iter().step_by(7), "solar_system_id"), 0.6, 1.0),
        ("victim hulls (0.83)", ids(some().map(|kill| &kill["victim"]), "ship_type_id"), 0.65, 1.1),
        ("characters (0.31 to 0.74)", ids(attackers(), "character_id"), 0.2, 0.8),
        ("corporations (1.03)", ids(attackers(), "corporation_id"), 0.7, 1.4),
        ("alliances (1.42)", ids(attackers(), "alliance_id"), 1.0, 1.8),
    ] {
        let mut counts: HashMap<i64, f64> = HashMap::new();
        for id in ids {
            *counts.entry(id).or_default() += 1.0;
        }
        let mut counts: Vec<f64> = counts.into_values().collect();
        counts.sort_by(|a, b| b.total_cmp(a));
        let slope = slope(&counts);
        println!(
            "| slope of {name} | {low} to {high} | {slope:.2} ({} distinct, first {}) |",
            counts.len(),
            counts[0]
        );
        assert!(slope >= low && slope <= high, "slope of {name}: {slope}");
    }
}

fn ids<'a>(rows: impl Iterator<Item = &'a Value>, key: &str) -> Vec<i64> {
    rows.filter_map(|row| row[key].as_i64()).collect()
}

fn slope(counts: &[f64]) -> f64 {
    let points: Vec<(f64, f64)> =
        counts.iter().zip(1..).map(|(count, rank)| (f64::from(rank).ln(), count.ln())).collect();
    let n = points.len() as f64;
    let (mean_x, mean_y) =
        (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    -covariance / variance
}
