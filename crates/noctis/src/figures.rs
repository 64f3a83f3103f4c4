//! Numbers as people read them: short, and exact beside it.

use noctis_core::isk::Isk;

/// An amount of ISK: `1.23B`, and `1,234,567,890.12 ISK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) short: String,
    pub(crate) exact: String,
}

impl Amount {
    pub(crate) fn new(isk: Isk) -> Amount {
        let text = isk.to_string();
        let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
        let whole: i64 = whole.parse().expect("ISK is below 1e18");
        let rounded = if cents >= "50" { whole + 1 } else { whole };
        Amount { short: short(rounded), exact: format!("{}.{cents} ISK", grouped(whole)) }
    }
}

/// Three digits and a unit, rounded: `999`, `1.23k`, `45.6M`, `789B`, `1.23T`.
pub(crate) fn short(whole: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (1_000, "k"),
        (1_000_000, "M"),
        (1_000_000_000, "B"),
        (1_000_000_000_000, "T"),
        (1_000_000_000_000_000, "Q"),
    ];
    if whole < 1_000 {
        return whole.to_string();
    }
    for (unit, name) in UNITS {
        for (parts, digits) in [(100, 2), (10, 1), (1, 0)] {
            let part = unit / parts;
            // Rounding may bring a digit more: 999,999 is 1.00M and not 1000k.
            let count = (whole + part / 2) / part;
            if count < 1_000 && digits > 0 {
                return format!("{}.{:0digits$}{name}", count / parts, count % parts);
            } else if count < 1_000 {
                return format!("{count}{name}");
            }
        }
    }
    format!("{}Q", grouped(whole / 1_000_000_000_000_000))
}

/// `1,234,567`.
pub(crate) fn grouped(whole: i64) -> String {
    let digits = whole.unsigned_abs().to_string();
    let mut text = String::from(if whole < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A part of a whole in percent: `12.3%`.
#[allow(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub(crate) fn share(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return String::new();
    }
    format!("{:.1}%", part as f64 * 100.0 / whole as f64)
}

/// The security status as EVE shows it, and the name of its colour: one digit, and never 0.0 for what is above zero.
pub(crate) fn security(status: Option<f64>) -> (String, String) {
    let Some(status) = status else { return ("?".to_owned(), "sec-unknown".to_owned()) };
    let shown = if status > 0.0 && status < 0.05 { 0.1 } else { (status * 10.0).round() / 10.0 };
    let shown = if shown == 0.0 { 0.0 } else { shown };
    let class = format!("sec-{:.0}", shown.max(0.0) * 10.0);
    (format!("{shown:.1}"), class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short_and_exact() {
        for (token, short, exact) in [
            ("0", "0", "0.00 ISK"),
            ("999.49", "999", "999.49 ISK"),
            ("999.99", "1.00k", "999.99 ISK"),
            ("1000", "1.00k", "1,000.00 ISK"),
            ("1004", "1.00k", "1,004.00 ISK"),
            ("1005", "1.01k", "1,005.00 ISK"),
            ("9995", "10.0k", "9,995.00 ISK"),
            ("99949", "99.9k", "99,949.00 ISK"),
            ("99950", "100k", "99,950.00 ISK"),
            ("999499", "999k", "999,499.00 ISK"),
            ("999999", "1.00M", "999,999.00 ISK"),
            ("45678901.5", "45.7M", "45,678,901.50 ISK"),
            ("1234567890.12", "1.23B", "1,234,567,890.12 ISK"),
            ("999499999999999999.99", "999Q", "999,499,999,999,999,999.99 ISK"),
            ("999999999999999999.99", "1,000Q", "999,999,999,999,999,999.99 ISK"),
        ] {
            let amount = Amount::new(Isk::parse(token).unwrap());
            assert_eq!((amount.short.as_str(), amount.exact.as_str()), (short, exact));
        }
    }

    #[test]
    fn security_is_shown_as_in_eve() {
        for (status, text, class) in [
            (Some(0.945913), "0.9", "sec-9"),
            (Some(0.45), "0.5", "sec-5"),
            (Some(0.02), "0.1", "sec-1"),
            (Some(-0.04), "0.0", "sec-0"),
            (Some(-0.99), "-1.0", "sec-0"),
            (Some(1.0), "1.0", "sec-10"),
            (None, "?", "sec-unknown"),
        ] {
            assert_eq!(security(status), (text.to_owned(), class.to_owned()), "{status:?}");
        }
    }
}
