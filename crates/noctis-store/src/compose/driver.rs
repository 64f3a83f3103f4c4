//! Which table is walked in the order of the answer.

use noctis_core::question::Condition;
use noctis_core::question::condition::{Fact, Field, Party, Role, Trait};

use super::{Statement, Table};

/// What drives a search for the newest kills.
pub(super) enum Driver<'a> {
    /// The rows of whom the question is about.
    Participants {
        arms: Vec<Arm>,
        /// The demand that the arms say in full; it need not be looked at again.
        said: Option<&'a Condition>,
    },
    Mails,
}

/// Rows of certain people in a role: an index gives them newest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arm {
    role: Role,
    field: Field,
    ids: Vec<i64>,
}

/// Rows among which all kills of a demand are.
struct Arms {
    arms: Vec<Arm>,
    /// The demand says nothing beyond them.
    exact: bool,
}

impl<'a> Driver<'a> {
    /// Of all demands that name people, the one of the fewest rows: characters before corporations before alliances,
    /// then by how many they are.
    pub(super) fn choose(condition: &'a Condition) -> Driver<'a> {
        let demands = condition.conjuncts().iter();
        let best = demands
            .filter_map(|demand| Some((demand, arms(demand)?)))
            .min_by_key(|(_, arms)| arms.cost());
        best.map_or(Driver::Mails, |(demand, Arms { arms, exact })| Driver::Participants {
            arms,
            said: exact.then_some(demand),
        })
    }

    pub(super) fn table(&self) -> Table {
        match self {
            Driver::Participants { .. } => Table::Participants,
            Driver::Mails => Table::Mails,
        }
    }

    pub(super) fn conditions(&self, statement: &mut Statement<'_>) -> Option<String> {
        let Driver::Participants { arms, .. } = self else { return None };
        let arms: Vec<String> = arms.iter().map(|arm| arm.condition(statement)).collect();
        Some(match arms.as_slice() {
            [one] => one.clone(),
            several => format!("(({}))", several.join(") OR (")),
        })
    }

    /// The demands that the driving rows do not say already.
    pub(super) fn rest<'c>(&self, condition: &'c Condition) -> impl Iterator<Item = &'c Condition> {
        let said = match self {
            Driver::Participants { said, .. } => *said,
            Driver::Mails => None,
        };
        let said: Option<*const Condition> = said.map(std::ptr::from_ref);
        condition.conjuncts().iter().filter(move |demand| said != Some(std::ptr::from_ref(*demand)))
    }
}

impl Arms {
    fn cost(&self) -> (usize, usize) {
        let rank = self.arms.iter().filter_map(|arm| rank(arm.field)).max().unwrap_or_default();
        (rank, self.arms.iter().map(|arm| arm.ids.len()).sum())
    }
}

impl Arm {
    fn condition(&self, statement: &mut Statement<'_>) -> String {
        let wanted = Trait { field: self.field, ids: self.ids.clone(), wanted: true };
        statement.participant(&Party { role: self.role, traits: vec![wanted] }, "p")
    }
}

/// Fields with an index that gives newest rows first, the rarest first.
fn rank(field: Field) -> Option<usize> {
    match field {
        Field::Character => Some(0),
        Field::Corporation => Some(1),
        Field::Alliance => Some(2),
        Field::Faction | Field::ShipType | Field::ShipGroup | Field::WeaponType => None,
    }
}

fn arms(demand: &Condition) -> Option<Arms> {
    match demand {
        Condition::Not(_) => None,
        Condition::Is(Fact::Party(party)) => of_party(party),
        Condition::Is(_) => None,
        // One of several that all have to hold is enough to walk by; the rest is looked at.
        Condition::All(parts) => {
            let best = parts.iter().filter_map(arms).min_by_key(Arms::cost)?;
            Some(Arms { exact: false, ..best })
        }
        Condition::Any(parts) => {
            let mut all = Arms { arms: Vec::new(), exact: true };
            for part in parts {
                let Arms { arms, exact } = arms(part)?;
                all.exact &= exact;
                arms.into_iter().for_each(|arm| all.add(arm));
            }
            (!all.arms.is_empty()).then_some(all)
        }
    }
}

impl Arms {
    fn add(&mut self, arm: Arm) {
        let same = |other: &&mut Arm| (other.role, other.field) == (arm.role, arm.field);
        match self.arms.iter_mut().find(same) {
            Some(other) => other.ids.extend(arm.ids),
            None => self.arms.push(arm),
        }
    }
}

fn of_party(party: &Party) -> Option<Arms> {
    let indexed = party.traits.iter().filter(|one| one.wanted && rank(one.field).is_some());
    let best = indexed.min_by_key(|one| rank(one.field))?;
    // The marked row of a corporation or alliance need not be the one with the other traits, nor the final blow.
    let role = match party.role {
        Role::FinalBlow => Role::Attacker,
        role => role,
    };
    let exact = party.traits.len() == 1 && role == party.role;
    let arm = Arm { role, field: best.field, ids: best.ids.clone() };
    Some(Arms { arms: vec![arm], exact })
}
