//! Kills counted on both sides: every registered kill is in a leaf, in a part of the archive, or was dropped.

use jiff::Timestamp;

use super::{Drift, Fix, Kind, Mend, Snapshot};
use crate::partition::{Member, PartState};
use crate::time::TimeRange;

/// What one count found in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeRows {
    pub range: TimeRange,
    /// Lines of the registry.
    pub registered: i64,
    /// Those of them that had arrived when their range was dropped without an archive: a kill that is imported again
    /// arrives anew, and is none of them.
    pub dropped: i64,
    /// Rows of `killmails_raw`.
    pub stored: i64,
}

impl RangeRows {
    /// Whether the tables have every kill that is registered, and no fewer than the `archived` ones of the range: then its
    /// files need not answer.
    #[must_use]
    pub fn is_all_stored(&self, archived: i64) -> bool {
        self.stored == self.registered && self.stored >= archived
    }
}

impl Snapshot {
    /// The points of time that part what can be counted apart: ranges of leaves, cold parts and dropped ones, merged
    /// where they have time in common.
    pub fn count_bounds(&self) -> Vec<Timestamp> {
        let leaves = self.ranges(Member::Raw).map(|(range, _)| range);
        let mut ranges: Vec<TimeRange> = leaves
            .chain(self.parts.iter().map(|part| part.part.range))
            .chain(self.dropped.iter().copied())
            .collect();
        ranges.sort();
        let mut merged: Vec<TimeRange> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.from < last.to => last.to = last.to.max(range.to),
                _ => merged.push(range),
            }
        }
        let mut bounds: Vec<Timestamp> =
            merged.into_iter().flat_map(|range| [range.from, range.to]).collect();
        bounds.dedup();
        bounds
    }
}

/// Where the counts do not add up.
pub fn registry(snapshot: &Snapshot, counts: &[RangeRows]) -> Vec<Drift> {
    counts.iter().filter_map(|count| one_range(snapshot, *count)).collect()
}

fn one_range(snapshot: &Snapshot, count: RangeRows) -> Option<Drift> {
    let RangeRows { range, registered, dropped, stored } = count;
    let within = |other: TimeRange| !other.intersection(range).is_empty();
    let cold: Vec<_> = snapshot
        .parts
        .iter()
        .filter(|part| part.part.state == PartState::Cold && within(part.part.range))
        .collect();
    let archived: i64 = cold.iter().map(|part| part.kills).sum();
    let there = stored + archived;
    if registered > there + dropped {
        let lost = registered - there - dropped;
        let detail = format!(
            "{lost} kills of {range} are registered and are in no leaf and no part of the archive"
        );
        let advice =
            "attach the table that holds them if `doctor` names one, or restore them from a backup";
        return Some(Drift::advised(Kind::Orphan, "killmail_registry", detail, advice));
    }
    if there <= registered {
        return None;
    }
    let surplus = there - registered;
    if archived == 0 {
        let detail = format!("{surplus} kills of {range} are in the tables and not registered");
        let advice =
            "import their bodies again: a kill that is not registered is stored as if it were new";
        return Some(Drift::advised(Kind::Orphan, "killmails_raw", detail, advice));
    }
    Some(hot_and_archived(snapshot, count, archived))
}

/// The same kills in a leaf and in cold files. Where the leaf has all of them, the files need not answer.
fn hot_and_archived(snapshot: &Snapshot, count: RangeRows, archived: i64) -> Drift {
    let RangeRows { range, registered, stored, .. } = count;
    let table = snapshot
        .ranges(Member::Raw)
        .find(|(leaf, _)| !leaf.intersection(range).is_empty())
        .map_or("killmails_raw", |(_, table)| table.name.as_str());
    let detail = format!(
        "of {range} the tables have {stored} kills and the archive {archived}, and {registered} are registered: the same \
         ones are in both, or some are not registered"
    );
    let mend = if count.is_all_stored(archived) {
        let parts = snapshot
            .parts
            .iter()
            .filter(|part| part.part.state == PartState::Cold)
            .filter(|part| !part.part.range.intersection(range).is_empty())
            .map(|part| part.part.name.clone())
            .collect();
        Mend::Fix(Fix::MarkRestored { range, parts })
    } else {
        Mend::Advice("`noctis archive restore` of its month makes one leaf of both".to_owned())
    };
    Drift { kind: Kind::HotAndArchived, table: table.to_owned(), detail, mend }
}
