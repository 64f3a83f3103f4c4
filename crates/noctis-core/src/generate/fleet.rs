//! Who flies together: pilots of one bloc and its allies, each in a ship with a weapon.

use super::armoury::Armoury;
use super::dice::{Dice, Weighted, scatter, zipf};
use super::draft::Party;
use super::hulls::Hangar;
use super::pilots::{
    ALLIANCES, BLOC_PILOTS_MAX, BLOCS, NPC_BLOC_MIN, alliance_of, character_of_bloc, corporation_of,
};

/// A pilot in a ship.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pilot {
    pub(super) party: Party,
    pub(super) hull: usize,
    pub(super) weapon_type_id: Option<i64>,
    pub(super) security_tenths: i64,
}

/// Which blocs fight how often.
pub(super) struct Blocs {
    alliances: Weighted,
    independents: Weighted,
}

/// Alliances' activity falls with rank as their member counts do.
const ALLIANCE_SLOPE: f64 = 1.07;
const INDEPENDENT_SLOPE: f64 = 0.6;
/// Fleets of this many pilots are only brought by the largest alliances.
const LARGE_FLEET: usize = 50;
const LARGE_ALLIANCES: u64 = 60;
/// Alliances from this rank on may enlist in faction warfare.
const MILITIA_RANK: u64 = 10;

impl Blocs {
    pub(super) fn new() -> Blocs {
        let weighted = |count: u64, slope| {
            Weighted::new(&zipf(count as usize, slope)).expect("ranks have weights")
        };
        Blocs {
            alliances: weighted(ALLIANCES, ALLIANCE_SLOPE),
            independents: weighted(NPC_BLOC_MIN - ALLIANCES, INDEPENDENT_SLOPE),
        }
    }

    /// Who attacks with `size` pilots.
    pub(super) fn attackers(&self, size: usize, dice: &mut Dice) -> u64 {
        if size >= LARGE_FLEET {
            return self.alliances.draw(dice) as u64 % LARGE_ALLIANCES;
        }
        self.draw([0.70, 0.27], dice)
    }

    /// Whose ship is lost.
    pub(super) fn victims(&self, dice: &mut Dice) -> u64 {
        self.draw([0.56, 0.33], dice)
    }

    fn draw(&self, shares: [f64; 2], dice: &mut Dice) -> u64 {
        let lot = dice.unit();
        if lot < shares[0] {
            self.alliances.draw(dice) as u64
        } else if lot < shares[0] + shares[1] {
            ALLIANCES + self.independents.draw(dice) as u64
        } else {
            NPC_BLOC_MIN + dice.below(BLOCS - NPC_BLOC_MIN)
        }
    }
}

/// What fleets are made from.
pub(super) struct Recruiter<'a> {
    pub(super) hangar: &'a Hangar,
    pub(super) armoury: &'a Armoury,
    pub(super) blocs: &'a Blocs,
}

impl Recruiter<'_> {
    /// A fleet of `size` pilots led by `bloc`, with allies, none of them of `enemy`. No character is in it twice.
    /// Most of a larger fleet fly one of three hulls.
    pub(super) fn fleet(&self, bloc: u64, enemy: u64, size: usize, dice: &mut Dice) -> Vec<Pilot> {
        let doctrine: Vec<(usize, Option<i64>)> = (0..3)
            .map(|_| {
                (self.hangar.flown().draw(dice), self.armoury.gun(dice).map(|gun| gun.type_id))
            })
            .collect();
        let doctrine = if size >= 10 { doctrine } else { Vec::new() };
        let mut pilots = Vec::with_capacity(size);
        let mut mustered = vec![enemy];
        let mut allies = bloc;
        while pilots.len() < size && mustered.len() < BLOCS_IN_FLEET_MAX {
            let missing = size - pilots.len();
            if !mustered.contains(&allies) {
                let last = mustered.len() + 1 == BLOCS_IN_FLEET_MAX;
                let part = if last || missing < 3 && dice.chance(0.7) {
                    1.0
                } else {
                    0.55 + 0.45 * dice.unit()
                };
                pilots.extend(self.muster(
                    allies,
                    (missing as f64 * part) as usize + 1,
                    &doctrine,
                    dice,
                ));
            }
            mustered.push(allies);
            allies = self.blocs.attackers(size, dice);
        }
        pilots.truncate(size);
        pilots
    }

    /// Pilots of one bloc. The first ones of a bloc fly far more often than the last: the chance to be there falls
    /// about as one over the rank.
    fn muster(
        &self,
        bloc: u64,
        count: usize,
        doctrine: &[(usize, Option<i64>)],
        dice: &mut Dice,
    ) -> Vec<Pilot> {
        let mut pilots = Vec::with_capacity(count);
        let reach = (count as u64 / 4).max(2);
        let mut member = 0;
        for _ in 0..count {
            member += 1 + dice.below(4 + member / reach);
            if member >= BLOC_PILOTS_MAX {
                break;
            }
            let mut pilot = self.pilot(bloc, member, dice);
            if !doctrine.is_empty() && dice.chance(0.7) {
                let (hull, gun) = doctrine[dice.index(doctrine.len())];
                let (before, after) =
                    (self.hangar.hull(pilot.hull).type_id, self.hangar.hull(hull).type_id);
                pilot.hull = hull;
                pilot.party.ship_type_id = pilot.party.ship_type_id.map(|_| after);
                if pilot.weapon_type_id == Some(before) {
                    pilot.weapon_type_id = Some(after);
                } else if dice.chance(0.5) {
                    pilot.weapon_type_id = gun;
                }
            }
            pilots.push(pilot);
        }
        pilots
    }

    /// A pilot of a bloc who is caught alone; the active ones more often.
    pub(super) fn straggler(&self, bloc: u64, dice: &mut Dice) -> Pilot {
        let bits = dice.between(1, 15);
        let member = (1 << bits) + dice.below(1 << bits);
        let mut pilot = self.pilot(bloc, member % BLOC_PILOTS_MAX, dice);
        pilot.hull = self.hangar.lost().draw(dice);
        pilot.party.ship_type_id = Some(self.hangar.hull(pilot.hull).type_id);
        pilot
    }

    fn pilot(&self, bloc: u64, member: u64, dice: &mut Dice) -> Pilot {
        let hull = self.hangar.flown().draw(dice);
        let ship_type_id = self.hangar.hull(hull).type_id;
        let mut party = party_of(character_of_bloc(bloc, member), bloc);
        // A few rows have no ship: who left it before the mail was written.
        party.ship_type_id = (!dice.chance(0.03)).then_some(ship_type_id);
        let weapon_type_id = self.weapon(ship_type_id, dice);
        let security_tenths = security_of(party.character_id.unwrap_or(0));
        Pilot { party, hull, weapon_type_id, security_tenths }
    }

    /// What did the damage: a gun, a missile, drones, a scrambler; and the ship itself where nothing is known.
    fn weapon(&self, ship_type_id: i64, dice: &mut Dice) -> Option<i64> {
        let lot = dice.unit();
        let weapon = if lot < 0.29 {
            None
        } else if lot < 0.72 {
            self.armoury.gun(dice).map(|gun| gun.type_id)
        } else if lot < 0.84 {
            self.armoury.drone.draw(dice)
        } else if lot < 0.92 {
            self.armoury.tackle.draw(dice)
        } else {
            self.armoury.missile.draw(dice)
        };
        weapon.or(Some(ship_type_id))
    }
}

/// Who a character is on a killmail, the ship left open.
fn party_of(character_id: i64, bloc: u64) -> Party {
    let corporation_id = corporation_of(character_id);
    Party {
        character_id: Some(character_id),
        corporation_id: Some(corporation_id),
        alliance_id: alliance_of(corporation_id),
        faction_id: militia(bloc),
        ship_type_id: None,
    }
}

/// The militia a bloc is enlisted in, 500001 to 500004; one in seven is.
fn militia(bloc: u64) -> Option<i64> {
    let lot = scatter(bloc ^ 0xFA57);
    (bloc >= MILITIA_RANK && lot.is_multiple_of(7)).then_some(500_001 + (lot >> 32) as i64 % 4)
}

/// A pilot's security status in tenths: three in ten have a whole number, most often 5, 0 or -10.
fn security_of(character_id: i64) -> i64 {
    let lot = scatter(character_id as u64 ^ 0x5EC);
    if lot % 10 < 3 {
        return [50, 0, -100, 50, 0, -100, 10, 20, 30, -20, -50][(lot >> 32) as usize % 11];
    }
    let tenths = (lot >> 32) as i64 % 151 - 100;
    if tenths % 10 == 0 { (tenths + 3).min(47) } else { tenths }
}

/// Pilots of at most this many blocs stand in one fleet, the enemy's counted in.
const BLOCS_IN_FLEET_MAX: usize = 24;
