//! What the second half of a month's life leaves behind when nobody finishes it, and what parents know of their leaves.

use jiff::SignedDuration;

use super::ranges::unclaimed;
use super::{Drift, Fix, Kind, Role, Should, Snapshot, Table};
use crate::partition::{Member, PartState};

/// How long after its grace a retired table may still be there: `serve` looks every hour.
const GRACE_SLACK: SignedDuration = SignedDuration::from_hours(24);
/// Statistics matter where there are this many rows.
const STATISTICS_ROWS_MIN: i64 = 50_000;
/// And are stale where parent and leaves differ by more than this factor.
const STATISTICS_FACTOR_MAX: i64 = 2;
/// Questions without a bound of time that may run at once.
const UNBOUNDED_QUESTIONS: i64 = 4;

pub(super) fn drifts(snapshot: &Snapshot, should: &Should<'_>) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for member in Member::ALL {
        drifts.extend(snapshot.leaves(member).filter_map(|leaf| abandoned(leaf, snapshot, should)));
        drifts.extend(snapshot.leaves(member).filter_map(|leaf| old_transactions(leaf, snapshot)));
        drifts.extend(statistics(member, snapshot));
    }
    drifts.extend(unclaimed(snapshot).map(|(_, table)| {
        let detail =
            "it is called like a partition, but is neither one nor a retired one that noctis keeps";
        let advice = "attach it again if its kills are missed, else archive or drop it by hand";
        Drift::advised(Kind::UnclaimedTable, table.name.as_str(), detail, advice)
    }));
    drifts.extend(retired(snapshot, should));
    drifts.extend(lock_table(snapshot));
    drifts
}

/// Closed, and not because it is being retired.
fn abandoned(leaf: &Table, snapshot: &Snapshot, should: &Should<'_>) -> Option<Drift> {
    let range = leaf.range()?;
    let closing = leaf.closing();
    if closing.is_empty() {
        return None;
    }
    let together = snapshot
        .tables
        .iter()
        .filter(|table| table.range() == Some(range))
        .all(|table| !table.closing().is_empty());
    let cutoff = should.policy.retention.cutoff(should.now);
    let is_old = cutoff.is_some_and(|cutoff| range.to <= cutoff);
    let is_verified = snapshot
        .parts
        .iter()
        .any(|part| part.part.range == range && part.part.state == PartState::Verified);
    if together && (is_old || is_verified) {
        return None;
    }
    let detail = if together {
        "it takes no new kills, though nobody is about to retire it"
    } else {
        "it takes no new kills, though other tables of its range do"
    };
    let constraints = closing.iter().map(|constraint| constraint.name.clone()).collect();
    let fix = Fix::Reopen { table: leaf.name.clone(), constraints };
    Some(Drift::fixed(Kind::AbandonedClosed, &leaf.name, detail, fix))
}

fn old_transactions(leaf: &Table, snapshot: &Snapshot) -> Option<Drift> {
    // Half as much again: the server begins at the maximum, and needs time.
    let age_max = snapshot.freeze_age_max / 2 * 3;
    if snapshot.freeze_age_max == 0 || leaf.freeze_age <= age_max {
        return None;
    }
    let detail = format!(
        "it was frozen {} transactions ago; autovacuum does not get to it",
        leaf.freeze_age
    );
    let advice = format!("`vacuum (freeze) \"{}\"`", leaf.name);
    Some(Drift::advised(Kind::FreezeAge, leaf.name.as_str(), detail, advice))
}

/// Nobody but us analyzes a parent: PostgreSQL's own autovacuum never does.
fn statistics(member: Member, snapshot: &Snapshot) -> Option<Drift> {
    let parent = snapshot.parent(member)?;
    let leaves: i64 = snapshot.leaves(member).filter_map(|leaf| leaf.rows_estimated).sum();
    if leaves < STATISTICS_ROWS_MIN {
        return None;
    }
    let detail = match parent.rows_estimated {
        None => format!("it has no statistics, its leaves have about {leaves} rows"),
        Some(rows)
            if rows > leaves.saturating_mul(STATISTICS_FACTOR_MAX)
                || leaves > rows.saturating_mul(STATISTICS_FACTOR_MAX) =>
        {
            format!("its statistics say {rows} rows, its leaves have about {leaves}")
        }
        Some(_) => return None,
    };
    let fix = Fix::Analyze { table: parent.name.clone() };
    Some(Drift::fixed(Kind::StaleStatistics, &parent.name, detail, fix))
}

fn retired(snapshot: &Snapshot, should: &Should<'_>) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for line in &snapshot.retired {
        let name = line.name.as_str();
        if !snapshot.tables.iter().any(|table| table.name == line.name) {
            let detail = "it waits for its grace to end, but the table is gone";
            let advice = "somebody dropped it; check its month's files by `noctis archive verify`, then delete its line \
                          from retired_leaves";
            drifts.push(Drift::advised(Kind::RetiredMissing, name, detail, advice));
            continue;
        }
        let kept = should.policy.retention.grace + GRACE_SLACK;
        if should.now.duration_since(line.retired_at) > kept {
            let detail = format!("it was retired at {}, and its grace is over", line.retired_at);
            let advice = "`noctis partitions apply` drops it, and tells what is in the way";
            drifts.push(Drift::advised(Kind::GraceOver, name, detail, advice));
        }
    }
    drifts
}

/// A question without a bound of time locks every leaf and every index of it.
fn lock_table(snapshot: &Snapshot) -> Option<Drift> {
    let locks: i64 = snapshot
        .tables
        .iter()
        .filter(|table| matches!(table.role, Role::Parent(_) | Role::Leaf { .. }))
        .map(|table| 1 + i64::try_from(table.indexes.len()).unwrap_or(i64::MAX))
        .sum();
    let room = snapshot.locks.locks_max;
    if room == 0 || locks.saturating_mul(UNBOUNDED_QUESTIONS) <= room {
        return None;
    }
    let detail = format!(
        "a question over all time takes {locks} locks, and the server has room for {room}: {UNBOUNDED_QUESTIONS} at \
         once, and others fail too"
    );
    let advice = "raise max_locks_per_transaction and restart PostgreSQL, or keep fewer months";
    Some(Drift::advised(Kind::LockTable, "partitions", detail, advice))
}
