//! What `noctis doctor --fix` does, as data: none of it drops anything that holds rows.

use jiff::Timestamp;
use serde::Serialize;

use crate::archive::PartName;
use crate::partition::Member;
use crate::time::TimeRange;

/// One repair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "fix", rename_all = "snake_case")]
pub enum Fix {
    /// Build this index of the parent on every leaf that lacks it, and attach it.
    BuildIndex {
        member: Member,
        index: String,
    },
    /// Remove an index that was not built to its end and belongs to nothing.
    DropInvalidIndex {
        table: String,
        index: String,
    },
    /// Build an attached index anew that was not built to its end.
    Reindex {
        index: String,
        parent_index: Option<String>,
    },
    SetIndexOptions {
        index: String,
        set: Vec<String>,
        reset: Vec<String>,
    },
    /// Take all rights on a table from somebody.
    Revoke {
        table: String,
        from: String,
    },
    /// Give the owner all rights on his table.
    GrantOwner {
        table: String,
        owner: String,
    },
    /// Give the role that reads what it reads.
    GrantReader,
    ResetOptions {
        table: String,
        reset: Vec<String>,
    },
    SetStatistics {
        table: String,
        column: String,
        target: i32,
    },
    /// `storage` is PostgreSQL's word: PLAIN, EXTERNAL, EXTENDED or MAIN.
    SetStorage {
        table: String,
        column: String,
        storage: String,
    },
    SetCompression {
        table: String,
        column: String,
        compression: String,
    },
    /// An expression of the parent's, or none.
    SetDefault {
        table: String,
        column: String,
        default: Option<String>,
    },
    DropNotNull {
        table: String,
        column: String,
    },
    /// Give a leaf the check of its range; `replace` is one that says another.
    CheckRange {
        table: String,
        range: TimeRange,
        replace: Option<String>,
    },
    ValidateConstraint {
        table: String,
        constraint: String,
    },
    /// Finish a detach that was cut off, and attach the table again with the bounds it had.
    FinishDetach {
        member: Member,
        table: String,
        range: TimeRange,
    },
    /// Let a leaf take new kills again.
    Reopen {
        table: String,
        constraints: Vec<String>,
    },
    Analyze {
        table: String,
    },
    /// Make the partitions that the policy asks for, and those for these times.
    MakePartitions {
        needed: Vec<Timestamp>,
    },
    /// Note that the kills of these parts, all of this range, are in leaves again: the files are kept, and answer nothing.
    MarkRestored {
        range: TimeRange,
        parts: Vec<PartName>,
    },
}

impl Fix {
    /// The table whose users it may have to wait for, where it is one.
    pub fn table(&self) -> Option<&str> {
        match self {
            Fix::DropInvalidIndex { table, .. }
            | Fix::Revoke { table, .. }
            | Fix::GrantOwner { table, .. }
            | Fix::ResetOptions { table, .. }
            | Fix::SetStatistics { table, .. }
            | Fix::SetStorage { table, .. }
            | Fix::SetCompression { table, .. }
            | Fix::SetDefault { table, .. }
            | Fix::DropNotNull { table, .. }
            | Fix::CheckRange { table, .. }
            | Fix::ValidateConstraint { table, .. }
            | Fix::FinishDetach { table, .. }
            | Fix::Reopen { table, .. }
            | Fix::Analyze { table } => Some(table),
            Fix::BuildIndex { .. }
            | Fix::Reindex { .. }
            | Fix::SetIndexOptions { .. }
            | Fix::GrantReader
            | Fix::MakePartitions { .. }
            | Fix::MarkRestored { .. } => None,
        }
    }
}
