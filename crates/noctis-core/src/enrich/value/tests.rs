//! Own value: what counts, where it falls, what has no price, and which of two values is taken.

use proptest::prelude::*;

use super::*;
use crate::catalogue::{Catalogue, Table, Type};
use crate::enrich::prices::{Basis, Price, PriceBook};
use crate::enrich::tests::{CAPSULE, CATALOGUE, RIFTER, item, kill};
use crate::enrich::{Enriched, Sources, enrich};
use crate::killmail::{Item, Killmail};

const DAMAGE_CONTROL_II: i64 = 2_048;
const HOBGOBLIN_II: i64 = 2_456;
const CARGO_CONTAINER: i64 = 17_366;
const RIFTER_BLUEPRINT: i64 = 691;
const SKIN: i64 = 34_599;
const ABYSSAL_MICROWARPDRIVE: i64 = 47_740;
const UNKNOWN: i64 = i64::MAX;

/// A book of the day of [`kill`].
fn book(prices: &[(i64, &str)]) -> PriceBook {
    let mut book = PriceBook::default();
    for (type_id, each) in prices {
        let price = Price { each: Isk::parse(each).unwrap(), basis: Basis::Market };
        book.insert(*type_id, "2025-06-01".parse().unwrap(), price);
    }
    book
}

fn own_of(killmail: &Killmail, prices: &[(i64, &str)]) -> Option<OwnValue> {
    own(killmail, &CATALOGUE, &book(prices))
}

fn lost(items: Vec<Item>) -> Killmail {
    let mut killmail = kill();
    killmail.victim.items = items;
    killmail
}

fn dropped(item_type_id: i64, flag: i64, quantity: i64) -> Item {
    let item = item(item_type_id, flag);
    Item { quantity_dropped: Some(quantity), quantity_destroyed: None, ..item }
}

/// Total, fitted, dropped, destroyed, unpriced.
#[track_caller]
fn check(killmail: &Killmail, prices: &[(i64, &str)], expected: (&str, &str, &str, &str, u32)) {
    let own = own_of(killmail, prices).unwrap();
    let text = |isk: Isk| isk.to_string();
    assert_eq!(
        (text(own.total), text(own.fitted), text(own.dropped), text(own.destroyed)),
        (expected.0.into(), expected.1.into(), expected.2.into(), expected.3.into())
    );
    assert_eq!(own.unpriced_count, expected.4);
}

#[test]
fn hull_and_items_are_summed_and_their_fates_kept_apart() {
    let killmail = lost(vec![
        item(DAMAGE_CONTROL_II, 11),
        dropped(DAMAGE_CONTROL_II, 5, 3),
        Item { quantity_dropped: Some(2), ..item(HOBGOBLIN_II, 87) },
    ]);
    let prices = [(RIFTER, "100"), (DAMAGE_CONTROL_II, "10.01"), (HOBGOBLIN_II, "1")];
    check(&killmail, &prices, ("143.04", "10.01", "32.03", "111.01", 0));
    let own = own_of(&killmail, &prices).unwrap();
    assert_eq!(own.price_date.to_string(), "2025-06-01");
}

#[test]
fn what_lies_in_a_container_shares_its_fate() {
    let contents = vec![
        dropped(DAMAGE_CONTROL_II, 11, 2),
        Item { items: vec![item(HOBGOBLIN_II, 0)], ..item(CARGO_CONTAINER, 0) },
    ];
    let prices = [(RIFTER, "100"), (DAMAGE_CONTROL_II, "10"), (HOBGOBLIN_II, "1")];
    let destroyed = Item { items: contents.clone(), ..item(CARGO_CONTAINER, 5) };
    check(&lost(vec![destroyed]), &prices, ("121.00", "0.00", "0.00", "121.00", 1));
    let fell = Item { items: contents, ..dropped(CARGO_CONTAINER, 5, 1) };
    check(&lost(vec![fell]), &prices, ("121.00", "0.00", "21.00", "100.00", 1));
}

#[test]
fn trifles_and_capsules_are_worth_the_same_on_every_day() {
    let copy = Item { singleton: 2, ..item(RIFTER_BLUEPRINT, 5) };
    let prices = [(RIFTER, "100"), (RIFTER_BLUEPRINT, "2800000"), (SKIN, "5"), (CAPSULE, "7")];
    check(&lost(vec![copy, dropped(SKIN, 5, 2)]), &prices, ("100.03", "0.00", "0.02", "100.01", 0));
    check(
        &lost(vec![item(RIFTER_BLUEPRINT, 5)]),
        &prices,
        ("2800100.00", "0.00", "0.00", "2800100.00", 0),
    );
    let mut pod = kill();
    pod.victim.ship_type_id = CAPSULE;
    check(&pod, &prices, ("10000.00", "0.00", "0.00", "10000.00", 0));
    pod.victim.ship_type_id = 33_328;
    check(&pod, &[], ("10000.00", "0.00", "0.00", "10000.00", 0));
    // Of its implants nothing is known, so of the pod nothing is.
    pod.victim.items = vec![item(10_216, 89)];
    assert_eq!(own_of(&pod, &[]), None);
    check(&pod, &[(10_216, "5")], ("10005.00", "0.00", "0.00", "10005.00", 0));
}

#[test]
fn a_type_without_a_price_is_counted_once_and_never_worth_a_little() {
    let killmail = lost(vec![
        item(DAMAGE_CONTROL_II, 11),
        item(DAMAGE_CONTROL_II, 12),
        item(UNKNOWN, 13),
        Item { quantity_destroyed: Some(0), ..item(HOBGOBLIN_II, 87) },
    ]);
    check(&killmail, &[(RIFTER, "100")], ("100.00", "0.00", "0.00", "100.00", 2));
    check(&killmail, &[(UNKNOWN, "3")], ("3.00", "3.00", "0.00", "3.00", 2));
    assert_eq!(own_of(&killmail, &[]), None);
    assert_eq!(own_of(&killmail, &[(HOBGOBLIN_II, "9")]), None, "of which it had none");
    let trifle = lost(vec![Item { singleton: 2, ..item(RIFTER_BLUEPRINT, 5) }]);
    assert_eq!(own_of(&trifle, &[]), None, "a copy's 0.01 is no value of a kill");
}

#[test]
fn a_price_counts_on_its_own_day_only() {
    let mut killmail = kill();
    killmail.killmail_time = "2025-06-01T23:59:59Z".parse().unwrap();
    assert!(own_of(&killmail, &[(RIFTER, "100")]).is_some());
    killmail.killmail_time = "2025-06-02T00:00:00Z".parse().unwrap();
    assert_eq!(own_of(&killmail, &[(RIFTER, "100")]), None);
}

#[test]
fn a_mutated_module_is_worth_its_source_or_is_not_priced() {
    let killmail = lost(vec![item(ABYSSAL_MICROWARPDRIVE, 19)]);
    let microwarpdrive = CATALOGUE.types.get(ABYSSAL_MICROWARPDRIVE).unwrap();
    assert!(microwarpdrive.name.contains("Abyssal Microwarpdrive"), "{}", microwarpdrive.name);
    let hull = (RIFTER, "100");
    // CCP's adjusted price of the mutated type would be of any of them.
    let prices = [hull, (ABYSSAL_MICROWARPDRIVE, "3")];
    check(&killmail, &prices, ("100.00", "0.00", "0.00", "100.00", 1));
    let mut host = book(&[hull]);
    let price = Price { each: Isk::parse("900").unwrap(), basis: Basis::Override };
    host.insert(ABYSSAL_MICROWARPDRIVE, "2025-06-01".parse().unwrap(), price);
    assert_eq!(own(&killmail, &CATALOGUE, &host).unwrap().fitted.to_string(), "900.00");

    let deadspace = CATALOGUE
        .types
        .iter()
        .find(|kind| kind.group_id == microwarpdrive.group_id && kind.meta_group_id == Some(6));
    for (source, fitted) in [(deadspace.unwrap().type_id, "77.00"), (434, "0.00")] {
        let mutated = Type { parent_type_id: Some(source), ..microwarpdrive.clone() };
        let source_type = CATALOGUE.types.get(source).unwrap().clone();
        let catalogue = Catalogue {
            types: Table::new(vec![mutated, source_type]).unwrap(),
            ..Catalogue::default()
        };
        let value = own(&killmail, &catalogue, &book(&[hull, (source, "77")])).unwrap();
        assert_eq!(value.fitted.to_string(), fitted);
        let asked = priced_types(&killmail, &catalogue);
        assert_eq!(asked.contains(&source), fitted == "77.00");
    }
}

#[test]
fn a_mutaplasmid_is_a_commodity_with_a_price() {
    let mutaplasmid = CATALOGUE
        .types
        .iter()
        .find(|kind| kind.category_id == 17 && kind.meta_group_id == Some(15))
        .unwrap();
    let killmail = lost(vec![item(mutaplasmid.type_id, 5)]);
    check(&killmail, &[(mutaplasmid.type_id, "9")], ("9.00", "0.00", "0.00", "9.00", 1));
}

#[test]
fn flag_zero_is_fitted_only_in_mails_without_slots() {
    let mut old = lost(vec![item(DAMAGE_CONTROL_II, 0), item(DAMAGE_CONTROL_II, 5)]);
    old.killmail_time = "2010-06-01T12:00:00Z".parse().unwrap();
    let mut prices = PriceBook::default();
    let price = Price { each: Isk::parse("1").unwrap(), basis: Basis::Market };
    prices.insert(DAMAGE_CONTROL_II, "2010-06-01".parse().unwrap(), price);
    let fitted =
        |killmail: &Killmail| own(killmail, &CATALOGUE, &prices).unwrap().fitted.to_string();
    assert_eq!(fitted(&old), "1.00");
    old.victim.items.push(item(DAMAGE_CONTROL_II, 11));
    assert_eq!(fitted(&old), "1.00", "flag 11 is a slot, so flag 0 is not");
    let modern = lost(vec![item(DAMAGE_CONTROL_II, 0)]);
    check(&modern, &[(DAMAGE_CONTROL_II, "1")], ("1.00", "0.00", "0.00", "1.00", 1));
}

#[test]
fn an_absurd_quantity_leaves_the_value_unknown() {
    let absurd = lost(vec![dropped(DAMAGE_CONTROL_II, 5, i64::MAX)]);
    assert_eq!(own_of(&absurd, &[(DAMAGE_CONTROL_II, "999999999999999999.99")]), None);
    assert_eq!(own_of(&absurd, &[(DAMAGE_CONTROL_II, "1")]), None);
    check(
        &absurd,
        &[(DAMAGE_CONTROL_II, "0.10")],
        ("922337203685477580.70", "0.00", "922337203685477580.70", "0.00", 1),
    );
    let two = lost(vec![
        dropped(DAMAGE_CONTROL_II, 5, i64::MAX),
        Item { quantity_destroyed: Some(i64::MAX), ..item(DAMAGE_CONTROL_II, 5) },
    ]);
    assert_eq!(own_of(&two, &[(DAMAGE_CONTROL_II, "0.10")]), None, "the total is out of bounds");
    let many = vec![dropped(DAMAGE_CONTROL_II, 5, i64::MAX); 40];
    let boxed = lost(vec![Item { items: many, ..item(CARGO_CONTAINER, 5) }]);
    assert_eq!(own_of(&boxed, &[(DAMAGE_CONTROL_II, "999999999.99")]), None);
}

fn enriched(zkb: Option<&Zkb>, prices: &[(i64, &str)], prefer: Prefer) -> Enriched {
    let prices = book(prices);
    enrich(&kill(), zkb, &Sources { catalogue: &CATALOGUE, prices: &prices, prefer })
}

#[test]
fn the_preferred_value_is_taken_where_it_is_known_and_both_are_kept() {
    let zkb = Zkb {
        total_value: Isk::parse("2000000000"),
        fitted_value: Isk::parse("5"),
        labels: vec!["isk:1b+".to_owned()],
        ..Zkb::default()
    };
    let valueless = Zkb { fitted_value: Isk::parse("5"), ..Zkb::default() };
    let priced: &[(i64, &str)] = &[(RIFTER, "7000000000")];
    let cases = [
        (Some(&zkb), priced, Prefer::Zkb, ValueSource::Zkb, Some("2000000000.00"), "isk:1b+"),
        (Some(&zkb), priced, Prefer::Own, ValueSource::Own, Some("7000000000.00"), "isk:5b+"),
        (Some(&zkb), &[], Prefer::Own, ValueSource::Zkb, Some("2000000000.00"), "isk:1b+"),
        (Some(&valueless), priced, Prefer::Zkb, ValueSource::Own, Some("7000000000.00"), "isk:5b+"),
        (None, priced, Prefer::Zkb, ValueSource::Own, Some("7000000000.00"), "isk:5b+"),
        (None, &[], Prefer::Own, ValueSource::None, None, ""),
        (Some(&zkb), &[(RIFTER, "7")], Prefer::Own, ValueSource::Own, Some("7.00"), ""),
    ];
    for (zkb, prices, prefer, source, value, band) in cases {
        let result = enriched(zkb, prices, prefer);
        let case = format!("{prefer:?} {source:?} {value:?}");
        assert_eq!(result.value_source, source, "{case}");
        assert_eq!(result.isk_value.map(|isk| isk.to_string()).as_deref(), value, "{case}");
        let bands: Vec<_> =
            result.labels.iter().filter(|label| label.starts_with("isk:")).collect();
        assert_eq!(bands, if band.is_empty() { vec![] } else { vec![band] }, "{case}");
        assert_eq!(result.own.is_some(), !prices.is_empty(), "both are kept: {case}");
        let fitted = match source {
            ValueSource::Zkb => Some("5.00"),
            ValueSource::Own => Some("0.00"),
            ValueSource::None => None,
        };
        assert_eq!(result.fitted_value.map(|isk| isk.to_string()).as_deref(), fitted, "{case}");
    }
}

#[test]
fn the_types_to_price_are_those_a_value_needs() {
    let killmail = lost(vec![
        item(DAMAGE_CONTROL_II, 11),
        item(DAMAGE_CONTROL_II, 12),
        item(SKIN, 5),
        Item { singleton: 2, ..item(RIFTER_BLUEPRINT, 5) },
        Item { items: vec![item(HOBGOBLIN_II, 0)], ..item(CARGO_CONTAINER, 5) },
    ]);
    assert_eq!(
        priced_types(&killmail, &CATALOGUE),
        [RIFTER, DAMAGE_CONTROL_II, HOBGOBLIN_II, CARGO_CONTAINER]
    );
    let mut pod = kill();
    pod.victim.ship_type_id = CAPSULE;
    assert!(priced_types(&pod, &CATALOGUE).is_empty());
}

proptest! {
    /// Whatever lies where: the fates add up to the whole, and what is asked for is all that is needed.
    #[test]
    fn dropped_and_destroyed_are_the_total(
        stacks in proptest::collection::vec(
            (0_usize..6, 0_i64..200, 0_i64..3, proptest::option::of(0_i64..99), proptest::option::of(0_i64..99)),
            0..12,
        ),
        nested in any::<bool>(),
    ) {
        let kinds = [DAMAGE_CONTROL_II, HOBGOBLIN_II, SKIN, RIFTER_BLUEPRINT, ABYSSAL_MICROWARPDRIVE, UNKNOWN];
        let items: Vec<Item> = stacks
            .iter()
            .map(|(kind, flag, singleton, quantity_dropped, quantity_destroyed)| Item {
                item_type_id: kinds[*kind],
                flag: *flag,
                singleton: *singleton,
                quantity_destroyed: *quantity_destroyed,
                quantity_dropped: *quantity_dropped,
                items: Vec::new(),
            })
            .collect();
        let killmail = lost(if nested {
            vec![Item { items, ..item(CARGO_CONTAINER, 5) }]
        } else {
            items
        });
        let asked = priced_types(&killmail, &CATALOGUE);
        let all: Vec<(i64, &str)> = [RIFTER, CARGO_CONTAINER]
            .into_iter()
            .chain(kinds)
            .map(|type_id| (type_id, "12.34"))
            .collect();
        let some: Vec<(i64, &str)> =
            all.iter().filter(|(type_id, _)| asked.contains(type_id)).copied().collect();
        let own = own_of(&killmail, &all).unwrap();
        prop_assert_eq!(own.dropped.amount() + own.destroyed.amount(), own.total.amount());
        prop_assert!(own.fitted <= own.total);
        prop_assert_eq!(Some(own), own_of(&killmail, &some));
    }
}
