//! What zKillboard says of a killmail beside its body, and which of two such blocks prevails.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::isk::Isk;
use crate::killmail::parse::Object;
use crate::killmail::{Reason, Rejected};

/// zKillboard's `zkb` block, its known fields typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zkb {
    pub total_value: Option<Isk>,
    pub fitted_value: Option<Isk>,
    pub dropped_value: Option<Isk>,
    pub destroyed_value: Option<Isk>,
    pub points: Option<i32>,
    pub npc: Option<bool>,
    pub solo: Option<bool>,
    pub awox: Option<bool>,
    pub labels: Vec<String>,
}

/// A `zkb` block as it came, with what decides between two of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ZkbBlock {
    pub zkb: Zkb,
    /// When the feed published it, seconds or sequence; 0 where it does not say.
    pub rank: i64,
    /// The block with its keys sorted and its numbers in one notation: equal blocks have equal text.
    text: String,
    hash: Option<String>,
    keys: usize,
}

impl ZkbBlock {
    /// Reads a block. Refuses ISK amounts that cannot be stored.
    pub fn parse(text: &str, rank: i64) -> Result<ZkbBlock, Rejected> {
        let Object(raw): Object<RawZkb<'_>> = serde_json::from_str(text).map_err(|error| {
            Rejected::new(Reason::MissingField, format!("the zkb block is wrong: {error}"))
        })?;
        let value: Value = serde_json::from_str(text).map_err(|error| {
            Rejected::new(Reason::AbsurdField, format!("the zkb block is wrong: {error}"))
        })?;
        let zkb = Zkb {
            total_value: isk("totalValue", raw.total_value)?,
            fitted_value: isk("fittedValue", raw.fitted_value)?,
            dropped_value: isk("droppedValue", raw.dropped_value)?,
            destroyed_value: isk("destroyedValue", raw.destroyed_value)?,
            points: raw.points,
            npc: raw.npc,
            solo: raw.solo,
            awox: raw.awox,
            labels: raw.labels.unwrap_or_default(),
        };
        let hash = value.get("hash").and_then(Value::as_str).map(str::to_owned);
        let keys = value.as_object().map_or(0, serde_json::Map::len);
        Ok(ZkbBlock { zkb, rank, text: canonical(value).to_string(), hash, keys })
    }

    /// The block's JSON in one notation.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The killmail hash, where the block has one.
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }

    /// Of two blocks for one killmail the later published prevails, then the one with more keys, then the greater
    /// text: an order that does not depend on which came first.
    #[must_use]
    pub fn prevailing(self, other: ZkbBlock) -> ZkbBlock {
        let order = |block: &ZkbBlock| (block.rank, block.keys);
        match order(&self).cmp(&order(&other)).then_with(|| self.text.cmp(&other.text)) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => self,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawZkb<'a> {
    #[serde(borrow)]
    total_value: Option<&'a RawValue>,
    #[serde(borrow)]
    fitted_value: Option<&'a RawValue>,
    #[serde(borrow)]
    dropped_value: Option<&'a RawValue>,
    #[serde(borrow)]
    destroyed_value: Option<&'a RawValue>,
    points: Option<i32>,
    npc: Option<bool>,
    solo: Option<bool>,
    awox: Option<bool>,
    labels: Option<Vec<String>>,
}

fn isk(field: &str, raw: Option<&RawValue>) -> Result<Option<Isk>, Rejected> {
    raw.map(|raw| {
        Isk::parse(raw.get()).ok_or_else(|| {
            let token: String = raw.get().chars().take(60).collect();
            Rejected::new(
                Reason::AbsurdField,
                format!("zkb.{field} is {token}: not an amount from 0 to 1e18 ISK"),
            )
        })
    })
    .transpose()
}

/// Writes each number in one notation, so that `10000`, `10000.0` and `1e4` are one, before they went through `jsonb` and
/// after; maps sort their keys by themselves.
fn canonical(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|_| !number.is_i64() && !number.is_u64());
            float.and_then(integral).unwrap_or(Value::Number(number))
        }
        Value::Array(values) => values.into_iter().map(canonical).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, canonical(value))).collect(),
        other => other,
    }
}

/// The integer that a float is, where `jsonb` would write it as one that fits 64 bits.
fn integral(float: f64) -> Option<Value> {
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    const I64_MIN: f64 = -9_223_372_036_854_775_808.0;
    if float.fract() != 0.0 || !(I64_MIN..U64_END).contains(&float) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Some(if float < 0.0 { Value::from(float as i64) } else { Value::from(float as u64) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(text: &str, rank: i64) -> ZkbBlock {
        ZkbBlock::parse(text, rank).unwrap()
    }

    #[test]
    fn which_block_prevails_does_not_depend_on_the_order() {
        let blocks = [
            block(r#"{"totalValue":1,"points":1}"#, 0),
            block(r#"{"totalValue":2,"points":1}"#, 0),
            block(r#"{"totalValue":2,"points":1,"npc":true}"#, 0),
            block(r#"{"totalValue":3}"#, 7),
        ];
        for a in &blocks {
            for b in &blocks {
                assert_eq!(a.clone().prevailing(b.clone()), b.clone().prevailing(a.clone()));
                for c in &blocks {
                    let left = a.clone().prevailing(b.clone()).prevailing(c.clone());
                    assert_eq!(left, a.clone().prevailing(b.clone().prevailing(c.clone())));
                }
            }
        }
        assert_eq!(blocks[2].clone().prevailing(blocks[3].clone()).rank, 7);
    }

    #[test]
    fn one_number_in_three_notations_is_one_text() {
        for text in
            [r#"{"b":10000,"a":[1.50]}"#, r#"{"a":[1.5],"b":10000.0}"#, r#"{"b":1e4,"a":[15E-1]}"#]
        {
            assert_eq!(block(text, 0).text(), r#"{"a":[1.5],"b":10000}"#);
        }
    }

    proptest! {
        /// What `jsonb` gives back is the same number, written in full.
        #[test]
        fn a_number_keeps_its_text_on_the_way_through_jsonb(float in proptest::num::f64::NORMAL) {
            let once = block(&format!(r#"{{"a":{float:e}}}"#), 0);
            let stored = if float.fract() == 0.0 { format!("{float:.0}") } else { format!("{float}") };
            let back = block(&format!(r#"{{"a":{stored}}}"#), 0);
            prop_assert_eq!(back.text(), once.text());
            let again = block(once.text(), 0);
            prop_assert_eq!(again.text(), once.text());
        }
    }

    #[test]
    fn an_amount_that_numeric_20_2_cannot_hold_is_refused() {
        let rejected = ZkbBlock::parse(r#"{"totalValue":1e18}"#, 0).unwrap_err();
        assert_eq!(rejected.reason, Reason::AbsurdField);
        assert!(rejected.detail.contains("zkb.totalValue is 1e18"));
    }
}
