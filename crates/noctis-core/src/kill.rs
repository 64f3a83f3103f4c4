//! A killmail as lists show it, ids without names, whether it comes from the tables or from the archive.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::isk::Isk;
use crate::killmail::KillmailHash;

/// A kill's key in the tables and in the archive's files; keys sort as kills do, oldest first.
pub type Key = (Timestamp, i64);

/// What a list shows of a kill, ids without names.
#[derive(Clone, Debug, PartialEq)]
pub struct Kill {
    pub killmail_id: i64,
    pub killmail_time: Timestamp,
    pub killmail_hash: Option<KillmailHash>,
    pub received_at: Timestamp,
    pub solar_system_id: i64,
    pub ship_type_id: i64,
    pub war_id: Option<i64>,
    pub attacker_count: i32,
    pub player_count: i32,
    pub isk_value: Option<Isk>,
    pub fitted_value: Option<Isk>,
    pub dropped_value: Option<Isk>,
    pub destroyed_value: Option<Isk>,
    pub value_source: String,
    /// Our own total and zKillboard's, whichever prevails.
    pub own_value: Option<Isk>,
    pub zkb_value: Option<Isk>,
    /// Types that have no price and count nothing in our own value.
    pub unpriced_count: Option<i32>,
    /// The day whose prices make our own value.
    pub price_date: Option<Date>,
    pub points: Option<i32>,
    pub npc: bool,
    pub solo: bool,
    pub awox: bool,
    pub labels: Vec<String>,
    pub module_tags: Vec<String>,
    pub victim: Party,
    pub final_blow: Option<FinalBlow>,
}

impl Kill {
    #[must_use]
    pub fn key(&self) -> Key {
        (self.killmail_time, self.killmail_id)
    }
}

/// Who somebody was on the mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    pub character_id: Option<i64>,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
}

/// Who fired last, in what, with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinalBlow {
    pub party: Party,
    pub ship_type_id: Option<i64>,
    pub weapon_type_id: Option<i64>,
}
