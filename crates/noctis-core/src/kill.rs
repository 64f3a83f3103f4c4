//! A killmail as lists show it, ids without names, whether it comes from the tables or from the archive.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::isk::Isk;
use crate::killmail::KillmailHash;
use crate::time::day;

/// A kill's key in the tables and in the archive's files; keys sort as kills do, oldest first.
pub type Key = (Timestamp, i64);

/// Keys of one calendar month (UTC), with the first and the last time of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfMonth {
    pub keys: Vec<Key>,
    pub first: Timestamp,
    pub last: Timestamp,
}

impl OfMonth {
    pub fn ids(&self) -> Vec<i64> {
        self.keys.iter().map(|(_, killmail_id)| *killmail_id).collect()
    }
}

/// These keys month by month, the oldest month first, `keys_max` at a time. What is asked of the kills of one month touches the
/// leaves of that month alone.
pub fn by_month(keys: &[Key], keys_max: usize) -> Vec<OfMonth> {
    let mut months: BTreeMap<Date, Vec<Key>> = BTreeMap::new();
    for &key in keys {
        months.entry(day(key.0).first_of_month()).or_default().push(key);
    }
    let pages = months.values().flat_map(|keys| keys.chunks(keys_max));
    pages
        .filter_map(|keys| {
            let times = || keys.iter().map(|(time, _)| *time);
            Some(OfMonth { keys: keys.to_vec(), first: times().min()?, last: times().max()? })
        })
        .collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_month_by_month_and_so_many_at_a_time() {
        let key = |time: &str, id| -> Key { (time.parse().unwrap(), id) };
        let last_of_may = key("2025-05-31T23:59:59.999999Z", 1);
        let (first, later) = (key("2025-06-01T00:00:00Z", 2), key("2025-06-02T00:00:00Z", 3));
        let end = key("2025-06-30T23:59:59Z", 4);
        let months = by_month(&[later, first, last_of_may, end], 2);
        let of = |keys: &[Key], first: Key, last: Key| OfMonth {
            keys: keys.to_vec(),
            first: first.0,
            last: last.0,
        };
        let expected = [
            of(&[last_of_may], last_of_may, last_of_may),
            of(&[later, first], first, later),
            of(&[end], end, end),
        ];
        assert_eq!(months, expected);
        assert_eq!(by_month(&[], 2), []);
    }
}
