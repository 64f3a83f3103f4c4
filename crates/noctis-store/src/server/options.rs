//! What a caller decides about our own cluster.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::progress::Reporter;
use super::settings::Durability;

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
