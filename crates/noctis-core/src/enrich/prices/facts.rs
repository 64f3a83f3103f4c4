//! From what is known of a type's prices to its price on one day: the best source that says something.
//!
//! An amount of zero says nothing, except as an override: CCP and the market write 0 where they know none.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Basis, Price};
use crate::isk::Isk;

/// Days before the day whose averages make its price.
pub const MARKET_DAYS: i64 = 34;

/// A market that moved on is no price of the day: later averages count up to this many days after it.
pub const LATER_DAYS_MAX: i64 = 90;

/// Averages taken from each end where all of [`MARKET_DAYS`] have one: speculation and scams.
pub const TRIMMED_OF_FULL: usize = 2;

/// Averages taken from the top where there are fewer, but more than [`UNTRIMMED_MAX`].
pub const TRIMMED_FROM_TOP: usize = 2;

/// So few averages are all kept.
pub const UNTRIMMED_MAX: usize = 6;

/// What is known of one type's price around a day. What lies outside of a rule's days is left aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceFacts {
    /// What the host says one was worth on the day; zero is an answer here.
    pub override_price: Option<Isk>,
    /// The Forge's daily averages of the [`MARKET_DAYS`] before the day and of the day itself, each date once, in any
    /// order.
    pub averages: Vec<(Date, Isk)>,
    /// What it takes to build one.
    pub build_cost: Option<Isk>,
    /// The Forge's average of the nearest day after, within [`LATER_DAYS_MAX`].
    pub later: Option<(Date, Isk)>,
    /// CCP's `adjusted_price`, of whatever day.
    pub adjusted: Option<Isk>,
}

impl PriceFacts {
    /// The price of one on `day`, from the first source that has one, best first; None is unpriced.
    pub fn price(&self, day: Date) -> Option<Price> {
        let later = self.later.filter(|(date, _)| (1..=LATER_DAYS_MAX).contains(&days(day, *date)));
        let sources = [
            (Basis::Override, self.override_price),
            (Basis::Market, self.market(day)),
            (Basis::BuildCost, self.build_cost.filter(says_something)),
            (Basis::Later, later.map(|(_, average)| average).filter(says_something)),
            (Basis::Adjusted, self.adjusted.filter(says_something)),
        ];
        sources.into_iter().find_map(|(basis, each)| Some(Price { each: each?, basis }))
    }

    /// The trimmed mean of the days before, but not above the day's own average: a price that fell is the lower one.
    /// Where no day before has an average, the day's own stands alone.
    fn market(&self, day: Date) -> Option<Isk> {
        let sound = self.averages.iter().filter(|(_, average)| says_something(average));
        let own = sound.clone().find(|(date, _)| *date == day).map(|(_, average)| *average);
        let mut before: Vec<Isk> = sound
            .filter(|(date, _)| (1..=MARKET_DAYS).contains(&days(*date, day)))
            .map(|(_, average)| *average)
            .collect();
        before.sort_unstable();
        match (mean(trimmed(&before)), own) {
            (Some(mean), Some(own)) => Some(mean.min(own)),
            (mean, own) => mean.or(own),
        }
    }
}

/// `sorted` without its extremes.
fn trimmed(sorted: &[Isk]) -> &[Isk] {
    const FULL: usize = MARKET_DAYS as usize;
    match sorted.len() {
        count @ FULL.. => &sorted[TRIMMED_OF_FULL..count - TRIMMED_OF_FULL],
        count if count > UNTRIMMED_MAX => &sorted[..count - TRIMMED_FROM_TOP],
        _ => sorted,
    }
}

/// Rounded to hundredths. None of nothing, and where the mean itself rounds to nothing.
fn mean(averages: &[Isk]) -> Option<Isk> {
    let count = Decimal::from(averages.len());
    let sum: Decimal = averages.iter().map(|average| average.amount()).sum();
    // A mean lies between amounts, so it is one.
    sum.checked_div(count).and_then(Isk::new).filter(says_something)
}

fn says_something(amount: &Isk) -> bool {
    !amount.amount().is_zero()
}

/// Whole days from one to another; negative when `to` is earlier.
fn days(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::*;

    const DAY: Date = date(2025, 6, 30);

    fn isk(amount: i64) -> Isk {
        Isk::new(Decimal::from(amount)).unwrap()
    }

    /// Averages of the days before [`DAY`], the nearest first.
    fn before(averages: &[i64]) -> Vec<(Date, Isk)> {
        let days = averages.iter().zip(1_i64..);
        days.map(|(average, back)| (DAY - back.days(), isk(*average))).collect()
    }

    #[track_caller]
    fn check(averages: Vec<(Date, Isk)>, expected: Option<&str>) {
        let price = PriceFacts { averages, ..PriceFacts::default() }.price(DAY);
        assert_eq!(price.map(|price| price.each.to_string()).as_deref(), expected);
        assert!(price.is_none_or(|price| price.basis == Basis::Market));
    }

    #[test]
    fn the_first_source_that_exists_is_the_price() {
        let mut facts = PriceFacts {
            override_price: Some(isk(1)),
            averages: before(&[2]),
            build_cost: Some(isk(3)),
            later: Some((DAY + 1.day(), isk(4))),
            adjusted: Some(isk(5)),
        };
        let mut seen = Vec::new();
        for _ in 0..=5 {
            let price = facts.price(DAY);
            seen.push(price.map(|price| (price.basis, price.each)));
            match price.map(|price| price.basis) {
                Some(Basis::Override) => facts.override_price = None,
                Some(Basis::Market) => facts.averages.clear(),
                Some(Basis::BuildCost) => facts.build_cost = None,
                Some(Basis::Later) => facts.later = None,
                Some(Basis::Adjusted) => facts.adjusted = None,
                None => {}
            }
        }
        let all = [Basis::Override, Basis::Market, Basis::BuildCost, Basis::Later, Basis::Adjusted];
        let mut expected: Vec<_> =
            all.into_iter().zip(1..).map(|(basis, amount)| Some((basis, isk(amount)))).collect();
        expected.push(None);
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_market_price_is_the_mean_of_the_days_before_without_extremes() {
        check(Vec::new(), None);
        check(before(&[10, 11]), Some("10.50"));
        check(before(&[1, 1, 2]), Some("1.33"));
        // Six are all kept; of seven the two highest go.
        check(before(&[1, 1, 1, 1, 1, 7]), Some("2.00"));
        check(before(&[1, 900, 1, 1, 1, 1, 900]), Some("1.00"));
        check(before(&[2, 900, 1, 1, 1, 1, 900, 6]), Some("2.00"));
        // Of 33 only the top is trimmed, of 34 both ends.
        let mut full = [10; 34];
        (full[0], full[7], full[20], full[33]) = (1, 900, 900, 1);
        check(before(&full), Some("10.00"));
        check(before(&full[..33]), Some("9.71"));
    }

    #[test]
    fn the_price_is_never_above_the_days_own_average() {
        let own = |amount| [(DAY, isk(amount))];
        check([before(&[10]), own(7).to_vec()].concat(), Some("7.00"));
        check([before(&[10]), own(70).to_vec()].concat(), Some("10.00"));
        check(own(70).to_vec(), Some("70.00"));
    }

    #[test]
    fn days_outside_of_the_window_do_not_count() {
        check(vec![(DAY - 35.days(), isk(9)), (DAY + 1.day(), isk(9))], None);
        check(vec![(DAY - 34.days(), isk(8)), (DAY - 35.days(), isk(90))], Some("8.00"));
        let later = |days: i64| PriceFacts {
            later: Some((DAY + days.days(), isk(4))),
            ..PriceFacts::default()
        };
        let basis = |days| later(days).price(DAY).map(|price| price.basis);
        assert_eq!((basis(1), basis(90)), (Some(Basis::Later), Some(Basis::Later)));
        assert_eq!((basis(0), basis(91), basis(-1)), (None, None, None));
    }

    #[test]
    fn an_amount_of_zero_is_no_price_but_as_an_override() {
        let zero = PriceFacts {
            override_price: None,
            averages: [before(&[0, 0]), vec![(DAY, isk(0))]].concat(),
            build_cost: Some(isk(0)),
            later: Some((DAY + 1.day(), isk(0))),
            adjusted: Some(isk(0)),
        };
        assert_eq!(zero.price(DAY), None);
        let free = PriceFacts { override_price: Some(isk(0)), ..zero };
        assert_eq!(free.price(DAY), Some(Price { each: isk(0), basis: Basis::Override }));
    }

    #[test]
    fn the_dearest_averages_do_not_overflow() {
        let dearest = Isk::parse("999999999999999999.99").unwrap();
        let averages = (1..=34_i64).map(|back| (DAY - back.days(), dearest)).collect();
        check(averages, Some("999999999999999999.99"));
    }
}
