//! What is lost and what is flown: hull groups with how often, how large, how tough and how dear they are.

use super::dice::{Weighted, zipf};
use super::source::{GalaxySource, TypesByGroup};

/// What a hull is to the generator; it decides who owns it, what it carries and whether a capsule follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ship,
    Capsule,
    Deployable,
    Starbase,
    Structure,
}

/// A group of hulls. `lost` and `flown` are relative frequencies within the kind; `racks` are high, mid and low slots;
/// `damage` is the median damage taken, `isk` the median price of the hull.
#[derive(Debug, PartialEq)]
pub(super) struct HullClass {
    pub(super) kind: Kind,
    pub(super) group_id: i64,
    lost: f64,
    flown: f64,
    pub(super) racks: [u64; 3],
    pub(super) damage: f64,
    pub(super) isk: f64,
}

impl HullClass {
    /// Fleet hangar, fighters, stacks of fuel: from carriers up.
    pub(super) fn is_capital(&self) -> bool {
        self.kind == Kind::Ship && self.damage >= CAPITAL_DAMAGE
    }

    /// Room for drones: cruisers and up.
    pub(super) fn has_drones(&self) -> bool {
        self.kind == Kind::Ship && self.damage >= 6_000.0
    }
}

const CAPITAL_DAMAGE: f64 = 400_000.0;

/// The group of strategic cruisers, which fit subsystems.
pub(super) const STRATEGIC_CRUISER: i64 = 963;
const TITAN: i64 = 30;
const SUPERCARRIER: i64 = 659;
const DREADNOUGHT: i64 = 485;
/// Capitals that a titan brawl destroys, in the order of how dear they are.
pub(super) const BRAWL_GROUPS: [i64; 3] = [TITAN, SUPERCARRIER, DREADNOUGHT];
/// Citadels: Astrahus, Fortizar and Keepstar.
pub(super) const CITADEL: i64 = 1657;
/// What gate camps catch: haulers, frigates and cruisers on their way.
pub(super) const TRAVELLER_GROUPS: [i64; 5] = [28, 25, 26, 1202, 543];

const fn ship(group_id: i64, often: [f64; 2], racks: [u64; 3], damage: f64, isk: f64) -> HullClass {
    HullClass { kind: Kind::Ship, group_id, lost: often[0], flown: often[1], racks, damage, isk }
}

const fn object(kind: Kind, group_id: i64, lost: f64, damage: f64, isk: f64) -> HullClass {
    let racks = match kind {
        Kind::Structure => [5, 4, 3],
        Kind::Ship | Kind::Capsule | Kind::Deployable | Kind::Starbase => [0, 0, 0],
    };
    HullClass { kind, group_id, lost, flown: 0.0, racks, damage, isk }
}

/// Shares of lost ships as in the measured sample; what it lacks (industry, capitals) comes from the stratified one.
static CLASSES: [HullClass; 68] = [
    ship(25, [22.0, 20.0], [3, 3, 3], 1_700.0, 1.2e6), // Frigate
    ship(420, [9.0, 8.0], [6, 3, 3], 3_200.0, 3e6),    // Destroyer
    ship(26, [11.0, 9.0], [4, 4, 4], 9_000.0, 1.5e7),  // Cruiser
    ship(419, [12.0, 13.0], [6, 5, 5], 22_000.0, 6e7), // Combat Battlecruiser
    ship(27, [7.5, 9.0], [7, 5, 6], 45_000.0, 2.2e8),  // Battleship
    ship(831, [5.0, 5.0], [3, 3, 4], 1_900.0, 2.5e7),  // Interceptor
    ship(324, [3.2, 4.0], [4, 3, 4], 4_500.0, 3e7),    // Assault Frigate
    ship(358, [3.6, 6.0], [5, 5, 5], 22_000.0, 2.4e8), // Heavy Assault Cruiser
    ship(541, [2.6, 3.0], [6, 4, 3], 4_500.0, 5.5e7),  // Interdictor
    ship(834, [2.4, 3.0], [4, 3, 3], 1_800.0, 3.2e7),  // Stealth Bomber
    ship(237, [3.0, 0.8], [2, 2, 2], 900.0, 1e5),      // Corvette
    ship(28, [2.6, 0.0], [2, 4, 4], 6_500.0, 2e6),     // Hauler
    ship(463, [2.2, 0.0], [2, 2, 2], 8_000.0, 3e7),    // Mining Barge
    ship(543, [1.1, 0.0], [2, 4, 3], 15_000.0, 2.6e8), // Exhumer
    ship(830, [1.8, 0.6], [3, 4, 3], 1_500.0, 2.4e7),  // Covert Ops
    ship(31, [1.1, 0.1], [0, 0, 0], 600.0, 5e4),       // Shuttle
    ship(832, [1.2, 1.5], [4, 5, 4], 17_000.0, 2.2e8), // Logistics
    ship(833, [1.4, 2.5], [4, 5, 4], 13_000.0, 2.2e8), // Force Recon Ship
    ship(906, [0.5, 0.8], [5, 5, 4], 12_000.0, 2.3e8), // Combat Recon Ship
    ship(893, [0.4, 0.6], [2, 5, 3], 1_800.0, 2.5e7),  // Electronic Attack Ship
    ship(894, [0.6, 1.2], [5, 4, 5], 30_000.0, 3.1e8), // Heavy Interdiction Cruiser
    ship(STRATEGIC_CRUISER, [1.8, 3.2], [6, 5, 5], 32_000.0, 3e8),
    ship(540, [0.6, 1.5], [6, 5, 5], 60_000.0, 4.3e8), // Command Ship
    ship(1201, [1.4, 1.5], [8, 4, 5], 13_000.0, 9e7),  // Attack Battlecruiser
    ship(1202, [0.6, 0.0], [2, 4, 3], 6_500.0, 1.5e8), // Blockade Runner
    ship(380, [0.5, 0.0], [3, 5, 4], 28_000.0, 2.3e8), // Deep Space Transport
    ship(1305, [1.2, 2.0], [5, 4, 4], 7_500.0, 5.5e7), // Tactical Destroyer
    ship(1534, [0.8, 1.0], [6, 4, 3], 7_000.0, 4.8e7), // Command Destroyer
    ship(1527, [0.4, 0.5], [3, 4, 3], 3_200.0, 2.4e7), // Logistics Frigate
    ship(900, [0.35, 0.7], [7, 5, 6], 120_000.0, 1.6e9), // Marauder
    ship(898, [0.25, 0.5], [7, 5, 5], 55_000.0, 1.4e9), // Black Ops
    ship(1283, [0.5, 0.0], [2, 3, 3], 2_000.0, 3e7),   // Expedition Frigate
    ship(1022, [0.05, 0.0], [2, 4, 3], 1_500.0, 8e7),  // Prototype Exploration Ship
    ship(1972, [0.02, 0.02], [6, 5, 5], 40_000.0, 9e8), // Flag Cruiser
    ship(941, [0.25, 0.0], [4, 5, 4], 190_000.0, 7e8), // Industrial Command Ship
    ship(4902, [0.05, 0.0], [3, 5, 4], 70_000.0, 6e8), // Expedition Command Ship
    ship(513, [0.5, 0.0], [0, 0, 3], 300_000.0, 1.7e9), // Freighter
    ship(902, [0.12, 0.0], [0, 0, 3], 330_000.0, 8e9), // Jump Freighter
    ship(547, [0.35, 0.6], [5, 6, 6], 1_500_000.0, 1.6e9), // Carrier
    ship(5120, [0.03, 0.05], [6, 6, 6], 2_000_000.0, 4e9), // Command Carrier
    ship(1538, [0.15, 0.3], [5, 6, 6], 2_000_000.0, 1.9e9), // Force Auxiliary
    ship(DREADNOUGHT, [0.45, 0.8], [3, 5, 6], 2_200_000.0, 2.9e9),
    ship(4594, [0.04, 0.08], [3, 5, 6], 2_400_000.0, 6e9), // Lancer Dreadnought
    ship(SUPERCARRIER, [0.06, 0.15], [6, 7, 6], 14_000_000.0, 2.1e10),
    ship(TITAN, [0.015, 0.08], [7, 6, 7], 38_000_000.0, 8.2e10),
    ship(883, [0.12, 0.0], [5, 7, 4], 3_000_000.0, 4e9), // Capital Industrial Ship
    ship(5087, [0.01, 0.0], [1, 3, 3], 2_000.0, 4e8),    // Special Edition Yachts
    object(Kind::Capsule, 29, 1.0, 450.0, 1e4),
    object(Kind::Structure, CITADEL, 4.0, 9_000_000.0, 1.6e9),
    object(Kind::Structure, 1404, 3.0, 6_000_000.0, 8e8), // Engineering Complex
    object(Kind::Structure, 1406, 3.0, 6_500_000.0, 9e8), // Refinery
    object(Kind::Structure, 1408, 0.3, 2_000_000.0, 7e8), // Upwell Jump Bridge
    object(Kind::Structure, 2016, 0.2, 2_000_000.0, 7e8), // Upwell Cyno Jammer
    object(Kind::Structure, 2017, 0.2, 1_500_000.0, 5e8), // Upwell Cyno Beacon
    object(Kind::Structure, 4744, 0.6, 3_000_000.0, 6e8), // Upwell Moon Drill
    object(Kind::Starbase, 365, 3.0, 20_000_000.0, 4e8),  // Control Tower
    object(Kind::Starbase, 449, 1.5, 400_000.0, 1e7),     // Mobile Hybrid Sentry
    object(Kind::Starbase, 430, 1.0, 400_000.0, 1e7),     // Mobile Laser Sentry
    object(Kind::Starbase, 404, 0.8, 1_500_000.0, 1e7),   // Silo
    object(Kind::Starbase, 443, 0.8, 300_000.0, 2e7),     // Warp Scrambling Battery
    object(Kind::Starbase, 471, 0.4, 3_000_000.0, 3e7),   // Corporate Hangar Array
    object(Kind::Starbase, 363, 0.4, 3_000_000.0, 8e7),   // Ship Maintenance Array
    object(Kind::Deployable, 1250, 3.0, 30_000.0, 1.2e7), // Mobile Tractor Unit
    object(Kind::Deployable, 1246, 2.0, 24_000.0, 1.5e6), // Mobile Depot
    object(Kind::Deployable, 361, 2.0, 60_000.0, 8e6),    // Mobile Warp Disruptor
    object(Kind::Deployable, 4107, 0.5, 40_000.0, 6e7),   // Mobile Observatory
    object(Kind::Deployable, 1249, 0.4, 50_000.0, 1.1e8), // Mobile Cyno Inhibitor
    object(Kind::Deployable, 4093, 0.3, 20_000.0, 9e7),   // Mobile Cynosural Beacon
];

/// One hull type and its class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hull {
    pub(super) type_id: i64,
    pub(super) class: &'static HullClass,
}

/// Every hull of the static data that a killmail can be about.
pub(super) struct Hangar {
    hulls: Vec<Hull>,
    lost: Weighted,
    flown: Weighted,
    objects: [Option<Weighted>; 3],
}

/// How the types of one group differ in popularity; over all groups it comes near the measured slope of 0.83.
const HULL_SLOPE: f64 = 1.0;

impl Hangar {
    /// None where the static data has no published ship that is lost or none that fights.
    pub(super) fn new(source: &GalaxySource) -> Option<Hangar> {
        let types = TypesByGroup::new(source);
        let mut hulls = Vec::new();
        let mut shares = Vec::new();
        for class in &CLASSES {
            let group = types.group(class.group_id);
            let weights = zipf(group.len(), HULL_SLOPE);
            let total: f64 = weights.iter().sum();
            hulls.extend(group.iter().map(|of_type| Hull { type_id: of_type.type_id, class }));
            shares.extend(weights.iter().map(|weight| weight / total));
        }
        let weigh =
            |weight: fn(&HullClass) -> f64, kind: Kind| {
                let of_kind = hulls.iter().zip(&shares);
                let weights = of_kind.map(|(hull, share)| {
                    if hull.class.kind == kind { share * weight(hull.class) } else { 0.0 }
                });
                Weighted::new(&weights.collect::<Vec<f64>>())
            };
        let objects = [Kind::Deployable, Kind::Starbase, Kind::Structure]
            .map(|kind| weigh(|class| class.lost, kind));
        let lost = weigh(|class| class.lost, Kind::Ship)?;
        let flown = weigh(|class| class.flown, Kind::Ship)?;
        Some(Hangar { hulls, lost, flown, objects })
    }

    pub(super) fn lost(&self) -> &Weighted {
        &self.lost
    }

    pub(super) fn flown(&self) -> &Weighted {
        &self.flown
    }

    /// How often each object of a kind is lost. None for ships and capsules, and where the static data has no such type.
    pub(super) fn objects(&self, kind: Kind) -> Option<&Weighted> {
        match kind {
            Kind::Deployable => self.objects[0].as_ref(),
            Kind::Starbase => self.objects[1].as_ref(),
            Kind::Structure => self.objects[2].as_ref(),
            Kind::Ship | Kind::Capsule => None,
        }
    }

    pub(super) fn hull(&self, index: usize) -> Hull {
        self.hulls[index]
    }

    /// The common capsule, if the static data has one.
    pub(super) fn capsule(&self) -> Option<usize> {
        self.hulls.iter().position(|hull| hull.class.kind == Kind::Capsule)
    }

    /// Hulls of a group, the most common first.
    pub(super) fn of_group(&self, group_id: i64) -> Vec<usize> {
        (0..self.hulls.len())
            .filter(|&index| self.hulls[index].class.group_id == group_id)
            .collect()
    }
}
