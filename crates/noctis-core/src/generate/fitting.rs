//! What the victim had: modules in their slots, charges in the guns, drones, cargo, implants, containers.

use std::mem;

use super::armoury::{Armoury, Shelf};
use super::dice::Dice;
use super::draft::Stack;
use super::hulls::{Hull, Kind, STRATEGIC_CRUISER};
use super::source::Slot;

const HIGH: i64 = 27;
const MID: i64 = 19;
const LOW: i64 = 11;
const RIG: i64 = 92;
const SUBSYSTEM: i64 = 125;
const SERVICE: i64 = 164;
const CARGO: i64 = 5;
const DRONE_BAY: i64 = 87;
const IMPLANT: i64 = 89;
const FIGHTER_BAY: i64 = 158;
const FLEET_HANGAR: i64 = 155;
const FUEL_BAY: i64 = 133;
const STRUCTURE_FUEL: i64 = 172;
/// A blueprint copy.
const COPY: i64 = 2;

const DROPS: f64 = 0.465;
const CONTAINERS: f64 = 0.035;
const IMPLANTED: f64 = 0.25;

/// Fills a wreck. `slots_known` is false before 2012: then every slot is written as flag 0.
pub(super) struct Fitting<'a> {
    pub(super) armoury: &'a Armoury,
    pub(super) slots_known: bool,
    pub(super) dice: &'a mut Dice,
    pub(super) items: &'a mut Vec<Stack>,
}

impl Fitting<'_> {
    pub(super) fn fill(&mut self, hull: Hull) {
        self.items.clear();
        match hull.class.kind {
            Kind::Ship => self.fill_ship(hull),
            Kind::Capsule => self.implants(),
            Kind::Deployable => {
                let rows = if self.dice.chance(0.4) { self.dice.between(1, 14) } else { 0 };
                self.cargo(CARGO, rows);
            }
            Kind::Starbase => {
                let rows = if self.dice.chance(0.5) { self.dice.between(1, 6) } else { 0 };
                self.cargo(CARGO, rows);
            }
            Kind::Structure => self.fill_structure(hull),
        }
    }

    fn fill_ship(&mut self, hull: Hull) {
        // Some fly nearly empty hulls: ships just bought, alts, shuttles.
        if hull.class.racks[1] == 0 || self.dice.chance(0.035) {
            let rows = self.dice.below(3);
            return self.cargo(CARGO, rows);
        }
        let [high, mid, low] = hull.class.racks;
        self.guns(high);
        self.rack(&self.armoury.mid, MID, mid);
        self.rack(&self.armoury.low, LOW, low);
        let rigs = if self.dice.chance(0.8) { 3 } else { self.dice.below(3) };
        self.rack(&self.armoury.rig, RIG, rigs);
        if hull.class.group_id == STRATEGIC_CRUISER {
            for (n, shelf) in self.armoury.subsystems.iter().enumerate() {
                let drawn = shelf.draw(self.dice);
                self.add(drawn, self.slot(SUBSYSTEM + n as i64), 1);
            }
        }
        if hull.class.has_drones() && self.dice.chance(0.75) {
            for _ in 0..self.dice.between(1, 3) {
                let many = self.dice.between(1, 6);
                let drawn = self.armoury.drone.draw(self.dice);
                self.split(drawn, DRONE_BAY, many);
            }
        }
        let rows = self.dice.log_normal(3.2, 0.75).min(CARGO_ROWS_MAX) as u64;
        self.cargo(CARGO, rows);
        if self.dice.chance(CONTAINERS) {
            self.container();
        }
        if hull.class.is_capital() {
            self.capital_bays();
        }
    }

    fn guns(&mut self, slots: u64) {
        let gun = self.armoury.gun(self.dice);
        let loaded = gun
            .filter(|_| self.dice.chance(0.75))
            .and_then(|gun| self.armoury.charge_for(gun, self.dice));
        let utility = if slots > 2 { self.dice.below(2) } else { 0 };
        for n in 0..slots {
            let flag = self.slot(HIGH + n as i64);
            if n + utility >= slots {
                let drawn = self.armoury.utility_high.draw(self.dice);
                self.add(drawn, flag, 1);
                continue;
            }
            if self.dice.chance(0.06) {
                continue;
            }
            self.add(gun.map(|gun| gun.type_id), flag, 1);
            if self.dice.chance(0.8) {
                let rounds = self.dice.between(1, 120);
                self.add(loaded, flag, rounds);
            }
        }
    }

    fn rack(&mut self, shelf: &Shelf, first_flag: i64, slots: u64) {
        let mut previous = None;
        for n in 0..slots {
            // Slots stay empty at times, and two of the same are common.
            if self.dice.chance(0.07) {
                continue;
            }
            let again = previous.filter(|_| self.dice.chance(0.3));
            previous = again.or_else(|| shelf.draw(self.dice));
            self.add(previous, self.slot(first_flag + n as i64), 1);
        }
    }

    fn cargo(&mut self, flag: i64, rows: u64) {
        for _ in 0..rows {
            if self.dice.chance(0.012) {
                let Some(type_id) = self.armoury.blueprint.draw(self.dice) else { continue };
                let dropped = self.dice.chance(DROPS);
                self.items.push(Stack {
                    type_id,
                    flag,
                    quantity: 1,
                    singleton: COPY,
                    dropped,
                    inside: Vec::new(),
                });
            } else if self.dice.chance(0.35) {
                let shelf =
                    if self.dice.chance(0.5) { &self.armoury.mid } else { &self.armoury.low };
                let drawn = shelf.draw(self.dice);
                self.add(drawn, flag, 1);
            } else {
                let quantity = self.dice.log_normal(150.0, 2.4) as u64 + 1;
                let drawn = self.armoury.goods.draw(self.dice);
                self.split(drawn, flag, quantity);
            }
        }
    }

    fn container(&mut self) {
        let Some(type_id) = self.armoury.container.draw(self.dice) else { return };
        let around = mem::take(self.items);
        let rows = self.dice.log_normal(6.0, 0.9).clamp(1.0, CONTAINER_ROWS_MAX) as u64;
        self.cargo(0, rows);
        let inside = mem::replace(self.items, around);
        self.items.push(Stack {
            type_id,
            flag: CARGO,
            quantity: 1,
            dropped: self.dice.chance(DROPS),
            inside,
            ..Stack::default()
        });
    }

    fn capital_bays(&mut self) {
        for _ in 0..self.dice.below(6) {
            let many = self.dice.between(1, 12);
            let drawn = self.armoury.fighter.draw(self.dice);
            self.split(drawn, FIGHTER_BAY, many);
        }
        let rows = self.dice.below(9);
        self.cargo(FLEET_HANGAR, rows);
        let fuel = self.dice.between(500, 40_000);
        let drawn = self.armoury.fuel.draw(self.dice);
        self.split(drawn, FUEL_BAY, fuel);
    }

    fn fill_structure(&mut self, hull: Hull) {
        let [high, mid, low] = hull.class.racks;
        let racks = [
            (Slot::High, HIGH, high),
            (Slot::Mid, MID, mid),
            (Slot::Low, LOW, low),
            (Slot::Rig, RIG, 3),
            (Slot::Service, SERVICE, 3),
        ];
        if self.dice.chance(0.3) {
            return;
        }
        for (slot, first_flag, slots) in racks {
            if let Some(shelf) = self.armoury.structure.get(&slot) {
                self.rack(shelf, first_flag, slots);
            }
        }
        let fuel = self.dice.between(100, 20_000);
        let drawn = self.armoury.fuel.draw(self.dice);
        self.add(drawn, STRUCTURE_FUEL, fuel);
        let rows = self.dice.log_normal(8.0, 1.0).min(CARGO_ROWS_MAX) as u64;
        self.cargo(0, rows);
    }

    fn implants(&mut self) {
        if !self.dice.chance(IMPLANTED) {
            return;
        }
        for _ in 0..self.dice.between(1, 10) {
            let Some(type_id) = self.armoury.implant.draw(self.dice) else { return };
            self.items.push(Stack { type_id, flag: IMPLANT, quantity: 1, ..Stack::default() });
        }
    }

    fn add(&mut self, type_id: Option<i64>, flag: i64, quantity: u64) {
        if let Some(type_id) = type_id {
            self.items.push(Stack {
                type_id,
                flag,
                quantity,
                dropped: self.dice.chance(DROPS),
                ..Stack::default()
            });
        }
    }

    /// A stack of several may be partly destroyed and partly dropped, which makes two rows.
    fn split(&mut self, type_id: Option<i64>, flag: i64, quantity: u64) {
        if quantity < 2 || self.dice.chance(0.6) {
            return self.add(type_id, flag, quantity);
        }
        let Some(type_id) = type_id else { return };
        let dropped = 1 + (self.dice.unit() * (quantity - 1) as f64) as u64;
        self.items.push(Stack { type_id, flag, quantity: quantity - dropped, ..Stack::default() });
        self.items.push(Stack {
            type_id,
            flag,
            quantity: dropped,
            dropped: true,
            ..Stack::default()
        });
    }

    fn slot(&self, flag: i64) -> i64 {
        if self.slots_known { flag } else { 0 }
    }
}

const CARGO_ROWS_MAX: f64 = 90.0;
const CONTAINER_ROWS_MAX: f64 = 120.0;
