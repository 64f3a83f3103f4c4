//! What a long start is doing, for whoever shows it.

use std::fmt;
use std::sync::Arc;

/// One thing that takes its time while joining a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The portable archive is being downloaded.
    Downloading {
        /// Bytes so far.
        received: u64,
        /// Bytes in all, if the server said.
        total: Option<u64>,
    },
    /// The portable archive is being unpacked.
    Unpacking,
    /// A new cluster is being made.
    Creating,
    /// The server is starting, or recovering from a crash.
    Starting {
        /// Since when, in seconds.
        seconds: u64,
    },
    /// The cluster is being copied, out or in.
    Copying {
        /// Bytes so far.
        done: u64,
        /// Bytes in all, as far as it was known before.
        total: u64,
    },
    /// The cluster is being moved to another version.
    Upgrading,
    /// Another process is starting or stopping the server.
    Waiting {
        /// Since when, in seconds.
        seconds: u64,
    },
}

/// Passes progress to a callback, if there is one.
#[derive(Clone, Default)]
pub struct Reporter(Option<Arc<dyn Fn(Progress) + Send + Sync>>);

impl Reporter {
    /// Reports to `callback`, which must be quick.
    pub fn new(callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    /// Passes it on.
    pub fn report(&self, progress: Progress) {
        if let Some(callback) = &self.0 {
            callback(progress);
        }
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() {
            "Reporter(to a callback)"
        } else {
            "Reporter(silent)"
        })
    }
}
