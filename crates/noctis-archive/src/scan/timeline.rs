//! Which rows of a file lie in which time, as its page index says: rows are sorted by time.

use std::ops::Range;

use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

/// Times are microseconds, both ends included.
pub(super) type Stretch = (i64, i64);

/// Those that touch made one, oldest first.
pub(super) fn apart(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut merged: Vec<Stretch> = Vec::new();
    for (from, to) in stretches {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// What lies in both, oldest first, of stretches that are apart and oldest first.
pub(super) fn common(one: &[Stretch], other: &[Stretch]) -> Vec<Stretch> {
    let (mut common, mut first, mut second) = (Vec::new(), 0, 0);
    while let (Some(a), Some(b)) = (one.get(first), other.get(second)) {
        let both = (a.0.max(b.0), a.1.min(b.1));
        if both.0 <= both.1 {
            common.push(both);
        }
        if a.1 < b.1 { first += 1 } else { second += 1 }
    }
    common
}

/// Whether an instant lies in one of some stretches that are apart and oldest first.
pub(super) fn any_holds(stretches: &[Stretch], instant: i64) -> bool {
    let next = stretches.partition_point(|(_, to)| *to < instant);
    stretches.get(next).is_some_and(|(from, _)| *from <= instant)
}

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

    /// The time in which these rows lie, and their neighbours within pages.
    pub(super) fn stretch(&self, rows: &Range<usize>) -> Option<Stretch> {
        let first = self.pages.partition_point(|(page, _)| page.end <= rows.start);
        let end = self.pages.partition_point(|(page, _)| page.start < rows.end);
        let pages = self.pages.get(first..end)?;
        Some((pages.first()?.1.0, pages.last()?.1.1))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_merged_and_cut() {
        assert_eq!(apart(vec![(5, 6), (1, 3), (3, 4)]), [(1, 4), (5, 6)]);
        assert_eq!(common(&[(1, 4), (6, 9)], &[(0, 1), (3, 7)]), [(1, 1), (3, 4), (6, 7)]);
        assert_eq!(common(&[(1, 4)], &[]), []);
        assert_eq!(common(&[(1, 9)], &[(2, 2), (4, 4), (9, 9)]), [(2, 2), (4, 4), (9, 9)]);
    }

    #[test]
    fn an_instant_is_found_in_the_stretch_that_holds_it() {
        let stretches = [(1, 1), (3, 5)];
        let held: Vec<i64> = (0..7).filter(|instant| any_holds(&stretches, *instant)).collect();
        assert_eq!(held, [1, 3, 4, 5]);
    }
}
