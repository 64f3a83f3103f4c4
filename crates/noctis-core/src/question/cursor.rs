//! Cursors: where a page ended, good for its own question only.

use jiff::Timestamp;

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
}

impl Cursor {
    /// `t` or `a`, the question's hash, and the numbers, with dots between.
    pub fn encode(&self) -> String {
        let micros = |time: Option<Timestamp>| {
            time.map_or(String::new(), |time| time.as_microsecond().to_string())
        };
        let place = match self.position {
            Position::Before { time, killmail_id } => {
                format!("t.{}.{killmail_id}", time.as_microsecond())
            }
            Position::After { arrival } => format!("a.{arrival}.0"),
        };
        format!("{place}.{}.{}.{}", micros(self.from), micros(self.to), self.question)
    }

    /// None when the text is no cursor of ours.
    pub fn decode(text: &str) -> Option<Cursor> {
        let parts: Vec<&str> = text.split('.').collect();
        let [kind, first, second, from, to, question] = parts[..] else { return None };
        let number = |text: &str| text.parse::<i64>().ok();
        let time = |text: &str| Timestamp::from_microsecond(number(text)?).ok();
        let bound = |text: &str| if text.is_empty() { Some(None) } else { time(text).map(Some) };
        let position = match kind {
            "t" => Position::Before { time: time(first)?, killmail_id: number(second)? },
            "a" => Position::After { arrival: number(first)? },
            _ => return None,
        };
        Some(Cursor { question: question.to_owned(), position, from: bound(from)?, to: bound(to)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let time: Timestamp = "2026-11-22T14:00:00.000001Z".parse().unwrap();
        for position in [Position::Before { time, killmail_id: 5 }, Position::After { arrival: 7 }]
        {
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
        ] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
