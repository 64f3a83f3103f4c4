//! A `zkb` block as zKillboard's API adds it, with invented but plausible values.

use super::dice::{Dice, ln, scatter};
use super::draft::{Draft, Stack, number};
use super::hulls::Kind;
use crate::killmail::KillmailHash;

/// Appends `,"zkb":{…}`. It has dice of its own, so bodies are the same with and without it.
pub(super) fn write_zkb(draft: &Draft, seed: u64, out: &mut Vec<u8>) {
    let mut dice = Dice::new(seed ^ scatter(draft.killmail_id as u64));
    let value = Value::of(draft, &mut dice);
    let npc = draft.attackers.iter().all(|attacker| attacker.party.character_id.is_none());
    let players =
        draft.attackers.iter().filter(|attacker| attacker.party.character_id.is_some()).count();
    let solo = players == 1 && draft.attackers.len() == 1 && draft.class.kind == Kind::Ship;
    out.extend_from_slice(b",\"zkb\":{\"hash\":\"");
    write_hash(draft, out);
    out.push(b'"');
    hundredths(b",\"fittedValue\":", value.fitted, out);
    hundredths(b",\"droppedValue\":", value.dropped, out);
    hundredths(b",\"destroyedValue\":", value.destroyed, out);
    hundredths(b",\"totalValue\":", value.dropped + value.destroyed, out);
    number(b",\"points\":", points(draft, npc), out);
    flag(b",\"npc\":", npc, out);
    flag(b",\"solo\":", solo, out);
    flag(b",\"awox\":", is_awox(draft), out);
    out.push(b'}');
}

/// Hundredths of ISK. The hull counts as destroyed and fitted; fitted never exceeds dropped and destroyed together.
struct Value {
    fitted: u64,
    dropped: u64,
    destroyed: u64,
}

impl Value {
    fn of(draft: &Draft, dice: &mut Dice) -> Value {
        // zKillboard counts every capsule as exactly 10,000 ISK.
        let hull = match draft.class.kind {
            Kind::Capsule => draft.class.isk,
            Kind::Ship | Kind::Deployable | Kind::Starbase | Kind::Structure => {
                dice.log_normal(draft.class.isk, 0.25)
            }
        };
        let hull = (hull * 100.0) as u64;
        let mut value = Value { fitted: hull, dropped: 0, destroyed: hull };
        value.add_all(&draft.items, draft.class.isk * 0.03, dice);
        value
    }

    fn add_all(&mut self, stacks: &[Stack], module: f64, dice: &mut Dice) {
        for stack in stacks {
            let fitted = is_slot(stack.flag);
            let isk = match stack.flag {
                // A slot holds a module or the charges in it.
                _ if fitted && stack.quantity == 1 => dice.log_normal(module.max(60_000.0), 0.9),
                IMPLANT => dice.log_normal(1.2e7, 1.3),
                _ => dice.log_normal(250.0, 1.5) * stack.quantity as f64,
            };
            let hundredths = (isk.min(STACK_ISK_MAX) * 100.0) as u64;
            if stack.dropped {
                self.dropped += hundredths;
            } else {
                self.destroyed += hundredths;
            }
            if fitted {
                self.fitted += hundredths;
            }
            self.add_all(&stack.inside, module, dice);
        }
    }
}

fn is_slot(flag: i64) -> bool {
    matches!(flag, 11..=34 | 92..=99 | 125..=132 | 164..=171)
}

/// More for dear ships, fewer for a crowd; at least 1.
fn points(draft: &Draft, npc: bool) -> u64 {
    if npc {
        return 1;
    }
    let full = (ln(draft.class.isk) - 10.0) * 3.0;
    (full / (draft.attackers.len() as f64).sqrt()).max(1.0) as u64
}

/// Shot by one's own corporation.
fn is_awox(draft: &Draft) -> bool {
    let own = draft.victim.corporation_id.filter(|&id| id >= NPC_CORPORATION_END);
    own.is_some() && draft.attackers.iter().any(|attacker| attacker.party.corporation_id == own)
}

fn write_hash(draft: &Draft, out: &mut Vec<u8>) {
    let final_blow = draft.attackers.iter().find(|attacker| attacker.final_blow);
    let shooter = final_blow.and_then(|attacker| attacker.party.character_id);
    let ship_type_id = draft.victim.ship_type_id.unwrap_or(0);
    let bytes = KillmailHash::new(draft.victim.character_id, shooter, ship_type_id, draft.time).0;
    for byte in bytes {
        out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

fn hundredths(key: &[u8], value: u64, out: &mut Vec<u8>) {
    number(key, value / 100, out);
    let cents = value % 100;
    out.extend_from_slice(&[b'.', b'0' + (cents / 10) as u8, b'0' + (cents % 10) as u8]);
}

fn flag(key: &[u8], value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(key);
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

const HEX: &[u8; 16] = b"0123456789abcdef";
const IMPLANT: i64 = 89;
/// Keeps sums far below the limit of the ISK columns.
const STACK_ISK_MAX: f64 = 5e9;
/// Corporations below are EVE's own.
const NPC_CORPORATION_END: i64 = 2_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_real_killmail_is_the_one_eve_gave_it() {
        let hash = KillmailHash::new(Some(921_659_634), Some(600_768_979), 11_371, 1_214_003_640);
        assert_eq!(hash.to_string(), "cb62fb62c0947e3909050f976b2a240b43dc005f");
    }
}
