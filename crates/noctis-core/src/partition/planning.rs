//! Decides what to do: which leaves to create, those ahead of now and those for the times that are needed; and what
//! of the old ones goes ([`super::retiring`]).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Conflict, Inventory, Member, Period, Plan, Policy, Step, retiring};
use crate::time::TimeRange;

/// Lists the steps that bring `inventory` to what `policy` asks for at `now`, with a leaf for each time `needed`:
/// creations first, then what retention asks for, oldest first.
pub fn plan(policy: &Policy, inventory: &Inventory, now: Timestamp, needed: &[Timestamp]) -> Plan {
    let mut plan = creations(policy, inventory, now, needed);
    retiring::retire(&policy.retention, inventory, now, &mut plan);
    plan
}

/// The creations alone, which wait for nothing and disturb nobody.
///
/// A new leaf is a whole period, or what of it has no leaf yet: so a change from months to weeks midway leaves no gap
/// and no overlap. Nothing that exists is ever changed.
pub fn creations(
    policy: &Policy,
    inventory: &Inventory,
    now: Timestamp,
    needed: &[Timestamp],
) -> Plan {
    let mut wanted: BTreeMap<Timestamp, Period> = BTreeMap::new();
    let mut want = |period: Period| wanted.insert(period.range().from, period);
    let mut period = Period::containing(policy.interval, now);
    want(period);
    for _ in 0..policy.ahead.min(Policy::AHEAD_MAX) {
        period = period.next();
        want(period);
    }
    for &time in needed {
        want(Period::containing(policy.interval, time));
    }
    let mut plan = Plan { inventory: inventory.fingerprint(), ..Plan::default() };
    for period in wanted.into_values() {
        create_missing(period, inventory, &mut plan);
    }
    plan
}

/// One step for each range of the period that members lack; normally all of it, in all of them.
fn create_missing(period: Period, inventory: &Inventory, plan: &mut Plan) {
    let mut missing: BTreeMap<TimeRange, Vec<Member>> = BTreeMap::new();
    for member in Member::ALL {
        for gap in gaps(period.range(), member, inventory) {
            missing.entry(gap).or_default().push(member);
        }
    }
    for (range, members) in missing {
        let suffix = period.leaf_suffix(range);
        let taken = members
            .iter()
            .map(|&member| Step::leaf_name(member, &suffix))
            .find(|name| is_taken(name, inventory));
        match taken {
            Some(table) => plan.conflicts.push(Conflict {
                detail: format!("the partition for {range} needs the name {table}, which another table has; rename that table"),
                table,
            }),
            None => plan.steps.push(Step::Create { range, suffix, members }),
        }
    }
}

fn is_taken(name: &str, inventory: &Inventory) -> bool {
    inventory.other_tables.contains(name) || inventory.leaves.iter().any(|leaf| leaf.name == name)
}

/// What of `range` no leaf of this member covers.
fn gaps(range: TimeRange, member: Member, inventory: &Inventory) -> Vec<TimeRange> {
    let mut covered: Vec<TimeRange> = inventory
        .leaves
        .iter()
        .filter(|leaf| leaf.member == member)
        .map(|leaf| leaf.range.intersection(range))
        .filter(|common| !common.is_empty())
        .collect();
    covered.sort();
    let mut gaps = Vec::new();
    let mut from = range.from;
    for common in covered {
        gaps.push(TimeRange { from, to: common.from });
        from = common.to;
    }
    gaps.push(TimeRange { from, to: range.to });
    gaps.retain(|gap| !gap.is_empty());
    gaps
}

#[cfg(test)]
mod tests;
