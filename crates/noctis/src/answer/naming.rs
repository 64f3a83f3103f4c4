//! Ids → names: things and places from the static data, people from what the store knows.

use noctis_core::catalogue::{Catalogue, Row, Table};
use noctis_store::killmails::Names;

use super::kill::{Named, NamedType, Party, SolarSystem};

/// The names at hand for one answer.
pub(super) struct Naming<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) names: Names,
}

impl Naming<'_> {
    pub(super) fn party(&self, party: &noctis_core::kill::Party) -> Party {
        Party {
            character: party.character_id.map(|id| self.character_named(id)),
            corporation: party.corporation_id.map(|id| self.corporation_named(id)),
            alliance: party.alliance_id.map(|id| self.alliance_named(id)),
            faction: self.faction(party.faction_id),
        }
    }

    pub(super) fn character_named(&self, id: i64) -> Named {
        Named { id, name: self.names.characters.get(&id).cloned() }
    }

    pub(super) fn corporation_named(&self, id: i64) -> Named {
        let name = self.names.corporations.get(&id).map(String::as_str);
        let name = name.or_else(|| self.catalogue.npc_corporations.name(id));
        Named { id, name: name.map(str::to_owned) }
    }

    pub(super) fn alliance_named(&self, id: i64) -> Named {
        Named { id, name: self.names.alliances.get(&id).cloned() }
    }

    pub(super) fn region_named(&self, id: i64) -> Named {
        named(&self.catalogue.regions, id)
    }

    pub(super) fn group_named(&self, id: i64) -> Named {
        named(&self.catalogue.groups, id)
    }

    fn faction(&self, id: Option<i64>) -> Option<Named> {
        id.map(|id| Named { id, name: self.catalogue.faction_name(id).map(str::to_owned) })
    }

    pub(super) fn item_type(&self, id: i64) -> NamedType {
        let found = self.catalogue.types.get(id);
        NamedType {
            id,
            name: found.map(|row| row.name.to_string()),
            group: found.map(|row| row.group_id).map(|id| named(&self.catalogue.groups, id)),
        }
    }

    pub(super) fn solar_system(&self, id: i64) -> SolarSystem {
        let found = self.catalogue.systems.get(id);
        let constellations = &self.catalogue.constellations;
        SolarSystem {
            id,
            name: found.map(|row| row.name.to_string()),
            security: found.map(|row| row.security),
            constellation: found.map(|row| named(constellations, row.constellation_id)),
            region: found.map(|row| named(&self.catalogue.regions, row.region_id)),
        }
    }
}

fn named<T: Row>(table: &Table<T>, id: i64) -> Named {
    Named { id, name: table.name(id).map(str::to_owned) }
}
