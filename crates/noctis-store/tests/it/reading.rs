//! Real killmails for tests, under the name the tests know.

pub(crate) use noctis_store::testing::{add, now, pieces, real_files, store_text};
