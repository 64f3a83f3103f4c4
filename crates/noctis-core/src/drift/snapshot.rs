//! What the catalog said at one moment: the parents, their leaves, and tables that are called like leaves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::partition::{Member, Part, RetiredLeaf};
use crate::time::TimeRange;

/// Everything that [`super::find`] compares.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub tables: Vec<Table>,
    pub parts: Vec<ArchivePart>,
    pub retired: Vec<RetiredLeaf>,
    /// Ranges whose kills were dropped without an archive.
    pub dropped: Vec<TimeRange>,
    pub locks: LockTable,
    /// Whether the texts of constraints were read, which waits for whoever has a leaf for himself alone.
    pub has_definitions: bool,
    /// `autovacuum_freeze_max_age`, transactions.
    pub freeze_age_max: i64,
}

/// What a table is to the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    Parent(Member),
    /// Attached; no range where it is the DEFAULT partition.
    Leaf {
        member: Member,
        range: Option<TimeRange>,
        detach_pending: bool,
    },
    /// Only called like a leaf of this member.
    Loose(Member),
}

/// A table as the catalog has it.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub role: Role,
    pub owner: String,
    /// What each role but the owner may do: `noctis_read` → `SELECT`.
    pub grants: BTreeMap<String, BTreeSet<String>>,
    /// Whether the owner has all the rights that he had at first.
    pub owner_has_all: bool,
    /// `fillfactor=90`, `toast.autovacuum_enabled=false`.
    pub options: BTreeSet<String>,
    /// Empty for the database's own.
    pub tablespace: String,
    pub logged: bool,
    pub row_security: bool,
    /// Policies of row security, whether in force or not.
    pub policies: Vec<String>,
    pub triggers: Vec<String>,
    pub rules: Vec<String>,
    /// In their order.
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
    pub constraints: Vec<Constraint>,
    /// By the statistics; none before the first ANALYZE.
    pub rows_estimated: Option<i64>,
    /// Rows of the DEFAULT partition, counted up to a bound; none for others.
    pub rows_counted: Option<i64>,
    /// Transactions since the oldest row that is not frozen.
    pub freeze_age: i64,
    pub analyzed_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// With its modifiers and collation: `numeric(20,2)`.
    pub kind: String,
    pub not_null: bool,
    pub default: Option<String>,
    pub generated: bool,
    /// -1 where the server's is in force.
    pub statistics_target: i32,
    /// PLAIN, EXTERNAL, EXTENDED or MAIN.
    pub storage: String,
    /// `default` where the server's is in force.
    pub compression: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub valid: bool,
    /// The index of the parent that it is a part of.
    pub part_of: Option<String>,
    pub options: BTreeSet<String>,
    pub tablespace: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    pub name: String,
    /// Whether it is a CHECK; else a key.
    pub check: bool,
    pub validated: bool,
    /// `CHECK (false)`: takes no rows at all.
    pub refuses_all: bool,
    /// Whether the parent has it too.
    pub inherited: bool,
    /// The bounds of a check that says a range of `"timestamp"`; none where it says something else or was not asked for.
    pub range: Option<TimeRange>,
}

/// A part of the archive with how many kills it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePart {
    pub part: Part,
    pub kills: i64,
    /// Of its files together.
    pub bytes: i64,
}

/// The room for locks of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockTable {
    /// `max_locks_per_transaction` times the connections and prepared transactions.
    pub locks_max: i64,
}

impl Table {
    pub(crate) fn is_parent_of(&self, of: Member) -> bool {
        self.role == Role::Parent(of)
    }

    /// The range of an attached leaf.
    pub fn range(&self) -> Option<TimeRange> {
        match self.role {
            Role::Leaf { range, .. } => range,
            Role::Parent(_) | Role::Loose(_) => None,
        }
    }

    /// The constraints by which it takes no new rows.
    pub fn closing(&self) -> Vec<&Constraint> {
        self.constraints.iter().filter(|constraint| constraint.refuses_all).collect()
    }
}

impl Snapshot {
    pub fn parent(&self, of: Member) -> Option<&Table> {
        self.tables.iter().find(|table| table.is_parent_of(of))
    }

    /// The leaves of a member, DEFAULT and pending ones included.
    pub fn leaves(&self, of: Member) -> impl Iterator<Item = &Table> {
        self.tables
            .iter()
            .filter(move |table| matches!(table.role, Role::Leaf { member, .. } if member == of))
    }

    /// The leaves of a member that rows can be found in, with their ranges.
    pub fn ranges(&self, of: Member) -> impl Iterator<Item = (TimeRange, &Table)> {
        self.leaves(of).filter_map(|table| match table.role {
            Role::Leaf { range: Some(range), detach_pending: false, .. } => Some((range, table)),
            _ => None,
        })
    }
}
