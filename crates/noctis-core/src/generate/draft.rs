//! A killmail as it is being made up, and how it is written: ESI's keys, one line of compact JSON.

use std::io::Write;

use jiff::Timestamp;

use super::hulls::HullClass;

/// All that goes into one body.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) killmail_id: i64,
    /// Seconds since 1970.
    pub(super) time: i64,
    pub(super) system_id: i64,
    pub(super) moon_id: Option<i64>,
    pub(super) war_id: Option<i64>,
    pub(super) victim: Party,
    pub(super) class: &'static HullClass,
    pub(super) damage_taken: u64,
    /// Millimetres from the system's sun.
    pub(super) position: Option<[i64; 3]>,
    pub(super) items: Vec<Stack>,
    pub(super) attackers: Vec<Attacker>,
}

/// One who took part: a pilot, an NPC or a structure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Party {
    pub(super) character_id: Option<i64>,
    pub(super) corporation_id: Option<i64>,
    pub(super) alliance_id: Option<i64>,
    pub(super) faction_id: Option<i64>,
    pub(super) ship_type_id: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Attacker {
    pub(super) party: Party,
    pub(super) weapon_type_id: Option<i64>,
    pub(super) damage_done: u64,
    pub(super) final_blow: bool,
    /// Tenths, from -100 to 50.
    pub(super) security_tenths: i64,
}

/// One stack the victim had; a container has more stacks in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stack {
    pub(super) type_id: i64,
    pub(super) flag: i64,
    pub(super) singleton: i64,
    pub(super) quantity: u64,
    pub(super) dropped: bool,
    pub(super) inside: Vec<Stack>,
}

impl Draft {
    /// Appends the body without its closing brace, so that a `zkb` block may follow.
    pub(super) fn write_open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"attackers\":[");
        for (n, attacker) in self.attackers.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            write_attacker(attacker, out);
        }
        number(b"],\"killmail_id\":", self.killmail_id, out);
        let time = Timestamp::from_second(self.time)
            .expect("the range of the options is a range of timestamps");
        write!(out, ",\"killmail_time\":\"{time}\"").expect("a Vec takes every write");
        optional(b",\"moon_id\":", self.moon_id, out);
        number(b",\"solar_system_id\":", self.system_id, out);
        out.extend_from_slice(b",\"victim\":{");
        self.write_victim(out);
        out.push(b'}');
        optional(b",\"war_id\":", self.war_id, out);
    }

    fn write_victim(&self, out: &mut Vec<u8>) {
        write_owner(&self.victim, out);
        number(b"\"damage_taken\":", self.damage_taken, out);
        optional(b",\"faction_id\":", self.victim.faction_id, out);
        out.extend_from_slice(b",\"items\":[");
        write_stacks(&self.items, out);
        out.push(b']');
        if let Some([x, y, z]) = self.position {
            thousandths(b",\"position\":{\"x\":", x, out);
            thousandths(b",\"y\":", y, out);
            thousandths(b",\"z\":", z, out);
            out.push(b'}');
        }
        optional(b",\"ship_type_id\":", self.victim.ship_type_id, out);
    }
}

fn write_attacker(attacker: &Attacker, out: &mut Vec<u8>) {
    out.push(b'{');
    write_owner(&attacker.party, out);
    number(b"\"damage_done\":", attacker.damage_done, out);
    optional(b",\"faction_id\":", attacker.party.faction_id, out);
    out.extend_from_slice(if attacker.final_blow {
        b",\"final_blow\":true"
    } else {
        b",\"final_blow\":false"
    });
    number(b",\"security_status\":", attacker.security_tenths / 10, out);
    let tenth = attacker.security_tenths.unsigned_abs() % 10;
    if tenth > 0 {
        if attacker.security_tenths > -10 && attacker.security_tenths < 0 {
            // The whole part is zero, which has lost its sign.
            out.insert(out.len() - 1, b'-');
        }
        number(b".", tenth, out);
    }
    optional(b",\"ship_type_id\":", attacker.party.ship_type_id, out);
    optional(b",\"weapon_type_id\":", attacker.weapon_type_id, out);
    out.push(b'}');
}

/// The ids of who it is, each followed by a comma.
fn write_owner(party: &Party, out: &mut Vec<u8>) {
    let fields: [(&[u8], Option<i64>); 3] = [
        (b"\"alliance_id\":", party.alliance_id),
        (b"\"character_id\":", party.character_id),
        (b"\"corporation_id\":", party.corporation_id),
    ];
    for (key, id) in fields {
        if let Some(id) = id {
            number(key, id, out);
            out.push(b',');
        }
    }
}

fn write_stacks(stacks: &[Stack], out: &mut Vec<u8>) {
    for (n, stack) in stacks.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        number(b"{\"flag\":", stack.flag, out);
        number(b",\"item_type_id\":", stack.type_id, out);
        if !stack.inside.is_empty() {
            out.extend_from_slice(b",\"items\":[");
            write_stacks(&stack.inside, out);
            out.push(b']');
        }
        let key: &[u8] =
            if stack.dropped { b",\"quantity_dropped\":" } else { b",\"quantity_destroyed\":" };
        number(key, stack.quantity, out);
        number(b",\"singleton\":", stack.singleton, out);
        out.push(b'}');
    }
}

/// Appends a key and a whole number.
pub(super) fn number(key: &[u8], value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(key);
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn optional(key: &[u8], value: Option<i64>, out: &mut Vec<u8>) {
    if let Some(value) = value {
        number(key, value, out);
    }
}

/// Appends a key and a number given in thousandths.
fn thousandths(key: &[u8], value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(key);
    if value < 0 {
        out.push(b'-');
    }
    number(b"", value.unsigned_abs() / 1_000, out);
    let rest = value.unsigned_abs() % 1_000;
    out.extend_from_slice(&[
        b'.',
        b'0' + (rest / 100) as u8,
        b'0' + (rest / 10 % 10) as u8,
        b'0' + (rest % 10) as u8,
    ]);
}
