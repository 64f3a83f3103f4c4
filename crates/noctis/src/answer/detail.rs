//! One kill in full: every attacker, and everything the victim carried, what lay in containers included.

use noctis_core::enrich::item_price;
use noctis_core::enrich::prices::PriceBook;
use noctis_core::isk::Isk;
use noctis_core::killmail::{Attacker, Item, Killmail};
use noctis_core::time::day;
use serde::Serialize;
use utoipa::ToSchema;

use super::kill::{Kill, NamedType, Party};
use super::naming::Naming;
use super::slot;

/// A kill with all attackers and items.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KillDetail {
    #[serde(flatten)]
    pub kill: Kill,
    /// Its month has left the tables: it was read from the archive.
    pub archived: bool,
    /// In the mail's order.
    pub attackers: Vec<Attack>,
    /// In the mail's order. What was partly destroyed and partly dropped may stand in two rows, as in the mail.
    pub items: Vec<CarriedItem>,
    /// What the same victim lost within an hour before and after, oldest first: the pod after the ship, or the ship
    /// before the pod. Ten at most.
    pub related: Vec<Kill>,
}

/// What one attacker did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attack {
    #[serde(flatten)]
    pub party: Party,
    #[schema(required = true)]
    pub ship: Option<NamedType>,
    #[schema(required = true)]
    pub weapon: Option<NamedType>,
    pub damage_done: i64,
    pub final_blow: bool,
    pub security_status: f64,
}

/// One stack that the victim carried or had fitted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CarriedItem {
    pub item: NamedType,
    /// Where it was, as ESI numbers it.
    pub flag: i64,
    /// Where it was, in words; null for a flag that has none.
    #[schema(required = true)]
    pub slot: Option<&'static str>,
    /// 0 a stack, 1 assembled, 2 a blueprint copy.
    pub singleton: i64,
    pub quantity_dropped: i64,
    pub quantity_destroyed: i64,
    /// ISK of one on the kill's day, from prices as they are now; null where none is known.
    #[schema(required = true, value_type = Option<f64>)]
    pub price: Option<Isk>,
    /// What was in it.
    #[schema(no_recursion)]
    pub items: Vec<CarriedItem>,
}

impl KillDetail {
    pub(super) fn new(
        (kill, archived): (noctis_core::kill::Kill, bool),
        mail: &Killmail,
        naming: &Naming<'_>,
        prices: &PriceBook,
    ) -> KillDetail {
        let day = day(mail.killmail_time);
        let price = |item: &Item| item_price(item, day, naming.catalogue, prices);
        let mut kill = Kill::new(kill, naming);
        kill.victim.damage_taken = Some(mail.victim.damage_taken);
        let attackers = mail.attackers.iter().map(|attacker| attack(attacker, naming)).collect();
        KillDetail {
            kill,
            archived,
            attackers,
            items: carried(&mail.victim.items, naming, &price),
            related: Vec::new(),
        }
    }
}

fn attack(attacker: &Attacker, naming: &Naming<'_>) -> Attack {
    Attack {
        party: naming.party(&super::party(attacker)),
        ship: attacker.ship_type_id.map(|id| naming.item_type(id)),
        weapon: attacker.weapon_type_id.map(|id| naming.item_type(id)),
        damage_done: attacker.damage_done,
        final_blow: attacker.final_blow,
        security_status: attacker.security_status,
    }
}

/// The reader refuses mails that nest deeper than 32, so this ends.
fn carried(
    items: &[Item],
    naming: &Naming<'_>,
    price: &impl Fn(&Item) -> Option<Isk>,
) -> Vec<CarriedItem> {
    let carry = |item: &Item| CarriedItem {
        item: naming.item_type(item.item_type_id),
        flag: item.flag,
        slot: slot::of_flag(item.flag),
        singleton: item.singleton,
        quantity_dropped: item.quantity_dropped.unwrap_or(0),
        quantity_destroyed: item.quantity_destroyed.unwrap_or(0),
        price: price(item),
        items: carried(&item.items, naming, price),
    };
    items.iter().map(carry).collect()
}
