//! What a kill is worth: zKillboard's value or our own, whichever is preferred and known.
//!
//! A kill without a value is not worth zero: its source is [`ValueSource::None`] and the API answers null.

mod own;

pub(super) use own::own;
pub use own::{item_price, priced_types};

use super::{OwnValue, ValueSource};
use crate::enrich::prices::Prefer;
use crate::isk::Isk;
use crate::zkb::Zkb;

/// The value that was chosen. All four are of one source: parts of two would not add up.
pub(super) struct Value {
    pub total: Option<Isk>,
    pub fitted: Option<Isk>,
    pub dropped: Option<Isk>,
    pub destroyed: Option<Isk>,
    pub source: ValueSource,
}

pub(super) fn choose(zkb: Option<&Zkb>, own: Option<&OwnValue>, prefer: Prefer) -> Value {
    let theirs = zkb.filter(|zkb| zkb.total_value.is_some());
    match (prefer, theirs, own) {
        (Prefer::Own, _, Some(own)) | (Prefer::Zkb, None, Some(own)) => Value {
            total: Some(own.total),
            fitted: Some(own.fitted),
            dropped: Some(own.dropped),
            destroyed: Some(own.destroyed),
            source: ValueSource::Own,
        },
        (Prefer::Zkb | Prefer::Own, Some(_), _) | (Prefer::Zkb | Prefer::Own, None, None) => {
            Value {
                total: zkb.and_then(|zkb| zkb.total_value),
                fitted: zkb.and_then(|zkb| zkb.fitted_value),
                dropped: zkb.and_then(|zkb| zkb.dropped_value),
                destroyed: zkb.and_then(|zkb| zkb.destroyed_value),
                source: if theirs.is_some() { ValueSource::Zkb } else { ValueSource::None },
            }
        }
    }
}

#[cfg(test)]
mod tests;
