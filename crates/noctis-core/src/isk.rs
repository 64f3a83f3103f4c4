//! ISK, EVE's money: an exact decimal with two places, never a float.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Amounts of this and more are refused: the columns are `NUMERIC(20,2)`.
pub const ISK_LIMIT: Decimal = Decimal::from_parts(2808348672, 232830643, 0, false, 0); // 1e18

/// An amount of ISK with two decimals, at least 0 and below [`ISK_LIMIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Isk(Decimal);

impl Isk {
    /// Rounds half away from zero to hundredths, as `NUMERIC(20,2)` does. None when negative or out of bounds.
    pub fn new(amount: Decimal) -> Option<Isk> {
        let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(2);
        (!rounded.is_sign_negative() && rounded < ISK_LIMIT).then_some(Isk(rounded))
    }

    /// An amount as files have it. None when negative or out of bounds.
    pub fn from_hundredths(hundredths: i128) -> Option<Isk> {
        let amount = Decimal::try_from_i128_with_scale(hundredths, 2).ok()?;
        (hundredths >= 0 && amount < ISK_LIMIT).then_some(Isk(amount))
    }

    /// Reads a JSON number token (`627868229.1`, `1E9`). None when it is no number or out of bounds.
    pub fn parse(token: &str) -> Option<Isk> {
        let amount = if token.contains(['e', 'E']) {
            Decimal::from_scientific(token).ok()?
        } else {
            token.parse().ok()?
        };
        // `-0` is zero.
        Isk::new(if amount.is_zero() { Decimal::ZERO } else { amount })
    }

    /// The amount as a decimal with two places.
    pub fn amount(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Isk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A JSON number with two decimals (`12.50`), which `serde_json` can only write through a [`RawValue`].
impl Serialize for Isk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(token: &str, expected: Option<&str>) {
        assert_eq!(
            Isk::parse(token).map(|isk| serde_json::to_string(&isk).unwrap()).as_deref(),
            expected
        );
    }

    #[test]
    fn isk_keeps_two_decimals_and_refuses_what_numeric_20_2_cannot_hold() {
        check("627868229.1", Some("627868229.10"));
        check("10000", Some("10000.00"));
        check("0.005", Some("0.01"));
        check("-0", Some("0.00"));
        check("1E9", Some("1000000000.00"));
        check("999999999999999999.99", Some("999999999999999999.99"));
        check("999999999999999999.995", None);
        check("1e18", None);
        check("-1", None);
        check("1e99", None);
        check("NaN", None);
    }
}
