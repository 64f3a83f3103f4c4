//! Cursors: where a page ended, good for its own question only.

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::fault::Fault;
use super::{Order, Question};
use crate::isk::Isk;

/// A place in the answer to one question. Opaque to its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub question: String,
    pub position: Position,
    /// The range the first page was asked for: `7d` means the same seven days on every page.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The page goes on with kills older than this, by (time, id).
    Before { time: Timestamp, killmail_id: i64 },
    /// The page goes on with kills that arrived after this one.
    After { arrival: i64 },
    /// The page goes on with kills worth less than this, by (value, time, id).
    Below { value: Isk, time: Timestamp, killmail_id: i64 },
}

impl Cursor {
    /// `t`, `a` or `v`, the numbers of the place and of the range, and the question's hash, with dots between.
    pub fn encode(&self) -> String {
        let micros = |time: Option<Timestamp>| {
            time.map_or(String::new(), |time| time.as_microsecond().to_string())
        };
        let place = match self.position {
            Position::Before { time, killmail_id } => {
                format!("t.{}.{killmail_id}", time.as_microsecond())
            }
            Position::After { arrival } => format!("a.{arrival}.0"),
            Position::Below { value, time, killmail_id } => {
                let hundredths = (value.amount() * Decimal::ONE_HUNDRED)
                    .to_i128()
                    .expect("hundredths of less than 1e18 are less than 1e20");
                format!("v.{hundredths}.{}.{killmail_id}", time.as_microsecond())
            }
        };
        format!("{place}.{}.{}.{}", micros(self.from), micros(self.to), self.question)
    }

    /// None when the text is no cursor of ours.
    pub fn decode(text: &str) -> Option<Cursor> {
        let parts: Vec<&str> = text.split('.').collect();
        let number = |text: &str| text.parse::<i64>().ok();
        let time = |text: &str| Timestamp::from_microsecond(number(text)?).ok();
        // Kills have happened since 2007; PostgreSQL knows no time as early as some that can be written here.
        let place = |text: &str| time(text).filter(|time| *time >= Timestamp::UNIX_EPOCH);
        let bound = |text: &str| if text.is_empty() { Some(None) } else { time(text).map(Some) };
        let (position, [from, to, question]) = match parts[..] {
            ["t", at, id, from, to, question] => {
                let position = Position::Before { time: place(at)?, killmail_id: number(id)? };
                (position, [from, to, question])
            }
            ["a", arrival, _, from, to, question] => {
                (Position::After { arrival: number(arrival)? }, [from, to, question])
            }
            ["v", hundredths, at, id, from, to, question] => {
                let amount = Decimal::try_from_i128_with_scale(hundredths.parse().ok()?, 2).ok()?;
                let value = Isk::new(amount)?;
                let position =
                    Position::Below { value, time: place(at)?, killmail_id: number(id)? };
                (position, [from, to, question])
            }
            _ => return None,
        };
        Some(Cursor { question: question.to_owned(), position, from: bound(from)?, to: bound(to)? })
    }
}

/// A cursor brings the range of the first page along, and is refused where it was not given out.
pub(super) fn adopt(question: &mut Question) -> Result<(), Fault> {
    let Some(cursor) = &question.cursor else { return Ok(()) };
    let fits = matches!(
        (question.order, cursor.position),
        (Order::Time, Position::Before { .. })
            | (Order::Arrival, Position::After { .. })
            | (Order::Value, Position::Below { .. })
    );
    if cursor.question != question.hash || !fits {
        return Err(Fault::ForeignCursor);
    }
    question.from = cursor.from;
    question.to = cursor.to;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let time: Timestamp = "2026-11-22T14:00:00.000001Z".parse().unwrap();
        let value = Isk::parse("999999999999999999.99").unwrap();
        for position in [
            Position::Before { time, killmail_id: 5 },
            Position::After { arrival: 7 },
            Position::Below { value, time, killmail_id: 5 },
        ] {
            for (from, to) in [(None, None), (Some(time), None), (None, Some(time))] {
                let cursor = Cursor { question: "abc".into(), position, from, to };
                assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
            }
        }
    }

    #[test]
    fn nonsense_is_no_cursor() {
        for text in [
            "",
            "t",
            "t.1.2.3.4",
            "x.1.2...q",
            "t.a.2...q",
            "t.99999999999999999999.2...q",
            "t.1.2.x..q",
            "v.1.2...q",
            "v.-1.2.3...q",
            "v.99999999999999999999999999999999999999.2.3...q",
            // 5000 years before year 0, which PostgreSQL does not know.
            "v.1.-219938371200000000.3...q",
            "t.-219938371200000000.3...q",
        ] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
