//! What a killmail is: the typed view of an ESI killmail body, in ESI's own words.
//!
//! The body itself is kept as text beside this view and stored unchanged; unknown fields live on there.

pub mod check;
pub mod hash;
pub mod parse;
pub mod reason;
pub mod shape;
pub mod split;

use jiff::Timestamp;

pub use hash::KillmailHash;
pub use reason::{Reason, Rejected};

/// One ship lost, as `GET /killmails/{id}/{hash}` of EVE's ESI describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Killmail {
    pub killmail_id: i64,
    pub killmail_time: Timestamp,
    pub solar_system_id: i64,
    pub war_id: Option<i64>,
    pub victim: Victim,
    /// In the mail's order; at least one.
    pub attackers: Vec<Attacker>,
}

/// Who lost the ship. Structures and deployables have no character.
#[derive(Clone, Debug, PartialEq)]
pub struct Victim {
    pub character_id: Option<i64>,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub ship_type_id: i64,
    pub damage_taken: i64,
    pub items: Vec<Item>,
}

/// Who took part. NPCs, structures and sentries have no character, some not even a corporation or ship.
#[derive(Clone, Debug, PartialEq)]
pub struct Attacker {
    pub character_id: Option<i64>,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub ship_type_id: Option<i64>,
    pub weapon_type_id: Option<i64>,
    pub damage_done: i64,
    pub final_blow: bool,
    pub security_status: f64,
}

/// One stack the victim carried or had fitted; `flag` says where. Containers carry more items.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub item_type_id: i64,
    pub flag: i64,
    /// 0 a stack, 1 assembled, 2 a blueprint copy.
    pub singleton: i64,
    pub quantity_destroyed: Option<i64>,
    pub quantity_dropped: Option<i64>,
    pub items: Vec<Item>,
}

impl Attacker {
    /// A capsuleer, not an NPC: character ids up to 3,999,999 are NPC agents (`enrichment.md`).
    pub fn is_player(&self) -> bool {
        self.character_id.is_some_and(|id| id > NPC_CHARACTER_ID_MAX)
    }
}

impl Killmail {
    /// The types that the victim carried, containers' contents included, sorted, each once. What is no id of a type,
    /// since it is beyond 2,147,483,647, is left out.
    pub fn item_type_ids(&self) -> Vec<i32> {
        fn collect(items: &[Item], ids: &mut Vec<i32>) {
            for item in items {
                ids.extend(i32::try_from(item.item_type_id).ok());
                collect(&item.items, ids);
            }
        }
        let mut ids = Vec::new();
        collect(&self.victim.items, &mut ids);
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub fn final_blow(&self) -> Option<&Attacker> {
        self.attackers.iter().find(|attacker| attacker.final_blow)
    }

    pub fn player_count(&self) -> usize {
        self.attackers.iter().filter(|attacker| attacker.is_player()).count()
    }
}

/// The highest character id of an NPC.
pub const NPC_CHARACTER_ID_MAX: i64 = 3_999_999;
