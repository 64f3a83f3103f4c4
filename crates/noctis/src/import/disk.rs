//! How much room is left where PostgreSQL keeps its data, as far as that is on this machine.

use std::path::{Path, PathBuf};

use anyhow::Context;
use noctis_store::{Store, files};

use super::summary::End;
use crate::database::Server;

/// A folder to watch, and how much must stay free there.
#[derive(Clone, Debug)]
pub struct FreeDisk {
    /// Nothing, where the data lies on another machine or nobody tells where.
    folder: Option<PathBuf>,
    bytes_min: u64,
}

impl FreeDisk {
    /// Watches the data folder of our own PostgreSQL, or that of the given one if it is here and tells.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(
        server: &Server,
        store: &Store,
        data_dir: &Path,
        bytes_min: u64,
    ) -> anyhow::Result<Self> {
        let folder = match server {
            Server::Own(_) => Some(data_dir.to_owned()),
            Server::Given(_) => {
                let client = store.client().await?;
                let folder = files::data_directory(&client).await?;
                folder.filter(|folder| free_bytes(folder).is_ok())
            }
        };
        Ok(Self { folder, bytes_min })
    }

    /// The end of the import, if less is free than must be.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn too_full(&self) -> anyhow::Result<Option<End>> {
        let Some(folder) = self.folder.as_deref().filter(|_| self.bytes_min > 0) else {
            return Ok(None);
        };
        let free_bytes = free_bytes(folder)
            .with_context(|| format!("asking how much is free at {}", folder.display()))?;
        Ok((free_bytes < self.bytes_min).then(|| End::DiskFull {
            folder: folder.to_owned(),
            free_bytes,
            bytes_min: self.bytes_min,
        }))
    }
}

/// What is free where this folder lies.
#[cfg(unix)]
pub(crate) fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Nobody asks: where this is not Unix, PostgreSQL is never our own, and a given one is not watched.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_folder: &Path) -> std::io::Result<u64> {
    Err(std::io::ErrorKind::Unsupported.into())
}
