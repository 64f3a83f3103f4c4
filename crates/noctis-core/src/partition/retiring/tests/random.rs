//! Random sets of months and weeks, random clocks, random policies: what must never happen does not.

use proptest::prelude::*;

use super::super::super::creations;
use super::*;

/// A store as years of changing intervals left it, some of it closed, archived or out of step.
fn stores() -> impl Strategy<Value = Inventory> {
    let turn = (any::<bool>(), 0_i64..9_000_000, 0_i64..90_000_000);
    let turns = proptest::collection::vec(turn, 1..10);
    let dice = proptest::collection::vec(0_u8..16, 200);
    (1_340_000_000_i64..1_700_000_000, turns, dice).prop_map(|(start, turns, dice)| {
        let mut inventory = Inventory::default();
        let mut now = start;
        for (weekly, pause, back) in turns {
            now += pause;
            let interval = if weekly { Interval::Week } else { Interval::Month };
            let policy = Policy { interval, ..Policy::default() };
            let needed = [Timestamp::from_second(now - back).unwrap()];
            let at = Timestamp::from_second(now).unwrap();
            for step in creations(&policy, &inventory, at, &needed).steps {
                apply(&mut inventory, &step, at);
            }
        }
        inventory.newest = Timestamp::from_second(now).ok().filter(|_| dice[0] < 8);
        roll(&mut inventory, &dice[1..]);
        inventory
    })
}

fn roll(inventory: &mut Inventory, dice: &[u8]) {
    let ranges: BTreeSet<TimeRange> = inventory.leaves.iter().map(|leaf| leaf.range).collect();
    for (range, &die) in ranges.into_iter().zip(dice) {
        for leaf in inventory.leaves.iter_mut().filter(|leaf| leaf.range == range) {
            leaf.closed = die <= 3;
        }
        let name = PartName { month: range.from.to_string()[..7].to_owned(), part: 0 };
        let is_new = inventory.parts.iter().all(|part| part.name != name);
        // Verified while it was closed, or before somebody opened it by hand.
        if matches!(die, 0 | 4) && is_new {
            inventory.parts.push(Part { name, range, state: PartState::Verified });
        }
        if die == 5 {
            inventory.leaves.retain(|leaf| leaf.range != range || leaf.member != Member::Enriched);
        }
        if die == 6 {
            inventory.touched.remove(&range);
        }
    }
}

fn retentions() -> impl Strategy<Value = Retention> {
    (1_u16..30, 0_usize..3, 0_i64..400, 0_u16..6, 0_u16..6).prop_map(
        |(keep_months, after, settle_hours, floor, cap)| Retention {
            keep_months,
            after: [After::Archive, After::Keep, After::Drop][after],
            settle: SignedDuration::from_hours(settle_hours),
            floor,
            cap,
            ..Retention::default()
        },
    )
}

fn leaves_the_tables(step: &Step) -> bool {
    match step {
        Step::Close { .. } | Step::Archive { .. } | Step::Detach { .. } | Step::Discard { .. } => {
            true
        }
        Step::Create { .. } | Step::Reopen { .. } | Step::Drop { .. } => false,
    }
}

/// The newest so many ranges, of those that may hold kills.
fn floor_of(inventory: &Inventory, now: Timestamp, floor: u16) -> Vec<TimeRange> {
    let newest = inventory.newest.unwrap_or(now);
    let ranges: BTreeSet<TimeRange> = inventory.leaves.iter().map(|leaf| leaf.range).collect();
    let mut ranges: Vec<TimeRange> =
        ranges.into_iter().filter(|range| range.from <= newest).collect();
    ranges.sort_by_key(|range| std::cmp::Reverse((range.to, range.from)));
    ranges.truncate(floor.into());
    ranges
}

proptest! {
    #[test]
    fn failure_10_nothing_that_is_to_be_kept_is_in_a_plan(
        inventory in stores(), retention in retentions(),
        clock in 1_200_000_000_i64..4_000_000_000, ahead in 1_u8..6,
    ) {
        let now = Timestamp::from_second(clock).unwrap();
        let policy = Policy { interval: Interval::Month, ahead, retention };
        let plan = plan(&policy, &inventory, now, &[]);
        let going: Vec<&Step> = plan.steps.iter().filter(|step| leaves_the_tables(step)).collect();
        let ranges: BTreeSet<TimeRange> = going.iter().map(|step| step.range()).collect();
        prop_assert!(ranges.len() <= usize::from(retention.cap) * 2);
        let is_new = |range: &&TimeRange| {
            inventory.leaves.iter().all(|leaf| leaf.range != **range || !leaf.closed)
        };
        prop_assert!(ranges.iter().filter(is_new).count() <= usize::from(retention.cap));
        let floor = floor_of(&inventory, now, retention.floor);
        for range in &ranges {
            prop_assert!(range.to <= retention.cutoff(now).expect("keep removes nothing"));
            prop_assert!(range.to <= now);
            if let Some(newest) = inventory.newest {
                prop_assert!(range.to <= retention.cutoff(newest).unwrap());
            }
            prop_assert!(!floor.contains(range), "{} is of the floor", range);
            let touched = inventory.touched.get(range).expect("what is unknown stays");
            prop_assert!(now.duration_since(*touched) >= retention.settle);
            let members = inventory.leaves.iter().filter(|leaf| leaf.range == *range);
            prop_assert_eq!(members.count(), 3);
        }
        let discards = going.iter().any(|step| matches!(step, Step::Discard { .. }));
        prop_assert!(!discards || retention.after == After::Drop);
    }

    #[test]
    fn order_and_partitions_ahead_change_nothing(
        inventory in stores(), retention in retentions(), clock in 1_200_000_000_i64..4_000_000_000,
    ) {
        let now = Timestamp::from_second(clock).unwrap();
        let policy = |ahead| Policy { interval: Interval::Month, ahead, retention };
        let here = plan(&policy(1), &inventory, now, &[]);
        let mut turned = inventory.clone();
        turned.leaves.reverse();
        turned.parts.reverse();
        prop_assert_eq!(&plan(&policy(1), &turned, now, &[]), &here);
        let more = plan(&policy(24), &inventory, now, &[]);
        let but_creations = |plan: &Plan| {
            let is_other = |step: &&Step| !matches!(step, Step::Create { .. });
            plan.steps.iter().filter(is_other).cloned().collect::<Vec<Step>>()
        };
        prop_assert_eq!(but_creations(&more), but_creations(&here));
    }

    /// As many months as a run begins fail for ever: all others go, and no more than these stay closed.
    #[test]
    fn months_that_fail_for_ever_keep_no_other_from_going(
        cap in 1_u16..5, bad in proptest::collection::btree_set(0_i16..24, 0..5),
    ) {
        let bad: BTreeSet<i16> = bad.into_iter().take(cap.into()).collect();
        let names: Vec<String> =
            (0..24).map(|n| format!("{}-{:02}", 2020 + n / 12, 1 + n % 12)).collect();
        let mut inventory = months(&Vec::from_iter(names.iter().map(String::as_str)));
        let bad: BTreeSet<TimeRange> =
            bad.into_iter().map(|n| month(&names[usize::try_from(n).unwrap()])).collect();
        let retention = Retention { cap, floor: 0, keep_months: 1, ..Retention::default() };
        let policy = Policy { interval: Interval::Month, ahead: 0, retention };
        let now = time(NOW);
        for _ in 0..48 {
            for step in plan(&policy, &inventory, now, &[]).steps {
                let is_easy = matches!(step, Step::Close { .. } | Step::Create { .. });
                if is_easy || !bad.contains(&step.range()) {
                    apply(&mut inventory, &step, now);
                }
            }
        }
        let left: BTreeSet<TimeRange> =
            inventory.leaves.iter().map(|leaf| leaf.range).filter(|range| range.to <= now).collect();
        prop_assert_eq!(left, bad);
    }

    /// However few a run takes, in the end all that may go has gone; each step finds what it needs.
    #[test]
    fn runs_that_are_cut_off_anywhere_come_to_an_end(
        inventory in stores(), mut retention in retentions(),
        clock in 1_700_000_000_i64..4_000_000_000, cuts in proptest::collection::vec(0_usize..12, 400),
    ) {
        retention.cap = retention.cap.max(1);
        let now = Timestamp::from_second(clock).unwrap();
        let policy = Policy { interval: Interval::Month, ahead: 1, retention };
        let mut inventory = inventory;
        let mut left = 1;
        for cut in cuts {
            let steps = plan(&policy, &inventory, now, &[]).steps;
            left = steps.len();
            for step in steps.iter().take(cut.max(1)) {
                apply(&mut inventory, step, now);
            }
            if left == 0 {
                break;
            }
        }
        prop_assert_eq!(left, 0);
        let plan = plan(&policy, &inventory, now, &[]);
        let told: BTreeSet<TimeRange> = plan.waiting.iter().map(|waiting| waiting.range).collect();
        let cutoff = retention.cutoff(now).unwrap_or(Timestamp::MIN);
        for leaf in inventory.leaves.iter().filter(|leaf| leaf.range.to <= cutoff) {
            let of_range = inventory.leaves.iter().filter(|other| other.range == leaf.range);
            let is_out_of_step = of_range.count() < 3;
            prop_assert!(told.contains(&leaf.range) || is_out_of_step, "{} stayed", leaf.name);
        }
    }
}
