//! A fight: one place, two sides, a number of kills one after another; and which sizes of fights there are.

use super::dice::{Dice, power};
use super::fleet::Pilot;

/// A fight that is going on.
#[derive(Debug)]
pub(super) struct Engagement {
    /// When the next ship is lost, in seconds since 1970.
    pub(super) next: i64,
    pub(super) kills_left: u64,
    /// Seconds between losses on average.
    pub(super) gap_mean: f64,
    /// The end of a scene: its losses are spread evenly until then.
    pub(super) until: Option<i64>,
    pub(super) system_id: i64,
    pub(super) war_id: Option<i64>,
    /// Millimetres from the sun.
    pub(super) place: [i64; 3],
    pub(super) size: usize,
    pub(super) sides: [Side; 2],
    /// Victims are of any bloc, not of the other side.
    pub(super) strangers: bool,
    /// Who sits in a capsule and is about to lose it.
    pub(super) capsule: Option<(usize, Pilot)>,
    /// Hulls that must be lost before the end; for scenes.
    pub(super) hulls: Vec<usize>,
}

/// One of the two sides.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) bloc: u64,
    /// Empty for NPCs and for a side that only loses.
    pub(super) fleet: Vec<Pilot>,
}

/// A size of fight: its share of all kills, how many attackers are on one mail, kills in one fight and the seconds
/// between them.
pub(super) struct Size {
    share: f64,
    pub(super) attackers: [u64; 2],
    pub(super) kills_mean: f64,
    pub(super) gap_median: f64,
}

/// The index of the size in which all attackers are NPCs.
pub(super) const NPC: usize = 0;
/// From this size on both sides may bring a fleet.
pub(super) const BATTLE: usize = 5;

const fn size(share: f64, attackers: [u64; 2], kills_mean: f64, gap_median: f64) -> Size {
    Size { share, attackers, kills_mean, gap_median }
}

/// Shares of kills by attackers as measured in the ELIT sample, with NPC kills, which it lacks, taken out of the
/// smallest; the tail above 1,000 is the one of all samples.
pub(super) const SIZES: [Size; 10] = [
    size(0.055, [1, 4], 1.2, 1_200.0),
    size(0.118, [1, 1], 1.5, 1_500.0),
    size(0.120, [2, 2], 1.9, 1_200.0),
    size(0.157, [3, 4], 3.0, 700.0),
    size(0.272, [5, 9], 6.0, 400.0),
    size(0.190, [10, 19], 10.0, 180.0),
    size(0.058, [20, 49], 16.0, 90.0),
    size(0.0225, [50, 99], 24.0, 60.0),
    size(0.0074, [100, 999], 30.0, 45.0),
    size(0.00005, [1_000, 3_753], 3.0, 200.0),
];

/// The shape of the tail from 100 attackers on: the chance of more than n falls as n to this power.
const TAIL: f64 = -2.2;
const TAIL_SIZE: usize = 8;

impl Size {
    /// How many attackers one mail has.
    pub(super) fn draw(index: usize, dice: &mut Dice) -> u64 {
        let [low, high] = SIZES[index].attackers;
        if low == high {
            return low;
        }
        let lot = dice.unit();
        let drawn = if index == TAIL_SIZE {
            low as f64 * power(1.0 - lot, 1.0 / TAIL)
        } else {
            low as f64 * power((high + 1) as f64 / low as f64, lot)
        };
        (drawn as u64).clamp(low, high)
    }
}

/// Keeps the shares of sizes near their goal even in short runs: who is behind is drawn sooner.
#[derive(Debug, Default)]
pub(super) struct Quota {
    kills: [f64; SIZES.len()],
    total: f64,
}

impl Quota {
    /// The size of the next fight.
    pub(super) fn draw(&self, dice: &mut Dice) -> usize {
        let missing: [f64; SIZES.len()] = std::array::from_fn(|n| {
            (SIZES[n].share * (self.total + 20.0) - self.kills[n]).max(0.0)
        });
        let mut lot = dice.unit() * missing.iter().sum::<f64>();
        for (n, missing) in missing.iter().enumerate() {
            if lot < *missing {
                return n;
            }
            lot -= missing;
        }
        NPC
    }

    pub(super) fn add(&mut self, size: usize, kills: u64) {
        self.kills[size] += kills as f64;
        self.total += kills as f64;
    }
}
