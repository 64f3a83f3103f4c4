//! Cuts a stream of bytes into single JSON values, whatever they stand in, and survives what is broken.
//!
//! Values may follow one another (NDJSON, or printed over several lines), be the elements of one array (a zKillboard
//! page) or the entries of one object keyed by ids (zKillboard's history). Memory is bounded by one value: an array
//! or a history of any length is never held whole. A broken value is given out as [`Piece::Broken`] and reading goes
//! on at the next line that opens a value.

use super::{Reason, Rejected};

/// A value larger than this is parked; the largest real mail has 668 kB.
pub const VALUE_BYTES_MAX: usize = 16 << 20;
/// Open brackets at a time. Far more than what `check` lets pass, so only garbage has them.
const BRACKETS_MAX: usize = 1 << 16;
/// Bytes that may be looked at again after broken values, for each byte given out, and besides.
const RESCAN_SHARE: usize = 8;
const RESCAN_FREE: usize = 1 << 20;

/// One thing found in the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A complete JSON value by its brackets; its inside has not been checked.
    Value(Vec<u8>),
    /// An entry of a history object: an id, and what stands behind it.
    Entry { killmail_id: i64, value: Vec<u8> },
    /// Bytes that are no value, and why.
    Broken(Vec<u8>, Rejected),
}

/// What the next value stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Stream,
    Array,
    History,
}

/// Takes bytes in chunks of any size and gives pieces.
pub struct Splitter {
    buffer: Vec<u8>,
    /// Everything before this has been given out.
    start: usize,
    inside: Inside,
    scan: Scan,
    /// The rest of a value that was too large is passed over.
    skipping: bool,
    /// An entry's key, when its value has not ended yet.
    key: Option<i64>,
    ended: bool,
    /// Bytes given out, and bytes that broken values made us look at more than once: the second stay in proportion to
    /// the first, so that no input takes quadratic time.
    given: usize,
    rescanned: usize,
}

impl Default for Splitter {
    fn default() -> Splitter {
        Splitter {
            buffer: Vec::new(),
            start: 0,
            inside: Inside::Stream,
            scan: Scan::default(),
            skipping: false,
            key: None,
            ended: false,
            given: 0,
            rescanned: 0,
        }
    }
}

/// What came of a look at the buffer.
enum Step {
    Piece(Piece),
    Again,
    NeedMore,
}

impl Splitter {
    /// Adds the next bytes of the stream.
    pub fn push(&mut self, chunk: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scan.at -= self.start.min(self.scan.at);
            self.start = 0;
        }
        self.buffer.extend_from_slice(chunk);
    }

    /// Says that no more bytes will come.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next piece; None when more bytes are needed, or, after [`Splitter::end`], when nothing is left.
    pub fn next_piece(&mut self) -> Option<Piece> {
        loop {
            let step =
                if self.scan.started() { self.inside_value() } else { self.between_values() };
            match step {
                Step::Piece(piece) => return Some(piece),
                Step::Again => {}
                Step::NeedMore => return None,
            }
        }
    }

    /// Passes white space, commas and brackets up to where a value begins.
    fn between_values(&mut self) -> Step {
        self.pass_space();
        let Some(&first) = self.buffer.get(self.start) else { return Step::NeedMore };
        match (first, self.inside) {
            (b'[', Inside::Stream) => self.enter(Inside::Array),
            (b']', Inside::Array) | (b'}', Inside::History) => self.enter(Inside::Stream),
            (b'{', Inside::Stream) => match history_key(&self.buffer[self.start + 1..], self.ended)
            {
                Some(true) => self.enter(Inside::History),
                Some(false) => self.begin(self.start),
                None => Step::NeedMore,
            },
            (b'"', Inside::History) => self.entry_key(),
            (b'{', _) | (b'[' | b'"', Inside::Array) => self.begin(self.start),
            _ => self.stray(),
        }
    }

    fn pass_space(&mut self) {
        if self.buffer[self.start..].starts_with(&[0xEF, 0xBB, 0xBF]) {
            self.start += 3; // A byte order mark.
        }
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | 0x1e) = self.buffer.get(self.start) {
            self.start += 1;
        }
    }

    fn enter(&mut self, inside: Inside) -> Step {
        self.inside = inside;
        self.start += 1;
        Step::Again
    }

    fn begin(&mut self, at: usize) -> Step {
        self.scan = Scan { at, ..Scan::default() };
        self.scan.open = true;
        Step::Again
    }

    /// `"132000001" :` before the value of a history's entry.
    fn entry_key(&mut self) -> Step {
        let rest = &self.buffer[self.start + 1..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let after = &rest[digits..];
        let spaces = after.iter().skip(1).take_while(|byte| byte.is_ascii_whitespace()).count();
        let value_at = digits + 1 + spaces + 1;
        match (after.first(), after.get(1 + spaces), rest.get(value_at)) {
            (Some(b'"'), Some(b':'), Some(_)) => {
                let text = std::str::from_utf8(&rest[..digits]).unwrap_or_default();
                let Ok(killmail_id) = text.parse() else { return self.stray() };
                self.key = Some(killmail_id);
                let value_at = self.start + 1 + value_at;
                let spaces = self.buffer[value_at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_whitespace())
                    .count();
                self.start = value_at + spaces;
                self.begin(self.start)
            }
            (Some(b'"') | None, Some(b':') | None, None) if !self.ended => Step::NeedMore,
            _ => self.stray(),
        }
    }

    /// Something that opens no value: everything up to the end of the line, or of the element, is broken.
    fn stray(&mut self) -> Step {
        let rest = &self.buffer[self.start..];
        let inside = self.inside;
        let ends = |byte: u8| match byte {
            b'\n' => true,
            b',' => inside != Inside::Stream,
            b']' => inside == Inside::Array,
            b'}' => inside == Inside::History,
            _ => false,
        };
        match rest.iter().position(|&byte| ends(byte)) {
            None if !self.ended && rest.len() <= VALUE_BYTES_MAX => Step::NeedMore,
            end => {
                let end = end.unwrap_or(rest.len()).max(1);
                self.give_broken(self.start + end, Reason::BrokenJson, "this is no JSON object")
            }
        }
    }

    fn inside_value(&mut self) -> Step {
        match self.scan.run(&self.buffer) {
            Scanned::End(end) => self.give_value(end),
            // Its neighbours in an array or history may be sound: perhaps its brackets show where it ends.
            Scanned::Broken if self.inside != Inside::Stream && !self.scan.lenient => {
                self.rescanned += self.scan.at - self.start;
                self.scan = Scan { at: self.start, open: true, lenient: true, ..Scan::default() };
                Step::Again
            }
            Scanned::Broken => {
                self.resync("the value is no JSON: a bracket, quote or comma is out of place")
            }
            Scanned::More if self.skipping => {
                self.start = self.scan.at;
                if !self.ended {
                    return Step::NeedMore;
                }
                self.skipping = false;
                self.scan = Scan::default();
                Step::Again
            }
            Scanned::More if self.scan.at - self.start > VALUE_BYTES_MAX => {
                let bytes = self.buffer[self.start..self.start + VALUE_BYTES_MAX].to_vec();
                self.start = self.scan.at;
                self.skipping = true;
                let detail = format!(
                    "the value is larger than {} MiB; its beginning was kept",
                    VALUE_BYTES_MAX >> 20
                );
                Step::Piece(Piece::Broken(bytes, Rejected::new(Reason::TooLarge, detail)))
            }
            Scanned::More if self.ended => self.resync("the input ends within this value"),
            Scanned::More => Step::NeedMore,
        }
    }

    fn give_value(&mut self, end: usize) -> Step {
        let value = self.buffer[self.start..end].to_vec();
        self.given += value.len();
        self.start = end;
        self.scan = Scan::default();
        let key = self.key.take();
        if std::mem::take(&mut self.skipping) {
            return Step::Again;
        }
        if value.len() > VALUE_BYTES_MAX {
            let detail = format!(
                "the value is larger than {} MiB; its beginning was kept",
                VALUE_BYTES_MAX >> 20
            );
            let rejected = Rejected::new(Reason::TooLarge, detail);
            return Step::Piece(Piece::Broken(value[..VALUE_BYTES_MAX].to_vec(), rejected));
        }
        Step::Piece(match key {
            Some(killmail_id) => Piece::Entry { killmail_id, value },
            None => Piece::Value(value),
        })
    }

    /// Gives up the value and goes on at the next line that opens one.
    fn resync(&mut self, detail: &str) -> Step {
        let rest = &self.buffer[self.start..];
        let next =
            (1..rest.len()).find(|&at| rest[at - 1] == b'\n' && matches!(rest[at], b'{' | b'['));
        let end = match next {
            Some(at) => at,
            // The rest of the line may still be to come.
            None if !self.ended && rest.len() <= VALUE_BYTES_MAX => return Step::NeedMore,
            None => rest.len(),
        };
        let scanned = self.scan.at.saturating_sub(self.start);
        let again = scanned.saturating_sub(end);
        if self.rescanned + again > RESCAN_FREE + RESCAN_SHARE * (self.given + end) {
            // Too much has been looked at twice already: all of it is one broken thing.
            return self.give_broken(self.start + scanned.max(end), Reason::BrokenJson, detail);
        }
        self.rescanned += again;
        self.give_broken(self.start + end, Reason::BrokenJson, detail)
    }

    fn give_broken(&mut self, end: usize, reason: Reason, detail: &str) -> Step {
        let end = end.min(self.start + VALUE_BYTES_MAX);
        let bytes = self.buffer[self.start..end].trim_ascii_end().to_vec();
        self.given += end - self.start;
        self.start = end;
        self.scan = Scan::default();
        self.key = None;
        if std::mem::take(&mut self.skipping) || bytes.is_empty() {
            return Step::Again;
        }
        Step::Piece(Piece::Broken(bytes, Rejected::new(reason, detail)))
    }
}

/// Whether an object whose inside begins here is keyed by ids (`"132000001":`); None when too little has come.
fn history_key(rest: &[u8], ended: bool) -> Option<bool> {
    /// No id has more digits; a longer key is no id.
    const KEY_LOOKAHEAD: usize = 64;
    let trimmed = rest.trim_ascii_start();
    let Some((b'"', key)) = trimmed.split_first() else {
        return if trimmed.is_empty() && !ended {
            None
        } else {
            Some(trimmed.first() == Some(&b'}'))
        };
    };
    match key.iter().position(|byte| !byte.is_ascii_digit()) {
        Some(end) => Some(end > 0 && key[end] == b'"'),
        None if ended || key.len() > KEY_LOOKAHEAD => Some(false),
        None => None,
    }
}

/// Finds the end of one value by its brackets and strings, going on where the last chunk ended.
#[derive(Default)]
struct Scan {
    at: usize,
    open: bool,
    /// The open brackets, at most [`BRACKETS_MAX`].
    brackets: Vec<u8>,
    /// Only brackets and strings count: where a broken value ends.
    lenient: bool,
    in_string: bool,
    escaped: bool,
    /// The last byte that was no white space; 0 at the beginning.
    last: u8,
}

enum Scanned {
    End(usize),
    Broken,
    More,
}

impl Scan {
    fn started(&self) -> bool {
        self.open
    }

    fn run(&mut self, buffer: &[u8]) -> Scanned {
        while let Some(&byte) = buffer.get(self.at) {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    0..=0x1f => return Scanned::Broken,
                    _ => {}
                }
                self.at += 1;
                if !self.in_string && self.brackets.is_empty() {
                    return Scanned::End(self.at);
                }
                continue;
            }
            if byte.is_ascii_whitespace() {
                self.at += 1;
                continue;
            }
            // Within a history, a bare scalar ends where the entry does.
            if self.brackets.is_empty() && matches!(byte, b',' | b'}' | b']') {
                return Scanned::End(self.at);
            }
            if !self.may_follow(byte) {
                return Scanned::Broken;
            }
            match byte {
                b'{' | b'[' if self.brackets.len() >= BRACKETS_MAX => return Scanned::Broken,
                b'{' | b'[' => self.brackets.push(byte),
                b'"' => self.in_string = true,
                b'}' | b']' => {
                    self.brackets.pop();
                }
                _ => {}
            }
            self.last = byte;
            self.at += 1;
            if matches!(byte, b'}' | b']') && self.brackets.is_empty() {
                return Scanned::End(self.at);
            }
        }
        Scanned::More
    }

    /// Whether this byte may stand behind the last one. Not a full grammar: enough to see a cut line at once.
    fn may_follow(&self, byte: u8) -> bool {
        let inside = self.brackets.last().copied();
        match byte {
            b'{' | b'[' | b'"' if self.lenient => true,
            b'{' | b'[' => match inside {
                Some(b'{') => self.last == b':',
                Some(_) => matches!(self.last, b'[' | b','),
                None => self.last == 0,
            },
            b'"' => match inside {
                Some(b'{') => matches!(self.last, b'{' | b',' | b':'),
                Some(_) => matches!(self.last, b'[' | b','),
                None => self.last == 0,
            },
            b'}' => inside == Some(b'{'),
            b']' => inside == Some(b'['),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests;
