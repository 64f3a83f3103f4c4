//! The store against real PostgreSQL.

mod ingest;
mod reading;
mod server;
mod testing;
