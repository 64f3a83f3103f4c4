//! Every key there is: its name, default, reader and help. Files, variables, flags and all output come from this list.
//!
//! A new key is one constant here, one line in [`ALL`], and one field in [`super::Config`].

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use noctis_core::enrich::prices::Prefer;
use noctis_core::partition::{After, Interval, Policy, Retention};

use super::secret::{DatabaseUrl, Secret};
use super::value::{self, ArchiveDir, Cors, LogFormat};

/// What can be said of a key without knowing the type of its value.
#[derive(Debug)]
pub struct About {
    /// As in `noctis.toml`, with a dot after the table: `partitions.ahead`.
    pub name: &'static str,
    pub fallback: Fallback,
    pub kind: Kind,
    /// One or two sentences for `noctis.toml`.
    pub help: &'static str,
}

/// What holds when nobody gave a value.
#[derive(Debug)]
pub enum Fallback {
    Text(&'static str),
    /// The folder for data of whoever runs us.
    DataHome,
    Unset {
        example: &'static str,
    },
}

/// How the text of a value is treated before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// Relative to the folder of the file that gave it, or else to the current folder.
    Path,
    /// A path, or an address that is left as it is.
    PathOrAddress,
    /// Never shown whole.
    Secret,
    /// Never shown at all.
    Hidden,
}

/// A key together with the reader of its value, which answers in half a sentence what it expected instead.
#[derive(Debug)]
pub struct Key<T> {
    pub about: About,
    pub read: fn(&str) -> Result<T, String>,
}

/// The longest that partitions settle or are kept after they left: ten years.
const DAYS_MAX: u32 = 3_650;

/// All keys, in the order in which they are written and shown.
pub const ALL: &[&About] = &[
    &DATABASE_URL.about,
    &DATA_DIR.about,
    &LISTEN.about,
    &PG_LISTEN.about,
    &POSTGRES_ARCHIVE.about,
    &POSTGRES_DOWNLOAD_URL.about,
    &LOG_FORMAT.about,
    &LOG_LEVEL.about,
    &CONTACT.about,
    &PARTITIONS_INTERVAL.about,
    &PARTITIONS_AHEAD.about,
    &PARTITIONS_LOCK_BUDGET_MS_MAX.about,
    &PARTITIONS_KEEP_MONTHS.about,
    &PARTITIONS_AFTER.about,
    &PARTITIONS_SETTLE.about,
    &PARTITIONS_GRACE.about,
    &PARTITIONS_FLOOR.about,
    &PARTITIONS_CAP.about,
    &ARCHIVE_DIR.about,
    &ARCHIVE_S3_ENDPOINT.about,
    &ARCHIVE_S3_REGION.about,
    &ARCHIVE_S3_ACCESS_KEY_ID.about,
    &ARCHIVE_S3_SECRET_ACCESS_KEY.about,
    &IMPORT_MIN_FREE_DISK.about,
    &IMPORT_MAX_PARKED.about,
    &VALUE_PREFER.about,
    &HTTP_STATEMENT_TIMEOUT.about,
    &HTTP_CORS.about,
    &ESI_BASE_URL.about,
    &WEB_IMAGES.about,
    &WEB_IMAGE_SERVER.about,
];

pub const DATABASE_URL: Key<DatabaseUrl> = Key {
    about: About {
        name: "database_url",
        fallback: Fallback::Unset { example: "postgres://noctis:secret@localhost:5432/noctis" },
        kind: Kind::Secret,
        help: "The PostgreSQL (15 to 18) that holds everything. When not set, noctis runs one of its own in data_dir.",
    },
    read: DatabaseUrl::read,
};

pub const DATA_DIR: Key<PathBuf> = Key {
    about: About {
        name: "data_dir",
        fallback: Fallback::DataHome,
        kind: Kind::Path,
        help: "The folder that holds noctis' own PostgreSQL and its data.",
    },
    read: value::path,
};

pub const LISTEN: Key<SocketAddr> = Key {
    about: About {
        name: "listen",
        fallback: Fallback::Text("127.0.0.1:8080"),
        kind: Kind::Plain,
        help: "Where HTTP is served. An address beyond loopback offers reading only.",
    },
    read: value::address,
};

pub const PG_LISTEN: Key<SocketAddr> = Key {
    about: About {
        name: "pg_listen",
        fallback: Fallback::Unset { example: "127.0.0.1:5433" },
        kind: Kind::Plain,
        help: "A loopback address where noctis' own PostgreSQL listens too, with a password. When not set, it has a \
               Unix socket only.",
    },
    read: value::loopback,
};

pub const POSTGRES_ARCHIVE: Key<PathBuf> = Key {
    about: About {
        name: "postgres_archive",
        fallback: Fallback::Unset { example: "postgresql-18-linux-x64.tar.gz" },
        kind: Kind::Path,
        help: "A portable PostgreSQL to unpack where none is installed, instead of downloading it.",
    },
    read: value::path,
};

pub const POSTGRES_DOWNLOAD_URL: Key<String> = Key {
    about: About {
        name: "postgres_download_url",
        fallback: Fallback::Unset { example: "https://mirror.example/postgresql.tar.gz" },
        kind: Kind::Plain,
        help: "Where to download the portable PostgreSQL. Its checksum stays the pinned one.",
    },
    read: value::web_address,
};

pub const LOG_FORMAT: Key<LogFormat> = Key {
    about: About {
        name: "log_format",
        fallback: Fallback::Text("auto"),
        kind: Kind::Plain,
        help: "text, json, or auto: text on a terminal and JSON elsewhere.",
    },
    read: LogFormat::read,
};

pub const LOG_LEVEL: Key<String> = Key {
    about: About {
        name: "log_level",
        fallback: Fallback::Text("info"),
        kind: Kind::Plain,
        help: "off, error, warn, info, debug or trace; for single modules `info,noctis_store=debug`.",
    },
    read: value::log_level,
};

pub const CONTACT: Key<String> = Key {
    about: About {
        name: "contact",
        fallback: Fallback::Unset { example: "pilot@example.org" },
        kind: Kind::Plain,
        help: "How the people behind EVE's services reach you, sent with each request to them. Nothing is asked of them \
               before it is set.",
    },
    read: value::contact,
};

pub const PARTITIONS_INTERVAL: Key<Interval> = Key {
    about: About {
        name: "partitions.interval",
        fallback: Fallback::Text("month"),
        kind: Kind::Plain,
        help: "How much time a new partition holds: month or week. Those that exist stay as they are.",
    },
    read: value::interval,
};

pub const PARTITIONS_AHEAD: Key<u8> = Key {
    about: About {
        name: "partitions.ahead",
        fallback: Fallback::Text("3"),
        kind: Kind::Plain,
        help: "How many partitions are kept ready after the present one, from 1 to 24.",
    },
    read: |text| value::count(text, 1..=Policy::AHEAD_MAX),
};

pub const PARTITIONS_LOCK_BUDGET_MS_MAX: Key<u32> = Key {
    about: About {
        name: "partitions.lock_budget_ms_max",
        fallback: Fallback::Text("400"),
        kind: Kind::Plain,
        help: "The longest that maintenance may keep others waiting for a lock, in milliseconds, from 10 to 60000.",
    },
    read: |text| value::count(text, 10..=60_000),
};

pub const PARTITIONS_KEEP_MONTHS: Key<u16> = Key {
    about: About {
        name: "partitions.keep_months",
        fallback: Fallback::Text("12"),
        kind: Kind::Plain,
        help: "How many whole months before the present one stay in the tables, from 1 to 1200. What is older goes where \
               partitions.after says.",
    },
    read: |text| value::count(text, 1..=Retention::MONTHS_MAX),
};

pub const PARTITIONS_AFTER: Key<After> = Key {
    about: About {
        name: "partitions.after",
        fallback: Fallback::Text("archive"),
        kind: Kind::Plain,
        help: "What becomes of older months: archive moves them to files that go on answering, keep leaves them where \
               they are, drop removes them for good.",
    },
    read: value::after,
};

pub const PARTITIONS_SETTLE: Key<Duration> = Key {
    about: About {
        name: "partitions.settle",
        fallback: Fallback::Text("7d"),
        kind: Kind::Plain,
        help: "A month that was written to within this time stays for now, from 0s to 3650d.",
    },
    read: |text| value::long_duration(text, DAYS_MAX),
};

pub const PARTITIONS_GRACE: Key<Duration> = Key {
    about: About {
        name: "partitions.grace",
        fallback: Fallback::Text("7d"),
        kind: Kind::Plain,
        help: "How long the tables of a month are kept after it left for the archive, or was dropped, from 0s to 3650d.",
    },
    read: |text| value::long_duration(text, DAYS_MAX),
};

pub const PARTITIONS_FLOOR: Key<u16> = Key {
    about: About {
        name: "partitions.floor",
        fallback: Fallback::Text("3"),
        kind: Kind::Plain,
        help: "The newest so many partitions with kills stay whatever the clock says, from 0 to 1200.",
    },
    read: |text| value::count(text, 0..=Retention::MONTHS_MAX),
};

pub const PARTITIONS_CAP: Key<u16> = Key {
    about: About {
        name: "partitions.cap",
        fallback: Fallback::Text("3"),
        kind: Kind::Plain,
        help: "How many partitions leave in one run at most, from 1 to 1200.",
    },
    read: |text| value::count(text, 1..=Retention::MONTHS_MAX),
};

pub const ARCHIVE_DIR: Key<ArchiveDir> = Key {
    about: About {
        name: "archive.dir",
        fallback: Fallback::Unset { example: "s3://killmails/noctis" },
        kind: Kind::PathOrAddress,
        help: "Where old months go: a folder, or a bucket as s3://bucket/prefix. When not set, the folder archive in \
               data_dir.",
    },
    read: ArchiveDir::read,
};

pub const ARCHIVE_S3_ENDPOINT: Key<String> = Key {
    about: About {
        name: "archive.s3_endpoint",
        fallback: Fallback::Unset { example: "https://s3.example.com" },
        kind: Kind::Plain,
        help: "The server of the archive's bucket. When not set, Amazon's.",
    },
    read: value::web_address,
};

pub const ARCHIVE_S3_REGION: Key<String> = Key {
    about: About {
        name: "archive.s3_region",
        fallback: Fallback::Text("us-east-1"),
        kind: Kind::Plain,
        help: "The region of the archive's bucket.",
    },
    read: value::word,
};

pub const ARCHIVE_S3_ACCESS_KEY_ID: Key<String> = Key {
    about: About {
        name: "archive.s3_access_key_id",
        fallback: Fallback::Unset { example: "AKIAIOSFODNN7EXAMPLE" },
        kind: Kind::Plain,
        help: "The key for the archive's bucket. When not set, requests are not signed.",
    },
    read: value::word,
};

pub const ARCHIVE_S3_SECRET_ACCESS_KEY: Key<Secret> = Key {
    about: About {
        name: "archive.s3_secret_access_key",
        fallback: Fallback::Unset { example: "the secret that belongs to the key" },
        kind: Kind::Hidden,
        help: "The secret of that key. It is never shown.",
    },
    read: Secret::read,
};

pub const IMPORT_MIN_FREE_DISK: Key<u64> = Key {
    about: About {
        name: "import.min_free_disk",
        fallback: Fallback::Text("10GB"),
        kind: Kind::Plain,
        help: "An import stops cleanly when less than this is free on the disk: bytes, kB, MB, GB, TB, KiB, MiB, GiB \
               or TiB; 0 never stops it.",
    },
    read: value::size,
};

pub const IMPORT_MAX_PARKED: Key<u64> = Key {
    about: About {
        name: "import.max_parked",
        fallback: Fallback::Text("100"),
        kind: Kind::Plain,
        help: "An import that had to park more killmails than this ends with exit code 2.",
    },
    read: |text| value::count(text, 0..=u64::MAX),
};

pub const VALUE_PREFER: Key<Prefer> = Key {
    about: About {
        name: "value.prefer",
        fallback: Fallback::Text("zkb"),
        kind: Kind::Plain,
        help: "Which value a kill has where both are known: zkb for zKillboard's, own for the one from imported prices.",
    },
    read: value::prefer,
};

pub const HTTP_STATEMENT_TIMEOUT: Key<Duration> = Key {
    about: About {
        name: "http.statement_timeout",
        fallback: Fallback::Text("10s"),
        kind: Kind::Plain,
        help: "The longest that one request may keep the database busy, from 100ms to 10m.",
    },
    read: |text| {
        value::duration(text, SignedDuration::from_millis(100)..=SignedDuration::from_mins(10))
    },
};

pub const HTTP_CORS: Key<Cors> = Key {
    about: About {
        name: "http.cors",
        fallback: Fallback::Text("off"),
        kind: Kind::Plain,
        help: "Pages of which other sites may read the API's answers: off, `*` for all, or their origins with commas \
               between, such as https://board.example.",
    },
    read: Cors::read,
};

pub const ESI_BASE_URL: Key<String> = Key {
    about: About {
        name: "esi.base_url",
        fallback: Fallback::Text("https://esi.evetech.net"),
        kind: Kind::Plain,
        help: "Where CCP's API is asked for names and tickers.",
    },
    read: value::web_address,
};

pub const WEB_IMAGES: Key<bool> = Key {
    about: About {
        name: "web.images",
        fallback: Fallback::Text("true"),
        kind: Kind::Plain,
        help: "Whether pages show portraits, logos and renders: browsers then ask web.image_server for them.",
    },
    read: value::switch,
};

pub const WEB_IMAGE_SERVER: Key<String> = Key {
    about: About {
        name: "web.image_server",
        fallback: Fallback::Text("https://images.evetech.net"),
        kind: Kind::Plain,
        help: "Whose portraits, logos and renders are shown: EVE's image server, or one that answers like it.",
    },
    read: value::image_server,
};
