//! The program as people run it: the binary on real databases.
#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod crash;
mod import;
mod parked;
mod program;
mod samples;
mod tables;
