//! Prices: what one of a type was worth on the day of a kill, and what that was taken from.

mod facts;
pub mod rows;

pub use facts::{
    LATER_DAYS_MAX, MARKET_DAYS, PriceFacts, TRIMMED_FROM_TOP, TRIMMED_OF_FULL, UNTRIMMED_MAX,
};

use std::collections::HashMap;

use jiff::civil::Date;

use crate::isk::Isk;

/// Which value is `isk_value` where both are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefer {
    /// zKillboard's where it came, else our own.
    #[default]
    Zkb,
    /// Our own where there are prices, else zKillboard's.
    Own,
}

/// What a price was taken from, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// A dated price that the host gave, for hulls that are never traded.
    Override,
    /// The trimmed mean of the Forge's daily averages before the day.
    Market,
    /// What it takes to build one.
    BuildCost,
    /// The nearest later day of the Forge's market.
    Later,
    /// CCP's `adjusted_price`.
    Adjusted,
}

/// The price of one of a type on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub each: Isk,
    pub basis: Basis,
}

/// Prices by type and day, gathered for the kills at hand. A type that has none on a day is not priced then.
#[derive(Clone, Debug, Default)]
pub struct PriceBook {
    prices: HashMap<(i64, Date), Price>,
}

impl PriceBook {
    /// Enters the price of one of a type on a day.
    pub fn insert(&mut self, type_id: i64, day: Date, price: Price) {
        self.prices.insert((type_id, day), price);
    }

    /// The price of one of a type on a day, where there is one.
    pub fn get(&self, type_id: i64, day: Date) -> Option<Price> {
        self.prices.get(&(type_id, day)).copied()
    }

    /// Whether nothing is priced: then there are no values of our own.
    pub fn is_empty(&self) -> bool {
        self.prices.is_empty()
    }
}
