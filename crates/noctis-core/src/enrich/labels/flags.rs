//! Whether a kill is an NPC's, one pilot's alone, or a pilot's own corporation mate's.

use crate::catalogue::Catalogue;
use crate::killmail::{Attacker, Killmail};
use crate::zkb::Zkb;

/// The highest corporation id of an NPC corporation.
const NPC_CORPORATION_ID_MAX: i64 = 1_999_999;

const CATEGORY_SHIP: i64 = 6;
const CATEGORY_STRUCTURE: i64 = 65;
const GROUP_CAPSULE: i64 = 29;
const GROUP_SHUTTLE: i64 = 31;
/// Rookie ships.
const GROUP_CORVETTE: i64 = 237;

/// The three facts zKillboard gives as flags. Its flag wins where it came, ours stands where it did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    pub npc: bool,
    pub solo: bool,
    pub awox: bool,
}

impl Flags {
    pub fn of(killmail: &Killmail, zkb: Option<&Zkb>, catalogue: &Catalogue) -> Flags {
        let computed = Flags::computed(killmail, catalogue);
        Flags {
            npc: zkb.and_then(|zkb| zkb.npc).unwrap_or(computed.npc),
            solo: zkb.and_then(|zkb| zkb.solo).unwrap_or(computed.solo),
            awox: zkb.and_then(|zkb| zkb.awox).unwrap_or(computed.awox),
        }
    }

    /// What mail and static data alone say.
    pub fn computed(killmail: &Killmail, catalogue: &Catalogue) -> Flags {
        let hull = catalogue.types.get(killmail.victim.ship_type_id);
        let hull_group = hull.map(|hull| hull.group_id);
        let npc = !killmail.attackers.iter().any(fights_for_players);
        let solo = hull.is_some_and(|hull| hull.category_id == CATEGORY_SHIP)
            && ![GROUP_CAPSULE, GROUP_SHUTTLE, GROUP_CORVETTE].map(Some).contains(&hull_group)
            && killmail.player_count() == 1
            && !killmail.attackers.iter().any(|attacker| is_structure(attacker, catalogue));
        let awox = !npc
            && ![GROUP_CAPSULE, GROUP_CORVETTE].map(Some).contains(&hull_group)
            && killmail.final_blow().is_some_and(|attacker| is_own_corporation(attacker, killmail));
        Flags { npc, solo, awox }
    }
}

/// A player, or what belongs to a player's corporation, as a structure does.
fn fights_for_players(attacker: &Attacker) -> bool {
    attacker.is_player() || attacker.corporation_id.is_some_and(|id| id > NPC_CORPORATION_ID_MAX)
}

fn is_structure(attacker: &Attacker, catalogue: &Catalogue) -> bool {
    attacker
        .ship_type_id
        .and_then(|ship| catalogue.types.get(ship))
        .is_some_and(|ship| ship.category_id == CATEGORY_STRUCTURE)
}

fn is_own_corporation(attacker: &Attacker, killmail: &Killmail) -> bool {
    attacker.corporation_id.is_some_and(|id| id > NPC_CORPORATION_ID_MAX)
        && attacker.corporation_id == killmail.victim.corporation_id
}
