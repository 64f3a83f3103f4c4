//! Names with the pages they lead to; what has no name shows its id.

use super::links::{self, Kind};
use crate::answer::{Named, NamedType, Party, SolarSystem};
use crate::figures;

/// A name, or what stands for it, and where it leads; nowhere if that is empty.
pub(super) struct Link {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) is_named: bool,
}

/// Who somebody was: pilot first, then corporation, alliance, faction, as far as they are told.
pub(super) struct Who {
    pub(super) parts: Vec<Link>,
}

/// A system with the colour of its security.
pub(super) struct Place {
    pub(super) system: Link,
    pub(super) security: String,
    pub(super) class: String,
    pub(super) region: Option<Link>,
}

impl Link {
    pub(super) fn to(kind: Kind, named: &Named) -> Link {
        Link::new(kind, named.id, named.name.as_deref())
    }

    pub(super) fn to_ship(ship: &NamedType) -> Link {
        Link::new(Kind::Ship, ship.id, ship.name.as_deref())
    }

    pub(super) fn new(kind: Kind, id: i64, name: Option<&str>) -> Link {
        Link {
            text: name.map_or_else(|| format!("{} {id}", kind.word()), str::to_owned),
            href: links::entity(kind, id),
            is_named: name.is_some(),
        }
    }
}

impl Who {
    pub(super) fn of(party: &Party) -> Who {
        Who::new(
            party.character.as_ref(),
            party.corporation.as_ref(),
            party.alliance.as_ref(),
            party.faction.as_ref(),
        )
    }

    fn new(
        character: Option<&Named>,
        corporation: Option<&Named>,
        alliance: Option<&Named>,
        faction: Option<&Named>,
    ) -> Who {
        let entities = [
            (Kind::Character, character),
            (Kind::Corporation, corporation),
            (Kind::Alliance, alliance),
        ];
        let mut parts: Vec<Link> =
            entities.into_iter().filter_map(|(kind, named)| Some(Link::to(kind, named?))).collect();
        // Questions cannot ask for factions yet, so a faction shows only where nobody else is told.
        if let (true, Some(faction)) = (parts.is_empty(), faction) {
            let text = faction.name.clone().unwrap_or_else(|| format!("faction {}", faction.id));
            parts.push(Link { text, href: String::new(), is_named: faction.name.is_some() });
        }
        Who { parts }
    }
}

impl Place {
    pub(super) fn new(system: &SolarSystem) -> Place {
        let (security, class) = figures::security(system.security);
        Place {
            system: Link::new(Kind::System, system.id, system.name.as_deref()),
            security,
            class,
            region: system.region.as_ref().map(|region| Link::to(Kind::Region, region)),
        }
    }
}

/// The name of a type, or its id.
pub(super) fn type_text(thing: &NamedType) -> String {
    thing.name.clone().unwrap_or_else(|| format!("type {}", thing.id))
}
