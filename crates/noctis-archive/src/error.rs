//! What can go wrong with an archive, as far as somebody can act on it.

use std::time::Duration;

use noctis_core::partition::Member;

use crate::owner::Owner;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration names no place that could be opened.
    #[error("the archive {place} cannot be opened: {detail}")]
    Place { place: String, detail: String },
    /// The folder or the store did not do what it was asked; trying again later may help.
    #[error("{doing} of the archive {place} failed: {detail}")]
    Store { place: String, doing: String, detail: String },
    /// A manifest is there already, and what it names is never overwritten.
    #[error("the archive has {path} already; remove that part before writing it again")]
    Exists { path: String },
    /// Something that a manifest names is not there.
    #[error("{path} is missing in the archive")]
    Missing { path: String },
    /// A file is there, and is not what was written.
    #[error("{path} is damaged: {detail}")]
    Damaged { path: String, detail: String },
    /// The rows of a file are not those that its manifest promises.
    #[error("{path} does not hold what its manifest says: {detail}")]
    Differs { path: String, detail: String },
    /// A manifest that this noctis cannot use.
    #[error("the manifest {path} cannot be used: {detail}")]
    Manifest { path: String, detail: String },
    /// A value that no archive can hold.
    #[error("row {row} of {}, column {column}: {detail}", member.table())]
    Value { member: Member, row: u64, column: &'static str, detail: String },
    /// What came is not a stream of rows as `COPY` writes it, or not the rows that were announced.
    #[error("the rows of {} cannot be archived: {detail}", member.table())]
    Rows { member: Member, detail: String },
    /// A part was not written as it must be.
    #[error("{path} cannot be written: {detail}")]
    Part { path: String, detail: String },
    /// So many questions read files that the turn of this one did not come.
    #[error("other questions read archived months, and after {} seconds it was not this one's turn; try again soon", waited.as_secs())]
    Busy { waited: Duration },
    /// Somebody else's claim came first.
    #[error("the archive belongs to {}, not to {}; `noctis archive adopt` takes it over", Owner::say(found.as_ref()), Owner::say(expected.as_ref()))]
    NotOurs { expected: Option<Owner>, found: Option<Owner> },
}
