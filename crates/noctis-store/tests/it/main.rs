//! The store against real PostgreSQL.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what goes wrong in a test ends it; what it measured is printed"
)]

mod arrival;
mod bench;
mod compose;
mod document;
mod drift;
mod entities;
mod eve;
mod explain;
mod failures;
mod index_rollout;
mod ingest;
mod kills;
mod migrations;
mod partitions;
mod pooler;
mod prices;
mod prune;
mod reading;
mod seed;
mod server;
mod sql;
mod stall;
mod suggest;
mod testing;
