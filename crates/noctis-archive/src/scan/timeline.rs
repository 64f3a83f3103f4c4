//! Which rows of a file lie in which time, as its page index says: rows are sorted by time.

use std::ops::Range;

use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

/// Times are microseconds, both ends included.
pub(super) type Stretch = (i64, i64);

/// Pieces of a file in its order: their rows, and the time these lie in.
#[derive(Debug)]
pub(super) struct Timeline {
    pages: Vec<(Range<usize>, Stretch)>,
    groups: Vec<(Range<usize>, Stretch)>,
}

impl Timeline {
    /// `column` is the place of `"timestamp"`. None where the file does not say what time its rows lie in.
    pub(super) fn new(metadata: &ParquetMetaData, column: usize) -> Option<Timeline> {
        let (mut pages, mut groups) = (Vec::new(), Vec::new());
        let mut start = 0;
        for (number, group) in metadata.row_groups().iter().enumerate() {
            let end = start + usize::try_from(group.num_rows()).ok()?;
            let stretch = match group.column(column).statistics()? {
                Statistics::Int64(bounds) => (*bounds.min_opt()?, *bounds.max_opt()?),
                _ => return None,
            };
            groups.push((start..end, stretch));
            match of_pages(metadata, number, column, start..end) {
                Some(of_group) => pages.extend(of_group),
                None => pages.push((start..end, stretch)),
            }
            start = end;
        }
        Some(Timeline { pages, groups })
    }

    /// Groups of rows, in the file's order.
    pub(super) fn groups(&self) -> &[(Range<usize>, Stretch)] {
        &self.groups
    }

    /// Rows among which all of this time are.
    pub(super) fn rows(&self, (from, to): Stretch) -> Range<usize> {
        let first = self.pages.partition_point(|(_, (_, last))| *last < from);
        let end = self.pages.partition_point(|(_, (first, _))| *first <= to);
        match self.pages.get(first..end) {
            Some([one]) => one.0.clone(),
            Some([one, .., other]) => one.0.start..other.0.end,
            Some([]) | None => 0..0,
        }
    }
}

fn of_pages(
    metadata: &ParquetMetaData,
    group: usize,
    column: usize,
    rows: Range<usize>,
) -> Option<Vec<(Range<usize>, Stretch)>> {
    let of_group = metadata.page_index_for_row_group(group);
    let ColumnIndexMetaData::INT64(index) = of_group.column_index(column)? else { return None };
    let pages = of_group.offset_index(column)?.page_locations();
    let mut found = Vec::with_capacity(pages.len());
    for (number, page) in pages.iter().enumerate() {
        let first = rows.start + usize::try_from(page.first_row_index).ok()?;
        let end = match pages.get(number + 1) {
            Some(next) => rows.start + usize::try_from(next.first_row_index).ok()?,
            None => rows.end,
        };
        found.push((first..end, (*index.min_value(number)?, *index.max_value(number)?)));
    }
    Some(found)
}
