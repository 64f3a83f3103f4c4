//! What was lost and what took part: labels from the victim's hull and the attackers' ships.

use super::Text;
use crate::catalogue::{Catalogue, Type};
use crate::killmail::Killmail;

/// What pilots call a capital ship: Titan, Dreadnought, Carrier, Supercarrier, Capital Industrial Ship, Force
/// Auxiliary, Lancer Dreadnought, Command Carrier.
pub(crate) const GROUPS_CAPITAL: &[i64] = &[30, 485, 547, 659, 883, 1538, 4594, 5120];
/// Titan, Supercarrier.
const GROUPS_SUPER: &[i64] = &[30, 659];
/// Logistics, Logistics Frigate, Force Auxiliary.
pub(crate) const GROUPS_LOGI: &[i64] = &[832, 1527, 1538];
/// Interdictor, Heavy Interdiction Cruiser.
pub(crate) const GROUPS_BUBBLER: &[i64] = &[541, 894];
pub(crate) const GROUPS_BLACK_OPS: &[i64] = &[898];
/// What corporations anchor: Starbase, Sovereignty Structures, Orbitals, Structure.
pub(crate) const CATEGORIES_STRUCTURE: &[i64] = &[23, 40, 46, 65];

/// The market's "Capital Ships": besides [`GROUPS_CAPITAL`] also freighters.
const MARKET_GROUP_CAPITAL_SHIPS: i64 = 1381;
/// The market's tree is five deep.
const MARKET_DEPTH_MAX: usize = 16;

const ATTACKER_LABELS: [(&[i64], &str); 5] = [
    (GROUPS_CAPITAL, "capital-attackers"),
    (GROUPS_SUPER, "super-attackers"),
    (GROUPS_LOGI, "logi-attackers"),
    (GROUPS_BUBBLER, "bubbler-attackers"),
    (GROUPS_BLACK_OPS, "blops-attackers"),
];

/// A ship the static data does not know adds nothing.
pub(super) fn add(labels: &mut Vec<Text>, killmail: &Killmail, catalogue: &Catalogue) {
    if let Some(hull) = catalogue.types.get(killmail.victim.ship_type_id) {
        add_victim(labels, hull, catalogue);
    }
    let mut present = [false; ATTACKER_LABELS.len()];
    for ship in
        killmail.attackers.iter().filter_map(|attacker| catalogue.types.get(attacker.ship_type_id?))
    {
        for (seen, (groups, _)) in present.iter_mut().zip(ATTACKER_LABELS) {
            *seen |= groups.contains(&ship.group_id);
        }
    }
    labels.extend(
        present
            .iter()
            .zip(ATTACKER_LABELS)
            .filter(|(seen, _)| **seen)
            .map(|(_, (_, label))| label.into()),
    );
}

fn add_victim(labels: &mut Vec<Text>, hull: &Type, catalogue: &Catalogue) {
    labels.push(match hull.category_id {
        // Nearly every kill; spares the allocation.
        6 => "cat:6".into(),
        category => format!("cat:{category}").into(),
    });
    if is_sold_as_capital(hull, catalogue) {
        labels.push("capital".into());
    }
    if GROUPS_CAPITAL.contains(&hull.group_id) {
        labels.push("capital-victim".into());
    }
    if CATEGORIES_STRUCTURE.contains(&hull.category_id) {
        labels.push("structure".into());
    }
}

/// zKillboard's `capital`: a market group of the hull lies below "Capital Ships".
fn is_sold_as_capital(hull: &Type, catalogue: &Catalogue) -> bool {
    let parent =
        |id: &i64| catalogue.market_groups.get(*id).and_then(|group| group.parent_group_id);
    std::iter::successors(hull.market_group_id, parent)
        .take(MARKET_DEPTH_MAX)
        .any(|id| id == MARKET_GROUP_CAPITAL_SHIPS)
}
