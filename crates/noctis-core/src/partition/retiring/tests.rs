//! What goes, what stays, and that a run that was cut off is finished by the next.

mod every;
mod random;

use jiff::SignedDuration;

use super::super::{Interval, Part, Period, Policy, plan};
use super::*;

const NOW: &str = "2025-06-15T12:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn month(text: &str) -> TimeRange {
    Period::containing(Interval::Month, time(&format!("{text}-01T00:00:00Z"))).range()
}

fn policy(keep_months: u16) -> Policy {
    let retention = Retention { keep_months, floor: 0, cap: 1_000, ..Retention::default() };
    Policy { interval: Interval::Month, ahead: 1, retention }
}

/// Attaches an open leaf of each table, last written to at its end.
fn attach(inventory: &mut Inventory, range: TimeRange, name: &str) {
    for member in Member::ALL {
        let name = Step::leaf_name(member, name);
        inventory.leaves.push(Leaf { member, name, range, closed: false });
    }
    inventory.touched.insert(range, range.to);
}

fn months(texts: &[&str]) -> Inventory {
    let mut inventory = Inventory::default();
    for text in texts {
        attach(&mut inventory, month(text), &text.replace('-', "_"));
    }
    inventory
}

/// The model of an executor: what a step does to the inventory, and what must be so before.
fn apply(inventory: &mut Inventory, step: &Step, now: Timestamp) {
    let mut toggle = |leaves: &[Leaf], closed: bool| {
        for leaf in leaves {
            assert_ne!(leaf.closed, closed, "{step:?}");
            let there = inventory.leaves.iter_mut().find(|there| *there == leaf);
            there.unwrap_or_else(|| panic!("{step:?}: not there")).closed = closed;
        }
    };
    match step {
        Step::Create { range, suffix, members } => {
            for &member in members {
                let overlaps = inventory.leaves.iter().any(|leaf| {
                    leaf.member == member && !leaf.range.intersection(*range).is_empty()
                });
                assert!(!overlaps, "{step:?}");
                let name = Step::leaf_name(member, suffix);
                inventory.leaves.push(Leaf { member, name, range: *range, closed: false });
            }
            inventory.touched.insert(*range, now);
        }
        Step::Close { leaves, .. } => toggle(leaves, true),
        Step::Reopen { range, leaves } => {
            toggle(leaves, false);
            inventory
                .parts
                .retain(|part| part.range != *range || part.state != PartState::Verified);
            inventory.touched.insert(*range, now);
        }
        Step::Archive { range, name, leaves } => {
            assert!(leaves.iter().all(|leaf| leaf.closed && inventory.leaves.contains(leaf)));
            inventory.parts.retain(|part| part.name != *name || part.state != PartState::Verified);
            assert!(inventory.parts.iter().all(|part| part.name != *name), "{step:?}: overwritten");
            let state = PartState::Verified;
            inventory.parts.push(Part { name: name.clone(), range: *range, state });
        }
        Step::Detach { range, name, leaves } => {
            let mut parts = inventory.parts.iter_mut();
            let part = parts.find(|part| part.name == *name && part.range == *range);
            let part = part.unwrap_or_else(|| panic!("{step:?}: nothing was archived"));
            assert_eq!(part.state, PartState::Verified);
            part.state = PartState::Cold;
            leave_group(inventory, leaves, Some(name), now);
        }
        Step::Discard { range, leaves } => {
            inventory
                .parts
                .retain(|part| part.range != *range || part.state != PartState::Verified);
            leave_group(inventory, leaves, None, now);
        }
        Step::Drop { tables, .. } => {
            for table in tables {
                let there = inventory.retired.iter().position(|there| there == table);
                inventory.retired.remove(there.unwrap_or_else(|| panic!("{step:?}: not there")));
                inventory.other_tables.remove(&table.name);
            }
        }
    }
}

fn leave_group(
    inventory: &mut Inventory,
    leaves: &[Leaf],
    part: Option<&PartName>,
    now: Timestamp,
) {
    assert_eq!(leaves.len(), 3, "the group goes as a whole");
    for leaf in leaves {
        let there = inventory.leaves.iter().position(|there| there == leaf);
        let there = there.unwrap_or_else(|| panic!("{leaf:?} is not there, or open"));
        let Leaf { member, name, range, closed } = inventory.leaves.remove(there);
        assert!(closed);
        let name = Step::retired_name(&name, part);
        assert!(inventory.other_tables.insert(name.clone()), "{name} is taken");
        let part = part.cloned();
        inventory.retired.push(RetiredLeaf { name, member, range, part, retired_at: now });
    }
}

/// `close 2025-01`, `archive 2025-01 month=2025-01/part-0`: the steps but creations.
fn told(plan: &Plan) -> Vec<String> {
    let is_shown = |step: &&Step| !matches!(step, Step::Create { .. });
    let tell = |step: &Step| {
        let of = day(step.range().from).strftime("%Y-%m-%d").to_string();
        let part = match step {
            Step::Archive { name, .. } | Step::Detach { name, .. } => format!(" {}", name.path()),
            _ => String::new(),
        };
        format!("{} {of}{part}", step.action())
    };
    plan.steps.iter().filter(is_shown).map(tell).collect()
}

fn reasons(plan: &Plan) -> Vec<String> {
    let tell = |waiting: &Waiting| format!("{} {:?}", day(waiting.range.from), waiting.reason);
    plan.waiting.iter().map(tell).collect()
}

fn of(policy: &Policy, inventory: &Inventory, now: &str) -> Plan {
    plan(policy, inventory, time(now), &[])
}

#[test]
fn months_older_than_those_kept_go_oldest_first_and_the_rest_stays() {
    let plan = of(&policy(2), &months(&["2025-04", "2025-03", "2025-02"]), NOW);
    assert_eq!(
        told(&plan),
        [
            "close 2025-02-01",
            "archive 2025-02-01 month=2025-02/part-0",
            "detach 2025-02-01 month=2025-02/part-0",
            "close 2025-03-01",
            "archive 2025-03-01 month=2025-03/part-0",
            "detach 2025-03-01 month=2025-03/part-0",
        ]
    );
    assert!(matches!(plan.steps[0], Step::Create { .. }), "creations come first");
    let announcement = plan.announcement.unwrap();
    assert_eq!(announcement.ranges, [month("2025-02"), month("2025-03")]);
}

#[test]
fn keep_removes_nothing_and_drop_must_be_written_out() {
    let mut policy = policy(2);
    let inventory = months(&["2025-02"]);
    policy.retention.after = After::Keep;
    assert_eq!(told(&of(&policy, &inventory, NOW)), [""; 0]);
    policy.retention.after = After::Drop;
    assert_eq!(told(&of(&policy, &inventory, NOW)), ["close 2025-02-01", "discard 2025-02-01"]);
}

#[test]
fn a_wide_partition_that_reaches_into_the_kept_months_survives() {
    let mut inventory = Inventory::default();
    let wide = TimeRange { from: time("2023-06-01T00:00:00Z"), to: time("2025-05-01T00:00:00Z") };
    // Its name tells of another time.
    attach(&mut inventory, wide, "2023_06");
    assert_eq!(told(&of(&policy(2), &inventory, NOW)), [""; 0]);
    assert_eq!(told(&of(&policy(1), &inventory, NOW)).len(), 3);
}

#[test]
fn what_was_written_to_lately_or_nobody_knows_when_is_left_alone() {
    let mut inventory = months(&["2025-01", "2025-02", "2025-03"]);
    inventory.touched.insert(month("2025-01"), time("2025-06-10T00:00:00Z"));
    inventory.touched.remove(&month("2025-02"));
    let plan = of(&policy(2), &inventory, NOW);
    assert_eq!(told(&plan).len(), 3);
    assert_eq!(
        reasons(&plan),
        ["2025-01-01 Settling { until: 2025-06-17T00:00:00Z }", "2025-02-01 TouchedUnknown"]
    );
    // A clock that was set back takes the rows for written in the future.
    assert_eq!(told(&of(&policy(2), &inventory, "2025-06-01T00:00:00Z")).len(), 3);
}

#[test]
fn the_newest_ranges_stay_whatever_the_clock_says() {
    let mut policy = policy(1);
    policy.retention.floor = 2;
    let plan = of(&policy, &months(&["2024-01", "2024-02", "2024-03"]), NOW);
    assert_eq!(told(&plan).len(), 3);
    assert_eq!(
        reasons(&plan),
        ["2024-02-01 Floor { ranges: 2 }", "2024-03-01 Floor { ranges: 2 }"]
    );
}

#[test]
fn a_clock_two_years_ahead_of_the_newest_kill_retires_nothing() {
    let mut inventory = months(&["2025-03", "2025-04", "2025-05", "2025-06"]);
    inventory.newest = Some(time(NOW));
    let policy = Policy { retention: Retention::default(), ..policy(12) };
    let ahead = of(&policy, &inventory, "2027-06-15T12:00:00Z");
    assert_eq!(told(&ahead), [""; 0]);
    assert_eq!(ahead.waiting.len(), 4);
    assert!(matches!(ahead.waiting[0].reason, WaitReason::NewestKill { .. }));
    assert_eq!(ahead.announcement, None);

    // Where the newest kill is not known, cap and floor still hold.
    inventory.newest = None;
    attach(&mut inventory, month("2024-01"), "2024_01");
    attach(&mut inventory, month("2024-02"), "2024_02");
    attach(&mut inventory, month("2024-04"), "2024_04");
    attach(&mut inventory, month("2024-03"), "2024_03");
    let ahead = of(&policy, &inventory, "2027-06-15T12:00:00Z");
    assert_eq!(told(&ahead).len(), 9, "three ranges");
    assert_eq!(ahead.steps.last().unwrap().range(), month("2024-03"));
}

#[test]
fn a_run_takes_as_many_as_it_may_and_finishes_what_was_begun() {
    let mut policy = policy(2);
    policy.retention.cap = 1;
    let mut inventory = months(&["2025-01", "2025-02", "2025-03"]);
    for leaf in inventory.leaves.iter_mut().filter(|leaf| leaf.range == month("2025-03")) {
        leaf.closed = true;
    }
    let plan = of(&policy, &inventory, NOW);
    let ranges: BTreeSet<TimeRange> =
        plan.steps.iter().filter(|step| step.action() != "create").map(Step::range).collect();
    assert_eq!(Vec::from_iter(ranges), [month("2025-01"), month("2025-03")]);
    assert_eq!(reasons(&plan), ["2025-02-01 Cap { ranges: 1 }"]);
    assert_eq!(plan.announcement.unwrap().ranges.len(), 3, "also those of later runs are told");
}

#[test]
fn members_out_of_step_are_told_and_the_others_go() {
    let mut inventory = months(&["2025-01", "2025-02", "2025-03"]);
    inventory.leaves.retain(|leaf| leaf.name != "killmails_enriched_2025_02");
    let plan = of(&policy(2), &inventory, NOW);
    assert_eq!(told(&plan).len(), 6);
    insta::assert_snapshot!(plan.conflicts[0].detail, @"the tables are out of step for [2025-02-01 00:00:00, 2025-03-01 00:00:00), which therefore is not retired: only killmails_raw_2025_02 and killmail_participants_2025_02 are there; all three tables need a partition with these bounds");

    // Other bounds, though the name is right.
    let mut inventory = months(&["2025-01", "2025-02"]);
    inventory.leaves[1].range.to = time("2025-01-20T00:00:00Z");
    let plan = of(&policy(2), &inventory, NOW);
    assert_eq!((told(&plan).len(), plan.conflicts.len()), (3, 2));
}

#[test]
fn a_late_leaf_becomes_the_next_part_and_weeks_are_parts_of_their_month() {
    let mut inventory = months(&["2025-01"]);
    let name = PartName { month: "2025-01".into(), part: 0 };
    let state = PartState::Cold;
    inventory.parts.push(Part { name, range: month("2025-01"), state });
    let mut week = Period::containing(Interval::Week, time("2025-02-03T00:00:00Z"));
    for _ in 0..2 {
        attach(&mut inventory, week.range(), &week.name());
        week = week.next();
    }
    let plan = of(&policy(2), &inventory, NOW);
    assert_eq!(plan.announcement, None, "it is not the first");
    let archived = |line: &&String| line.starts_with("archive");
    assert_eq!(
        Vec::from_iter(told(&plan).iter().filter(archived)),
        [
            "archive 2025-01-01 month=2025-01/part-1",
            "archive 2025-02-03 month=2025-02/part-0",
            "archive 2025-02-10 month=2025-02/part-1",
        ]
    );
}

#[test]
fn a_part_of_leaves_that_were_open_since_is_written_anew() {
    let mut inventory = months(&["2025-01"]);
    let name = PartName { month: "2025-01".into(), part: 0 };
    let state = PartState::Verified;
    inventory.parts.push(Part { name, range: month("2025-01"), state });
    inventory.leaves[0].closed = true;
    let plan = of(&policy(2), &inventory, NOW);
    assert_eq!(
        told(&plan),
        [
            "close 2025-01-01",
            "archive 2025-01-01 month=2025-01/part-0",
            "detach 2025-01-01 month=2025-01/part-0",
        ]
    );
    let Step::Close { leaves, .. } = &plan.steps[2] else { panic!("{plan:?}") };
    assert_eq!(leaves.len(), 2, "one is closed already");
}

#[test]
fn a_closed_month_that_is_to_be_kept_after_all_is_opened() {
    let mut inventory = months(&["2025-01"]);
    inventory.leaves.iter_mut().for_each(|leaf| leaf.closed = true);
    assert_eq!(told(&of(&policy(12), &inventory, NOW)), ["reopen 2025-01-01"]);
    let mut keep = policy(1);
    keep.retention.after = After::Keep;
    assert_eq!(told(&of(&keep, &inventory, NOW)), ["reopen 2025-01-01"]);
}

fn retired(part: Option<&str>, at: &str) -> Vec<RetiredLeaf> {
    let part = part.map(|month| PartName { month: month.into(), part: 0 });
    let table = |member| RetiredLeaf {
        name: Step::retired_name(&Step::leaf_name(member, "2025_01"), part.as_ref()),
        member,
        range: month("2025-01"),
        part: part.clone(),
        retired_at: time(at),
    };
    Member::ALL.map(table).to_vec()
}

#[test]
fn tables_are_dropped_after_their_grace_and_never_without_their_files() {
    let mut inventory = Inventory {
        retired: retired(Some("2025-01"), "2025-06-10T00:00:00Z"),
        ..Inventory::default()
    };
    let name = PartName { month: "2025-01".into(), part: 0 };
    inventory.parts.push(Part { name, range: month("2025-01"), state: PartState::Cold });
    assert_eq!(told(&of(&policy(2), &inventory, NOW)), [""; 0]);
    let later = "2025-06-17T00:00:00Z";
    assert_eq!(told(&of(&policy(2), &inventory, later)), ["drop 2025-01-01"]);
    // Our clock runs ahead of the database's, or the other way round.
    inventory.database_now = Some(time("2025-06-16T23:59:59Z"));
    assert_eq!(told(&of(&policy(2), &inventory, "2026-06-17T00:00:00Z")), [""; 0]);
    inventory.database_now = Some(time("2026-06-17T00:00:00Z"));
    assert_eq!(told(&of(&policy(2), &inventory, "2025-06-16T23:59:59Z")), [""; 0]);
    assert_eq!(told(&of(&policy(2), &inventory, later)), ["drop 2025-01-01"]);
    inventory.parts[0].state = PartState::Verified;
    let plan = of(&policy(2), &inventory, later);
    assert_eq!((told(&plan).len(), plan.conflicts.len()), (0, 1));
}

#[test]
fn a_name_that_is_taken_waits_for_its_grace_or_a_person() {
    let mut drop = policy(2);
    drop.retention.after = After::Drop;
    let mut inventory = months(&["2025-01"]);
    inventory.retired = retired(None, "2025-06-14T00:00:00Z");
    inventory.other_tables.extend(inventory.retired.iter().map(|table| table.name.clone()));
    let plan = of(&drop, &inventory, NOW);
    assert_eq!((told(&plan).len(), reasons(&plan)), (0, vec!["2025-01-01 Grace".to_owned()]));

    inventory.retired.clear();
    let plan = of(&drop, &inventory, NOW);
    assert_eq!((told(&plan).len(), plan.conflicts.len()), (0, 1));
}

#[test]
fn the_first_retirement_is_announced_once() {
    let mut inventory = months(&["2025-01"]);
    inventory.touched.clear();
    let settling = of(&policy(2), &inventory, NOW);
    assert!(settling.announcement.is_some(), "in good time: it has not even settled");
    inventory.announced = true;
    assert_eq!(of(&policy(2), &inventory, NOW).announcement, None);
}

#[test]
fn a_plan_is_the_same_after_it_was_written_down() {
    let plan = of(&policy(2), &months(&["2025-01", "2025-02"]), NOW);
    let written = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&written).unwrap(), plan);
}

#[test]
fn settling_for_ever_is_no_overflow() {
    let mut policy = policy(1);
    policy.retention.settle = SignedDuration::MAX;
    policy.retention.grace = SignedDuration::MAX;
    policy.retention.keep_months = Retention::MONTHS_MAX;
    let mut inventory = months(&["2025-01"]);
    inventory.retired = retired(None, "2025-06-14T00:00:00Z");
    assert_eq!(told(&of(&policy, &inventory, "9000-01-01T00:00:00Z")), [""; 0]);
}

#[test]
fn a_leaf_of_another_role_keeps_its_range_and_is_told_for_a_person_and_the_others_go() {
    let mut inventory = months(&["2023-01", "2023-02", "2025-05"]);
    inventory.strangers.insert("killmails_enriched_2023_01".to_owned());
    let planned = plan(&policy(12), &inventory, time(NOW), &[]);
    let leaving: BTreeSet<TimeRange> =
        planned.steps.iter().filter(|step| step.action() == "close").map(Step::range).collect();
    assert_eq!(leaving, BTreeSet::from([month("2023-02")]));
    let [conflict] = planned.conflicts.as_slice() else { panic!("{:?}", planned.conflicts) };
    assert_eq!(conflict.table, "killmails_enriched_2023_01");
    assert!(conflict.detail.contains("belongs to another role"), "{}", conflict.detail);
}
