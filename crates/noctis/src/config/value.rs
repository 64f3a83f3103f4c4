//! How the text of a value is read: sizes, durations, addresses, counts, words.
//!
//! A reader that refuses says what it wants, as the second half of the sentence "`x` is not …".

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::HeaderValue;
use jiff::SignedDuration;
use noctis_core::enrich::prices::Prefer;
use noctis_core::partition::{After, Interval};

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    Text,
    Json,
}

impl LogFormat {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("one of auto, text and json".into()),
        }
    }
}

/// Pages of which other sites may read the API's answers, by their origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cors {
    Off,
    Any,
    /// Each as browsers send it.
    Only(Vec<HeaderValue>),
}

/// Origins in a list at most.
const CORS_ORIGINS_MAX: usize = 64;

impl Cors {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "off, `*`, or up to {CORS_ORIGINS_MAX} origins with commas between, such as \
                 https://board.example or http://localhost:3000: no path, no slash at the end"
            )
        };
        match text {
            "off" => Ok(Self::Off),
            "*" => Ok(Self::Any),
            _ => {
                let origins: Option<Vec<HeaderValue>> =
                    text.split(',').map(|origin| cors_origin(origin.trim())).collect();
                let origins = origins.filter(|origins| origins.len() <= CORS_ORIGINS_MAX);
                origins.map(Self::Only).ok_or_else(expected)
            }
        }
    }
}

/// Scheme, host, port: browsers send them in small letters, and compare byte for byte.
fn cors_origin(text: &str) -> Option<HeaderValue> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let is_host = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | '[' | ']')
    };
    let is_origin = !host.is_empty() && host.chars().all(is_host);
    is_origin.then(|| HeaderValue::from_str(text).expect("letters, digits and points are a header"))
}

/// How much time a new partition holds.
pub(super) fn interval(text: &str) -> Result<Interval, String> {
    Interval::parse(text).ok_or_else(|| "one of month and week".into())
}

/// What becomes of old months.
pub(super) fn after(text: &str) -> Result<After, String> {
    match text {
        "archive" => Ok(After::Archive),
        "keep" => Ok(After::Keep),
        "drop" => Ok(After::Drop),
        _ => Err("one of archive, keep and drop".into()),
    }
}

/// Where old months go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveDir {
    Folder(PathBuf),
    Bucket { bucket: String, prefix: String },
}

impl ArchiveDir {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let expected = || "a folder, or a bucket such as s3://killmails/noctis".to_owned();
        let Some((scheme, rest)) = text.split_once("://") else {
            return path(text).map(Self::Folder).map_err(|_| expected());
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if scheme != "s3" || bucket.is_empty() || rest.contains(char::is_whitespace) {
            return Err(expected());
        }
        Ok(Self::Bucket { bucket: bucket.into(), prefix: prefix.trim_matches('/').into() })
    }
}

/// One word, as in names of regions and keys.
pub(super) fn word(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err("one word".into());
    }
    Ok(text.into())
}

/// Which value prevails where both are known.
pub(super) fn prefer(text: &str) -> Result<Prefer, String> {
    match text {
        "zkb" => Ok(Prefer::Zkb),
        "own" => Ok(Prefer::Own),
        _ => Err("one of zkb and own".into()),
    }
}

/// Names of units and their bytes: powers of ten, and of two where there is an `i`.
const SIZE_UNITS: [(&str, u64); 9] = [
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// A number of bytes, as in `10GB`, `512 MiB` or `0`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let refusal = || "a size such as 10GB or 512MiB: a whole number, then B, kB, MB, GB, TB, KiB, MiB, GiB or TiB";
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| refusal())?;
    let unit = unit.trim_start().to_ascii_lowercase();
    if unit.is_empty() {
        return Ok(number);
    }
    let (_, bytes) = SIZE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(refusal)?;
    number.checked_mul(*bytes).ok_or_else(|| "a size that a disk can have".into())
}

/// A length of time, as in `10s`, `500ms` or `1m 30s`, within bounds that are not negative.
pub(super) fn duration(
    text: &str,
    bounds: RangeInclusive<SignedDuration>,
) -> Result<Duration, String> {
    SignedDuration::from_str(text)
        .ok()
        .filter(|duration| bounds.contains(duration))
        .map(SignedDuration::unsigned_abs)
        .ok_or_else(|| {
            format!(
                "a duration from {:#} to {:#}, such as 10s or 1m 30s",
                bounds.start(),
                bounds.end()
            )
        })
}

/// A length of time in which days count, as in `7d`, `2w` or `36h`, up to so many days.
pub(super) fn long_duration(text: &str, days_max: u32) -> Result<Duration, String> {
    const HOURS: i64 = 24;
    let days = |unit: char, days: u32| {
        let count: u32 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        Some(SignedDuration::from_hours(i64::from(count.checked_mul(days)?) * HOURS))
    };
    let bounds = SignedDuration::ZERO..=SignedDuration::from_hours(i64::from(days_max) * HOURS);
    days('d', 1)
        .or_else(|| days('w', 7))
        .or_else(|| SignedDuration::from_str(text).ok())
        .filter(|duration| bounds.contains(duration))
        .map(SignedDuration::unsigned_abs)
        .ok_or_else(|| format!("a duration from 0s to {days_max}d, such as 7d, 2w or 36h"))
}

/// A whole number within bounds.
pub(super) fn count<N>(text: &str, bounds: RangeInclusive<N>) -> Result<N, String>
where
    N: FromStr + PartialOrd + std::fmt::Display,
{
    text.parse()
        .ok()
        .filter(|number| bounds.contains(number))
        .ok_or_else(|| format!("a whole number from {} to {}", bounds.start(), bounds.end()))
}

/// An IP address with a port; names are not looked up.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an address with a port, such as 127.0.0.1:8080 or [::1]:8080".into())
}

/// An address that other machines cannot reach.
pub(super) fn loopback(text: &str) -> Result<SocketAddr, String> {
    address(text).ok().filter(|address| address.ip().is_loopback()).ok_or_else(|| {
        "a loopback address with a port, such as 127.0.0.1:5433 or [::1]:5433".into()
    })
}

/// A path of a file or folder, which need not exist.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("a path".into());
    }
    Ok(PathBuf::from(text))
}

/// Somewhere to download from.
pub(super) fn web_address(text: &str) -> Result<String, String> {
    let after_scheme = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match after_scheme {
        Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => Ok(text.into()),
        Some(_) | None => Err("an address that begins with https:// or http://".into()),
    }
}

/// The longest contact.
const CONTACT_BYTES_MAX: usize = 200;

/// What stands in the header of a request: visible, on one line, without the brackets that enclose it there.
pub(super) fn contact(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '(' && c != ')' && c != ';');
    if !text.trim().is_empty() && text.len() <= CONTACT_BYTES_MAX && text.chars().all(is_plain) {
        Ok(text.trim().into())
    } else {
        Err(format!(
            "a mail address or another way to reach you, in up to {CONTACT_BYTES_MAX} plain letters without brackets"
        ))
    }
}

/// A web address that may stand in a header of pages: nothing in it parts one directive from the next.
pub(super) fn image_server(text: &str) -> Result<String, String> {
    let address = web_address(text)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    if address.chars().all(is_plain) {
        Ok(address)
    } else {
        Err("an address of a server, such as https://images.evetech.net, without a query".into())
    }
}

/// A switch.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "true or false".into())
}

const LOG_LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// A level, or several of them for single modules, parted by commas.
///
/// The filter itself would take `inof` for the name of a module, so each part is checked here.
pub(super) fn log_level(text: &str) -> Result<String, String> {
    let is_level = |word: &str| LOG_LEVELS.contains(&word);
    let is_directive = |part: &str| match part.split_once('=') {
        Some((module, level)) => {
            is_level(level)
                && !module.is_empty()
                && module.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
        }
        None => is_level(part),
    };
    if text.split(',').all(is_directive) {
        Ok(text.into())
    } else {
        Err(format!(
            "one of {}, or for single modules `info,noctis_store=debug`",
            LOG_LEVELS.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses<T: std::fmt::Debug>(answer: &Result<T, String>) {
        assert!(answer.is_err(), "read as {answer:?}");
    }

    #[test]
    fn a_size_has_decimal_and_binary_units() {
        assert_eq!(size("0"), Ok(0));
        assert_eq!(size("10GB"), Ok(10_000_000_000));
        assert_eq!(size("512 MiB"), Ok(512 << 20));
        assert_eq!(size("1kb"), Ok(1_000));
        assert_eq!(size("7B"), Ok(7));
    }

    #[test]
    fn a_size_without_number_or_with_a_strange_unit_is_refused() {
        for text in
            ["", "GB", "10 parsecs", "-1GB", "1.5GB", "10G", "99999999999TB", "1 GB 2", "１GB"]
        {
            refuses(&size(text));
        }
    }

    #[test]
    fn a_duration_is_read_and_bounded() {
        let bounds = SignedDuration::from_millis(100)..=SignedDuration::from_mins(10);
        assert_eq!(duration("10s", bounds.clone()), Ok(Duration::from_secs(10)));
        assert_eq!(duration("1m 30s", bounds.clone()), Ok(Duration::from_secs(90)));
        assert_eq!(duration("100ms", bounds.clone()), Ok(Duration::from_millis(100)));
        for text in ["", "10", "99ms", "11m", "-5s", "10 bananas"] {
            refuses(&duration(text, bounds.clone()));
        }
    }

    #[test]
    fn a_long_duration_counts_days_and_weeks_too() {
        let hours = |hours: u64| Ok(Duration::from_secs(hours * 3_600));
        for (text, expected) in [("7d", 168), ("2w", 336), ("36h", 36), ("0s", 0), ("30 d", 720)] {
            assert_eq!(long_duration(text, 30), hours(expected), "{text}");
        }
        for text in ["", "7", "d", "31d", "5w", "-1d", "1.5d", "99999999999w", "4294967295w"] {
            refuses(&long_duration(text, 30));
        }
    }

    #[test]
    fn an_archive_is_a_folder_or_a_bucket() {
        let bucket = |bucket: &str, prefix: &str| {
            Ok(ArchiveDir::Bucket { bucket: bucket.into(), prefix: prefix.into() })
        };
        assert_eq!(ArchiveDir::read("/srv/archive"), Ok(ArchiveDir::Folder("/srv/archive".into())));
        assert_eq!(ArchiveDir::read("s3://kills/a/b/"), bucket("kills", "a/b"));
        assert_eq!(ArchiveDir::read("s3://kills"), bucket("kills", ""));
        for text in ["", "s3://", "s3:///a", "https://kills/a", "s3://a b"] {
            refuses(&ArchiveDir::read(text));
        }
    }

    #[test]
    fn a_count_keeps_its_bounds() {
        assert_eq!(count("1", 1..=60_u8), Ok(1));
        assert_eq!(count("60", 1..=60_u8), Ok(60));
        for text in ["0", "61", "300", "-1", "3.0", "three", ""] {
            refuses(&count(text, 1..=60_u8));
        }
    }

    #[test]
    fn postgres_of_our_own_listens_on_loopback_only() {
        assert!(loopback("127.0.0.1:5433").is_ok());
        assert!(loopback("[::1]:5433").is_ok());
        refuses(&loopback("0.0.0.0:5433"));
        refuses(&loopback("127.0.0.1"));
    }

    #[test]
    fn a_misspelt_log_level_is_not_taken_for_a_module() {
        assert!(log_level("info").is_ok());
        assert!(log_level("info,noctis_store::merge=debug").is_ok());
        for text in ["inof", "", "info,", "INFO!", "noctis_store=loud", "=debug"] {
            refuses(&log_level(text));
        }
    }

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        assert_eq!(Cors::read("off"), Ok(Cors::Off));
        assert_eq!(Cors::read("*"), Ok(Cors::Any));
        let origins = ["https://board.example", "http://localhost:3000", "http://[::1]:80"];
        let read = Cors::read(&origins.join(", "));
        assert_eq!(read, Ok(Cors::Only(origins.map(HeaderValue::from_static).to_vec())));
        for text in [
            "",
            "on",
            "board.example",
            "https://",
            "https://board.example/",
            "https://Board.example",
            "https://a.example,",
            "*, https://a.example",
            "null",
        ] {
            refuses(&Cors::read(text));
        }
        refuses(&Cors::read(&vec!["https://a.example"; CORS_ORIGINS_MAX + 1].join(",")));
    }

    #[test]
    fn a_contact_fits_into_a_header() {
        assert_eq!(contact(" pilot@example.org "), Ok("pilot@example.org".into()));
        assert!(contact("Some Pilot on Tranquility").is_ok());
        for text in ["", "  ", "a\nb", "pilöt@example.org", "me (at) home", "a;b", &"x".repeat(201)]
        {
            refuses(&contact(text));
        }
    }

    #[test]
    fn an_image_server_is_an_address_that_ends_no_directive() {
        for text in ["https://images.evetech.net", "http://127.0.0.1:8090/eve/"] {
            assert_eq!(image_server(text), Ok(text.into()));
        }
        for text in
            ["https://a; script-src *", "https://a 'self'", "https://a?b", "https://a,b", "a.b"]
        {
            refuses(&image_server(text));
        }
    }

    #[test]
    fn a_switch_is_true_or_false() {
        assert_eq!((switch("true"), switch("false")), (Ok(true), Ok(false)));
        for text in ["", "yes", "1", "True"] {
            refuses(&switch(text));
        }
    }

    #[test]
    fn a_download_needs_a_web_address() {
        assert!(web_address("https://mirror.example/pg.tar.gz").is_ok());
        for text in ["ftp://x", "https://", "https://a b", "mirror.example"] {
            refuses(&web_address(text));
        }
    }
}
