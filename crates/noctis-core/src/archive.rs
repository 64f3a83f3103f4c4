//! What the archive is made of: the columns that go into it, the manifest of a part, and the proof that it was read back.
//!
//! A part is what the three leaves of one range held when they left the group. Its manifest says which files hold it and
//! what must be found in them. Data only: `noctis-archive` writes and reads it, `noctis-store` keeps it.

mod columns;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use columns::{Column, Group, Kind, columns, schema_hash};

use crate::partition::Member;
use crate::time::TimeRange;

/// The form of manifests written by this noctis.
pub const MANIFEST_FORMAT: u32 = 1;

/// A part of a month: `2025-06` and a number from 0 up.
///
/// The month is the one in which the part's range begins, so that a range of weeks has one too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartName {
    pub month: String,
    pub part: u32,
}

impl PartName {
    /// `month=2025-06/part-0`, as the folders are called.
    pub fn path(&self) -> String {
        format!("month={}/part-{}", self.month, self.part)
    }
}

/// What a part holds and in which files, as it stands in the archive beside them and in `archive_parts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_FORMAT`].
    pub format: u32,
    pub store_id: Uuid,
    /// The store's generation when it wrote this.
    pub generation: i64,
    /// The version of the store's schema, and a hash of the columns it had.
    pub schema_version: i32,
    pub schema_hash: String,
    #[serde(flatten)]
    pub name: PartName,
    pub range: TimeRange,
    pub written_at: Timestamp,
    /// `noctis 0.1.0`.
    pub written_by: String,
    /// One for each member, in their order.
    pub files: Vec<FileEntry>,
}

impl Manifest {
    /// The file of a member.
    pub fn file(&self, member: Member) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.table == member)
    }

    /// Kills of the part: rows of `killmails_raw`.
    pub fn kills(&self) -> u64 {
        self.file(Member::Raw).map_or(0, |file| file.contents.rows)
    }
}

/// One file of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub table: Member,
    /// Within the archive: `table=killmails_raw/month=2025-06/part-0.parquet`.
    pub path: String,
    pub bytes: u64,
    /// Of the file, hexadecimal.
    pub sha256: String,
    #[serde(flatten)]
    pub contents: Contents,
}

/// What a table's rows are, whatever holds them: equal contents are equal rows, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    pub rows: u64,
    /// The first and the last `"timestamp"`; none without rows.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// By column group: the sum, modulo 2^128, over all rows of the first 16 bytes of the SHA-256 of the key and the group's
    /// values as binary `COPY` has them. Hexadecimal.
    pub checksums: BTreeMap<Group, String>,
}

impl Contents {
    /// The contents of both together, as of tables that have no row in common. None where a checksum is not one.
    #[must_use]
    pub fn plus(&self, other: &Contents) -> Option<Contents> {
        let number = |text: &String| u128::from_str_radix(text, 16).ok();
        let mut checksums = self.checksums.clone();
        for (&group, theirs) in &other.checksums {
            let sum = match checksums.get(&group) {
                Some(ours) => number(ours)?.wrapping_add(number(theirs)?),
                None => number(theirs)?,
            };
            checksums.insert(group, format!("{sum:032x}"));
        }
        Some(Contents {
            rows: self.rows + other.rows,
            first: self.first.into_iter().chain(other.first).min(),
            last: self.last.into_iter().chain(other.last).max(),
            checksums,
        })
    }
}

/// That a part was read back from the archive and found equal to what was written.
///
/// Only `noctis-archive`'s verification makes values of types that implement this; who removes rows from the tables asks
/// for one.
pub trait Proof: Send + Sync {
    /// What was found in the files.
    fn manifest(&self) -> &Manifest;
}
