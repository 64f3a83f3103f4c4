//! What a module is for and how large a weapon is, as data: a row a kind of module, the most specific first.
//!
//! The first row that matches says all: an Assault Damage Control is no `Damage Control`, a covert cyno no `Cyno`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalogue::{Catalogue, Type};

/// A kind of modules and the tags it gives.
pub struct ModuleRule {
    pub when: Which,
    pub tags: &'static [&'static str],
}

/// Which modules a rule means. A row by type stands before one by market group, that before one by group.
pub enum Which {
    Types(&'static [i64]),
    /// The market lists it in one of these groups or below.
    Market(&'static [i64]),
    Groups(&'static [i64]),
}

/// The market's tree is five deep.
const MARKET_DEPTH_MAX: usize = 16;

impl Which {
    pub(super) fn matches(&self, kind: &Type, catalogue: &Catalogue) -> bool {
        match self {
            Which::Types(types) => types.contains(&kind.type_id),
            Which::Groups(groups) => groups.contains(&kind.group_id),
            Which::Market(groups) => Ancestors::of(kind, catalogue).any_in(groups),
        }
    }
}

/// A table by what its rows ask for: enriching looks some twenty modules up a kill, and would walk it for each.
pub(super) struct Index {
    types: HashMap<i64, Tags>,
    market: Vec<(&'static [i64], Tags)>,
    groups: HashMap<i64, Tags>,
}

pub(super) type Tags = &'static [&'static str];

pub(super) static MODULES: LazyLock<Index> = LazyLock::new(|| Index::of(MODULE_RULES));
pub(super) static SIZES: LazyLock<Index> = LazyLock::new(|| Index::of(SIZE_RULES));

impl Index {
    fn of(table: &'static [ModuleRule]) -> Index {
        let mut index = Index { types: HashMap::new(), market: Vec::new(), groups: HashMap::new() };
        for rule in table {
            match rule.when {
                Which::Types(ids) => index.types.extend(ids.iter().map(|id| (*id, rule.tags))),
                Which::Market(ids) => index.market.push((ids, rule.tags)),
                Which::Groups(ids) => index.groups.extend(ids.iter().map(|id| (*id, rule.tags))),
            }
        }
        index
    }

    /// The tags of the first row that matches.
    pub(super) fn tags(&self, kind: &Type, ancestors: &Ancestors) -> Tags {
        let by_market = || {
            let row = self.market.iter().find(|(groups, _)| ancestors.any_in(groups));
            row.map(|(_, tags)| *tags)
        };
        let by_type = self.types.get(&kind.type_id).copied();
        let by_group = || self.groups.get(&kind.group_id).copied();
        by_type.or_else(by_market).or_else(by_group).unwrap_or_default()
    }
}

/// A type's market group and those above it.
pub(super) struct Ancestors {
    ids: [i64; MARKET_DEPTH_MAX],
    count: usize,
}

impl Ancestors {
    pub(super) fn of(kind: &Type, catalogue: &Catalogue) -> Ancestors {
        let mut ancestors = Ancestors { ids: [0; MARKET_DEPTH_MAX], count: 0 };
        let parent = |id: &i64| catalogue.market_groups.get(*id)?.parent_group_id;
        let chain = std::iter::successors(kind.market_group_id, parent);
        for (slot, id) in ancestors.ids.iter_mut().zip(chain) {
            *slot = id;
            ancestors.count += 1;
        }
        ancestors
    }

    fn any_in(&self, groups: &[i64]) -> bool {
        self.ids[..self.count].iter().any(|id| groups.contains(id))
    }
}

const fn types(types: &'static [i64], tags: &'static [&'static str]) -> ModuleRule {
    ModuleRule { when: Which::Types(types), tags }
}

const fn market(groups: &'static [i64], tags: &'static [&'static str]) -> ModuleRule {
    ModuleRule { when: Which::Market(groups), tags }
}

const fn groups(groups: &'static [i64], tags: &'static [&'static str]) -> ModuleRule {
    ModuleRule { when: Which::Groups(groups), tags }
}

/// What a module is for. Without a market group are mutated modules and those no longer made: they stand by type.
pub const MODULE_RULES: &[ModuleRule] = &[
    // Weapons that need no slots and no ammunition: nine turrets and three launchers.
    types(&[34_272, 34_274, 34_276], &["Energy", "Polarized"]),
    types(&[34_278, 34_280, 34_282], &["Hybrid", "Polarized"]),
    types(&[34_284, 34_286, 34_288], &["Projectile", "Polarized"]),
    types(&[34_290, 34_292, 34_294], &["Missile", "Polarized"]),
    // A corvette's first guns are all of the lasers' group: railgun and blaster, autocannon.
    types(&[3_638, 3_640], &["Hybrid"]),
    types(&[3_636], &["Projectile"]),
    // A capital industrial ship's invulnerability core and a jump of others: no weapons, though superweapons.
    types(&[42_522, 40_634], &[]),
    // Lets a ship of old carry more links, and gives nobody anything by itself.
    types(&[11_014], &[]),
    // Damage controls share a group with what makes a ship all but immune for some seconds.
    types(&[47_254, 47_255, 47_256, 47_257, 47_258, 52_230, 84_961], &["Assault Damage Control"]),
    // One group: disruptor and scrambler. Fleeting, Fleeting Progressive, Prohibitor, Abyssal.
    types(&[5_401, 22_476, 47_736, 56_304], &["Warp Disruptor"]),
    types(&[5_441, 47_732, 56_303], &["Warp Scrambler"]),
    // One group: afterburner and microwarpdrive. Thukker, Abyssal.
    types(&[19_491, 47_749, 47_753, 47_757, 56_305], &["Afterburner"]),
    types(&[47_408, 47_740, 47_745, 56_306], &["Microwarpdrive"]),
    types(&[83_465, 88_712], &["Micro Jump Drive"]),
    types(&[83_485], &["Micro Jump Field Generator"]),
    // One group: what blinds turrets and what blinds missiles.
    types(&[5_321, 22_931, 37_543, 37_544, 37_545, 37_546, 92_451], &["Guidance Disruptor"]),
    // One group: three kinds of beacon.
    types(&[21_096], &["Cyno"]),
    types(&[28_646], &["Covert Cyno"]),
    types(&[52_694], &["Industrial Cyno"]),
    // One group: what roots a ship to the spot, for four kinds of ship.
    types(&[4_292, 20_280, 56_313, 88_266], &["Siege"]),
    types(&[4_294, 27_951], &["Triage"]),
    types(&[33_400, 93_999, 94_008, 94_009, 94_010], &["Bastion"]),
    types(&[28_583, 42_890, 58_945, 58_950, 62_590, 62_591], &["Industrial Core"]),
    // Burst projectors of supercarriers and structures: one group each, an effect a type.
    types(&[27_678, 47_069], &["ECM"]),
    types(&[40_635, 47_071], &["Stasis Web"]),
    types(&[40_636, 35_944], &["Energy Neutralizer"]),
    types(&[40_696, 47_073], &["Warp Disruptor"]),
    types(&[40_697, 47_070], &["Sensor Dampener"]),
    types(&[40_698, 47_072], &["Target Painter"]),
    types(&[40_699, 47_074], &["Tracking Disruptor", "Guidance Disruptor"]),
    // A structure's batteries: one group.
    types(&[35_941, 47_368], &["Sensor Dampener"]),
    types(&[35_945, 47_364], &["Tracking Disruptor", "Guidance Disruptor"]),
    types(&[35_947, 47_366], &["Target Painter"]),
    // Rigs whose group says less: trimarks, field extenders, transverse bulkheads; remote repair; cargohold.
    types(&[25_894, 26_302, 30_987, 30_993, 31_055, 31_057, 31_059, 31_061], &["Armor", "Buffer"]),
    types(&[26_088, 26_448, 31_788, 31_790, 31_792, 31_794, 31_796, 31_798], &["Shield", "Buffer"]),
    types(
        &[33_890, 33_892, 33_894, 33_896, 33_898, 33_900, 33_902, 33_904],
        &["Hull", "Buffer", "Bulkhead"],
    ),
    types(&[25_900, 26_298, 27_068, 31_073, 31_075, 31_077, 31_079, 31_081], &[]),
    types(&[26_072, 26_304, 31_117, 31_119, 31_121, 31_123, 31_125, 31_127], &["Cargo"]),
    market(&[1_935], &["Warp Disruptor"]),
    market(&[1_936], &["Warp Scrambler"]),
    market(&[542], &["Afterburner"]),
    market(&[131], &["Microwarpdrive"]),
    groups(&[53], &["Energy"]),
    groups(&[55], &["Projectile"]),
    groups(&[74], &["Hybrid"]),
    groups(&[1_986], &["Disintegrator"]),
    groups(&[4_060], &["Vorton"]),
    groups(&[506, 507, 508, 509, 510, 511, 524, 771, 1_245, 1_673, 1_674], &["Missile"]),
    // Structures' launchers.
    groups(&[1_327, 1_562], &["Missile"]),
    groups(&[862, 1_328], &["Bomb Launcher"]),
    groups(&[4_807], &["Breacher"]),
    groups(&[72], &["Smartbomb"]),
    // Not a Titan's phenomena generator, which harms nobody.
    groups(&[588, 1_333], &["Doomsday"]),
    groups(&[38], &["Shield", "Buffer"]),
    groups(&[40], &["Shield", "Active"]),
    groups(&[1_156], &["Shield", "Active", "Ancillary"]),
    // Recharger, power relay, hardener, amplifiers of resistance and of boosters, flux coil, flex hardener, rigs.
    groups(&[39, 57, 77, 295, 338, 770, 774, 1_700], &["Shield"]),
    groups(&[329], &["Armor", "Buffer"]),
    groups(&[62], &["Armor", "Active"]),
    groups(&[1_199], &["Armor", "Active", "Ancillary"]),
    // Coating, membrane, hardener, reactive hardener, flex hardener, rigs; a structure's plating.
    groups(&[98, 326, 328, 773, 1_150, 1_699, 1_968], &["Armor"]),
    groups(&[63], &["Hull", "Active"]),
    groups(&[78], &["Hull", "Buffer", "Bulkhead"]),
    groups(&[60], &["Damage Control"]),
    groups(&[41, 1_697], &["Remote Shield"]),
    groups(&[325, 1_698, 2_018], &["Remote Armor"]),
    groups(&[585], &["Remote Hull"]),
    groups(&[67], &["Remote Capacitor"]),
    groups(&[1_189], &["Micro Jump Drive"]),
    groups(&[1_533], &["Micro Jump Field Generator"]),
    groups(&[1_442], &["Warp Disruptor"]),
    groups(&[65, 1_441], &["Stasis Web"]),
    groups(&[1_672], &["Grappler"]),
    groups(&[589], &["Interdiction Sphere"]),
    groups(&[899], &["HIC Bubble"]),
    groups(&[4_117], &["Nullifier"]),
    groups(&[315], &["Warp Core Stabilizer"]),
    // Jammer, burst jammer, a structure's battery.
    groups(&[201, 80, 1_332], &["ECM"]),
    groups(&[208], &["Sensor Dampener"]),
    groups(&[291], &["Tracking Disruptor"]),
    groups(&[379], &["Target Painter"]),
    groups(&[71, 1_329], &["Energy Neutralizer"]),
    groups(&[68], &["Nosferatu"]),
    groups(&[330], &["Cloak"]),
    // Command bursts, and the links before them.
    groups(&[1_770, 316], &["Command Burst"]),
    // Bridges: normal, covert, industrial.
    groups(&[590, 4_127, 4_184], &["Jump Portal"]),
    groups(&[1_313], &["Entosis"]),
    groups(&[481], &["Probe Launcher"]),
    // Lasers, strip miners, ice harvesters, gas scoops and harvesters.
    groups(&[54, 464, 483, 737, 2_004, 4_138], &["Mining"]),
    groups(&[1_122], &["Salvage"]),
    groups(&[538], &["Hacking"]),
    groups(&[765], &["Cargo"]),
];

/// How large a weapon is, by what it is made for: a rapid light launcher is a cruiser's.
pub const SIZE_RULES: &[ModuleRule] = &[
    // A corvette's first guns and the small breacher; two howitzers of old and the medium breacher; three lasers of old.
    types(&[3_634, 3_636, 3_638, 3_640, 85_084], &["Small"]),
    types(&[9_419, 9_421, 85_085], &["Medium"]),
    types(&[15_399, 15_401, 15_403], &["Large"]),
    // Pulse and beam lasers, autocannons and artillery, blasters and railguns, disintegrators, vorton projectors.
    market(&[570, 567, 574, 577, 561, 564, 2_433, 2_742], &["Small"]),
    market(&[572, 568, 575, 578, 562, 565, 2_434, 2_743], &["Medium"]),
    market(&[573, 569, 576, 579, 563, 566, 2_435, 2_744], &["Large"]),
    market(&[774, 773, 776, 775, 771, 772, 2_691], &["Capital Weapons"]),
    // Rocket, light. Rapid light, heavy, heavy assault. Rapid heavy, cruise, torpedo. XL cruise, XL and rapid torpedo.
    groups(&[507, 509], &["Small"]),
    groups(&[510, 511, 771], &["Medium"]),
    groups(&[506, 508, 1_245], &["Large"]),
    groups(&[524, 1_673, 1_674], &["Capital Weapons"]),
];
