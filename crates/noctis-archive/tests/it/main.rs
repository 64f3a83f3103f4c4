//! The archive through its public door: rows in, rows out, and whatever may happen to files in between.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what goes wrong in a test ends it; what it left out is printed"
)]

mod damage;
mod mapping;
mod other_readers;
mod owner;
mod python;
mod round_trip;
mod rows;
mod s3;
mod writing;
