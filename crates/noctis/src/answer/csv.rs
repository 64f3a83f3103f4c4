//! Kills as comma-separated values (RFC 4180), a row a kill, the columns never in another order.

use super::rows::KillId;
use super::{Kill, Named, NamedType};

/// The columns of a kill as a list shows it.
pub(super) const COLUMNS: [&str; 36] = [
    "killmail_id",
    "killmail_hash",
    "killmail_time",
    "received_at",
    "solar_system_id",
    "solar_system_name",
    "security",
    "region_id",
    "region_name",
    "ship_type_id",
    "ship_type_name",
    "victim_character_id",
    "victim_character_name",
    "victim_corporation_id",
    "victim_corporation_name",
    "victim_alliance_id",
    "victim_alliance_name",
    "victim_faction_id",
    "final_blow_character_id",
    "final_blow_character_name",
    "final_blow_corporation_id",
    "final_blow_corporation_name",
    "final_blow_alliance_id",
    "final_blow_alliance_name",
    "final_blow_faction_id",
    "final_blow_ship_type_id",
    "final_blow_ship_type_name",
    "final_blow_weapon_type_id",
    "attacker_count",
    "player_count",
    "value_total",
    "value_source",
    "points",
    "labels",
    "module_tags",
    "war_id",
];

/// The columns where only ids are asked for.
pub(super) const ID_COLUMNS: [&str; 3] = ["killmail_id", "killmail_hash", "killmail_time"];

/// The first line.
pub(super) fn heading(columns: &[&str]) -> String {
    format!("{}\n", columns.join(","))
}

/// A kill as a line, without its end. Lists are joined by `;`; what is null is empty.
pub(super) fn kill(kill: &Kill) -> String {
    joined(&row(kill))
}

pub(super) fn id(kill: &KillId) -> String {
    joined(&[
        kill.killmail_id.to_string(),
        told(kill.killmail_hash.as_ref()),
        kill.killmail_time.to_string(),
    ])
}

fn joined(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",")
}

fn row(kill: &Kill) -> [String; COLUMNS.len()] {
    let (system, victim) = (&kill.solar_system, &kill.victim);
    let blow = kill.final_blow.as_ref();
    let (blow_ship, blow_weapon) =
        (blow.and_then(|blow| blow.ship.as_ref()), blow.and_then(|blow| blow.weapon.as_ref()));
    let blow_of =
        |party: fn(&super::FinalBlow) -> &Option<Named>| blow.and_then(|blow| party(blow).as_ref());
    let character = blow_of(|blow| &blow.party.character);
    let corporation = blow_of(|blow| &blow.party.corporation);
    let alliance = blow_of(|blow| &blow.party.alliance);
    [
        kill.killmail_id.to_string(),
        told(kill.killmail_hash.as_ref()),
        kill.killmail_time.to_string(),
        kill.received_at.to_string(),
        system.id.to_string(),
        told(system.name.as_ref()),
        told(system.security.as_ref()),
        id_of(system.region.as_ref()),
        name(system.region.as_ref()),
        victim.ship.id.to_string(),
        told(victim.ship.name.as_ref()),
        id_of(victim.party.character.as_ref()),
        name(victim.party.character.as_ref()),
        id_of(victim.party.corporation.as_ref()),
        name(victim.party.corporation.as_ref()),
        id_of(victim.party.alliance.as_ref()),
        name(victim.party.alliance.as_ref()),
        id_of(victim.party.faction.as_ref()),
        id_of(character),
        name(character),
        id_of(corporation),
        name(corporation),
        id_of(alliance),
        name(alliance),
        id_of(blow_of(|blow| &blow.party.faction)),
        told(blow_ship.map(|ship| ship.id).as_ref()),
        told(blow_ship.and_then(|ship: &NamedType| ship.name.as_ref())),
        told(blow_weapon.map(|weapon| weapon.id).as_ref()),
        kill.attacker_count.to_string(),
        kill.player_count.to_string(),
        told(kill.value.total.as_ref()),
        kill.value.source.clone(),
        told(kill.points.as_ref()),
        kill.labels.join(";"),
        kill.module_tags.join(";"),
        told(kill.war_id.as_ref()),
    ]
}

fn id_of(named: Option<&Named>) -> String {
    told(named.map(|named| named.id).as_ref())
}

fn name(named: Option<&Named>) -> String {
    told(named.and_then(|named| named.name.as_ref()))
}

fn told<T: ToString>(value: Option<&T>) -> String {
    value.map_or(String::new(), T::to_string)
}

/// Names may hold commas and quotes.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_comma_or_a_quote_is_quoted() {
        for (cell, expected) in [
            ("Rifter", "Rifter"),
            ("a, b", "\"a, b\""),
            ("the \"best\"", "\"the \"\"best\"\"\""),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }
}
