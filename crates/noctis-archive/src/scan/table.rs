//! A file of a part: some columns of some rows of it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::Schema;
use arrow_select::concat::concat_batches;
use futures_util::TryStreamExt;
use noctis_core::archive::{Column, Manifest, columns};
use noctis_core::killmail::parse::parse;
use noctis_core::partition::Member;
use parquet::arrow::arrow_reader::RowSelection;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};

use super::sift::BODIES_MAX;
use super::timeline::Timeline;
use crate::mapping::{Fill, Source, sources};
use crate::schema::{arrow_schema, data_type};
use crate::{Archive, ArchiveFile, Error, Result};

/// Rows by their number in the file, in order, no two ranges touching one row.
pub(super) type Rows = Vec<Range<usize>>;

/// These rows, in order, each once.
pub(super) fn listed(rows: impl Iterator<Item = usize>) -> Rows {
    let mut ranges: Rows = Vec::new();
    for row in rows {
        match ranges.last_mut() {
            Some(last) if last.end == row => last.end += 1,
            _ => ranges.push(row..row + 1),
        }
    }
    ranges
}

/// Ranges in any order made rows.
pub(super) fn united(mut ranges: Vec<Range<usize>>) -> Rows {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut rows: Rows = Vec::new();
    for range in ranges {
        match rows.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => rows.push(range),
        }
    }
    rows
}

/// Rows that are in both.
pub(super) fn in_both(one: &Rows, other: &Rows) -> Rows {
    let (mut both, mut first, mut second) = (Rows::new(), 0, 0);
    while let (Some(a), Some(b)) = (one.get(first), other.get(second)) {
        let shared = a.start.max(b.start)..a.end.min(b.end);
        if !shared.is_empty() {
            both.push(shared);
        }
        if a.end < b.end { first += 1 } else { second += 1 }
    }
    both
}

/// Takes the last rows off, `most` at most.
pub(super) fn split_last(rows: &mut Rows, most: usize) -> Rows {
    let (mut last, mut missing) = (Rows::new(), most);
    while missing > 0
        && let Some(range) = rows.pop()
    {
        let start = range.end.saturating_sub(missing).max(range.start);
        missing -= range.end - start;
        if range.start < start {
            rows.push(range.start..start);
        }
        last.push(start..range.end);
    }
    last.reverse();
    last
}

/// The same rows, `most` at a time.
pub(super) fn slices(rows: &Rows, most: usize) -> impl Iterator<Item = Rows> {
    let pieces = rows.iter().flat_map(move |range| {
        let end = range.end;
        range.clone().step_by(most).map(move |start| start..(start + most).min(end))
    });
    let mut pieces = pieces.peekable();
    std::iter::from_fn(move || {
        let mut slice: Rows = Vec::new();
        let mut count = 0;
        while let Some(piece) = pieces.next_if(|piece| count + piece.len() <= most) {
            count += piece.len();
            slice.push(piece);
        }
        (count > 0).then_some(slice)
    })
}

/// The file of a member, open.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) file: ArchiveFile,
    member: Member,
    stored: Vec<Column>,
    pub(super) timeline: Timeline,
}

impl Table {
    pub(super) async fn open(
        archive: &Archive,
        manifest: &Manifest,
        member: Member,
    ) -> Result<Table> {
        let (file, stored) = archive.open_member(manifest, member).await?;
        crate::read::check_schema(&file, &stored)?;
        let damaged = |detail: &str| Error::Damaged {
            path: file.path().to_owned(),
            detail: detail.to_owned(),
        };
        let place = stored.iter().position(|column| column.name == "timestamp");
        let timeline = place.and_then(|place| Timeline::new(file.metadata().metadata(), place));
        let timeline =
            timeline.ok_or_else(|| damaged("it does not say what time its rows lie in"))?;
        Ok(Table { file, member, stored, timeline })
    }

    pub(super) fn rows(&self) -> usize {
        self.timeline.groups().last().map_or(0, |(rows, _)| rows.end)
    }

    /// What its footer and page index take in memory.
    pub(super) fn bytes(&self) -> usize {
        self.file.metadata().metadata().memory_size()
    }

    pub(super) fn damaged(&self, detail: impl Into<String>) -> Error {
        Error::Damaged { path: self.file.path().to_owned(), detail: detail.into() }
    }

    /// The place of a column in the file.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.stored.iter().position(|stored| stored.name == column)
    }

    /// These columns, as the tables have them today, of these rows, in their order.
    pub(super) async fn read(
        &self,
        wanted: &BTreeSet<&'static str>,
        rows: &Rows,
    ) -> Result<RecordBatch> {
        let batch = self.read_stored(wanted, rows).await?;
        let today = columns(self.member);
        let all = today.iter().zip(sources(self.member, &self.stored));
        let mut arrays: Vec<ArrayRef> = Vec::new();
        let mut shown: Vec<Column> = Vec::new();
        for (column, source) in all.filter(|(column, _)| wanted.contains(column.name)) {
            let stored = |name| {
                batch.column_by_name(name).ok_or_else(|| self.damaged("a column was not read"))
            };
            arrays.push(match source {
                Source::File(_) => Arc::clone(stored(column.name)?),
                Source::Fill(Fill::Null) => {
                    new_null_array(&data_type(column.kind), batch.num_rows())
                }
                Source::Fill(Fill::ItemTypeIds) => self.item_type_ids(rows).await?,
            });
            shown.push(*column);
        }
        let schema = arrow_schema(&shown);
        RecordBatch::try_new(schema, arrays).map_err(|error| self.damaged(error.to_string()))
    }

    async fn read_stored(
        &self,
        wanted: &BTreeSet<&'static str>,
        rows: &Rows,
    ) -> Result<RecordBatch> {
        let places: BTreeSet<usize> = wanted.iter().filter_map(|name| self.place(name)).collect();
        let metadata = self.file.metadata();
        let projection = ProjectionMask::roots(metadata.parquet_schema(), places.iter().copied());
        let (groups, selection) = self.selected(rows);
        let count: usize = rows.iter().map(Range::len).sum();
        let kept: Vec<Column> = places.iter().map(|place| self.stored[*place]).collect();
        let schema = arrow_schema(&kept);
        if count == 0 {
            return Ok(RecordBatch::new_empty(schema));
        }
        let damaged = |error| self.file.damaged(&error);
        let batches: Vec<RecordBatch> =
            ParquetRecordBatchStreamBuilder::new_with_metadata(self.file.clone(), metadata.clone())
                .with_projection(projection)
                .with_row_groups(groups)
                .with_row_selection(selection)
                .with_batch_size(count)
                .build()
                .map_err(damaged)?
                .try_collect()
                .await
                .map_err(damaged)?;
        let batch = self.one(&schema, &batches)?;
        if batch.num_rows() == count { Ok(batch) } else { Err(self.damaged("rows are missing")) }
    }

    fn one(&self, schema: &Arc<Schema>, batches: &[RecordBatch]) -> Result<RecordBatch> {
        match batches {
            [one] => Ok(one.clone()),
            several => {
                concat_batches(schema, several).map_err(|error| self.damaged(error.to_string()))
            }
        }
    }

    /// The groups in which the rows are, and which of these groups' rows they are.
    fn selected(&self, rows: &Rows) -> (Vec<usize>, RowSelection) {
        let (mut groups, mut chosen) = (Vec::new(), Vec::new());
        let (mut before, mut first) = (0, 0);
        for (number, (group, _)) in self.timeline.groups().iter().enumerate() {
            first += rows[first..].partition_point(|range| range.end <= group.start);
            let within = rows[first..].iter().take_while(|range| range.start < group.end);
            let count = chosen.len();
            chosen.extend(within.map(|range| {
                let (start, end) = (range.start.max(group.start), range.end.min(group.end));
                before + start - group.start..before + end - group.start
            }));
            if chosen.len() > count {
                groups.push(number);
                before += group.len();
            }
        }
        (groups, RowSelection::from_consecutive_ranges(chosen.into_iter(), before))
    }

    /// What newer parts have as a column, out of the bodies, of which few are in memory at a time.
    async fn item_type_ids(&self, rows: &Rows) -> Result<ArrayRef> {
        use arrow_array::builder::{Int32Builder, ListBuilder};
        let element = arrow_schema::Field::new("element", arrow_schema::DataType::Int32, true);
        let mut lists = ListBuilder::new(Int32Builder::new()).with_field(Arc::new(element));
        for slice in slices(rows, BODIES_MAX) {
            let batch = self.read_stored(&["raw_payload"].into(), &slice).await?;
            let bodies =
                batch.column_by_name("raw_payload").and_then(|it| it.as_string_opt::<i32>());
            for body in bodies.ok_or_else(|| self.damaged("its bodies are no text"))? {
                let mail = parse(body.unwrap_or_default()).map_err(|rejected| {
                    self.damaged(format!("a body cannot be read: {rejected}"))
                })?;
                lists.append_value(mail.item_type_ids().into_iter().map(Some));
            }
        }
        Ok(Arc::new(lists.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_short_and_together_all_rows() {
        let rows: Rows = vec![0..1, 3..10, 12..13, 20..21, 30..38];
        let sliced: Vec<Rows> = slices(&rows, 4).collect();
        assert!(sliced.iter().all(|slice| slice.iter().map(Range::len).sum::<usize>() <= 4));
        let together: Vec<usize> = sliced.into_iter().flatten().flatten().collect();
        assert_eq!(together, rows.into_iter().flatten().collect::<Vec<_>>());
        assert_eq!(slices(&Vec::new(), 4).count(), 0);
    }

    #[test]
    fn rows_are_taken_off_the_end() {
        let mut rows: Rows = vec![0..1, 3..10, 12..13];
        assert_eq!(split_last(&mut rows, 3), [8..10, 12..13]);
        assert_eq!(rows, [0..1, 3..8]);
        assert_eq!(split_last(&mut rows, 100), [0..1, 3..8]);
        assert_eq!(split_last(&mut rows, 1), Rows::new());
    }

    #[test]
    fn rows_in_both_are_in_each() {
        let (one, other): (Rows, Rows) = (vec![0..4, 6..9], vec![1..2, 3..7, 8..20]);
        assert_eq!(in_both(&one, &other), [1..2, 3..4, 6..7, 8..9]);
        assert_eq!(in_both(&one, &Rows::new()), Rows::new());
    }
}
