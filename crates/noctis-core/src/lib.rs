//! Decides: what a killmail is, what it is worth, which labels and tags it carries, which partition it needs.
//!
//! Pure: no clock, no file, no socket, no SQL. A fact this crate needs is a parameter. Its story is
//! bytes → [`killmail::Killmail`] → [`enrich::Enriched`], and beside it policy + inventory → [`partition::plan`].

pub mod archive;
pub mod catalogue;
pub mod drift;
pub mod enrich;
pub mod generate;
pub mod isk;
pub mod kill;
pub mod killmail;
pub mod partition;
pub mod presence;
pub mod question;
pub mod suggest;
pub mod time;
pub mod zkb;
