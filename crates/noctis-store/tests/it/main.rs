//! The store against real PostgreSQL.

mod server;
mod testing;
