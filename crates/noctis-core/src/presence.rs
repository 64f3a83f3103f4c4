//! What everybody did: kills and losses of each entity, added up by day and by month; and in which months there is what.
//!
//! One [`Tally`] is what the store counts with, what it reads where nothing is counted yet, and what the doctor counts anew.

mod cover;
mod trace;

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::catalogue::Catalogue;
use crate::isk::Isk;
use crate::kill::Key;
use crate::time::day;

pub use cover::Cover;
pub use trace::Trace;

/// CCP's group of capsules, which people call pods.
pub const CAPSULE_GROUP_ID: i64 = 29;

/// What is counted for. The numbers are those of the column `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Kind {
    Character = 1,
    Corporation = 2,
    Alliance = 3,
    /// A type: ships, and whatever else can be lost.
    ShipType = 4,
    /// As the static data had it when the kill was counted.
    ShipGroup = 5,
    System = 6,
    Constellation = 7,
    Region = 8,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::Character,
        Kind::Corporation,
        Kind::Alliance,
        Kind::ShipType,
        Kind::ShipGroup,
        Kind::System,
        Kind::Constellation,
        Kind::Region,
    ];

    /// The number in the column `kind`.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// Of a number in the column `kind`.
    pub fn of(number: i16) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// Somebody or something that is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    pub kind: Kind,
    pub id: i64,
}

/// Kills and losses with the ISK of those whose value is known. Of a place, whatever was lost there is a kill, and nothing a
/// loss. What is taken back counts below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub kills: i64,
    /// Of the kills those of capsules.
    pub pod_kills: i64,
    /// Of the kills those by NPCs alone: of a place, an NPC corporation, a ship.
    pub npc_kills: i64,
    pub losses: i64,
    /// Of the losses those of capsules.
    pub pod_losses: i64,
    /// Of the losses those to NPCs alone.
    pub npc_losses: i64,
    pub isk_destroyed: Decimal,
    pub isk_lost: Decimal,
}

impl Counts {
    /// One mail, for its attackers or places.
    fn kill(mail: &Mail, is_pod: bool) -> Counts {
        Counts {
            kills: 1,
            pod_kills: is_pod.into(),
            npc_kills: mail.npc.into(),
            isk_destroyed: mail.isk_value.unwrap_or_default().amount(),
            ..Counts::default()
        }
    }

    /// One mail, for its victim.
    fn loss(mail: &Mail, is_pod: bool) -> Counts {
        Counts {
            losses: 1,
            pod_losses: is_pod.into(),
            npc_losses: mail.npc.into(),
            isk_lost: mail.isk_value.unwrap_or_default().amount(),
            ..Counts::default()
        }
    }

    pub fn is_zero(&self) -> bool {
        *self == Counts::default()
    }

    /// Adds these counts so many times: once, or, to take them back, minus once.
    pub fn add(&mut self, other: &Counts, times: i64) {
        self.kills += times * other.kills;
        self.pod_kills += times * other.pod_kills;
        self.npc_kills += times * other.npc_kills;
        self.losses += times * other.losses;
        self.pod_losses += times * other.pod_losses;
        self.npc_losses += times * other.npc_losses;
        // Sums stay below 1e20: all that EVE ever lost is a thousandth of that.
        self.isk_destroyed += Decimal::from(times) * other.isk_destroyed;
        self.isk_lost += Decimal::from(times) * other.isk_lost;
    }
}

/// A kill as far as it is counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    pub key: Key,
    pub solar_system_id: i64,
    /// What the victim flew.
    pub ship_type_id: i64,
    /// All attackers are NPCs.
    pub npc: bool,
    pub isk_value: Option<Isk>,
    /// In any order.
    pub participants: Vec<Participant>,
    pub traces: Vec<Trace>,
}

/// The victim (ordinal 0) or an attacker, as the table of participants has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Participant {
    pub ordinal: i32,
    pub character_id: Option<i64>,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub ship_type_id: Option<i64>,
}

/// Counts by entity and day, and traces by month.
#[derive(Debug, Default)]
pub struct Tally {
    counts: HashMap<(Entity, Date), Counts>,
    traces: HashMap<Date, HashSet<Trace>>,
}

impl Tally {
    /// Counts a kill: once for each entity among its attackers, once for each of its victim, once for each place.
    pub fn add(&mut self, mail: &Mail, catalogue: &Catalogue) {
        self.count(mail, catalogue, 1);
        let month = self.traces.entry(day(mail.key.0).first_of_month()).or_default();
        for trace in &mail.traces {
            if !month.contains(trace) {
                month.insert(trace.clone());
            }
        }
    }

    /// Takes back a kill that was counted as it is given here. Its traces stay.
    pub fn take_back(&mut self, mail: &Mail, catalogue: &Catalogue) {
        self.count(mail, catalogue, -1);
    }

    /// Entities and days that something was counted for, whatever it came to.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// What is not zero, in no order.
    pub fn days(&self) -> impl Iterator<Item = (Entity, Date, &Counts)> {
        let all = self.counts.iter().filter(|(_, counts)| !counts.is_zero());
        all.map(|(&(entity, day), counts)| (entity, day, counts))
    }

    /// The traces of each month, by its first day; in no order.
    pub fn traces(&self) -> impl Iterator<Item = (Date, &Trace)> {
        self.traces.iter().flat_map(|(month, traces)| traces.iter().map(|trace| (*month, trace)))
    }

    fn count(&mut self, mail: &Mail, catalogue: &Catalogue, times: i64) {
        let group = |type_id: i64| catalogue.types.get(type_id).map(|row| row.group_id);
        let is_pod = group(mail.ship_type_id) == Some(CAPSULE_GROUP_ID);
        let (kill, loss) = (Counts::kill(mail, is_pod), Counts::loss(mail, is_pod));
        let (mut killers, mut losers) = (Vec::new(), Vec::new());
        let entity = |kind, id| Entity { kind, id };
        for one in &mail.participants {
            let side = if one.ordinal == 0 { &mut losers } else { &mut killers };
            side.extend(one.character_id.map(|id| entity(Kind::Character, id)));
            side.extend(one.corporation_id.map(|id| entity(Kind::Corporation, id)));
            side.extend(one.alliance_id.map(|id| entity(Kind::Alliance, id)));
            // What the victim flew is the mail's own word.
            if one.ordinal > 0 {
                side.extend(one.ship_type_id.map(|id| entity(Kind::ShipType, id)));
                side.extend(one.ship_type_id.and_then(group).map(|id| entity(Kind::ShipGroup, id)));
            }
        }
        losers.push(entity(Kind::ShipType, mail.ship_type_id));
        losers.extend(group(mail.ship_type_id).map(|id| entity(Kind::ShipGroup, id)));
        killers.push(entity(Kind::System, mail.solar_system_id));
        if let Some(system) = catalogue.systems.get(mail.solar_system_id) {
            killers.push(entity(Kind::Constellation, system.constellation_id));
            killers.push(entity(Kind::Region, system.region_id));
        }
        let day = day(mail.key.0);
        for (mut side, counts) in [(killers, kill), (losers, loss)] {
            side.sort_unstable();
            side.dedup();
            for entity in side {
                self.counts.entry((entity, day)).or_default().add(&counts, times);
            }
        }
    }
}

#[cfg(test)]
mod tests;
