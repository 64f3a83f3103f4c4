//! How other partition managers failed, each as a test by its number; docs/failures.md lists them all, and where each is
//! proved. Here are those that the tables alone can show.

mod catalogue;
mod creation;
mod leaving;
mod waiting;
