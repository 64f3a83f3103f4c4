//! The store against real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod ingest;
mod reading;
mod server;
mod testing;
