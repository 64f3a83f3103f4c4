//! Reads a file of the archive from its first row to its last, as `COPY` has them.

use bytes::Bytes;
use futures_util::TryStreamExt;
use noctis_core::archive::{Column, FileEntry, Manifest, columns, schema_hash};
use noctis_core::killmail::parse::parse;
use noctis_core::partition::Member;
use parquet::arrow::ParquetRecordBatchStreamBuilder;
use parquet::file::metadata::ParquetMetaData;

use crate::copy::Encoder;
use crate::mapping::{Fill, Source, columns_at, sources};
use crate::schema::{Cells, arrow_schema, write_int4_array};
use crate::{Archive, ArchiveFile, Error, Result};

/// Rows that are decoded at once, and how long the texts of one column may be together.
const BATCH_ROWS_MAX: i64 = 8_192;
const BATCH_BYTES: i64 = 8 * 1024 * 1024;

/// Taken for the length of a page of which the index says none: it ends at this, or with a row that is longer.
const PAGE_BYTES: i64 = 64 * 1024;

/// Which columns come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Those that were written.
    Written,
    /// Those that the tables have today.
    Today,
}

/// The file of a member in a part whose schema this noctis knows, with the columns it has.
pub(crate) fn entry(manifest: &Manifest, member: Member) -> Result<(&FileEntry, Vec<Column>)> {
    let refuse = |detail: String| Error::Manifest {
        path: crate::manifest::path(&manifest.name).to_string(),
        detail,
    };
    let version = manifest.schema_version;
    let known = schema_hash(|member| columns_at(version, member));
    if known != manifest.schema_hash {
        return Err(refuse(format!(
            "it was written by {} with schema {version}, whose columns this noctis does not know; a newer one may",
            manifest.written_by
        )));
    }
    let entry = manifest
        .file(member)
        .ok_or_else(|| refuse(format!("it names no file of {}", member.table())))?;
    Ok((entry, columns_at(version, member)))
}

/// Reads all rows; chunks of the stream are handed over as they are ready.
pub(crate) async fn read(
    file: &ArchiveFile,
    member: Member,
    stored: &[Column],
    shape: Shape,
    mut receive: impl AsyncFnMut(Bytes) -> Result<()>,
) -> Result<()> {
    check_schema(file, stored)?;
    let today = match shape {
        Shape::Written => stored,
        Shape::Today => columns(member),
    };
    let sources = match shape {
        Shape::Written => (0..stored.len()).map(Source::File).collect(),
        Shape::Today => sources(member, stored),
    };
    let mut batches =
        ParquetRecordBatchStreamBuilder::new_with_metadata(file.clone(), file.metadata().clone())
            .with_batch_size(batch_rows(file.metadata().metadata()))
            .build()
            .map_err(|error| file.damaged(&error))?;
    let mut out = Encoder::new();
    let mut number = 0_u64;
    while let Some(batch) = batches.try_next().await.map_err(|error| file.damaged(&error))? {
        let cells: Vec<Cells<'_>> = stored
            .iter()
            .zip(batch.columns())
            .map(|(column, array)| Cells::new(column.kind, array.as_ref()))
            .collect();
        for row in 0..batch.num_rows() {
            number += 1;
            out.row(sources.len());
            for (column, source) in today.iter().zip(&sources) {
                let written = match source {
                    Source::File(index) => cells[*index].write(row, &mut out),
                    Source::Fill(fill) => fill_in(*fill, stored, &cells, row, &mut out),
                };
                written.map_err(|detail| Error::Damaged {
                    path: file.path().to_owned(),
                    detail: format!("row {number}, column {}: {detail}", column.name),
                })?;
            }
            if let Some(chunk) = out.chunk() {
                receive(chunk).await?;
            }
        }
    }
    receive(out.finish()).await
}

/// That the file has the columns it must have, by name and type.
pub(crate) fn check_schema(file: &ArchiveFile, stored: &[Column]) -> Result<()> {
    let (found, wanted) = (file.metadata().schema(), arrow_schema(stored));
    let (found, wanted) = (found.fields(), wanted.fields());
    let differs = |detail: String| Error::Differs { path: file.path().to_owned(), detail };
    if found.len() != wanted.len() {
        let (found, wanted) = (found.len(), wanted.len());
        return Err(differs(format!("it has {found} columns instead of {wanted}")));
    }
    for (found, wanted) in found.iter().zip(wanted) {
        let is_equal = found.name() == wanted.name()
            && found.data_type() == wanted.data_type()
            && found.is_nullable() == wanted.is_nullable();
        if !is_equal {
            return Err(differs(format!("it has the column {found} instead of {wanted}")));
        }
    }
    Ok(())
}

/// As many rows as are decoded at once: as many as are never longer together than [`BATCH_BYTES`], wherever in the file
/// they begin, by what the page index tells of its pages. Long bodies may all be in one place.
fn batch_rows(footer: &ParquetMetaData) -> usize {
    let columns = footer.file_metadata().schema_descr().num_columns();
    let chunks = (0..footer.num_row_groups())
        .flat_map(|group| (0..columns).map(move |column| (group, column)));
    let fits = chunks.filter_map(|(group, column)| {
        let pages = footer.page_index_for_row_group(group);
        let pages = pages.offset_index(column)?;
        let first_rows: Vec<i64> =
            pages.page_locations().iter().map(|page| page.first_row_index).collect();
        let lengths = pages.unencoded_byte_array_data_bytes().cloned();
        let lengths = lengths.unwrap_or_else(|| vec![PAGE_BYTES; first_rows.len()]);
        Some(rows_that_fit(&first_rows, &lengths))
    });
    let rows = fits.min().unwrap_or(BATCH_ROWS_MAX).clamp(1, BATCH_ROWS_MAX);
    usize::try_from(rows).expect("8,192 fits")
}

/// The least number of rows that reach [`BATCH_BYTES`], of pages that begin with these rows and are so long.
fn rows_that_fit(first_rows: &[i64], bytes: &[i64]) -> i64 {
    let (mut fits, mut from, mut sum) = (BATCH_ROWS_MAX, 0, 0);
    for (to, own) in bytes.iter().enumerate().take(first_rows.len()) {
        sum += own;
        while sum > BATCH_BYTES && from <= to {
            fits = fits.min(first_rows[to] - first_rows[from]);
            sum -= bytes[from];
            from += 1;
        }
    }
    fits
}

/// Writes the value of a column that the file does not have.
fn fill_in(
    fill: Fill,
    stored: &[Column],
    cells: &[Cells<'_>],
    row: usize,
    out: &mut Encoder,
) -> Result<(), String> {
    match fill {
        Fill::Null => out.null(),
        Fill::ItemTypeIds => {
            let index = stored.iter().position(|column| column.name == "raw_payload");
            let Some(Cells::Jsonb(bodies)) = index.map(|index| &cells[index]) else {
                return Err("there is no body to compute it from".to_owned());
            };
            let kill = parse(bodies.value(row))
                .map_err(|rejected| format!("the body cannot be read: {rejected}"))?;
            out.value(|out| write_int4_array(&kill.item_type_ids(), out));
        }
    }
    Ok(())
}

impl Archive {
    /// Opens the file of a member in a part; with it the columns it has.
    pub(crate) async fn open_member(
        &self,
        manifest: &Manifest,
        member: Member,
    ) -> Result<(ArchiveFile, Vec<Column>)> {
        let (entry, stored) = entry(manifest, member)?;
        Ok((self.file(entry).await?, stored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_rows_in_one_place_make_batches_small() {
        let page = 64 * 1024;
        let even: Vec<i64> = (0..1_000).map(|page| page * 20).collect();
        assert_eq!(rows_that_fit(&even, &[page; 1_000]), 128 * 20);
        // From page 500 on each is a row of a megabyte.
        let rows: Vec<i64> =
            (0..1_000).map(|page| if page < 500 { page * 20 } else { 9_500 + page }).collect();
        let bytes: Vec<i64> =
            (0..1_000).map(|at| if at < 500 { page } else { 16 * page }).collect();
        assert_eq!(rows_that_fit(&rows, &bytes), 8);
        // A row that is too long by itself.
        assert_eq!(rows_that_fit(&[0, 5, 6], &[10, 2 * BATCH_BYTES, 10]), 0);
        assert_eq!(rows_that_fit(&[], &[]), BATCH_ROWS_MAX);
    }
}
