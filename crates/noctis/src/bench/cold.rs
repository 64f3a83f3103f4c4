//! As it is on a small machine that has just been started: PostgreSQL with little memory, nothing of its files in the system's.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Folders of a cluster nest less deep.
const FOLDER_DEPTH_MAX: usize = 16;
/// Files of a store; a leaf has about fifteen.
const FILES_MAX: usize = 1_000_000;
/// What stands in `postgresql.conf` meanwhile.
const SETTING: &str = "\nshared_buffers = '128MB' # by noctis bench, until it has ended\n";

/// A store's small memory, until it is dropped. PostgreSQL takes it, and its end, at its next start.
pub struct SmallMemory(PathBuf);

impl SmallMemory {
    /// Sets it, for a store whose PostgreSQL is stopped.
    ///
    /// # Errors
    /// When the settings cannot be written.
    pub fn set(data_dir: &Path) -> anyhow::Result<SmallMemory> {
        let path = data_dir.join("postgres/postgresql.conf");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("reading {}", path.display()))?
            .replace(SETTING, "");
        fs::write(&path, text + SETTING)?;
        Ok(SmallMemory(path))
    }
}

impl Drop for SmallMemory {
    fn drop(&mut self) {
        if let Ok(text) = fs::read_to_string(&self.0) {
            // What cannot be written is found and replaced by the next run.
            let _ = fs::write(&self.0, text.replace(SETTING, ""));
        }
    }
}

/// Has the system forget what it holds of a store's files. PostgreSQL is stopped, so that nothing of them is unwritten.
///
/// # Errors
/// When a file cannot be opened.
pub fn forget_files(data_dir: &Path) -> anyhow::Result<()> {
    let mut folders = vec![(data_dir.to_owned(), 0)];
    let mut files = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < FOLDER_DEPTH_MAX {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && files < FILES_MAX {
                files += 1;
                let file = File::open(entry.path())?;
                file.sync_all()?;
                forget(&file)?;
            }
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn forget(file: &File) -> anyhow::Result<()> {
    Ok(rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed)?)
}

/// Elsewhere there is no such advice, and what the system holds stays.
#[cfg(not(target_os = "linux"))]
fn forget(_: &File) -> anyhow::Result<()> {
    Ok(())
}
