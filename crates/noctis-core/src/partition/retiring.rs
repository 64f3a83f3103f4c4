//! Decides what of the old leaves goes: closed, archived, detached, and dropped when its grace is over.
//!
//! By the catalog's bounds and never by a name; within floor, cap and settling time; and counted back from the newest
//! kill where the clock runs ahead of it, so that a wrong clock retires nothing. Of two clocks, ours and the database's, the
//! slower counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    After, Announcement, Conflict, Inventory, Leaf, Member, NAME_BYTES_MAX, PartState, Plan,
    Retention, RetiredLeaf, Step, WaitReason, Waiting,
};
use crate::archive::PartName;
use crate::time::{TimeRange, day};

/// The leaves of each range, in the members' order.
type Groups<'a> = BTreeMap<TimeRange, Vec<&'a Leaf>>;

/// What the decisions are made from.
struct Facts<'a> {
    retention: &'a Retention,
    inventory: &'a Inventory,
    groups: Groups<'a>,
    now: Timestamp,
}

/// Adds to the plan: leaves to be opened again, tables to be dropped, and then, oldest first, the ranges that go.
pub(super) fn retire(
    retention: &Retention,
    inventory: &Inventory,
    now: Timestamp,
    plan: &mut Plan,
) {
    // Up to here `touched` was looked up, and is again before the plan is carried out.
    plan.cutoff = retention.cutoff(now);
    let now = inventory.database_now.map_or(now, |database| database.min(now));
    let mut groups: Groups<'_> = BTreeMap::new();
    for member in Member::ALL {
        for leaf in inventory.leaves.iter().filter(|leaf| leaf.member == member) {
            groups.entry(leaf.range).or_default().push(leaf);
        }
    }
    let facts = Facts { retention, inventory, groups, now };
    let due = facts.due(plan);
    reopen(&facts.groups, &due, plan);
    drop_tables(retention, inventory, now, plan);
    announce(retention, inventory, &due, plan);
    let mut numbers = Numbers::after(inventory);
    for range in facts.chosen(&due, plan) {
        facts.move_out(range, &mut numbers, plan);
    }
}

impl Facts<'_> {
    /// The ranges that are no longer to be kept, whether or not they go in this run.
    fn due(&self, plan: &mut Plan) -> BTreeSet<TimeRange> {
        let mut due = BTreeSet::new();
        let retention = self.retention;
        let Some(by_clock) = retention.cutoff(self.now) else { return due };
        let newest = self.inventory.newest.unwrap_or(self.now);
        let by_kills = retention.cutoff(newest).unwrap_or(by_clock);
        let floor = newest_ranges(&self.groups, newest, retention.floor);
        for &range in self.groups.keys().filter(|range| range.to <= by_clock) {
            let reason = if range.to > by_kills {
                WaitReason::NewestKill { at: newest }
            } else if floor.contains(&range) {
                WaitReason::Floor { ranges: retention.floor }
            } else {
                due.insert(range);
                continue;
            };
            plan.waiting.push(Waiting { range, reason });
        }
        due
    }

    /// Those of the due ranges that go in this run, oldest first: what was begun, and as many new ones as the cap allows. At
    /// most twice the cap is under way, so that months that fail neither keep the others from going nor close them all.
    fn chosen(&self, due: &BTreeSet<TimeRange>, plan: &mut Plan) -> Vec<TimeRange> {
        let mut ready: Vec<TimeRange> = Vec::new();
        for &range in due {
            if let Some(conflict) = out_of_step(range, &self.groups[&range]) {
                plan.conflicts.push(conflict);
            } else if let Some(conflict) = self.stranger(range) {
                plan.conflicts.push(conflict);
            } else if let Some(reason) = self.unsettled(range) {
                plan.waiting.push(Waiting { range, reason });
            } else {
                ready.push(range);
            }
        }
        let is_begun = |range: &TimeRange| self.groups[range].iter().any(|leaf| leaf.closed);
        let cap = self.retention.cap;
        let (mut ready, mut new): (Vec<TimeRange>, Vec<TimeRange>) =
            ready.into_iter().partition(is_begun);
        let most = usize::from(cap) * 2;
        let mut later = ready.split_off(ready.len().min(most));
        let allowed = usize::from(cap).min(most - ready.len());
        later.extend(new.split_off(new.len().min(allowed)));
        ready.extend(new);
        later.sort();
        let reason = WaitReason::Cap { ranges: cap };
        plan.waiting.extend(later.into_iter().map(|range| Waiting { range, reason }));
        ready.sort();
        ready
    }

    /// A leaf that only its owner can work on.
    fn stranger(&self, range: TimeRange) -> Option<Conflict> {
        let is_stranger = |leaf: &&&Leaf| self.inventory.strangers.contains(&leaf.name);
        let leaf = self.groups[&range].iter().find(is_stranger)?;
        let detail = format!(
            "{} belongs to another role, so {range} is not retired: give it to the role that owns {}",
            leaf.name,
            leaf.member.table()
        );
        Some(Conflict { table: leaf.name.clone(), detail })
    }

    fn unsettled(&self, range: TimeRange) -> Option<WaitReason> {
        let Some(&touched) = self.inventory.touched.get(&range) else {
            return Some(WaitReason::TouchedUnknown);
        };
        let until = touched.checked_add(self.retention.settle).unwrap_or(Timestamp::MAX);
        (self.now < until).then_some(WaitReason::Settling { until })
    }

    /// What is left to do until a range is out of the group.
    fn move_out(&self, range: TimeRange, numbers: &mut Numbers, plan: &mut Plan) {
        let leaves = &self.groups[&range];
        let open: Vec<Leaf> =
            leaves.iter().filter(|leaf| !leaf.closed).map(|&leaf| leaf.clone()).collect();
        // As they are once the steps before have been done.
        let closed: Vec<Leaf> =
            leaves.iter().map(|&leaf| Leaf { closed: true, ..leaf.clone() }).collect();
        let verified = self.verified_part(range);
        // A part of leaves that were open since may lack rows: it is written anew.
        let is_verified = open.is_empty() && verified.is_some();
        let name = match self.retention.after {
            // Were a part of it in the archive, nobody could tell which kills were dropped.
            After::Drop if !is_verified && !self.is_partly_archived(range) => None,
            After::Archive | After::Drop | After::Keep => {
                Some(verified.unwrap_or_else(|| numbers.next(range)))
            }
        };
        match name_taken(self.inventory, &closed, name.as_ref()) {
            None => {}
            Some(Obstacle::Wait(reason)) => return plan.waiting.push(Waiting { range, reason }),
            Some(Obstacle::Person(conflict)) => return plan.conflicts.push(conflict),
        }
        if !open.is_empty() {
            plan.steps.push(Step::Close { range, leaves: open });
        }
        let Some(name) = name else {
            return plan.steps.push(Step::Discard { range, leaves: closed });
        };
        if !is_verified {
            plan.steps.push(Step::Archive { range, name: name.clone(), leaves: closed.clone() });
        }
        plan.steps.push(Step::Detach { range, name, leaves: closed });
    }

    fn is_partly_archived(&self, range: TimeRange) -> bool {
        self.inventory.parts.iter().any(|part| {
            part.state != PartState::Restored && !part.range.intersection(range).is_empty()
        })
    }

    /// The part of exactly this range that was written and read back, and not detached yet.
    fn verified_part(&self, range: TimeRange) -> Option<PartName> {
        let parts = self.inventory.parts.iter();
        parts
            .filter(|part| part.range == range && part.state == PartState::Verified)
            .map(|part| part.name.clone())
            .max()
    }
}

/// The newest so many ranges. Those that begin after the newest kill hold none and do not count.
fn newest_ranges(groups: &Groups<'_>, newest: Timestamp, count: u16) -> BTreeSet<TimeRange> {
    let mut ranges: Vec<TimeRange> =
        groups.keys().copied().filter(|range| range.from <= newest).collect();
    ranges.sort_by_key(|range| (range.to, range.from));
    ranges.into_iter().rev().take(count.into()).collect()
}

/// Closed leaves that are to be kept after all take rows again.
fn reopen(groups: &Groups<'_>, due: &BTreeSet<TimeRange>, plan: &mut Plan) {
    for (&range, leaves) in groups.iter().filter(|(range, _)| !due.contains(range)) {
        let closed: Vec<Leaf> =
            leaves.iter().filter(|leaf| leaf.closed).map(|&leaf| leaf.clone()).collect();
        if !closed.is_empty() {
            plan.steps.push(Step::Reopen { range, leaves: closed });
        }
    }
}

/// Tables that left the group and whose grace is over, at most a run's cap of ranges.
fn drop_tables(retention: &Retention, inventory: &Inventory, now: Timestamp, plan: &mut Plan) {
    let mut tables: BTreeMap<(TimeRange, Option<&PartName>), Vec<RetiredLeaf>> = BTreeMap::new();
    for table in &inventory.retired {
        tables.entry((table.range, table.part.as_ref())).or_default().push(table.clone());
    }
    let mut left = retention.cap;
    for ((range, part), mut tables) in tables {
        let is_over = |table: &RetiredLeaf| now.duration_since(table.retired_at) >= retention.grace;
        if left == 0 || !tables.iter().all(is_over) {
            continue;
        }
        let is_in_files = |name: &PartName| {
            inventory
                .parts
                .iter()
                .any(|part| part.name == *name && part.state != PartState::Verified)
        };
        if let Some(name) = part.filter(|name| !is_in_files(name)) {
            plan.conflicts.push(Conflict {
                table: tables[0].name.clone(),
                detail: format!(
                    "{} is kept: its rows should be in {}, which the store does not know as archived",
                    tables[0].name,
                    name.path()
                ),
            });
            continue;
        }
        tables.sort_by_key(|table| table.member);
        plan.steps.push(Step::Drop { range, tables });
        left -= 1;
    }
}

/// Says what will leave the tables before anything did.
fn announce(
    retention: &Retention,
    inventory: &Inventory,
    due: &BTreeSet<TimeRange>,
    plan: &mut Plan,
) {
    let has_retired = !inventory.parts.is_empty() || !inventory.retired.is_empty();
    if !due.is_empty() && !inventory.announced && !has_retired {
        plan.announcement = Some(Announcement {
            ranges: due.iter().copied().collect(),
            keep_months: retention.keep_months,
            after: retention.after,
        });
    }
}

fn out_of_step(range: TimeRange, leaves: &[&Leaf]) -> Option<Conflict> {
    let members: Vec<Member> = leaves.iter().map(|leaf| leaf.member).collect();
    if members == Member::ALL {
        return None;
    }
    let names: Vec<&str> = leaves.iter().map(|leaf| leaf.name.as_str()).collect();
    Some(Conflict {
        table: leaves[0].name.clone(),
        detail: format!(
            "the tables are out of step for {range}, which therefore is not retired: only {} there; \
             all three tables need a partition with these bounds",
            match names.as_slice() {
                [name] => format!("{name} is"),
                names => format!("{} are", names.join(" and ")),
            }
        ),
    })
}

/// What keeps a leaf from getting the name of a retired one.
enum Obstacle {
    Wait(WaitReason),
    Person(Conflict),
}

fn name_taken(inventory: &Inventory, leaves: &[Leaf], part: Option<&PartName>) -> Option<Obstacle> {
    leaves.iter().find_map(|leaf| {
        let name = Step::retired_name(&leaf.name, part);
        let detail = if name.len() > NAME_BYTES_MAX {
            format!("the name {} is too long to be lengthened to {name}: rename it", leaf.name)
        } else if inventory.retired.iter().any(|table| table.name == name) {
            return Some(Obstacle::Wait(WaitReason::Grace));
        } else if inventory.other_tables.contains(&name) {
            format!(
                "{} would have to be called {name}, as another table is: rename that",
                leaf.name
            )
        } else {
            return None;
        };
        Some(Obstacle::Person(Conflict { table: leaf.name.clone(), detail }))
    })
}

/// The next free number of a part in each month.
struct Numbers(BTreeMap<String, u32>);

impl Numbers {
    fn after(inventory: &Inventory) -> Numbers {
        let mut next: BTreeMap<String, u32> = BTreeMap::new();
        let of_parts = inventory.parts.iter().map(|part| &part.name);
        let of_tables = inventory.retired.iter().filter_map(|table| table.part.as_ref());
        for name in of_parts.chain(of_tables) {
            let number = next.entry(name.month.clone()).or_default();
            *number = (*number).max(name.part.saturating_add(1));
        }
        Numbers(next)
    }

    fn next(&mut self, range: TimeRange) -> PartName {
        let first_day = day(range.from);
        let month = format!("{:04}-{:02}", first_day.year(), first_day.month());
        let number = self.0.entry(month.clone()).or_default();
        *number += 1;
        PartName { month, part: *number - 1 }
    }
}

#[cfg(test)]
mod tests;
