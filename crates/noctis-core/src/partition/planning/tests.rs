//! The plan is complete, minimal, never overlaps, and is the same when it was cut off and made again.

use proptest::prelude::*;

use super::*;
use crate::partition::{Interval, Leaf};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The model of an executor: what a step does to the inventory.
fn apply(inventory: &mut Inventory, step: &Step) {
    let Step::Create { range, suffix, members } = step else { panic!("{step:?}") };
    for &member in members {
        let clash = inventory
            .leaves
            .iter()
            .any(|leaf| leaf.member == member && !leaf.range.intersection(*range).is_empty());
        assert!(!clash, "{range} overlaps a leaf of {}", member.table());
        inventory.leaves.push(Leaf {
            member,
            name: Step::leaf_name(member, suffix),
            range: *range,
            closed: false,
        });
    }
}

fn suffixes(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .filter_map(|step| match step {
            Step::Create { suffix, members, .. } => Some(format!("{suffix} {}", members.len())),
            _ => None,
        })
        .collect()
}

fn policy(interval: Interval) -> Policy {
    Policy { interval, ahead: 3, ..Policy::default() }
}

#[test]
fn an_empty_store_gets_this_month_and_three_ahead_over_the_years_end() {
    let plan =
        plan(&policy(Interval::Month), &Inventory::default(), time("2025-11-30T23:59:59Z"), &[]);
    assert_eq!(suffixes(&plan), ["2025_11 3", "2025_12 3", "2026_01 3", "2026_02 3"]);
    let Step::Create { range, .. } = &plan.steps[1] else { panic!("not a creation") };
    assert_eq!(range.to_string(), "[2025-12-01 00:00:00, 2026-01-01 00:00:00)");
}

#[test]
fn iso_weeks_are_named_by_their_iso_year() {
    let plan =
        plan(&policy(Interval::Week), &Inventory::default(), time("2024-12-28T12:00:00Z"), &[]);
    assert_eq!(suffixes(&plan), ["2024_w52 3", "2025_w01 3", "2025_w02 3", "2025_w03 3"]);
    let Step::Create { range, .. } = &plan.steps[1] else { panic!("not a creation") };
    assert_eq!(range.from, time("2024-12-30T00:00:00Z"));
}

#[test]
fn a_needed_month_of_2007_is_made_and_nothing_between() {
    let plan = plan(
        &policy(Interval::Month),
        &Inventory::default(),
        time("2025-06-15T00:00:00Z"),
        &[time("2007-12-05T00:00:00Z")],
    );
    assert_eq!(suffixes(&plan)[0], "2007_12 3");
    assert_eq!(plan.steps.len(), 5);
}

#[test]
fn a_member_out_of_step_is_completed() {
    let mut inventory = Inventory::default();
    let now = time("2025-06-15T00:00:00Z");
    for step in plan(&policy(Interval::Month), &inventory, now, &[]).steps {
        apply(&mut inventory, &step);
    }
    inventory.leaves.retain(|leaf| leaf.name != "killmails_enriched_2025_07");
    assert_eq!(suffixes(&plan(&policy(Interval::Month), &inventory, now, &[])), ["2025_07 1"]);
}

#[test]
fn months_turn_into_weeks_over_a_bridge() {
    let mut inventory = Inventory::default();
    for step in plan(
        &Policy { interval: Interval::Month, ahead: 1, ..Policy::default() },
        &inventory,
        time("2025-06-15T00:00:00Z"),
        &[],
    )
    .steps
    {
        apply(&mut inventory, &step);
    }
    // July ends on a Thursday: the week's rest is a leaf of its own.
    let plan = plan(&policy(Interval::Week), &inventory, time("2025-07-30T00:00:00Z"), &[]);
    assert_eq!(suffixes(&plan), ["2025_w31_d0801 3", "2025_w32 3", "2025_w33 3", "2025_w34 3"]);
}

#[test]
fn a_name_that_is_taken_is_a_conflict_and_stops_nothing_else() {
    let mut inventory = Inventory::default();
    inventory.other_tables.insert("killmails_enriched_2025_07".to_owned());
    let plan = plan(&policy(Interval::Month), &inventory, time("2025-06-15T00:00:00Z"), &[]);
    assert_eq!(suffixes(&plan), ["2025_06 3", "2025_08 3", "2025_09 3"]);
    assert_eq!(plan.conflicts[0].table, "killmails_enriched_2025_07");
}

#[test]
fn a_plan_cut_short_anywhere_is_finished_by_the_next_plan() {
    let now = time("2025-06-15T00:00:00Z");
    let mut cases = 0;
    // Every inventory of four months, each member's leaf there or not.
    for code in 0..1_u32 << 12 {
        let mut start = Inventory::default();
        let mut period = Period::containing(Interval::Month, now);
        for month in 0..4 {
            for (bit, member) in Member::ALL.into_iter().enumerate() {
                if code >> (month * 3 + bit) & 1 == 1 {
                    let name = Step::leaf_name(member, &period.name());
                    start.leaves.push(Leaf { member, name, range: period.range(), closed: false });
                }
            }
            period = period.next();
        }
        let steps = plan(&policy(Interval::Month), &start, now, &[]).steps;
        for cut in 0..=steps.len() {
            let mut inventory = start.clone();
            steps[..cut].iter().for_each(|step| apply(&mut inventory, step));
            let rest = plan(&policy(Interval::Month), &inventory, now, &[]).steps;
            assert_eq!(rest, steps[cut..]);
            rest.iter().for_each(|step| apply(&mut inventory, step));
            assert_eq!(plan(&policy(Interval::Month), &inventory, now, &[]).steps, []);
            cases += 1;
        }
    }
    println!("{cases} cases");
}

proptest! {
    /// 2007 to 2100, the interval changed at random, runs missed, old months needed: no gap, no overlap, names unique.
    #[test]
    fn changes_of_interval_leave_no_gap_and_no_overlap(
        start in 1_197_000_000_i64..4_100_000_000,
        turns in proptest::collection::vec((any::<bool>(), 0_i64..9_000_000, 0_i64..40_000_000), 1..8),
    ) {
        let mut inventory = Inventory::default();
        let mut now = start;
        for (weekly, pause, back) in turns {
            now += pause;
            let at = Timestamp::from_second(now).unwrap();
            let needed = Timestamp::from_second((now - back).max(1_196_467_200)).unwrap();
            let policy = policy(if weekly { Interval::Week } else { Interval::Month });
            for step in plan(&policy, &inventory, at, &[needed]).steps {
                apply(&mut inventory, &step);
            }
            prop_assert_eq!(plan(&policy, &inventory, at, &[needed]).steps, []);
            prop_assert!(inventory.covers(at) && inventory.covers(needed));
            let mut ahead = Period::containing(policy.interval, at).next();
            for _ in 0..3 {
                prop_assert!(inventory.covers(ahead.range().from));
                ahead = ahead.next();
            }
        }
        let mut names: Vec<&str> = inventory.leaves.iter().map(|leaf| leaf.name.as_str()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), all);
        prop_assert!(names.iter().all(|name| name.len() <= 63));
    }
}
