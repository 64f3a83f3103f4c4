//! Remembers: PostgreSQL, all of it.
//!
//! Every query is a file in `sql/`; the schema is `migrations/`. Functions take the client first, so that they run in
//! or out of a transaction. Only [`partitions::ddl`] and [`compose`] build SQL, and only from names of our own.

pub mod advisory;
pub mod backup;
pub mod bench;
pub mod compose;
pub mod connect;
pub mod drift;
pub mod entities;
pub mod error;
pub mod fail;
pub mod files;
pub mod ingest;
pub mod killmails;
pub mod ledger;
pub mod migrate;
pub mod names;
pub mod parked;
pub mod partitions;
pub mod people;
pub mod presence;
pub mod prices;
pub mod re_enrich;
pub mod server;
pub mod static_data;
pub mod suggest;
pub mod summary;
#[cfg(all(unix, feature = "testing"))]
pub mod testing;

pub use connect::{Store, StoreOptions};
pub use deadpool_postgres::Object as Connection;
pub use error::{Error, Result, Trouble};
pub use tokio_postgres::{Client, Config};
