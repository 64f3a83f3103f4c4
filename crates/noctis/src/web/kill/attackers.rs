//! Who took part, the most damage first.

use std::cmp::Reverse;

use crate::answer::Attack;
use crate::figures::{grouped, share};
use crate::web::links::Kind;
use crate::web::names::{Link, Who};
use crate::web::pictures::{Picture, Pictures};

/// Attackers on a page; real mails have up to 3,753, and the JSON has them all.
const ATTACKERS_SHOWN_MAX: usize = 200;

pub(super) struct AttackerRow {
    pub(super) picture: Option<Picture>,
    pub(super) who: Who,
    /// Ship and weapon, as far as they are told and not the same.
    pub(super) things: Vec<Link>,
    pub(super) damage: String,
    pub(super) damage_done: i64,
    pub(super) damage_max: i64,
    pub(super) share: String,
    pub(super) final_blow: bool,
}

/// The rows, and how many were left out. The final blow is never left out.
pub(super) fn by_damage(attacks: &[Attack], pictures: Pictures<'_>) -> (Vec<AttackerRow>, usize) {
    let sum: i64 = attacks.iter().map(|attack| attack.damage_done).fold(0, i64::saturating_add);
    let max = attacks.iter().map(|attack| attack.damage_done).max().unwrap_or(0);
    let mut sorted: Vec<&Attack> = attacks.iter().collect();
    sorted.sort_by_key(|attack| (Reverse(attack.damage_done), !attack.final_blow));
    let is_shown =
        |(place, attack): &(usize, &Attack)| *place < ATTACKERS_SHOWN_MAX || attack.final_blow;
    let rows: Vec<AttackerRow> = sorted
        .into_iter()
        .enumerate()
        .filter(is_shown)
        .map(|(_, attack)| row(attack, (sum, max), pictures))
        .collect();
    let left_out = attacks.len() - rows.len();
    (rows, left_out)
}

fn row(attack: &Attack, (sum, max): (i64, i64), pictures: Pictures<'_>) -> AttackerRow {
    let weapon = attack.weapon.as_ref().filter(|weapon| Some(*weapon) != attack.ship.as_ref());
    let pilot = attack.party.character.as_ref();
    let picture = pilot.and_then(|pilot| {
        pictures.of(Kind::Character, pilot.id, pilot.name.as_deref().unwrap_or("a pilot"), 32)
    });
    AttackerRow {
        picture,
        who: Who::of(&attack.party),
        things: attack.ship.iter().chain(weapon).map(Link::to_ship).collect(),
        damage: grouped(attack.damage_done),
        damage_done: attack.damage_done,
        damage_max: max.max(1),
        share: share(attack.damage_done, sum),
        final_blow: attack.final_blow,
    }
}
