//! Every inventory of six consecutive months, each at any stage of its life, cut off anywhere.

use super::*;

/// Where a month may stand.
#[derive(Clone, Copy)]
enum Stage {
    Absent,
    Open,
    Closed,
    Verified,
    Detached,
    GraceOver,
    /// Cold, and a leaf for kills that came late.
    Late,
}

use Stage::{Absent, Closed, Detached, GraceOver, Late, Open, Verified};

fn days_before(now: Timestamp, days: i64) -> Timestamp {
    now - SignedDuration::from_hours(24 * days)
}

/// Closes, archives and detaches an open month, so many of the three.
fn bring_on(inventory: &mut Inventory, range: TimeRange, steps: usize, at: Timestamp) {
    let leaves: Vec<Leaf> =
        inventory.leaves.iter().filter(|leaf| leaf.range == range).cloned().collect();
    let closed: Vec<Leaf> =
        leaves.iter().map(|leaf| Leaf { closed: true, ..leaf.clone() }).collect();
    let name = PartName { month: range.from.to_string()[..7].to_owned(), part: 0 };
    let all = [
        Step::Close { range, leaves },
        Step::Archive { range, name: name.clone(), leaves: closed.clone() },
        Step::Detach { range, name, leaves: closed },
    ];
    all[..steps].iter().for_each(|step| apply(inventory, step, at));
}

fn inventory(stages: &[Stage], now: Timestamp) -> Inventory {
    let mut inventory = Inventory { announced: true, ..Inventory::default() };
    let mut period = Period::containing(Interval::Month, time("2025-02-01T00:00:00Z"));
    for &stage in stages {
        let (range, name) = (period.range(), period.name());
        if !matches!(stage, Absent) {
            attach(&mut inventory, range, &name);
            inventory.touched.insert(range, days_before(now, 30));
        }
        match stage {
            Absent | Open => {}
            Closed => bring_on(&mut inventory, range, 1, days_before(now, 1)),
            Verified => bring_on(&mut inventory, range, 2, days_before(now, 1)),
            Detached => bring_on(&mut inventory, range, 3, days_before(now, 1)),
            GraceOver => bring_on(&mut inventory, range, 3, days_before(now, 9)),
            Late => {
                bring_on(&mut inventory, range, 3, days_before(now, 1));
                attach(&mut inventory, range, &name);
                inventory.touched.insert(range, days_before(now, 30));
            }
        }
        period = period.next();
    }
    inventory
}

/// From each inventory of so many months: the steps left after each cut are those of a new plan, and after the last there
/// is nothing more to do, all that is old has gone, and nothing else has. How many cuts there were.
fn every_cut(after: After, months: u32, all: &[Stage]) -> u32 {
    let now = time(NOW);
    let mut policy = policy(2);
    policy.retention.after = after;
    let cutoff = policy.retention.cutoff(now);
    let is_kept = |leaf: &&Leaf| cutoff.is_none_or(|cutoff| leaf.range.to > cutoff);
    let mut cases = 0;
    let base = u32::try_from(all.len()).unwrap();
    for code in 0..base.pow(months) {
        let stages: Vec<Stage> =
            (0..months).map(|at| all[(code / base.pow(at) % base) as usize]).collect();
        let mut inventory = inventory(&stages, now);
        let before = inventory.leaves.clone();
        let steps = plan(&policy, &inventory, now, &[]).steps;
        for cut in 0..steps.len() {
            apply(&mut inventory, &steps[cut], now);
            let rest = plan(&policy, &inventory, now, &[]);
            assert_eq!(rest.steps, steps[cut + 1..], "{code} cut after {cut}");
            assert_eq!(rest.conflicts, [], "{code}");
            cases += 1;
        }
        for leaf in before.iter().filter(is_kept) {
            let open = Leaf { closed: false, ..leaf.clone() };
            assert!(inventory.leaves.contains(&open), "{code}: {open:?}");
        }
        assert!(
            inventory.leaves.iter().all(|leaf| is_kept(&leaf)),
            "{code}: something old is left"
        );
    }
    cases
}

#[test]
fn a_retirement_cut_short_anywhere_is_finished_by_the_next() {
    let all = [Absent, Open, Closed, Verified, Detached, GraceOver];
    println!("{} cuts", every_cut(After::Archive, 6, &all));
}

#[test]
fn late_leaves_keeping_and_dropping_converge_too() {
    let all = [Absent, Open, Closed, Verified, Detached, GraceOver, Late];
    for after in [After::Archive, After::Keep, After::Drop] {
        println!("{after:?}: {} cuts", every_cut(after, 4, &all));
    }
}
