//! The archive through its public door: rows in, rows out, and whatever may happen to files in between.

mod round_trip;
mod rows;
