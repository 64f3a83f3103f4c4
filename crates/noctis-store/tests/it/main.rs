//! The store against real PostgreSQL.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what goes wrong in a test ends it; what it measured is printed"
)]
#![allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod compose;
mod ingest;
mod kills;
mod partitions;
mod reading;
mod seed;
mod server;
mod testing;
