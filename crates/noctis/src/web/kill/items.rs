//! What the victim had, by the place it was in; what lay in a container stands under it.

use crate::answer::CarriedItem;
use crate::figures::grouped;
use crate::web::names::type_text;

/// Rows on a page; the JSON has all.
const ITEMS_SHOWN_MAX: usize = 1_000;
/// Steps to the right that the style knows.
const DEPTH_SHOWN_MAX: usize = 3;

/// The places that come first, in this order; the others follow by name.
const SLOTS_FIRST: [&str; 12] = [
    "High Slot",
    "Mid Slot",
    "Low Slot",
    "Rig",
    "Subsystem",
    "Service Slot",
    "Fighter Tube",
    "Implant Slot",
    "Booster Slot",
    "Drone Bay",
    "Fighter Bay",
    "Cargo",
];

/// ESI's number of a copied blueprint.
const SINGLETON_COPY: i64 = 2;

pub(super) struct SlotRows {
    pub(super) name: String,
    pub(super) items: Vec<ItemRow>,
}

pub(super) struct ItemRow {
    pub(super) name: String,
    pub(super) depth: usize,
    pub(super) is_copy: bool,
    pub(super) dropped: Option<String>,
    pub(super) destroyed: Option<String>,
    pub(super) class: &'static str,
}

/// An item before it is written as a row.
struct Stack<'a> {
    item: &'a CarriedItem,
    depth: usize,
    dropped: i64,
    destroyed: i64,
}

/// The rows by place, and how many were left out.
pub(super) fn by_slot(items: &[CarriedItem]) -> (Vec<SlotRows>, usize) {
    let mut slots: Vec<(String, Vec<Stack<'_>>)> = Vec::new();
    for item in items {
        let name = slot_name(item);
        let place = slots.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            slots.push((name, Vec::new()));
            slots.len() - 1
        });
        add(&mut slots[place].1, item, 0);
    }
    slots.sort_by_key(|(name, _)| {
        let first = SLOTS_FIRST.iter().position(|slot| slot == name);
        (first.unwrap_or(SLOTS_FIRST.len()), name.clone())
    });
    let mut room = ITEMS_SHOWN_MAX;
    let total: usize = slots.iter().map(|(_, stacks)| stacks.len()).sum();
    let rows = slots.into_iter().map(|(name, stacks)| {
        let items: Vec<ItemRow> = stacks.iter().take(room).map(row).collect();
        room -= items.len();
        SlotRows { name, items }
    });
    let rows = rows.filter(|slot| !slot.items.is_empty()).collect();
    (rows, total.saturating_sub(ITEMS_SHOWN_MAX))
}

fn slot_name(item: &CarriedItem) -> String {
    match item.slot {
        Some(slot) => slot.to_owned(),
        // So it is in mails of 2008 to 2011.
        None if item.flag == 0 => "Somewhere aboard".to_owned(),
        None => format!("Place {}", item.flag),
    }
}

/// Adds an item with what it holds. What is the same in the same place is one row, as dropped and destroyed parts
/// of a stack come in two.
fn add<'a>(stacks: &mut Vec<Stack<'a>>, item: &'a CarriedItem, depth: usize) {
    let is_same = |stack: &&mut Stack<'_>| {
        let other = stack.item;
        depth == 0
            && stack.depth == 0
            && other.items.is_empty()
            && item.items.is_empty()
            && (other.item.id, other.singleton) == (item.item.id, item.singleton)
    };
    if let Some(stack) = stacks.iter_mut().find(is_same) {
        stack.dropped = stack.dropped.saturating_add(item.quantity_dropped);
        stack.destroyed = stack.destroyed.saturating_add(item.quantity_destroyed);
        return;
    }
    let (dropped, destroyed) = (item.quantity_dropped, item.quantity_destroyed);
    stacks.push(Stack { item, depth, dropped, destroyed });
    for inner in &item.items {
        add(stacks, inner, depth + 1);
    }
}

fn row(stack: &Stack<'_>) -> ItemRow {
    let count = |quantity: i64| (quantity > 0).then(|| grouped(quantity));
    ItemRow {
        name: type_text(&stack.item.item),
        depth: stack.depth.min(DEPTH_SHOWN_MAX),
        is_copy: stack.item.singleton == SINGLETON_COPY,
        dropped: count(stack.dropped),
        destroyed: count(stack.destroyed),
        class: if stack.dropped > 0 { "has-dropped" } else { "all-destroyed" },
    }
}
