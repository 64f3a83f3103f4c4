//! One value: recognised, checked against the time, or parked with the reason.

use std::sync::Arc;

use jiff::Timestamp;
use noctis_core::killmail::shape::{Record, recognise};
use noctis_core::killmail::split::Piece;
use noctis_core::killmail::{Reason, Rejected};
use noctis_core::time::absurdity;
use noctis_store::ingest::{Incoming, IncomingWanted, Parked};
use serde::Deserialize;

/// What became of a value.
pub enum Reading {
    Kill(Box<Incoming>),
    Wanted(IncomingWanted),
    Parked(Parked),
    /// It says nothing, and counts for nothing.
    Nothing,
}

/// Reads one piece of a stream that arrives now.
#[must_use]
pub fn read(piece: Piece, source: &Arc<str>, now: Timestamp) -> Reading {
    let recognised = recognise(&piece);
    let (key, bytes) = match piece {
        Piece::Value(bytes) | Piece::Broken(bytes, _) => (None, bytes),
        Piece::Entry { killmail_id, value } => (Some(killmail_id), value),
    };
    let source = Arc::clone(source);
    match recognised {
        Ok(Record::Nothing) => Reading::Nothing,
        Ok(Record::Wanted(wanted)) => Reading::Wanted(IncomingWanted { wanted: *wanted, source }),
        Ok(Record::Mail(mail)) => {
            if let Some(detail) = absurdity(mail.killmail.killmail_time, now) {
                let killmail_id = Some(mail.killmail.killmail_id);
                let rejected = Rejected::new(Reason::AbsurdTime, detail);
                return Reading::Parked(Parked { bytes, killmail_id, rejected, source });
            }
            Reading::Kill(Box::new(Incoming { mail: *mail, input: bytes, source }))
        }
        Err(rejected) => {
            let killmail_id = key.or_else(|| id_of(&bytes));
            Reading::Parked(Parked { bytes, killmail_id, rejected, source })
        }
    }
}

/// The id that a refused value names, if it is JSON enough to tell.
fn id_of(bytes: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(alias = "killID")]
        killmail_id: i64,
    }
    serde_json::from_slice::<Named>(bytes).ok().map(|named| named.killmail_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_value_is_parked_under_its_id_where_it_tells_one() {
        let check = |text: &str, expected| assert_eq!(id_of(text.as_bytes()), expected, "{text}");
        check(r#"{"killmail_id": 7, "victim": {}}"#, Some(7));
        check(r#"{"killID": 8}"#, Some(8));
        check(r#"{"killmail_id": 7"#, None);
        check("[]", None);
    }
}
