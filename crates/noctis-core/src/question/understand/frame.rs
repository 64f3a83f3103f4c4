//! What frames a question: its range of time, order, page and form.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::values::{self, read_one};
use crate::question::asked::Group;
use crate::question::condition::Condition;
use crate::question::fault::Fault;
use crate::question::key::Key;
use crate::question::{
    Cursor, Fields, Format, LIMIT_DEFAULT, Order, Question, VALUE_ORDER_SPAN_MAX,
};
use crate::time::FUTURE_MAX;

pub(super) struct Frame {
    pub(super) from: End,
    pub(super) to: End,
    pub(super) order: Order,
    pub(super) limit: u32,
    pub(super) cursor: Option<Cursor>,
    pub(super) fields: Fields,
    pub(super) format: Format,
}

/// An end of the range of time.
pub(super) struct End {
    pub(super) time: Option<Timestamp>,
    /// What was meant: `7d` is the same question tomorrow, though it is another time.
    meant: String,
}

pub(super) fn is_frame(key: Key) -> bool {
    matches!(
        key,
        Key::From | Key::To | Key::Order | Key::Limit | Key::Cursor | Key::Fields | Key::Format
    )
}

pub(super) fn read(group: &Group, now: Timestamp) -> Result<Frame, Fault> {
    let cursor = |_: &str, text: &str| Cursor::decode(text).ok_or(Fault::ForeignCursor);
    Ok(Frame {
        from: end(group, Key::From, now)?,
        to: end(group, Key::To, now)?,
        order: read_one(group, Key::Order, values::order)?.unwrap_or(Order::Time),
        limit: read_one(group, Key::Limit, values::limit)?.unwrap_or(LIMIT_DEFAULT),
        cursor: read_one(group, Key::Cursor, cursor)?,
        fields: read_one(group, Key::Fields, values::fields)?.unwrap_or(Fields::All),
        format: read_one(group, Key::Format, values::format)?.unwrap_or(Format::Json),
    })
}

fn end(group: &Group, key: Key, now: Timestamp) -> Result<End, Fault> {
    let read = |typed: &str, text: &str| {
        let time = values::time(typed, text, now)?;
        // What counts back from now is another time a second later.
        let later = now.checked_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MIN);
        let counts_back = values::time(typed, text, later)? != time;
        let meant = if counts_back { text.trim().to_owned() } else { time.to_string() };
        Ok(End { time: Some(time), meant })
    };
    Ok(read_one(group, key, read)?.unwrap_or(End { time: None, meant: String::new() }))
}

/// Over all that decides which kills come in which order; the page's size and form may change between pages.
pub(super) fn hash(frame: &Frame, condition: &Condition) -> String {
    let order = frame.order.name();
    let meant = format!("{};{};{order};{condition}", frame.from.meant, frame.to.meant);
    Sha256::digest(meant)[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// By value, everything within the range is in question at once: it has to be bounded.
pub(super) fn check_span(question: &Question, now: Timestamp) -> Result<(), Fault> {
    if question.order != Order::Value {
        return Ok(());
    }
    let days = VALUE_ORDER_SPAN_MAX.as_hours() / 24;
    let Some(from) = question.from else {
        let why = format!("order=value needs from, at most {days} days before to");
        return Err(Fault::refused("order", why));
    };
    // Between two pages now moves on; a question that was good stays so for a day.
    let span_max = match question.cursor {
        Some(_) => VALUE_ORDER_SPAN_MAX.saturating_add(FUTURE_MAX),
        None => VALUE_ORDER_SPAN_MAX,
    };
    if question.to.unwrap_or(now).duration_since(from) > span_max {
        let why = format!("with order=value there are at most {days} days between from and to");
        return Err(Fault::refused("from", why));
    }
    Ok(())
}
