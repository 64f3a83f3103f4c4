//! The files that imports have finished, by the hash of their content.

use std::path::PathBuf;

use tokio_postgres::Client;

use crate::{Result, fail};

/// A file whose inputs are all stored or parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedFile {
    /// Of the bytes on disk.
    pub sha256: [u8; 32],
    pub name: String,
    /// On disk.
    pub bytes: u64,
    /// Inputs in it.
    pub read: u64,
}

/// Whether a file of this content was finished before.
pub async fn is_finished(client: &Client, sha256: &[u8; 32]) -> Result<bool> {
    let row =
        client.query_one(include_str!("../sql/import/is_finished.sql"), &[&&sha256[..]]).await?;
    Ok(row.get(0))
}

/// Marks a file finished, once all its batches are committed.
pub async fn finish(client: &Client, file: &FinishedFile) -> Result<()> {
    // PostgreSQL's text holds no NUL, nor does any file's name.
    let (bytes, read) = (clamped(file.bytes), clamped(file.read));
    client
        .execute(
            include_str!("../sql/import/finish_file.sql"),
            &[&&file.sha256[..], &file.name, &bytes, &read],
        )
        .await?;
    fail::point("import.file_finished");
    Ok(())
}

/// The folder where a server on this machine keeps its data. None for another machine's, and where the role may not
/// know.
pub async fn data_directory(client: &Client) -> Result<Option<PathBuf>> {
    let row = client.query_one(include_str!("../sql/import/data_directory.sql"), &[]).await?;
    Ok(row.get::<_, Option<String>>(0).map(PathBuf::from))
}

fn clamped(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
