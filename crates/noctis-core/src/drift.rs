//! Drift: where what is differs from what should be. A snapshot of the catalog in, a list of differences out.
//!
//! Nothing here looks at anything: `noctis-store` reads the snapshot and mends what may be mended.

mod fix;
mod indexes;
mod kind;
mod lifecycle;
mod ranges;
mod rows;
mod snapshot;
mod tables;

use jiff::Timestamp;
use serde::Serialize;

pub use fix::Fix;
pub use kind::Kind;
pub use ranges::{RUNWAY_MIN, runway};
pub use rows::{RangeRows, registry};
pub use snapshot::{ArchivePart, Column, Constraint, Index, LockTable, Role, Snapshot, Table};

use crate::partition::{Member, Policy};

/// One difference between what is and what should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    pub kind: Kind,
    /// The table it is found on, or what else it is about.
    pub table: String,
    /// What is wrong, as a sentence without a full stop.
    pub detail: String,
    pub mend: Mend,
}

/// What becomes of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    /// `noctis doctor --fix` does it; nothing that holds rows is dropped by it.
    Fix(Fix),
    /// What a person has to do, as a sentence.
    Advice(String),
}

impl Drift {
    pub(crate) fn fixed(kind: Kind, table: &str, detail: impl Into<String>, fix: Fix) -> Drift {
        Drift { kind, table: table.to_owned(), detail: detail.into(), mend: Mend::Fix(fix) }
    }

    /// A difference that only a person can mend.
    pub fn advised(
        kind: Kind,
        table: impl Into<String>,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Drift {
        let mend = Mend::Advice(advice.into());
        Drift { kind, table: table.into(), detail: detail.into(), mend }
    }
}

/// What the store should be.
#[derive(Clone, Debug)]
pub struct Should<'a> {
    pub now: Timestamp,
    pub policy: &'a Policy,
    /// The indexes that each parent has, by name; those of its primary key included.
    pub indexes: &'a [(Member, &'a str)],
}

/// Every difference that the catalog shows, ordered by table and kind.
pub fn find(snapshot: &Snapshot, should: &Should<'_>) -> Vec<Drift> {
    let mut drifts = tables::drifts(snapshot);
    drifts.extend(indexes::drifts(snapshot, should));
    drifts.extend(ranges::drifts(snapshot, should));
    drifts.extend(lifecycle::drifts(snapshot, should));
    drifts.sort_by(|one, other| (&one.table, one.kind).cmp(&(&other.table, other.kind)));
    drifts
}

#[cfg(test)]
mod tests;
