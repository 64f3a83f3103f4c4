//! The psql scripts that benchmarks measure against; they read and write files in the current folder.

/// Writes the rows of the measured import to files.
pub const UNLOAD: &str = include_str!("../sql/bench/unload.sql");
/// Loads those files with plain `\copy` into the same tables.
pub const LOAD: &str = include_str!("../sql/bench/load.sql");
/// The seed of kills that are there before the measured import begins; their ids are below those of [`UNLOAD`].
pub const SEED_BEFORE: u64 = 1;
/// The seed of the kills of the measured import.
pub const SEED_MEASURED: u64 = 2;
/// The seed of the kills of whole months; their ids are among those of [`UNLOAD`] too.
pub const SEED_MONTHS: u64 = 4;
/// The seed of the kills of the measured feed.
pub const SEED_FEED: u64 = 3;
