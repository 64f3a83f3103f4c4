//! The times in which kills that are meant can lie, as far as bloom filters tell.

use noctis_core::question::judging::{Judge, Trace};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::bloom_filter::Sbbf;
use parquet::data_type::AsBytes;

use super::Part;
use super::table::Table;
use super::timeline::{Stretch, apart, common};
use crate::Result;

/// Stretches of time, oldest first, apart from each other, in which all kills of `within` lie that are meant.
pub(super) async fn stretches(part: &Part, judge: &Judge, within: Stretch) -> Result<Vec<Stretch>> {
    let mut stretches = vec![within];
    for list in judge.traces() {
        let mut holding = Vec::new();
        for trace in list {
            holding.extend(groups(part.table(trace.member), trace, &stretches).await?);
        }
        stretches = common(&stretches, &apart(holding));
        if stretches.is_empty() {
            break;
        }
    }
    Ok(stretches)
}

/// The times of the groups of rows that may hold a trace, of those that touch these stretches.
async fn groups(table: &Table, trace: &Trace, stretches: &[Stretch]) -> Result<Vec<Stretch>> {
    let metadata = table.file.metadata().metadata();
    let Some(place) = table.place(trace.column) else {
        return Ok(stretches.to_vec());
    };
    let touches = |it: &Stretch| stretches.iter().any(|(from, to)| it.0 <= *to && it.1 >= *from);
    let (mut holding, mut asked, mut filters) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (_, stretch)) in table.timeline.groups().iter().enumerate() {
        // Lists are one column of values in the file, as all others are.
        let column = metadata.row_group(number).column(place);
        let filter = (column.bloom_filter_offset(), column.bloom_filter_length());
        match filter {
            _ if !touches(stretch) => {}
            (Some(offset), Some(length)) => {
                let start = u64::try_from(offset).unwrap_or_default();
                asked.push(*stretch);
                filters.push(start..start + u64::try_from(length).unwrap_or_default());
            }
            _ => holding.push(*stretch),
        }
    }
    let damaged = |error| table.file.damaged(&error);
    let read = table.file.clone().get_byte_ranges(filters).await.map_err(damaged)?;
    for (stretch, bytes) in asked.into_iter().zip(read) {
        let filter = Sbbf::from_bytes(&bytes).map_err(damaged)?;
        if trace.ids.iter().any(|id| may_hold(&filter, id)) {
            holding.push(stretch);
        }
    }
    Ok(holding)
}

/// All columns with such a filter are of eight bytes.
fn may_hold<T: AsBytes>(filter: &Sbbf, id: &T) -> bool {
    filter.check(id)
}
