//! What a caller decides about our own cluster, and is told of moving it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::progress::Reporter;

/// Where the portable archive is published; `<version>/<file>` follows.
pub const DOWNLOAD_BASE: &str =
    "https://github.com/theseus-rs/postgresql-binaries/releases/download";

/// Whether a crash of the machine may lose what was committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// `fsync`, `full_page_writes` and `synchronous_commit` are on.
    #[default]
    On,
    /// They are off: for tests only.
    Off,
}

/// Where the cluster is and how to come by it.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// The folder that holds everything; made if it is not there.
    pub data_dir: PathBuf,
    /// The PATH to look for PostgreSQL in.
    pub path: Option<OsString>,
    /// The user's home, where macOS may keep Postgres.app.
    pub home: Option<PathBuf>,
    /// Where the socket goes if its path in the data folder were too long.
    pub temp_dir: PathBuf,
    /// Binaries to use whatever else is installed: the folder of `postgres`.
    pub bin_dir: Option<PathBuf>,
    /// A loopback address to listen on besides the socket.
    pub listen: Option<SocketAddr>,
    /// The portable archive (`.tar.gz`) to use where nothing is installed.
    pub postgres_archive: Option<PathBuf>,
    /// Where the portable archive is downloaded from where nothing is installed; none for never.
    pub download_base: Option<String>,
    /// Off for tests only.
    pub durability: Durability,
    /// Who is told what takes its time.
    pub reporter: Reporter,
}

impl ClusterOptions {
    /// A cluster in that folder from what is installed in the usual places, never downloaded.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            path: None,
            home: None,
            temp_dir: std::env::temp_dir(),
            bin_dir: None,
            listen: None,
            postgres_archive: None,
            download_base: None,
            durability: Durability::On,
            reporter: Reporter::default(),
        }
    }
}

/// What an upgrade did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// As `15.18`.
    pub from: String,
    /// As `18.6`.
    pub to: String,
    /// Where the old cluster is kept.
    pub kept: PathBuf,
    /// What it takes, in bytes.
    pub kept_bytes: u64,
}
