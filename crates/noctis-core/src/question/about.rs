//! Questions about an entity: its kills, its losses, both.

use super::condition::{Condition, Fact, Field, Party, Role, Trait};
use super::{Fields, Format, Order, Question};
use crate::presence::{Entity, Kind};

/// On which side of a mail somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Among the attackers; of a place, whatever was lost there.
    Kills,
    /// The victim.
    Losses,
    Both,
}

/// The mails that an entity is on. Of a place there are no losses: none, then.
#[must_use]
pub fn about(entity: Entity, side: Side) -> Condition {
    let ids = vec![entity.id];
    let place = |fact: Fact| match side {
        Side::Kills | Side::Both => Condition::Is(fact),
        Side::Losses => Condition::Any(Vec::new()),
    };
    let role = match side {
        Side::Kills => Role::Attacker,
        Side::Losses => Role::Victim,
        Side::Both => Role::Any,
    };
    let party = |field, ids| {
        Condition::Is(Fact::Party(Party { role, traits: vec![Trait { field, ids, wanted: true }] }))
    };
    match entity.kind {
        Kind::Character => party(Field::Character, ids),
        Kind::Corporation => party(Field::Corporation, ids),
        Kind::Alliance => party(Field::Alliance, ids),
        Kind::ShipType => party(Field::ShipType, ids),
        Kind::ShipGroup => party(Field::ShipGroup, ids),
        Kind::System => place(Fact::System(ids)),
        Kind::Constellation => place(Fact::Constellation(ids)),
        Kind::Region => place(Fact::Region(ids)),
    }
}

impl Question {
    /// The newest kills that a condition means.
    #[must_use]
    pub fn newest(condition: Condition, limit: u32) -> Question {
        Question {
            from: None,
            to: None,
            condition,
            order: Order::Time,
            limit,
            cursor: None,
            fields: Fields::All,
            format: Format::Json,
            hash: String::new(),
        }
    }
}
