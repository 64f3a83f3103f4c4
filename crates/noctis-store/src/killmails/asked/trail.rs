//! The months in which the kills of a question can be, by what everybody was counted for.

use std::collections::BTreeSet;

use deadpool_postgres::Object;
use jiff::civil::Date;
use noctis_core::question::{List, Months, Side, Trail};
use tokio_postgres::types::ToSql;

use crate::Result;

/// Kills that are not counted yet whose months are looked up. Where there are more, all months are searched.
const UNCOUNTED_MAX: i64 = 1_000;

/// The months to which a trail leads, and those of kills that are not counted as they are, archived ones included. None where too
/// many are not.
pub async fn months(client: &Object, trail: &Trail) -> Result<Option<Months>> {
    let lists = trail.lists();
    let (mut list, mut kinds, mut ids, mut sides) = (vec![], vec![], vec![], vec![]);
    let (mut trace_list, mut trace_kinds, mut texts) = (vec![], vec![], vec![]);
    for (number, of) in (0_i32..).zip(&lists) {
        match of {
            List::Entities(entities, side) => {
                for entity in *entities {
                    list.push(number);
                    kinds.push(entity.kind.number());
                    ids.push(entity.id);
                    sides.push(bits(*side));
                }
            }
            List::Traces(traces) => {
                for trace in *traces {
                    trace_list.push(number);
                    trace_kinds.push(trace.kind());
                    texts.push(trace.text());
                }
            }
        }
    }
    let statement = client.prepare_cached(include_str!("../../../sql/killmail/trail.sql")).await?;
    let parameters: [&(dyn ToSql + Sync); 8] =
        [&list, &kinds, &ids, &sides, &trace_list, &trace_kinds, &texts, &(UNCOUNTED_MAX + 1)];
    let rows = client.query(&statement, &parameters).await?;
    let mut of_lists = vec![BTreeSet::new(); lists.len()];
    let (mut uncounted, mut months) = (0, BTreeSet::<Date>::new());
    for row in &rows {
        let month: Date = row.get("month");
        match row.get::<_, Option<i32>>("list").and_then(|number| usize::try_from(number).ok()) {
            Some(number) => drop(of_lists[number].insert(month)),
            None => {
                uncounted += row.get::<_, i64>("rows");
                months.insert(month);
            }
        }
    }
    if uncounted > UNCOUNTED_MAX {
        return Ok(None);
    }
    months.append(&mut trail.months(&of_lists));
    Ok(Some(Months::of(months)))
}

/// As the statement has it: 1 kills, 2 losses.
fn bits(side: Side) -> i16 {
    match side {
        Side::Kills => 1,
        Side::Losses => 2,
        Side::Both => 3,
    }
}
