//! The kinds of space, by the security and region of a system.

use std::ops::Range;

use super::System;

/// True security from which CONCORD comes: shown rounded, it is 0.5.
const HIGHSEC_SECURITY_MIN: f64 = 0.45;
/// True security from which sentry guns shoot: shown rounded, it is 0.1.
const LOWSEC_SECURITY_MIN: f64 = 0.05;

const KNOWN_SPACE: Range<i64> = 10_000_000..11_000_000;
const WORMHOLE_SPACE: Range<i64> = 11_000_000..12_000_000;
const ABYSSAL_SPACE: Range<i64> = 12_000_000..13_000_000;

/// A kind of space; the same rule gives a kill its `loc:` label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    Highsec,
    Lowsec,
    Nullsec,
    WSpace,
    Abyssal,
}

impl Band {
    pub const ALL: [Band; 5] =
        [Band::Highsec, Band::Lowsec, Band::Nullsec, Band::WSpace, Band::Abyssal];

    /// None for the few systems outside of these spaces, such as those that only CCP's staff enter.
    pub fn of(system: &System) -> Option<Band> {
        if WORMHOLE_SPACE.contains(&system.region_id) {
            Some(Band::WSpace)
        } else if ABYSSAL_SPACE.contains(&system.region_id) {
            Some(Band::Abyssal)
        } else if !KNOWN_SPACE.contains(&system.region_id) {
            None
        } else if system.security >= HIGHSEC_SECURITY_MIN {
            Some(Band::Highsec)
        } else if system.security >= LOWSEC_SECURITY_MIN {
            Some(Band::Lowsec)
        } else {
            Some(Band::Nullsec)
        }
    }

    /// The word in a question, and behind `loc:` in a label.
    pub fn name(self) -> &'static str {
        match self {
            Band::Highsec => "highsec",
            Band::Lowsec => "lowsec",
            Band::Nullsec => "nullsec",
            Band::WSpace => "w-space",
            Band::Abyssal => "abyssal",
        }
    }
}
