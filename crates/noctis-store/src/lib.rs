//! store

pub mod server;
#[cfg(all(unix, feature = "testing"))]
pub mod testing;
