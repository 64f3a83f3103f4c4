//! What somebody's newest kills and losses have most of: ships, systems, people.

use std::collections::{BTreeSet, HashMap};

use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Party;
use noctis_core::presence::{Entity, Kind, Mail, Participant};

/// Ids with how many mails they stand on, the most first; of equals the lower id.
pub(super) type Ranking = Vec<(i64, i64)>;

/// Rows of one list.
const ROWS_MAX: usize = 10;

/// The lists. What says nothing of a kind of entity is empty.
#[derive(Debug, Default)]
pub(super) struct Frequent {
    /// Flown on kills.
    pub(super) ships_flown: Ranking,
    pub(super) ships_lost: Ranking,
    /// Where the kills were; of a ship, where it was lost.
    pub(super) systems: Ranking,
    pub(super) characters: Ranking,
    pub(super) corporations: Ranking,
    pub(super) alliances: Ranking,
}

impl Frequent {
    /// Of these kills and losses.
    pub(super) fn of(
        entity: Entity,
        catalogue: &Catalogue,
        (kills, losses): (&[Mail], &[Mail]),
    ) -> Frequent {
        let mut lists: [HashMap<i64, i64>; 6] = Default::default();
        let [ships_flown, ships_lost, systems, characters, corporations, alliances] = &mut lists;
        let is_place = is_place(entity.kind);
        let is_ship = matches!(entity.kind, Kind::ShipType | Kind::ShipGroup);
        for mail in kills {
            let crew = || attackers(mail).filter(|one| is_of(entity, one, catalogue));
            if !is_ship {
                count(systems, [mail.solar_system_id]);
            }
            if entity.kind != Kind::Character {
                count(characters, crew().filter_map(|one| one.character_id));
            }
            if is_place || entity.kind == Kind::Alliance {
                count(corporations, crew().filter_map(|one| one.corporation_id.filter(is_player)));
            }
            if is_place {
                count(ships_lost, [mail.ship_type_id]);
                count(alliances, crew().filter_map(|one| one.alliance_id));
            } else {
                count(ships_flown, crew().filter_map(|one| one.ship_type_id));
            }
        }
        for mail in losses {
            count(ships_lost, [mail.ship_type_id]);
            if is_ship {
                count(systems, [mail.solar_system_id]);
            }
        }
        let [ships_flown, ships_lost, systems, characters, corporations, alliances] =
            lists.map(ranked);
        Frequent { ships_flown, ships_lost, systems, characters, corporations, alliances }
    }

    /// The people on the lists, to be named.
    pub(super) fn parties(&self) -> impl Iterator<Item = Party> {
        let characters = self
            .characters
            .iter()
            .map(|(id, _)| Party { character_id: Some(*id), ..Party::default() });
        let corporations = self
            .corporations
            .iter()
            .map(|(id, _)| Party { corporation_id: Some(*id), ..Party::default() });
        let alliances = self
            .alliances
            .iter()
            .map(|(id, _)| Party { alliance_id: Some(*id), ..Party::default() });
        characters.chain(corporations).chain(alliances)
    }
}

/// Whose a character or corporation was on the newest of these mails.
pub(super) fn last_party(
    entity: Entity,
    catalogue: &Catalogue,
    (kills, losses): (&[Mail], &[Mail]),
) -> Option<Party> {
    let on = |mail: &Mail, is_loss: bool| {
        let mut own = mail
            .participants
            .iter()
            .filter(|one| (one.ordinal == 0) == is_loss && is_of(entity, one, catalogue));
        let first = own.next()?;
        let own =
            own.fold(first, |one, other| if other.ordinal < one.ordinal { other } else { one });
        let (corporation_id, alliance_id) = (own.corporation_id, own.alliance_id);
        Some((mail.key, Party { corporation_id, alliance_id, ..Party::default() }))
    };
    let kill = kills.iter().max_by_key(|mail| mail.key).and_then(|mail| on(mail, false));
    let loss = losses.iter().max_by_key(|mail| mail.key).and_then(|mail| on(mail, true));
    let newest = kill.into_iter().chain(loss).max_by_key(|(key, _)| *key);
    newest.map(|(_, party)| party)
}

fn attackers(mail: &Mail) -> impl Iterator<Item = &Participant> {
    mail.participants.iter().filter(|one| one.ordinal > 0)
}

/// Whether it is the entity, one of its own, or, of a place, anybody.
fn is_of(entity: Entity, one: &Participant, catalogue: &Catalogue) -> bool {
    let id = Some(entity.id);
    match entity.kind {
        Kind::Character => one.character_id == id,
        Kind::Corporation => one.corporation_id == id,
        Kind::Alliance => one.alliance_id == id,
        Kind::ShipType => one.ship_type_id == id,
        Kind::ShipGroup => {
            let ship = one.ship_type_id.and_then(|ship| catalogue.types.get(ship));
            ship.map(|row| row.group_id) == id
        }
        Kind::System | Kind::Constellation | Kind::Region => true,
    }
}

pub(super) fn is_place(kind: Kind) -> bool {
    matches!(kind, Kind::System | Kind::Constellation | Kind::Region)
}

/// Not one of EVE itself, by CCP's range of ids.
fn is_player(corporation_id: &i64) -> bool {
    !(1_000_000..2_000_000).contains(corporation_id)
}

/// One mail: each id counts once.
fn count(list: &mut HashMap<i64, i64>, ids: impl IntoIterator<Item = i64>) {
    for id in ids.into_iter().collect::<BTreeSet<i64>>() {
        *list.entry(id).or_default() += 1;
    }
}

fn ranked(list: HashMap<i64, i64>) -> Ranking {
    let mut rows: Ranking = list.into_iter().collect();
    rows.sort_unstable_by_key(|&(id, mails)| (-mails, id));
    rows.truncate(ROWS_MAX);
    rows
}
