//! Ranges of time, half open, in UTC.
