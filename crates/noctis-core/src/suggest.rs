//! Suggesting names from what has been typed: what a name is folded to, what matches it, and the grams that find it.
//!
//! A name is written around a circle, `^john smith`, whose mark `^` is its begin and its end at once. A *gram* is a
//! stretch of such a circle. Few names hold a *light* gram: it keeps them all. Many hold a *heavy* one: it keeps the most
//! active. Of the light ones only the shortest are kept ([`tree`]), so that at each place of a name exactly one of them
//! begins, and whatever is typed either is a heavy gram or begins with a light one ([`grams`]). What was found so is
//! judged by [`Asked::judge`], which knows nothing of grams: an answer never holds what does not match.

mod edit;
pub mod entity;
mod fold;
pub mod grams;
pub mod keys;
pub mod list;
mod rank;
pub mod smallest;
pub mod tree;

pub use entity::{Entity, Kind, best};
pub use fold::fold;
pub use rank::{Asked, Fit};

#[cfg(test)]
mod tests;
