//! The kinds of drift and what they are called.

use serde::Serialize;

macro_rules! kinds {
    ($($(#[$about:meta])* $kind:ident $name:literal),* $(,)?) => {
        /// What is not as it should be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$about])* $kind),*
        }

        impl Kind {
            /// All of them, in the order of the documents.
            pub const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// As metrics and JSON have it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$kind => $name),*
                }
            }
        }
    };
}

kinds! {
    /// An index of the parent, or of the schema, is not on a leaf or parent.
    MissingIndex "missing_index",
    /// A leaf or parent has an index that its parent or the schema does not have.
    ExtraIndex "extra_index",
    /// An index that was not built to its end: kept up by every write, used by no query.
    InvalidIndex "invalid_index",
    /// A leaf lacks the check of its range.
    MissingConstraint "missing_constraint",
    /// A constraint that nobody of us made.
    ExtraConstraint "extra_constraint",
    /// A constraint that was never checked against the rows that are there.
    UnvalidatedConstraint "unvalidated_constraint",
    /// The check of a leaf's range says another range.
    WrongConstraint "wrong_constraint",
    /// A column of another type, name, nullability or default.
    Column "column",
    /// The columns stand in another order than the parent's.
    ColumnOrder "column_order",
    /// A column is stored or compressed otherwise than the parent's.
    ColumnStorage "column_storage",
    /// A column's statistics target differs from the parent's.
    StatisticsTarget "statistics_target",
    /// Another owner than the parent's.
    Owner "owner",
    /// Somebody may do more, or the owner less, than on the parent.
    Grants "grants",
    /// Storage options of a table or index, such as fillfactor.
    StorageOptions "storage_options",
    Trigger "trigger",
    Rule "rule",
    RowSecurity "row_security",
    Tablespace "tablespace",
    /// Not written ahead: empty after a crash.
    Unlogged "unlogged",
    /// A time that no leaf covers, beside leaves that cover part of its period.
    Gap "gap",
    /// Leaves of two members share some of their time, but not all.
    Overlap "overlap",
    /// A range that some members have and others have not.
    OutOfStep "out_of_step",
    /// The name says another range than the bounds.
    MisleadingName "misleading_name",
    /// A detach that was cut off.
    PendingDetach "pending_detach",
    DefaultPartition "default_partition",
    /// Takes no new kills, and nobody is about to retire it.
    AbandonedClosed "abandoned_closed",
    /// Rows of a kill are missing in one of the tables or in the registry.
    Orphan "orphan",
    /// Kills that are in a leaf and in the archive.
    HotAndArchived "hot_and_archived",
    /// Files of the archive that are missing or are not what was written.
    ArchiveFiles "archive_files",
    /// The archive belongs to another store, or to a later life of this one.
    ArchiveOwner "archive_owner",
    /// A table that is called like a leaf, and is none, nor a retired one.
    UnclaimedTable "unclaimed_table",
    /// A retired table whose grace is over and that is still there.
    GraceOver "grace_over",
    /// A line of a retired table that is not there.
    RetiredMissing "retired_missing",
    /// The parent's statistics are missing or far from its leaves'.
    StaleStatistics "stale_statistics",
    /// Partitions end soon.
    Runway "runway",
    /// Questions without a bound of time may exhaust the server's table of locks.
    LockTable "lock_table",
    /// Transaction ids of a leaf get old faster than they are frozen.
    FreezeAge "freeze_age",
}
