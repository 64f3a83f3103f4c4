//! What a kill is worth: zKillboard's value where a feed brought it, else not known.
//!
//! A kill without a value is not worth zero: its source is [`ValueSource::None`] and the API answers null. Our own
//! value from prices will be the second source.

use super::ValueSource;
use crate::isk::Isk;
use crate::zkb::Zkb;

pub(super) struct Value {
    pub total: Option<Isk>,
    pub fitted: Option<Isk>,
    pub dropped: Option<Isk>,
    pub destroyed: Option<Isk>,
    pub source: ValueSource,
}

pub(super) fn of(zkb: Option<&Zkb>) -> Value {
    let total = zkb.and_then(|zkb| zkb.total_value);
    Value {
        total,
        fitted: zkb.and_then(|zkb| zkb.fitted_value),
        dropped: zkb.and_then(|zkb| zkb.dropped_value),
        destroyed: zkb.and_then(|zkb| zkb.destroyed_value),
        source: if total.is_some() { ValueSource::Zkb } else { ValueSource::None },
    }
}
