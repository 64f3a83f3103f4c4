//! One ship lost: who loses what, who shot it, with how much damage.

use super::dice::Dice;
use super::draft::{Attacker, Draft, Party};
use super::engagement::{BATTLE, Engagement, NPC, SIZES, Size};
use super::fitting::Fitting;
use super::fleet::{Pilot, Recruiter};
use super::hulls::{Hull, Kind};

/// Upwell structures and positions exist since 2016, slots on killmails since 2012.
const YEAR_2016: i64 = 1_451_606_400;
const YEAR_2012: i64 = 1_325_376_000;
const MINUTE: i64 = 60;

const CAPSULE_FOLLOWS: f64 = 0.26;
const AWOX: f64 = 0.005;
const NPC_JOINS: f64 = 0.09;
const NO_DAMAGE: f64 = 0.20;
const DAMAGE_DISAGREES: f64 = 0.004;
/// Tries to find an awox victim who is not in the fleet.
const AWOX_TRIES_MAX: u32 = 4;

/// NPCs as killmails show them: corporation or faction, and type.
const NPCS: [(Option<i64>, Option<i64>, i64); 14] = [
    (Some(1_000_127), None, 23_313),
    (Some(1_000_135), None, 10_285),
    (Some(1_000_135), None, 11_046),
    (Some(1_000_135), None, 23_424),
    (Some(1_000_127), None, 23_328),
    (Some(1_000_162), None, 23_385),
    (Some(1_000_120), None, 3_742),
    (Some(1_000_035), None, 3_739),
    (Some(1_000_009), None, 3_740),
    (Some(1_000_023), None, 3_741),
    (None, Some(500_020), 24_169),
    (None, Some(500_004), 32_915),
    (None, Some(500_003), 1_194),
    (None, Some(500_024), 34_495),
];

/// Who lost what.
struct Victim {
    party: Party,
    hull: Hull,
    pilot: Option<Pilot>,
}

/// Makes the next kill of an engagement.
pub(super) struct Losses<'a> {
    pub(super) recruiter: Recruiter<'a>,
    /// The first second that may be written.
    pub(super) from: i64,
}

impl Losses<'_> {
    /// Fills the draft with the kill that happens at `time`; `killmail_id` is left to the caller.
    pub(super) fn fill(
        &self,
        engagement: &mut Engagement,
        time: i64,
        dice: &mut Dice,
        draft: &mut Draft,
    ) {
        draft.time = if time < YEAR_2016 { (time - time % MINUTE).max(self.from) } else { time };
        draft.system_id = engagement.system_id;
        draft.war_id = engagement.war_id;
        draft.moon_id = None;
        let capsule = engagement.capsule.take();
        let losing = match &capsule {
            Some((side, _)) => *side,
            None => usize::from(engagement.sides[1].fleet.is_empty() || dice.chance(0.7)),
        };
        let mut victim = match capsule {
            Some((_, pilot)) => self.capsule_of(pilot),
            None => self.victim(engagement, losing, time, dice),
        };
        draft.victim = victim.party;
        self.attackers(engagement, 1 - losing, dice, draft);
        if victim.hull.class.kind == Kind::Ship && dice.chance(AWOX) {
            self.turn_coat(engagement.sides[1 - losing].bloc, &mut victim, dice, draft);
        }
        if victim.hull.class.kind == Kind::Starbase {
            draft.moon_id =
                Some(40_000_000 + engagement.system_id % 10_000 * 25 + dice.below(25) as i64);
        }
        draft.victim = victim.party;
        draft.class = victim.hull.class;
        draft.damage_taken = dice.log_normal(victim.hull.class.damage, 0.45) as u64 + 1;
        share_damage(draft, dice);
        draft.position =
            (time >= YEAR_2016).then(|| engagement.place.map(|axis| nearby(axis, dice)));
        let slots_known = time >= YEAR_2012;
        let armoury = self.recruiter.armoury;
        Fitting { armoury, slots_known, dice, items: &mut draft.items }.fill(victim.hull);
        if let Some(pilot) = victim.pilot
            && victim.hull.class.kind == Kind::Ship
            && engagement.size != NPC
            && engagement.kills_left > engagement.hulls.len() as u64 + 1
            && dice.chance(CAPSULE_FOLLOWS)
        {
            engagement.capsule = Some((losing, pilot));
        }
    }

    fn victim(
        &self,
        engagement: &mut Engagement,
        losing: usize,
        time: i64,
        dice: &mut Dice,
    ) -> Victim {
        let recruiter = &self.recruiter;
        let side = &engagement.sides[losing];
        let enemy = engagement.sides[1 - losing].bloc;
        let lot = dice.unit();
        let object = match engagement.hulls.is_empty() && engagement.size != NPC {
            true if lot < 0.018 => Some(Kind::Deployable),
            true if lot < 0.034 && engagement.size + 1 >= BATTLE && time >= YEAR_2016 => {
                Some(Kind::Structure)
            }
            true if lot < 0.034 && time < YEAR_2016 => Some(Kind::Starbase),
            true | false => None,
        };
        let pilot = if !side.fleet.is_empty() && dice.chance(0.8) {
            side.fleet[dice.index(side.fleet.len())]
        } else {
            let stranger = Some(recruiter.blocs.victims(dice))
                .filter(|bloc| engagement.strangers && *bloc != enemy);
            recruiter.straggler(stranger.unwrap_or(side.bloc), dice)
        };
        let due = engagement.hulls.len() as f64 / engagement.kills_left as f64;
        let planned = if dice.chance(due) { engagement.hulls.pop() } else { None };
        let drawn = object
            .and_then(|kind| recruiter.hangar.objects(kind))
            .map(|weighted| weighted.draw(dice));
        let hull = recruiter.hangar.hull(planned.or(drawn).unwrap_or(pilot.hull));
        let mut party = pilot.party;
        party.ship_type_id = Some(hull.type_id);
        match hull.class.kind {
            Kind::Ship | Kind::Capsule => Victim { party, hull, pilot: Some(pilot) },
            Kind::Deployable | Kind::Starbase | Kind::Structure => {
                party.character_id = None;
                Victim { party, hull, pilot: None }
            }
        }
    }

    fn capsule_of(&self, pilot: Pilot) -> Victim {
        let hangar = self.recruiter.hangar;
        let hull = hangar.hull(hangar.capsule().unwrap_or(pilot.hull));
        Victim {
            party: Party { ship_type_id: Some(hull.type_id), ..pilot.party },
            hull,
            pilot: None,
        }
    }

    /// A shot by one's own: the victim becomes a pilot of the attackers' bloc who is not among them.
    fn turn_coat(&self, bloc: u64, victim: &mut Victim, dice: &mut Dice, draft: &mut Draft) {
        for _ in 0..AWOX_TRIES_MAX {
            let pilot = self.recruiter.straggler(bloc, dice);
            let among = draft
                .attackers
                .iter()
                .any(|attacker| attacker.party.character_id == pilot.party.character_id);
            if !among {
                let hull = self.recruiter.hangar.hull(pilot.hull);
                *victim = Victim { party: pilot.party, hull, pilot: Some(pilot) };
                // One of the shooters is of the same corporation.
                if let Some(first) = draft.attackers.first_mut() {
                    first.party.corporation_id = pilot.party.corporation_id;
                    first.party.alliance_id = pilot.party.alliance_id;
                }
                return;
            }
        }
    }

    fn attackers(&self, engagement: &Engagement, side: usize, dice: &mut Dice, draft: &mut Draft) {
        draft.attackers.clear();
        let drawn = Size::draw(engagement.size, dice) as usize;
        if engagement.size == NPC {
            let npc = NPCS[(engagement.system_id as usize + dice.index(2)) % NPCS.len()];
            draft.attackers.extend((0..drawn).map(|_| npc_attacker(npc)));
            return;
        }
        let fleet = &engagement.sides[side].fleet;
        let count = drawn.min(fleet.len());
        let start = dice.index(fleet.len());
        let (before, after) = fleet.split_at(start);
        let others = after
            .iter()
            .chain(before)
            .filter(|pilot| pilot.party.character_id != draft.victim.character_id);
        draft.attackers.extend(others.take(count).map(player_attacker));
        if count > 1 && dice.chance(NPC_JOINS) {
            let last = draft.attackers.len() - 1;
            draft.attackers[last] = npc_attacker(NPCS[dice.index(NPCS.len())]);
        }
    }
}

fn player_attacker(pilot: &Pilot) -> Attacker {
    Attacker {
        party: pilot.party,
        weapon_type_id: pilot.weapon_type_id,
        security_tenths: pilot.security_tenths,
        ..Attacker::default()
    }
}

fn npc_attacker(
    (corporation_id, faction_id, type_id): (Option<i64>, Option<i64>, i64),
) -> Attacker {
    let party =
        Party { corporation_id, faction_id, ship_type_id: Some(type_id), ..Party::default() };
    Attacker { party, ..Attacker::default() }
}

/// Shares the victim's damage out, most first, as ESI lists it; a fifth did none. Exactly one has the final blow.
fn share_damage(draft: &mut Draft, dice: &mut Dice) {
    let count = draft.attackers.len();
    let mut rest = draft.damage_taken;
    let harmless = (1..count).filter(|_| dice.chance(NO_DAMAGE)).count();
    let mut shares = [0_u64; ATTACKERS_MAX];
    let shares = &mut shares[..count];
    for (n, share) in shares.iter_mut().enumerate().take(count - harmless) {
        let left = (count - harmless - n) as f64;
        *share = if left < 2.0 {
            rest
        } else {
            (rest as f64 * (dice.exponential(1.0) / left).min(1.0)) as u64
        };
        rest -= *share;
    }
    shares.sort_unstable_by(|a, b| b.cmp(a));
    for (attacker, share) in draft.attackers.iter_mut().zip(shares.iter()) {
        attacker.damage_done = *share;
    }
    let final_blow = dice.index(count - harmless);
    draft.attackers[final_blow].final_blow = true;
    if dice.chance(DAMAGE_DISAGREES) {
        // Seen in old mails: the sum lacks a twentieth.
        draft.damage_taken += draft.damage_taken / 20;
    }
}

/// Within 100 km of a place.
fn nearby(axis: i64, dice: &mut Dice) -> i64 {
    axis + dice.below(200_000_000) as i64 - 100_000_000
}

/// The largest real mail has 3,753 attackers.
const ATTACKERS_MAX: usize = 4_096;
const _: () = assert!(SIZES[SIZES.len() - 1].attackers[1] as usize <= ATTACKERS_MAX);
