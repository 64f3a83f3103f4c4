//! What a kill that is meant leaves behind in columns, for whoever can skip rows by what their columns hold.

use crate::partition::Member;

use super::Demand;
use super::check::{Check, column};

/// One of these ids is in this column of the kill's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    pub member: Member,
    pub column: &'static str,
    pub ids: Vec<i64>,
}

pub(super) fn of(demand: &Demand) -> Vec<Vec<Trace>> {
    match demand {
        Demand::Not(_) => Vec::new(),
        Demand::All(parts) => parts.iter().flat_map(of).collect(),
        // Each part has to leave a trace; one of each is enough to know it by.
        Demand::Any(parts) => {
            let each: Option<Vec<Vec<Trace>>> =
                parts.iter().map(|part| of(part).into_iter().next()).collect();
            each.map(|each| each.into_iter().flatten().collect()).into_iter().collect()
        }
        Demand::Is(check) => of_check(check),
    }
}

fn of_check(check: &Check) -> Vec<Vec<Trace>> {
    let one = |member, column, ids: &[i64]| vec![vec![Trace { member, column, ids: ids.to_vec() }]];
    match check {
        Check::Killmail(ids) => one(Member::Raw, "killmail_id", ids.all()),
        Check::System(ids) => one(Member::Raw, "system_id", ids.all()),
        Check::Lost(ids) => one(Member::Raw, "ship_type_id", ids.all()),
        Check::War(ids) => one(Member::Raw, "war_id", ids.all()),
        Check::Item(_, ids) => one(Member::Raw, "item_type_ids", ids.all()),
        Check::Party(_, traits) => traits
            .iter()
            .filter(|(.., wanted)| *wanted)
            .flat_map(|(field, ids, _)| one(Member::Participants, column(*field), ids.all()))
            .collect(),
        Check::Label(_)
        | Check::ModuleTag(_)
        | Check::ValueSource(_)
        | Check::Value(..)
        | Check::Count(..)
        | Check::Flag(_) => Vec::new(),
    }
}
