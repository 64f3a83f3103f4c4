//! The store against real PostgreSQL.
#![allow(clippy::unwrap_used, reason = "what goes wrong in a test ends it")]

mod ingest;
mod reading;
mod server;
mod testing;
