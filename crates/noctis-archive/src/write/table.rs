//! The thread that turns a `COPY` stream into a Parquet file: rows are checked, summed up and encoded on their way.

use bytes::Bytes;
use noctis_core::archive::{Column, FileEntry};
use noctis_core::partition::Member;
use noctis_core::time::TimeRange;
use parquet::arrow::ArrowWriter;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::layout::{properties, sort_columns};
use super::upload::Upload;
use crate::copy::{Decoder, Row};
use crate::digest::{Pushed, RowsDigest, time_column};
use crate::place::causes;
use crate::schema::{RowsBuilder, microseconds};
use crate::{Archive, Error, Result};

/// Rows that are encoded at once, and how long they are together.
const BATCH_ROWS: usize = 8_192;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// What the thread is given.
#[derive(Debug)]
pub(super) enum Input {
    Chunk(Bytes),
    /// The file is to be completed; without it, it is given up.
    End,
}

/// A table to be written.
pub(super) struct Table {
    pub(super) archive: Archive,
    /// Within the archive.
    pub(super) path: String,
    pub(super) member: Member,
    pub(super) columns: Vec<Column>,
    pub(super) range: TimeRange,
    pub(super) schema_version: i32,
}

impl Table {
    /// Writes all rows that come.
    pub(super) fn write(self, runtime: &Handle, input: mpsc::Receiver<Input>) -> Result<FileEntry> {
        let upload = Upload::start(&self.archive, &self.path, runtime);
        let mut rows = Rows::new(&self);
        let properties = properties(self.member, &self.columns, self.schema_version);
        let mut file = ArrowWriter::try_new(
            upload,
            std::sync::Arc::clone(rows.builder.schema()),
            Some(properties),
        )
        .map_err(|error| self.failed(&error))?;
        let written = self.encode(&mut rows, &mut file, input).and_then(|()| {
            file.finish().map_err(|error| self.failed(&error))?;
            file.inner_mut().finish().map_err(|error| self.failed(&error))
        });
        match written {
            Ok((bytes, sha256)) => {
                let contents = rows.digest.finish();
                Ok(FileEntry { table: self.member, path: self.path, bytes, sha256, contents })
            }
            Err(error) => {
                if let Err(left) = file.inner_mut().abort() {
                    tracing::warn!(path = self.path, %left, "an upload that was given up may be left");
                }
                Err(error)
            }
        }
    }

    fn encode(
        &self,
        rows: &mut Rows,
        file: &mut ArrowWriter<Upload>,
        mut input: mpsc::Receiver<Input>,
    ) -> Result<()> {
        let mut decoder = Decoder::new(self.columns.len());
        while let Some(input) = input.blocking_recv() {
            match input {
                Input::Chunk(chunk) => {
                    let pushed = decoder.push(&chunk, |row| {
                        let full = rows.push(row).map_err(Pushed::Ours)?;
                        if full {
                            let batch = rows.builder.finish();
                            let written = file.write(&batch);
                            written.map_err(|error| Pushed::Ours(self.failed(&error)))?;
                        }
                        Ok(())
                    });
                    pushed.map_err(|error: Pushed| error.of(self.member))?;
                }
                Input::End => {
                    let ended = decoder.finish();
                    ended.map_err(|error| Pushed::Malformed(error).of(self.member))?;
                    let batch = rows.builder.finish();
                    return file.write(&batch).map_err(|error| self.failed(&error));
                }
            }
        }
        let detail = "the writing was given up".to_owned();
        Err(Error::Rows { member: self.member, detail })
    }

    fn failed(&self, error: &dyn std::error::Error) -> Error {
        Error::Store {
            place: self.archive.place().to_string(),
            doing: format!("writing {}", self.path),
            detail: causes(error),
        }
    }
}

/// Rows on their way: checked, summed up, gathered.
struct Rows {
    member: Member,
    builder: RowsBuilder,
    digest: RowsDigest,
    time: usize,
    /// First and end of the range, in microseconds from 1970.
    range: (i64, i64),
    /// The columns after the time by which rows are sorted, and the last row's.
    order: Vec<usize>,
    last: Vec<i64>,
    key: Vec<i64>,
}

impl Rows {
    fn new(table: &Table) -> Rows {
        let position = |name: &&str| {
            let found = table.columns.iter().position(|column| column.name == *name);
            found.expect("each table has the columns it is sorted by")
        };
        Rows {
            member: table.member,
            builder: RowsBuilder::new(table.member, &table.columns),
            digest: RowsDigest::new(table.member, &table.columns),
            time: time_column(&table.columns),
            range: (table.range.from.as_microsecond(), table.range.to.as_microsecond()),
            order: sort_columns(table.member).iter().map(position).collect(),
            last: vec![],
            key: vec![],
        }
    }

    /// Takes a row; whether there are enough for a batch.
    fn push(&mut self, row: Row<'_>) -> Result<bool> {
        // What the value itself is comes first: it names the column.
        self.builder.push(row)?;
        self.check_place(row)?;
        self.digest.push(row)?;
        let (rows, bytes) = self.builder.size();
        Ok(rows >= BATCH_ROWS || bytes >= BATCH_BYTES)
    }

    /// That the row is of the range, and behind the one before: readers rely on both.
    fn check_place(&mut self, row: Row<'_>) -> Result<()> {
        let value = row.value(self.time).unwrap_or_default();
        let time = microseconds(value).unwrap_or(i64::MAX);
        let refuse = |detail: &str| Error::Value {
            member: self.member,
            row: row.number(),
            column: "timestamp",
            detail: detail.to_owned(),
        };
        if !(self.range.0..self.range.1).contains(&time) {
            return Err(refuse("it is outside of the part's range"));
        }
        self.key.clear();
        self.key.extend(self.order.iter().map(|index| integer(row.value(*index))));
        if self.last >= self.key {
            return Err(refuse(
                "the row does not come after the one before it, by time, id and ordinal",
            ));
        }
        std::mem::swap(&mut self.last, &mut self.key);
        Ok(())
    }
}

/// A whole number of four or eight bytes, as all columns are that rows are sorted by.
fn integer(value: Option<&[u8]>) -> i64 {
    let value = value.unwrap_or_default();
    if let Ok(bytes) = value.try_into() {
        return i64::from_be_bytes(bytes);
    }
    value.try_into().map_or(0, |bytes| i64::from(i32::from_be_bytes(bytes)))
}
