//! Random numbers that are the same on every machine and in every release.
//!
//! No function of the platform's mathematics library is used: their last bits differ between systems, and the same seed
//! must give the same bytes. `exp` and `ln` are written with additions, multiplications and divisions only, which IEEE 754
//! fixes to the bit.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A whole number from 0 to `bound - 1`; `bound` is at least 1 and at most 2^32.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        debug_assert!((1..=1 << 32).contains(&bound));
        ((self.next() >> 32) * bound) >> 32
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// An index into a slice of `len` elements, at least 1.
    pub(super) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A number from 0 to 1, 1 excluded.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Nearly normal, mean 0 and deviation 1: twelve uniform numbers summed, so it never leaves -6 to 6.
    pub(super) fn normal(&mut self) -> f64 {
        let mut sum = 0_u64;
        for _ in 0..3 {
            let bits = self.next();
            sum += (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
        }
        sum as f64 / 65_535.0 - 6.0
    }

    /// Log-normal around a median; `sigma` is the deviation of the logarithm.
    pub(super) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * exp(sigma * self.normal())
    }

    /// Waiting time of a random event that comes once in `mean` on average.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * ln(1.0 - self.unit())
    }
}

/// Draws an index by weight in constant time (Vose's alias table).
#[derive(Clone, Debug)]
pub(super) struct Weighted {
    /// By column: its own share of the column, and who has the rest.
    columns: Vec<(f64, u32)>,
}

impl Weighted {
    /// None where no weight is above zero.
    pub(super) fn new(weights: &[f64]) -> Option<Weighted> {
        let total: f64 = weights.iter().sum();
        if total <= 0.0 {
            return None;
        }
        let mut shares: Vec<f64> =
            weights.iter().map(|weight| weight * weights.len() as f64 / total).collect();
        let mut columns: Vec<(f64, u32)> =
            (0..weights.len() as u32).map(|index| (1.0, index)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..weights.len()).partition(|&index| shares[index] < 1.0);
        while let (Some(&poor), Some(&rich)) = (small.last(), large.last()) {
            small.pop();
            columns[poor] = (shares[poor], rich as u32);
            shares[rich] -= 1.0 - shares[poor];
            if shares[rich] < 1.0 {
                large.pop();
                small.push(rich);
            }
        }
        Some(Weighted { columns })
    }

    pub(super) fn draw(&self, dice: &mut Dice) -> usize {
        let column = dice.index(self.columns.len());
        let (share, other) = self.columns[column];
        if dice.unit() < share { column } else { other as usize }
    }
}

/// Weights of ranks 1, 2, 3 … that fall as `rank^-slope`.
pub(super) fn zipf(count: usize, slope: f64) -> Vec<f64> {
    (1..=count).map(|rank| power(rank as f64, -slope)).collect()
}

/// `base` to the power of `exponent`; `base` is above zero.
pub(super) fn power(base: f64, exponent: f64) -> f64 {
    exp(exponent * ln(base))
}

/// e to the power of x, for x from -700 to 700.
pub(super) fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let twos = (x / std::f64::consts::LN_2).round();
    let rest = x - twos * std::f64::consts::LN_2;
    // Taylor's series: the rest is at most 0.35, so the 14th term is below 1e-17.
    let mut sum = 1.0;
    let mut term = 1.0;
    for n in 1..=14 {
        term *= rest / f64::from(n);
        sum += term;
    }
    sum * f64::from_bits(((1023 + twos as i64) as u64) << 52)
}

/// The natural logarithm of a normal number above zero.
pub(super) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut twos = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        twos += 1;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); the argument is at most 0.172.
    let y = (mantissa - 1.0) / (mantissa + 1.0);
    let mut sum = 0.0;
    let mut odd_power = y;
    for n in 0..11 {
        sum += odd_power / f64::from(2 * n + 1);
        odd_power *= y * y;
    }
    twos as f64 * std::f64::consts::LN_2 + 2.0 * sum
}

/// Spreads a number over all 64 bits: the same for the same input, unlike for its neighbour (the finalizer of `SplitMix64`).
pub(super) fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_ln_agree_with_the_platform_to_a_billionth() {
        for step in 1..4_000 {
            let x = f64::from(step) * 0.013;
            assert!((ln(x) - x.ln()).abs() < 1e-9, "ln {x}");
            assert!((exp(x - 26.0) / (x - 26.0).exp() - 1.0).abs() < 1e-9, "exp {x}");
        }
    }

    #[test]
    fn an_alias_table_draws_by_weight_and_never_a_weight_of_zero() {
        let weighted = Weighted::new(&[1.0, 0.0, 3.0, 6.0]).unwrap();
        let mut dice = Dice::new(1);
        let mut counts = [0_u32; 4];
        for _ in 0..100_000 {
            counts[weighted.draw(&mut dice)] += 1;
        }
        assert_eq!(counts[1], 0);
        for (count, share) in counts.iter().zip([0.1, 0.0, 0.3, 0.6]) {
            assert!((f64::from(*count) / 100_000.0 - share).abs() < 0.01, "{counts:?}");
        }
        assert!(Weighted::new(&[0.0, 0.0]).is_none() && Weighted::new(&[]).is_none());
    }

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut dice = Dice::new(42);
        assert_eq!([dice.next(), dice.next()], [15021278609987233951, 5881210131331364753]);
    }
}
