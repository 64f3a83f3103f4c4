//! The same rows in tables without partitions, with the same indexes, in a schema beside the real ones.

use deadpool_postgres::Object;

use crate::Result;

/// The `search_path` of a session that finds the flat tables under the usual names.
pub const FLAT_PATH: &str = "flat,public";

/// Copies the partitioned tables' rows into flat ones, unless that was done before.
///
/// # Errors
/// When the database does not answer, or the disk is full.
pub async fn make_flat(client: &Object) -> Result<()> {
    let is_there =
        client.query_typed_one(include_str!("../../sql/bench/is_flat_there.sql"), &[]).await?;
    if !is_there.get::<_, bool>(0) {
        client.batch_execute(include_str!("../../sql/bench/flat.sql")).await?;
        settle(client).await?;
    }
    Ok(())
}

/// Makes a store that was just filled as one is after some time: rows marked visible, statistics there.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(client: &Object) -> Result<()> {
    Ok(client.batch_execute(include_str!("../../sql/bench/settle.sql")).await?)
}
