//! The PostgreSQL that noctis runs itself: a cluster in the data folder that every command joins and the last one stops.
//!
//! Whoever uses it holds a shared lock on `users.lock`; starting and stopping happen under `start.lock`. A process that
//! dies loses its locks with its life, so the server it left behind is found running and adopted by the next.

#[cfg(unix)]
mod account;
mod binaries;
#[cfg(unix)]
mod cluster;
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
mod settings;

#[cfg(unix)]
pub use cluster::Cluster;
#[cfg(all(unix, feature = "testing"))]
pub(crate) use cluster::newest_binaries;
pub use error::Error;
#[cfg(unix)]
pub use lock::ServeLock;
pub use options::ClusterOptions;
pub use progress::{Progress, Reporter};
#[cfg(unix)]
pub use roles::{DATABASE, OWNER, READER};
#[cfg(unix)]
pub use settings::Durability;
