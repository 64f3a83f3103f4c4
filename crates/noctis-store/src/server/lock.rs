//! Who uses a data folder: shared and exclusive file locks, which the system frees when a process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::error::{Error, io};
use super::layout::Layout;
use super::progress::{Progress, Reporter};

/// How often a taken start lock is tried again.
const TRY_EVERY: Duration = Duration::from_millis(50);

fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(io("open the lock", path))
}

fn try_exclusive(file: &File, path: &Path) -> Result<bool, Error> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(io("take the lock", path)(source)),
    }
}

/// Held while the cluster is being started or stopped: one process at a time.
pub(super) struct StartLock {
    file: File,
}

impl StartLock {
    /// Waits for at most `wait`.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process held it for all that time.
    pub(super) async fn take(
        layout: &Layout,
        wait: Duration,
        reporter: &Reporter,
    ) -> Result<Self, Error> {
        let file = open(&layout.start_lock)?;
        let started = std::time::Instant::now();
        while !try_exclusive(&file, &layout.start_lock)? {
            if started.elapsed() >= wait {
                return Err(Error::Busy { data_dir: layout.data.clone(), seconds: wait.as_secs() });
            }
            reporter.report(Progress::Waiting { seconds: started.elapsed().as_secs() });
            tokio::time::sleep(TRY_EVERY).await;
        }
        Ok(Self { file })
    }

    /// A hold on the lock for a program, as its standard input: the lock is free when we are gone and it too.
    pub(super) fn handed_on(&self) -> Result<Stdio, Error> {
        let file = self.file.try_clone();
        Ok(Stdio::from(file.map_err(io("hand on the lock", Path::new("start.lock")))?))
    }
}

/// Says that this process uses the cluster; taken and given up under the start lock.
#[derive(Debug)]
pub(super) struct UsersLock {
    path: PathBuf,
    file: File,
}

impl UsersLock {
    pub(super) fn take(layout: &Layout) -> Result<Self, Error> {
        let path = layout.users_lock.clone();
        let file = open(&path)?;
        // Nobody holds it exclusively but under the start lock, so this does not wait.
        file.lock_shared().map_err(io("take the lock", &path))?;
        Ok(Self { path, file })
    }

    /// Gives up our use; true if nobody else's is left, and then nobody can join until the answer is dropped.
    pub(super) fn leave(self) -> Result<Option<LastUser>, Error> {
        self.file.unlock().map_err(io("leave the lock", &self.path))?;
        let alone = try_exclusive(&self.file, &self.path)?;
        Ok(alone.then_some(LastUser { _file: self.file }))
    }
}

/// Proof that nobody uses the cluster.
pub(super) struct LastUser {
    _file: File,
}
