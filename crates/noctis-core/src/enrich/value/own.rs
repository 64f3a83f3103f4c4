//! Our own value of a kill: hull and items at the prices of its day.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::catalogue::{Catalogue, Type};
use crate::enrich::OwnValue;
use crate::enrich::fitted::Fitted;
use crate::enrich::prices::{Basis, PriceBook};
use crate::isk::Isk;
use crate::killmail::{Item, Killmail};
use crate::time;

/// What an empty capsule is worth, as in zKillboard: no market trades them.
const CAPSULE_EACH: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);
/// Capsule and Capsule - Genolution 'Auroral' 197-variant.
const TYPES_CAPSULE: [i64; 2] = [670, 33_328];

/// What is worth next to nothing: blueprint copies, which have the type of the original, and SKINs.
const TRIFLE_EACH: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
const SINGLETON_BLUEPRINT_COPY: i64 = 2;
const CATEGORY_SKIN: i64 = 91;

/// Abyssal: mutated modules, drones and fighters, and the mutaplasmids that make them, which the market trades.
const META_GROUP_ABYSSAL: i64 = 15;
/// Module, Drone, Fighter.
const CATEGORIES_MUTATED: [i64; 3] = [7, 18, 87];
const META_GROUP_TECH_I: i64 = 1;

/// Hull and items at the prices of the kill's day, in UTC.
///
/// None where prices tell nothing: no price of the book was met and something has none. None as well where the sum is
/// more than [`Isk`] holds: such a mail is absurd, and a cut sum would read as a fact.
pub(in crate::enrich) fn own(
    killmail: &Killmail,
    catalogue: &Catalogue,
    prices: &PriceBook,
) -> Option<OwnValue> {
    let day = time::day(killmail.killmail_time);
    let pricing = Pricing { catalogue, prices, day };
    let mut sums = Sums::default();
    sums.destroyed = sums.add(killmail.victim.ship_type_id, pricing.hull(killmail), 1)?;
    let fitted = Fitted::of(killmail);
    for item in &killmail.victim.items {
        let (dropped, destroyed) = (item.quantity_dropped, item.quantity_destroyed);
        let each = pricing.item(item);
        let dropped = sums.add(item.item_type_id, each, dropped.unwrap_or(0))?;
        let destroyed = sums.add(item.item_type_id, each, destroyed.unwrap_or(0))?;
        sums.dropped = sums.dropped.checked_add(dropped)?;
        sums.destroyed = sums.destroyed.checked_add(destroyed)?;
        if fitted.holds(item.flag) {
            sums.fitted = sums.fitted.checked_add(dropped)?.checked_add(destroyed)?;
        }
        if !item.items.is_empty() {
            let contents = sums.contents(item, &pricing)?;
            let dropped = item.quantity_dropped.is_some_and(|quantity| quantity > 0);
            let fate = if dropped { &mut sums.dropped } else { &mut sums.destroyed };
            *fate = fate.checked_add(contents)?;
        }
    }
    sums.value(day)
}

/// The types whose prices a value of our own asks the book for, sorted, each once: what is always worth the same is left
/// out, and a mutated module comes with what it was made from.
pub fn priced_types(killmail: &Killmail, catalogue: &Catalogue) -> Vec<i64> {
    let mut types = Vec::with_capacity(killmail.victim.items.len() + 1);
    let mut add = |type_id: i64, singleton: i64| {
        let kind = catalogue.types.get(type_id);
        if fixed(type_id, singleton, kind).is_none() {
            types.push(type_id);
            types.extend(mutated(kind, catalogue).and_then(|mutated| mutated.source));
        }
    };
    add(killmail.victim.ship_type_id, 0);
    let mut open: Vec<&[Item]> = vec![&killmail.victim.items];
    while let Some(items) = open.pop() {
        for item in items {
            add(item.item_type_id, item.singleton);
            if !item.items.is_empty() {
                open.push(&item.items);
            }
        }
    }
    types.sort_unstable();
    types.dedup();
    types
}

/// What one of an item was worth on a kill's day, as a value of our own counts it. None where that is not known.
pub fn item_price(
    item: &Item,
    day: Date,
    catalogue: &Catalogue,
    prices: &PriceBook,
) -> Option<Isk> {
    match (Pricing { catalogue, prices, day }).item(item) {
        Each::Fixed(each) | Each::Booked(each) => Isk::new(each),
        Each::Unpriced => None,
    }
}

/// The price of one, and whether the book gave it.
#[derive(Clone, Copy)]
enum Each {
    Fixed(Decimal),
    Booked(Decimal),
    Unpriced,
}

struct Pricing<'a> {
    catalogue: &'a Catalogue,
    prices: &'a PriceBook,
    day: Date,
}

impl Pricing<'_> {
    fn hull(&self, killmail: &Killmail) -> Each {
        self.each(killmail.victim.ship_type_id, 0)
    }

    fn item(&self, item: &Item) -> Each {
        self.each(item.item_type_id, item.singleton)
    }

    fn each(&self, type_id: i64, singleton: i64) -> Each {
        let kind = self.catalogue.types.get(type_id);
        if let Some(fixed) = fixed(type_id, singleton, kind) {
            return Each::Fixed(fixed);
        }
        let own = self.prices.get(type_id, self.day);
        let price = match mutated(kind, self.catalogue) {
            None => own,
            // What CCP says of a mutated type says nothing of this one; what the host says does.
            Some(mutated) => own
                .filter(|price| price.basis == Basis::Override)
                .or_else(|| mutated.source.and_then(|source| self.prices.get(source, self.day))),
        };
        price.map_or(Each::Unpriced, |price| Each::Booked(price.each.amount()))
    }
}

fn fixed(type_id: i64, singleton: i64, kind: Option<&Type>) -> Option<Decimal> {
    if TYPES_CAPSULE.contains(&type_id) {
        return Some(CAPSULE_EACH);
    }
    let is_skin = kind.is_some_and(|kind| kind.category_id == CATEGORY_SKIN);
    (singleton == SINGLETON_BLUEPRINT_COPY || is_skin).then_some(TRIFLE_EACH)
}

/// A mutated type, and the type it was made from where the static data says it.
struct Mutated {
    source: Option<i64>,
}

/// A mail does not say what a mutated module was made from. A parent of Tech I is the root of its variants, hundreds of
/// times cheaper than what people mutate, and no source.
fn mutated(kind: Option<&Type>, catalogue: &Catalogue) -> Option<Mutated> {
    let kind = kind?;
    let is_mutated = kind.meta_group_id == Some(META_GROUP_ABYSSAL)
        && CATEGORIES_MUTATED.contains(&kind.category_id);
    let source = || {
        let parent = catalogue.types.get(kind.parent_type_id?)?;
        let variant = parent.meta_group_id.is_some_and(|meta| meta != META_GROUP_TECH_I);
        variant.then_some(parent.type_id)
    };
    is_mutated.then(|| Mutated { source: source() })
}

#[derive(Default)]
struct Sums {
    fitted: Decimal,
    dropped: Decimal,
    destroyed: Decimal,
    booked: bool,
    unpriced: Vec<i64>,
}

impl Sums {
    /// What so many are worth, noting whether there was a price. None on overflow.
    fn add(&mut self, type_id: i64, each: Each, quantity: i64) -> Option<Decimal> {
        if quantity <= 0 {
            return Some(Decimal::ZERO);
        }
        let each = match each {
            Each::Fixed(each) => each,
            Each::Booked(each) => {
                self.booked = true;
                each
            }
            Each::Unpriced => {
                self.unpriced.push(type_id);
                return Some(Decimal::ZERO);
            }
        };
        each.checked_mul(Decimal::from(quantity))
    }

    /// What lies in a container, and in containers therein: its quantities, whatever fate the mail says of each, since
    /// it shares the container's.
    fn contents(&mut self, container: &Item, pricing: &Pricing<'_>) -> Option<Decimal> {
        let mut sum = Decimal::ZERO;
        let mut open: Vec<&[Item]> = vec![&container.items];
        while let Some(items) = open.pop() {
            for item in items {
                let each = pricing.item(item);
                for quantity in [item.quantity_dropped, item.quantity_destroyed] {
                    let worth = self.add(item.item_type_id, each, quantity.unwrap_or(0))?;
                    sum = sum.checked_add(worth)?;
                }
                if !item.items.is_empty() {
                    open.push(&item.items);
                }
            }
        }
        Some(sum)
    }

    fn value(mut self, day: Date) -> Option<OwnValue> {
        self.unpriced.sort_unstable();
        self.unpriced.dedup();
        if !self.booked && !self.unpriced.is_empty() {
            return None;
        }
        Some(OwnValue {
            total: Isk::new(self.dropped.checked_add(self.destroyed)?)?,
            fitted: Isk::new(self.fitted)?,
            dropped: Isk::new(self.dropped)?,
            destroyed: Isk::new(self.destroyed)?,
            unpriced_count: u32::try_from(self.unpriced.len()).unwrap_or(u32::MAX),
            price_date: day,
        })
    }
}
