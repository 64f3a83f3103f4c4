//! Keeps: a month of rows as Parquet files, and back.
//!
//! It knows neither PostgreSQL nor the program: rows come in and go out as binary `COPY` has them. What is written is a
//! part (three files, then a manifest); what is read back is compared with that manifest.

mod copy;
pub mod digest;
mod error;
mod file;
mod manifest;
mod mapping;
mod owner;
mod place;
mod read;
mod rows;
pub mod scan;
pub mod schema;
mod thread;
mod verify;
mod write;

pub use copy::{Decoder, Malformed, Row};
pub use error::{Error, Result};
pub use file::ArchiveFile;
pub use owner::Owner;
pub use place::{Archive, Place};
pub use verify::VerifiedPart;
pub use write::{PartHead, PartWriter, TableWriter};
