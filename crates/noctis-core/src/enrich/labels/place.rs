//! Where a kill was: the security of its system, or the kind of space its region is.

use std::ops::Range;

use super::Text;
use crate::catalogue::Catalogue;
use crate::killmail::Killmail;

/// True security from which CONCORD comes: shown rounded, it is 0.5.
const HIGHSEC_SECURITY_MIN: f64 = 0.45;
/// True security from which sentry guns shoot: shown rounded, it is 0.1.
const LOWSEC_SECURITY_MIN: f64 = 0.05;

const KNOWN_SPACE: Range<i64> = 10_000_000..11_000_000;
const WORMHOLE_SPACE: Range<i64> = 11_000_000..12_000_000;
const ABYSSAL_SPACE: Range<i64> = 12_000_000..13_000_000;
/// Sentinel, Barbican, Vidette, Conflux and Redoubt: wormhole space as well.
const DRIFTER_REGION_ID: i64 = 11_000_033;

/// Adds nothing for a system that is not known, nor for one outside of these spaces.
pub(super) fn add(labels: &mut Vec<Text>, killmail: &Killmail, catalogue: &Catalogue) {
    let Some(system) = catalogue.systems.get(killmail.solar_system_id) else { return };
    if KNOWN_SPACE.contains(&system.region_id) {
        labels.push(security_band(system.security).into());
    } else if WORMHOLE_SPACE.contains(&system.region_id) {
        labels.push("loc:w-space".into());
        if system.region_id == DRIFTER_REGION_ID {
            labels.push("loc:drifter".into());
        }
    } else if ABYSSAL_SPACE.contains(&system.region_id) {
        labels.push("loc:abyssal".into());
    }
}

/// The class of a wormhole system, where the static data has it. The Drifters' systems have classes of their own and are
/// `loc:drifter`.
pub(super) fn wormhole_class(killmail: &Killmail, catalogue: &Catalogue) -> Option<&'static str> {
    match catalogue.systems.get(killmail.solar_system_id)?.wormhole_class? {
        1 => Some("wh:c1"),
        2 => Some("wh:c2"),
        3 => Some("wh:c3"),
        4 => Some("wh:c4"),
        5 => Some("wh:c5"),
        6 => Some("wh:c6"),
        12 => Some("wh:thera"),
        13 => Some("wh:c13"),
        _ => None,
    }
}

fn security_band(security: f64) -> &'static str {
    if security >= HIGHSEC_SECURITY_MIN {
        "loc:highsec"
    } else if security >= LOWSEC_SECURITY_MIN {
        "loc:lowsec"
    } else {
        "loc:nullsec"
    }
}
