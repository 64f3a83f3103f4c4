//! One `serve` a data folder: a file lock, which the system frees when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::error::{Error, io};

/// Says that `serve` runs on a data folder; dropping it lets the next one run.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl ServeLock {
    /// Takes the folder for this process, making it if need be.
    ///
    /// # Errors
    /// [`Error::Serving`] if another process has it.
    pub fn take(data_dir: &Path) -> Result<Self, Error> {
        super::make_data_folder(data_dir)?;
        let path = &data_dir.join("serve.lock");
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(io("open the lock", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(source)) => return Err(io("take the lock", path)(source)),
            Err(TryLockError::WouldBlock) => {
                let process = holder(&mut file);
                return Err(Error::Serving { data_dir: data_dir.to_owned(), process });
            }
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(io("write", path))?;
        write!(file, "{}", std::process::id()).map_err(io("write", path))?;
        Ok(Self { _file: file })
    }
}

/// Who holds it, for the message; without it the sentence still holds.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let number = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse::<u32>().ok());
    number.map_or_else(String::new, |number| format!(" (process {number})"))
}
