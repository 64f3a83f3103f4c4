//! The instants at which kills that are meant can lie: rows whose columns hold what each of these leaves behind.

use noctis_core::question::judging::{Judge, Trace};

use super::Part;
use super::columns::Columns;
use super::table::{Table, listed, slices, united};
use super::timeline::{Stretch, apart, common};
use crate::Result;

/// Rows of which one column is in memory at a time.
const ROWS_MAX: usize = 131_072;

/// What is left of these stretches, apart from each other and oldest first, where every list of traces is looked for.
/// More than one kill may lie in an instant.
pub(super) async fn instants(
    part: &Part,
    judge: &Judge,
    mut stretches: Vec<Stretch>,
) -> Result<Vec<Stretch>> {
    for list in judge.traces() {
        let mut found = Vec::new();
        for trace in list {
            found.extend(of_trace(part.table(trace.member), trace, &stretches).await?);
        }
        stretches = common(&stretches, &apart(found));
        if stretches.is_empty() {
            break;
        }
    }
    Ok(stretches)
}

/// The times of rows with a trace, in the pages that these stretches touch; all of them where the file lacks the column.
async fn of_trace(table: &Table, trace: &Trace, stretches: &[Stretch]) -> Result<Vec<Stretch>> {
    if table.place(trace.column).is_none() {
        return Ok(stretches.to_vec());
    }
    let mut ids = trace.ids.clone();
    ids.sort_unstable();
    let near = united(stretches.iter().map(|stretch| table.timeline.rows(*stretch)).collect());
    let mut instants = Vec::new();
    for rows in slices(&near, ROWS_MAX) {
        let batch = table.read(&[trace.column].into(), &rows).await?;
        let holds = holding(Columns(&batch), trace.column, &ids);
        let numbers = rows.iter().cloned().flatten().enumerate();
        let found = listed(numbers.filter(|(row, _)| holds(*row)).map(|(_, number)| number));
        let batch = table.read(&["timestamp"].into(), &found).await?;
        let times = Columns(&batch).times("timestamp");
        instants.extend((0..batch.num_rows()).filter_map(|row| times.at(row)));
    }
    Ok(instants.into_iter().map(|instant| (instant, instant)).collect())
}

/// Whether a row of a column, of numbers or of lists of them, holds one of some sorted ids.
fn holding<'a>(
    columns: Columns<'a>,
    column: &str,
    ids: &'a [i64],
) -> Box<dyn Fn(usize) -> bool + Send + 'a> {
    let is_one = |id: i64| ids.binary_search(&id).is_ok();
    if columns.is_list(column) {
        let lists = columns.lists(column);
        return Box::new(move |row| lists.numbers(row).iter().any(|id| is_one((*id).into())));
    }
    let numbers = columns.int8(column);
    Box::new(move |row| numbers.at(row).is_some_and(is_one))
}
