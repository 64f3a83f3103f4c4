//! Ranges: what has no leaf, what some members have and others not, and names that say something else.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Drift, Fix, Kind, Role, Should, Snapshot, Table};
use crate::partition::{Interval, Member, Period, Step};
use crate::time::TimeRange;

/// Fewer days than this ahead are alarmed.
pub const RUNWAY_MIN: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn drifts(snapshot: &Snapshot, should: &Should<'_>) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for member in Member::ALL {
        for leaf in snapshot.leaves(member) {
            drifts.extend(misleading_name(member, leaf));
            drifts.extend(unfinished(member, leaf));
        }
        drifts.extend(out_of_step(member, snapshot));
        drifts.extend(gaps(member, snapshot, should.now));
    }
    drifts.extend(runway_drift(snapshot, should.now));
    drifts
}

/// A DEFAULT partition, and a detach that was cut off.
fn unfinished(member: Member, leaf: &Table) -> Option<Drift> {
    let name = leaf.name.as_str();
    match leaf.role {
        Role::Leaf { range: None, .. } => {
            let rows =
                leaf.rows_counted.map_or("an unknown number of".into(), |rows| rows.to_string());
            let detail = format!(
                "it is a DEFAULT partition and holds {rows} rows; noctis reads none of its own from it"
            );
            let advice = format!(
                "detach it (`alter table {} detach partition \"{name}\"`) and import what it holds",
                member.table()
            );
            Some(Drift::advised(Kind::DefaultPartition, name, detail, advice))
        }
        Role::Leaf { range: Some(range), detach_pending: true, .. } => {
            let detail = "a detach of it was cut off: its kills are not found, and no other leaf can be detached";
            let fix = Fix::FinishDetach { member, table: name.to_owned(), range };
            Some(Drift::fixed(Kind::PendingDetach, name, detail, fix))
        }
        Role::Leaf { .. } | Role::Parent(_) | Role::Loose(_) => None,
    }
}

/// Bounds count, names do not; but people read names.
fn misleading_name(member: Member, leaf: &Table) -> Option<Drift> {
    let range = leaf.range()?;
    let suffix = leaf.name.strip_prefix(member.table())?.strip_prefix('_')?;
    let right: Vec<String> = [Interval::Month, Interval::Week]
        .map(|interval| Period::containing(interval, range.from).leaf_suffix(range))
        .into();
    if !looks_like_a_period(suffix) || right.iter().any(|right| right == suffix) {
        return None;
    }
    let detail = format!("its name says {suffix}, its bounds are {range}");
    let advice = format!(
        "its bounds count; rename it by `alter table \"{}\" rename to {}`",
        leaf.name,
        Step::leaf_name(member, &right[0])
    );
    Some(Drift::advised(Kind::MisleadingName, leaf.name.as_str(), detail, advice))
}

/// `2025_06` and `2025_w23`, with whatever follows.
fn looks_like_a_period(suffix: &str) -> bool {
    let bytes = suffix.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    digits(0..4)
        && bytes.get(4) == Some(&b'_')
        && (digits(5..7) || (bytes.get(5) == Some(&b'w') && digits(6..8)))
}

/// What this member has and others have not, or not so.
fn out_of_step(member: Member, snapshot: &Snapshot) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for (range, leaf) in snapshot.ranges(member) {
        for other in Member::ALL.into_iter().filter(|other| *other != member) {
            let others: Vec<TimeRange> = snapshot.ranges(other).map(|(range, _)| range).collect();
            if others.contains(&range) {
                continue;
            }
            let name = leaf.name.as_str();
            let common = others.iter().find(|other| !other.intersection(range).is_empty());
            if let Some(common) = common {
                let detail = format!("it covers {range}, where {} has {common}", other.table());
                let advice = "the bounds of the three tables must be equal: detach the leaf that is wrong, attach it \
                              with the right bounds, and look again";
                drifts.push(Drift::advised(Kind::Overlap, name, detail, advice));
            } else {
                drifts.push(lonely(range, name, other, snapshot));
            }
        }
    }
    drifts
}

fn lonely(range: TimeRange, leaf: &str, other: Member, snapshot: &Snapshot) -> Drift {
    let detail = format!("{} has no leaf for its range {range}", other.table());
    let pending = snapshot.leaves(other).filter(|table| table.range() == Some(range));
    let candidates: Vec<&str> = unclaimed(snapshot)
        .filter(|(member, _)| *member == other)
        .map(|(_, table)| table)
        .chain(pending)
        .map(|table| table.name.as_str())
        .collect();
    if candidates.is_empty() {
        let fix = Fix::MakePartitions { needed: vec![range.from] };
        return Drift::fixed(Kind::OutOfStep, leaf, detail, fix);
    }
    let advice = format!(
        "if one of these is the leaf that is missing, attach it again: {}",
        candidates.join(", ")
    );
    Drift::advised(Kind::OutOfStep, leaf, detail, advice)
}

/// Tables that are called like leaves, and are neither leaves nor retired.
pub(super) fn unclaimed(snapshot: &Snapshot) -> impl Iterator<Item = (Member, &Table)> {
    snapshot.tables.iter().filter_map(|table| match table.role {
        Role::Loose(member)
            if !snapshot.retired.iter().any(|retired| retired.name == table.name) =>
        {
            Some((member, table))
        }
        Role::Loose(_) | Role::Parent(_) | Role::Leaf { .. } => None,
    })
}

/// Whole months and weeks without a leaf are made on demand. A part of one, or one ahead, is a hole.
fn gaps(member: Member, snapshot: &Snapshot, now: Timestamp) -> Vec<Drift> {
    let mut ranges: Vec<TimeRange> = snapshot.ranges(member).map(|(range, _)| range).collect();
    ranges.sort();
    let elsewhere: Vec<TimeRange> = Member::ALL
        .into_iter()
        .filter(|other| *other != member)
        .flat_map(|other| snapshot.ranges(other).map(|(range, _)| range))
        .collect();
    ranges
        .windows(2)
        .map(|pair| TimeRange { from: pair[0].to, to: pair[1].from })
        .filter(|gap| !gap.is_empty())
        // What another member has is out of step, and told as that.
        .filter(|gap| elsewhere.iter().all(|range| range.intersection(*gap) != *range))
        .filter(|gap| gap.to > now || !is_boundary(gap.from) || !is_boundary(gap.to))
        .map(|gap| {
            let last = gap.to.checked_sub(SignedDuration::from_micros(1)).unwrap_or(gap.from);
            let needed = BTreeSet::from([gap.from, last]).into_iter().collect();
            let fix = Fix::MakePartitions { needed };
            Drift::fixed(Kind::Gap, member.table(), format!("nothing covers {gap}"), fix)
        })
        .collect()
}

/// Whether a month or an ISO week begins here.
fn is_boundary(time: Timestamp) -> bool {
    [Interval::Month, Interval::Week]
        .into_iter()
        .any(|interval| Period::containing(interval, time).range().from == time)
}

/// How long new kills find a leaf in every member; nothing where they do not even now.
pub fn runway(snapshot: &Snapshot, now: Timestamp) -> SignedDuration {
    let ends = Member::ALL.into_iter().map(|member| {
        let mut ranges: Vec<TimeRange> = snapshot.ranges(member).map(|(range, _)| range).collect();
        ranges.sort();
        ranges.iter().fold(now, |end, range| if range.contains(end) { range.to } else { end })
    });
    ends.min().unwrap_or(now).duration_since(now)
}

fn runway_drift(snapshot: &Snapshot, now: Timestamp) -> Option<Drift> {
    let left = runway(snapshot, now);
    let days = left.as_hours() / 24;
    let detail = format!("new kills have partitions for {days} more days");
    let fix = Fix::MakePartitions { needed: Vec::new() };
    (left < RUNWAY_MIN).then(|| Drift::fixed(Kind::Runway, "partitions", detail, fix))
}
