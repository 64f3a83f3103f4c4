//! The months in which the kills of a question can be, by what everybody was counted for.

use std::collections::BTreeSet;

use deadpool_postgres::Object;
use jiff::civil::Date;
use noctis_core::question::{Months, Side, Trail};

use crate::Result;

/// Kills that are not counted yet whose months are looked up. Where there are more, all months are searched.
const UNCOUNTED_MAX: i64 = 1_000;

/// The months to which a trail leads, and those of kills that are not counted yet, archived ones included. None where too
/// many are not.
pub async fn months(client: &Object, trail: &Trail) -> Result<Option<Months>> {
    let lists = trail.lists();
    let (mut list, mut kinds, mut ids, mut sides) = (vec![], vec![], vec![], vec![]);
    for (number, (entities, side)) in (0_i32..).zip(&lists) {
        for entity in *entities {
            list.push(number);
            kinds.push(entity.kind.number());
            ids.push(entity.id);
            sides.push(bits(*side));
        }
    }
    let statement = client.prepare_cached(include_str!("../../../sql/killmail/trail.sql")).await?;
    let rows =
        client.query(&statement, &[&list, &kinds, &ids, &sides, &(UNCOUNTED_MAX + 1)]).await?;
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
