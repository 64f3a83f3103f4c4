//! The PostgreSQL that noctis runs itself: a cluster in the data folder that every command joins and the last one stops.
//!
//! Whoever uses it holds a shared lock on `users.lock`; starting and stopping happen under `start.lock`. A process that
//! dies loses its locks with its life, so the server it left behind is found running and adopted by the next.

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod archive;
#[cfg(unix)]
mod base_backup;
#[cfg(unix)]
mod binaries;
#[cfg(unix)]
mod choice;
#[cfg(unix)]
mod cluster;
#[cfg(unix)]
mod configure;
#[cfg(unix)]
mod create;
#[cfg(not(unix))]
mod elsewhere;
mod error;
#[cfg(unix)]
mod layout;
#[cfg(unix)]
mod life;
#[cfg(unix)]
mod lock;
mod options;
#[cfg(unix)]
mod postmaster;
#[cfg(unix)]
mod program;
mod progress;
#[cfg(unix)]
mod roles;
#[cfg(unix)]
mod room;
mod serve_lock;
#[cfg(unix)]
mod settings;
#[cfg(unix)]
mod upgrade;

#[cfg(unix)]
pub use base_backup::{MANIFEST_FILE, place_base_backup, verify_base_backup};
#[cfg(all(unix, feature = "testing"))]
pub(crate) use choice::newest_binaries;
#[cfg(unix)]
pub use cluster::Cluster;
#[cfg(not(unix))]
use elsewhere::make_data_folder;
#[cfg(not(unix))]
pub use elsewhere::{
    Cluster, MANIFEST_FILE, must_fit, place_base_backup, upgrade, verify_base_backup,
};
pub use error::Error;
#[cfg(unix)]
use layout::make_data_folder;
pub use options::{ClusterOptions, DOWNLOAD_BASE, Durability, Upgraded};
pub use progress::{Progress, Reporter};
#[cfg(unix)]
pub use room::must_fit;
pub use serve_lock::ServeLock;
#[cfg(unix)]
pub use upgrade::upgrade;

/// Owns the database; not a superuser.
pub const OWNER: &str = "noctis";

/// Only reads.
pub const READER: &str = "noctis_read";

/// The database.
pub const DATABASE: &str = "noctis";
