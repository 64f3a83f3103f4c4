//! Checks a JSON text for all that `jsonb` refuses, since one bad value aborts a whole `COPY`.
//!
//! Strict RFC 8259, and beyond it: no `\u0000`, no lone surrogate, no number that `NUMERIC` cannot hold, no key
//! twice in one object, nothing deeper than [`DEPTH_MAX`]. What passes here is stored and comes out equal.

use std::collections::HashSet;

use super::Reason;

/// Objects and arrays inside one another; a real mail has five levels.
pub const DEPTH_MAX: usize = 32;
/// Digits before the decimal point that `NUMERIC` holds (131,072 by its documentation), kept well below.
const INTEGER_DIGITS_MAX: i64 = 100_000;
/// Digits after the decimal point that `NUMERIC` holds (16,383 by its documentation), kept well below.
const FRACTION_DIGITS_MAX: i64 = 10_000;
/// Digits that exponents may add to one text when `jsonb` writes its numbers in full: what goes in has to come out.
const EXPANDED_DIGITS_MAX: i64 = 32 << 20;
/// Keys of one object compared one by one before a set is cheaper.
const KEYS_COMPARED_MAX: usize = 32;

/// Tells why `text` cannot be stored as `jsonb` unchanged, or that it can.
pub fn check(text: &str) -> Result<(), Reason> {
    let mut checker = Checker { text, at: 0, expanded: 0 };
    checker.space();
    checker.value(0)?;
    checker.space();
    if checker.at == text.len() { Ok(()) } else { Err(Reason::BrokenJson) }
}

struct Checker<'a> {
    text: &'a str,
    at: usize,
    /// Digits that exponents stand for, so far.
    expanded: i64,
}

impl<'a> Checker<'a> {
    fn peek(&self) -> u8 {
        // NUL is no JSON token, so it can stand for the end.
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), Reason> {
        if !self.text[self.at..].starts_with(token) {
            return Err(Reason::BrokenJson);
        }
        self.at += token.len();
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<(), Reason> {
        match self.peek() {
            b'{' => self.object(depth + 1),
            b'[' => self.array(depth + 1),
            b'"' => self.string().map(|_| ()),
            b't' => self.expect("true"),
            b'f' => self.expect("false"),
            b'n' => self.expect("null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Reason> {
        if depth > DEPTH_MAX {
            return Err(Reason::TooDeep);
        }
        let mut keys = Keys::default();
        self.at += 1;
        self.space();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            if self.peek() != b'"' {
                return Err(Reason::BrokenJson);
            }
            keys.insert(self.string()?)?;
            self.space();
            self.expect(":")?;
            self.space();
            self.value(depth)?;
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => break,
                _ => return Err(Reason::BrokenJson),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Reason> {
        if depth > DEPTH_MAX {
            return Err(Reason::TooDeep);
        }
        self.at += 1;
        self.space();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            self.value(depth)?;
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b']' => break,
                _ => return Err(Reason::BrokenJson),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// The string with its quotes, as it stands in the text.
    fn string(&mut self) -> Result<&'a str, Reason> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            match bytes.get(self.at) {
                None | Some(0..=0x1f) => return Err(Reason::BrokenJson),
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(&self.text[start..self.at])
    }

    fn escape(&mut self) -> Result<(), Reason> {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => self.unicode_escape(),
            _ => Err(Reason::BrokenJson),
        }
    }

    fn unicode_escape(&mut self) -> Result<(), Reason> {
        match self.code_unit()? {
            0 => Err(Reason::NulCharacter),
            0xD800..=0xDBFF => match self.code_unit() {
                Ok(0xDC00..=0xDFFF) => Ok(()),
                _ => Err(Reason::LoneSurrogate),
            },
            0xDC00..=0xDFFF => Err(Reason::LoneSurrogate),
            _ => Ok(()),
        }
    }

    fn code_unit(&mut self) -> Result<u32, Reason> {
        let digits =
            self.text.as_bytes().get(self.at + 2..self.at + 6).ok_or(Reason::BrokenJson)?;
        if &self.text.as_bytes()[self.at..self.at + 2] != b"\\u"
            || !digits.iter().all(u8::is_ascii_hexdigit)
        {
            return Err(Reason::BrokenJson);
        }
        self.at += 6;
        let digits = std::str::from_utf8(digits).map_err(|_| Reason::BrokenJson)?;
        u32::from_str_radix(digits, 16).map_err(|_| Reason::BrokenJson)
    }

    fn number(&mut self) -> Result<(), Reason> {
        if self.peek() == b'-' {
            self.at += 1;
        }
        let leading_zero = self.peek() == b'0';
        let integer = self.digits()?;
        if leading_zero && integer > 1 {
            return Err(Reason::BrokenJson);
        }
        let mut fraction = 0;
        if self.peek() == b'.' {
            self.at += 1;
            fraction = self.digits()?;
        }
        let mut exponent = 0;
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            let sign = match self.peek() {
                b'-' => -1,
                _ => 1,
            };
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            let start = self.at;
            self.digits()?;
            exponent = self.text[start..self.at].parse::<i64>().map_or(i64::MAX / 2, |e| e) * sign;
        }
        let mut fits =
            integer + exponent <= INTEGER_DIGITS_MAX && fraction - exponent <= FRACTION_DIGITS_MAX;
        if fits {
            self.expanded += exponent.abs();
            fits = self.expanded <= EXPANDED_DIGITS_MAX;
        }
        if fits { Ok(()) } else { Err(Reason::NumberTooLarge) }
    }

    /// Passes one digit or more and tells how many.
    fn digits(&mut self) -> Result<i64, Reason> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        match self.at - start {
            0 => Err(Reason::BrokenJson),
            count => Ok(i64::try_from(count).unwrap_or(i64::MAX / 2)),
        }
    }
}

/// The keys of one object so far.
#[derive(Default)]
struct Keys<'a> {
    few: Vec<&'a str>,
    many: HashSet<String>,
}

impl<'a> Keys<'a> {
    fn insert(&mut self, quoted: &'a str) -> Result<(), Reason> {
        let escaped = quoted.contains('\\');
        if !escaped && self.many.is_empty() && self.few.len() < KEYS_COMPARED_MAX {
            if self.few.contains(&quoted) {
                return Err(Reason::DuplicateKey);
            }
            self.few.push(quoted);
            return Ok(());
        }
        // `"a"` and `"\u0061"` are one key, so these are compared unescaped.
        for key in self.few.drain(..) {
            self.many.insert(unescaped(key)?);
        }
        if self.many.insert(unescaped(quoted)?) { Ok(()) } else { Err(Reason::DuplicateKey) }
    }
}

fn unescaped(quoted: &str) -> Result<String, Reason> {
    serde_json::from_str(quoted).map_err(|_| Reason::BrokenJson)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_jsonb_refuses_is_named() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        let cases = [
            (r#"{"a":[1,2.5,-0,1E2,true,null,"x\n\u00e9\ud83d\ude00"]}"#.to_owned(), Ok(())),
            (r#"{"a":"\u0000"}"#.to_owned(), Err(Reason::NulCharacter)),
            (r#"{"a":"\ud800"}"#.to_owned(), Err(Reason::LoneSurrogate)),
            (r#"{"a":"\udc00x"}"#.to_owned(), Err(Reason::LoneSurrogate)),
            (r#"{"a":1,"a":2}"#.to_owned(), Err(Reason::DuplicateKey)),
            (r#"{"a":1,"\u0061":2}"#.to_owned(), Err(Reason::DuplicateKey)),
            ("1e99999".to_owned(), Ok(())),
            ("1e999999".to_owned(), Err(Reason::NumberTooLarge)),
            ("1e-20000".to_owned(), Err(Reason::NumberTooLarge)),
            ("1e99999999999999999999".to_owned(), Err(Reason::NumberTooLarge)),
            (format!("[{}0]", "1e99999,".repeat(300)), Ok(())),
            (format!("[{}0]", "1e99999,".repeat(400)), Err(Reason::NumberTooLarge)),
            (format!("[{}0]", "1e-9999,".repeat(4_000)), Err(Reason::NumberTooLarge)),
            (deep(DEPTH_MAX), Ok(())),
            (deep(DEPTH_MAX + 1), Err(Reason::TooDeep)),
            (deep(1_000_000), Err(Reason::TooDeep)),
            (r#"{"a":01}"#.to_owned(), Err(Reason::BrokenJson)),
            ("{\"a\":\"\n\"}".to_owned(), Err(Reason::BrokenJson)),
            (r#"{"a":1"#.to_owned(), Err(Reason::BrokenJson)),
            (r#"{"a":1}x"#.to_owned(), Err(Reason::BrokenJson)),
            (r#"{"a":"\x"}"#.to_owned(), Err(Reason::BrokenJson)),
            (r#"{"a":"\u00"#.to_owned(), Err(Reason::BrokenJson)),
            (r#"["\ud83dé"]"#.to_owned(), Err(Reason::LoneSurrogate)),
            (String::new(), Err(Reason::BrokenJson)),
        ];
        for (text, expected) in cases {
            assert_eq!(check(&text), expected, "{}", text.get(..60).unwrap_or(&text));
        }
    }

    #[test]
    fn an_object_of_many_keys_is_still_checked_for_doubles() {
        let many: Vec<String> = (0..1_000).map(|n| format!("\"k{n}\":{n}")).collect();
        assert_eq!(check(&format!("{{{}}}", many.join(","))), Ok(()));
        assert_eq!(check(&format!("{{{},\"k7\":0}}", many.join(","))), Err(Reason::DuplicateKey));
    }

    proptest! {
        #[test]
        fn what_serde_json_refuses_is_refused_here(text in r#"[{}\[\]",:0-9eE.\-+ truefalsn\\u]{0,40}"#) {
            if check(&text).is_ok() {
                prop_assert!(serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok(), "{}", text);
            }
            if serde_json::from_str::<serde_json::Value>(&text).is_err() {
                // serde_json's Value refuses numbers beyond f64, which NUMERIC holds.
                prop_assert!(check(&text).is_err() || text.contains(['e', 'E']), "{}", text);
            }
        }
    }
}
