//! What a table's rows are, as a few numbers: equal rows have equal ones, in whatever order and wherever they are.
//!
//! Of each row and each column group the first 16 bytes of SHA-256 over the key's and then the group's values, each as
//! binary `COPY` has it behind its length (the group `key`: the key alone); these added up, modulo 2^128.

use std::collections::BTreeMap;

use jiff::Timestamp;
use noctis_core::archive::{Column, Contents, Group, columns};
use noctis_core::partition::Member;
use sha2::{Digest, Sha256};

use crate::copy::{Decoder, Malformed, Row};
use crate::schema::microseconds;
use crate::{Error, Result};

/// Computes [`Contents`] of a `COPY` stream.
#[derive(Debug)]
pub struct ContentsDigest {
    member: Member,
    decoder: Decoder,
    sum: RowsDigest,
}

impl ContentsDigest {
    /// For a stream of today's columns of a table.
    pub fn new(member: Member) -> ContentsDigest {
        ContentsDigest::of(member, columns(member))
    }

    pub(crate) fn of(member: Member, columns: &[Column]) -> ContentsDigest {
        ContentsDigest {
            member,
            decoder: Decoder::new(columns.len()),
            sum: RowsDigest::new(member, columns),
        }
    }

    /// Reads on.
    ///
    /// # Errors
    /// When this is no stream of such rows.
    pub fn push(&mut self, chunk: &[u8]) -> Result<()> {
        let sum = &mut self.sum;
        let pushed = self.decoder.push(chunk, |row| sum.push(row).map_err(Pushed::Ours));
        pushed.map_err(|error| error.of(self.member))
    }

    /// What the rows were.
    ///
    /// # Errors
    /// When the stream has not come to its end.
    pub fn finish(self) -> Result<Contents> {
        let finished = self.decoder.finish();
        finished.map_err(|error| Pushed::Malformed(error).of(self.member))?;
        Ok(self.sum.finish())
    }
}

/// Either the stream is wrong or a row of it.
pub(crate) enum Pushed {
    Malformed(Malformed),
    Ours(Error),
}

impl From<Malformed> for Pushed {
    fn from(error: Malformed) -> Pushed {
        Pushed::Malformed(error)
    }
}

impl Pushed {
    pub(crate) fn of(self, member: Member) -> Error {
        match self {
            Pushed::Malformed(Malformed(detail)) => Error::Rows { member, detail },
            Pushed::Ours(error) => error,
        }
    }
}

/// Computes [`Contents`] row by row.
#[derive(Debug)]
pub(crate) struct RowsDigest {
    member: Member,
    time: usize,
    key: Vec<usize>,
    groups: Vec<(Group, Vec<usize>, u128)>,
    rows: u64,
    /// The first and the last time.
    times: Option<(Timestamp, Timestamp)>,
}

impl RowsDigest {
    pub(crate) fn new(member: Member, columns: &[Column]) -> RowsDigest {
        let mut by_group: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
        for (index, column) in columns.iter().enumerate() {
            by_group.entry(column.group).or_default().push(index);
        }
        let key = by_group.get(&Group::Key).cloned().unwrap_or_default();
        let of_group = |(group, own)| match group {
            Group::Key => (group, vec![], 0),
            Group::Facts | Group::Values | Group::Payload => (group, own, 0),
        };
        RowsDigest {
            member,
            time: time_column(columns),
            key,
            groups: by_group.into_iter().map(of_group).collect(),
            rows: 0,
            times: None,
        }
    }

    pub(crate) fn push(&mut self, row: Row<'_>) -> Result<()> {
        let mut of_key = Sha256::new();
        for index in &self.key {
            of_key.update(row.framed(*index));
        }
        for (_, columns, sum) in &mut self.groups {
            let mut hasher = of_key.clone();
            for index in columns.iter() {
                hasher.update(row.framed(*index));
            }
            let hash = hasher.finalize();
            let first = hash.first_chunk().expect("SHA-256 has 32 bytes");
            *sum = sum.wrapping_add(u128::from_be_bytes(*first));
        }
        let time = self.time_of(row)?;
        let (first, last) = self.times.unwrap_or((time, time));
        self.times = Some((first.min(time), last.max(time)));
        self.rows += 1;
        Ok(())
    }

    pub(crate) fn finish(self) -> Contents {
        let checksums =
            self.groups.into_iter().map(|(group, _, sum)| (group, format!("{sum:032x}")));
        Contents {
            rows: self.rows,
            first: self.times.map(|(first, _)| first),
            last: self.times.map(|(_, last)| last),
            checksums: checksums.collect(),
        }
    }

    fn time_of(&self, row: Row<'_>) -> Result<Timestamp> {
        let value = row.value(self.time).unwrap_or_default();
        let time = microseconds(value).and_then(|microseconds| {
            Timestamp::from_microsecond(microseconds).map_err(|error| error.to_string())
        });
        time.map_err(|detail| Error::Value {
            member: self.member,
            row: row.number(),
            column: "timestamp",
            detail,
        })
    }
}

/// Which of the columns is the kill's time.
pub(crate) fn time_column(columns: &[Column]) -> usize {
    let is_time = |column: &Column| column.name == "timestamp";
    columns.iter().position(is_time).expect("each table of the group has the kill's time")
}
