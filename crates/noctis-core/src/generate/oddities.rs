//! What real samples lack but nothing forbids: each of these has broken a reader of killmails somewhere.

use super::dice::Dice;
use super::draft::{Draft, Stack};

/// One kill in this many is distorted.
const RARITY: u64 = 40;

/// Distorts some killmails. It has dice of its own, so the others are the same with and without it.
pub(super) struct Oddities {
    dice: Dice,
    /// An id left out before, for a later kill: then ids run against time.
    spare_id: Option<i64>,
}

impl Oddities {
    pub(super) fn new(seed: u64) -> Oddities {
        Oddities { dice: Dice::new(seed ^ 0x0DD1_7135), spare_id: None }
    }

    /// May distort the draft. `gap` is how far the next id lies from this one.
    pub(super) fn distort(&mut self, gap: i64, draft: &mut Draft) {
        if self.dice.below(RARITY) == 0 {
            match self.dice.below(6) {
                0 => self.victim_attacks(draft),
                1 => self.repeat_attacker(draft),
                2 => draft.killmail_id = self.spare_id.take().unwrap_or(draft.killmail_id),
                3 => self.huge_quantity(draft),
                4 => draft.attackers.iter_mut().for_each(|attacker| attacker.final_blow = false),
                _ => self.second_final_blow(draft),
            }
        } else if gap > 1 {
            self.spare_id = Some(draft.killmail_id + 1);
        }
    }

    fn victim_attacks(&mut self, draft: &mut Draft) {
        let mut own = draft.attackers[self.dice.index(draft.attackers.len())];
        own.party = draft.victim;
        own.final_blow = false;
        own.damage_done = 0;
        draft.attackers.push(own);
    }

    fn repeat_attacker(&mut self, draft: &mut Draft) {
        let mut again = draft.attackers[self.dice.index(draft.attackers.len())];
        again.final_blow = false;
        again.damage_done /= 2;
        draft.attackers.push(again);
    }

    fn second_final_blow(&mut self, draft: &mut Draft) {
        self.repeat_attacker(draft);
        if let Some(last) = draft.attackers.last_mut() {
            last.final_blow = true;
        }
    }

    fn huge_quantity(&mut self, draft: &mut Draft) {
        let quantity = (1 << 31) + self.dice.below(1 << 32) * 1_000;
        match draft.items.last_mut() {
            Some(stack) if stack.inside.is_empty() => stack.quantity = quantity,
            Some(_) | None => draft.items.push(Stack {
                type_id: TRITANIUM,
                flag: 5,
                quantity,
                ..Stack::default()
            }),
        }
    }
}

const TRITANIUM: i64 = 34;
