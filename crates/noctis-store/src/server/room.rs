//! Room on disks: what a folder takes, and whether that fits elsewhere.

use std::fs;
use std::path::Path;

use super::error::{Error, io};

/// Folders within folders that are followed; PostgreSQL's own go four deep.
pub(super) const DEPTH_MAX: usize = 16;

/// What files in a folder take, in bytes; those that go meanwhile count as nothing.
pub(super) fn bytes_in(folder: &Path) -> Result<u64, Error> {
    let mut bytes = 0;
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(io("look into", &folder))?;
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), depth + 1));
            } else {
                bytes += metadata.len();
            }
        }
    }
    Ok(bytes)
}

/// Refuses what would not fit.
///
/// # Errors
/// [`Error::NoRoom`] if less than `bytes` is free where the folder is.
pub fn must_fit(bytes: u64, folder: &Path) -> Result<(), Error> {
    let disk = rustix::fs::statvfs(folder)
        .map_err(|errno| io("ask how much is free at", folder)(errno.into()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free >= bytes {
        return Ok(());
    }
    Err(Error::NoRoom { folder: folder.to_owned(), bytes, free })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_fit_is_refused_with_both_figures() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        fs::write(folder.path().join("inner/file"), [0; 1_000]).unwrap();
        assert_eq!(bytes_in(folder.path()).unwrap(), 1_000);
        must_fit(1_000, folder.path()).unwrap();
        let said = must_fit(u64::MAX, folder.path()).unwrap_err().to_string();
        assert!(said.contains("has room for ") && said.contains(" MB are needed"), "{said}");
    }
}
