//! Where fights happen: systems by how violent they are, and places in a system.

use super::dice::{Dice, Weighted, zipf};
use super::source::{GalaxySource, SourceSystem};

/// Fights by system fall with rank to this power, as measured in an hour of all of EVE: 0.92, and 0.85 without its two
/// largest battles.
const SYSTEM_SLOPE: f64 = 0.9;

/// High, low, null and wormhole space, and their shares of kills.
const BANDS: [(Band, f64); 4] =
    [(Band::High, 0.30), (Band::Low, 0.24), (Band::Null, 0.41), (Band::Wormhole, 0.05)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Band {
    High,
    Low,
    Null,
    Wormhole,
}

impl SourceSystem {
    pub(super) fn is_high(&self) -> bool {
        self.band() == Band::High
    }

    /// Wormhole and abyssal systems have ids of their own; 0.45 rounds to high security.
    pub(super) fn band(&self) -> Band {
        if self.system_id >= 31_000_000 {
            Band::Wormhole
        } else if self.security >= 0.45 {
            Band::High
        } else if self.security > 0.0 {
            Band::Low
        } else {
            Band::Null
        }
    }
}

/// The systems, the most violent first.
pub(super) struct Map {
    systems: Vec<SourceSystem>,
    weighted: Weighted,
}

impl Map {
    /// None without systems. Who is violent is drawn from the dice, so each seed has its own trouble spots.
    pub(super) fn new(source: &GalaxySource, dice: &mut Dice) -> Option<Map> {
        let mut bands = BANDS.map(|(band, share)| {
            let of_band = source
                .systems
                .iter()
                .filter(|system| system.band() == band && system.system_id < ABYSS);
            let mut systems: Vec<SourceSystem> = of_band.cloned().collect();
            systems.sort_by_key(|system| system.system_id);
            shuffle(&mut systems, dice);
            (systems, share)
        });
        let count: usize = bands.iter().map(|(systems, _)| systems.len()).sum();
        let mut systems = Vec::with_capacity(count);
        for _ in 0..count {
            let left =
                bands.iter().map(|(systems, share)| if systems.is_empty() { 0.0 } else { *share });
            let band = Weighted::new(&left.collect::<Vec<f64>>())?.draw(dice);
            systems.extend(bands[band].0.pop());
        }
        let weighted = Weighted::new(&zipf(systems.len(), SYSTEM_SLOPE))?;
        Some(Map { systems, weighted })
    }

    pub(super) fn draw(&self, dice: &mut Dice) -> &SourceSystem {
        &self.systems[self.weighted.draw(dice)]
    }

    /// The first system of a band below the `rank` most violent ones that is not `taken`; any where there is none.
    pub(super) fn quieter_than(&self, rank: usize, band: Band, taken: &[i64]) -> &SourceSystem {
        let later = self.systems.iter().skip(rank.min(self.systems.len())).chain(&self.systems);
        let mut fitting =
            later.filter(|system| system.band() == band && !taken.contains(&system.system_id));
        fitting.next().unwrap_or(&self.systems[0])
    }

    /// A point in a system, millimetres from its sun: real ones lie within some billion kilometres.
    pub(super) fn place(&self, dice: &mut Dice) -> [i64; 3] {
        [PLANE, PLANE / 8.0, PLANE].map(|far| ((dice.unit() * 2.0 - 1.0) * far) as i64)
    }
}

fn shuffle(systems: &mut [SourceSystem], dice: &mut Dice) {
    for last in (1..systems.len()).rev() {
        systems.swap(last, dice.index(last + 1));
    }
}

/// Systems from here up are abyssal pockets, where only NPCs kill.
const ABYSS: i64 = 32_000_000;
/// Millimetres.
const PLANE: f64 = 4e15;
