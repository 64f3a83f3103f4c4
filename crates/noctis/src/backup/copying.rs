//! Files copied with their hashes; rule: what has its name is whole and on the disk.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Read at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileNote {
    pub(super) bytes: u64,
    /// Hexadecimal.
    pub(super) sha256: String,
}

/// What a file on the disk is.
pub(super) fn note(path: &Path) -> io::Result<FileNote> {
    read_through(&mut File::open(path)?, |_| Ok(()))
}

/// How a file came to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It was there already, with the bytes it should have.
    WasThere,
    /// Another name for an earlier backup's file.
    Linked,
    Copied,
}

/// Copies a file. With `expected` it is kept where it is there already, linked where `earlier` has the same bytes, and put in
/// its place only if it is what was expected; none is answered otherwise, and nothing is left.
pub(super) fn copy(
    from: &Path,
    to: &Path,
    expected: Option<&FileNote>,
    earlier: Option<&Path>,
) -> io::Result<Option<(FileNote, Came)>> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder)?;
    if let Some(expected) = expected {
        let is_it = |path: &Path| note(path).is_ok_and(|found| found == *expected);
        if is_it(to) {
            return Ok(Some((expected.clone(), Came::WasThere)));
        }
        // A disk that knows no links gets a copy.
        if let Some(earlier) = earlier.filter(|path| is_it(path)) {
            let _ = fs::remove_file(to);
            if fs::hard_link(earlier, to).is_ok() {
                return Ok(Some((expected.clone(), Came::Linked)));
            }
        }
    }
    let unfinished = to.with_added_extension("new");
    let mut target = File::create(&unfinished)?;
    let found = read_through(&mut File::open(from)?, |chunk| target.write_all(chunk))?;
    target.sync_all()?;
    if expected.is_some_and(|expected| *expected != found) {
        fs::remove_file(&unfinished)?;
        return Ok(None);
    }
    fs::rename(&unfinished, to)?;
    File::open(folder)?.sync_all()?;
    Ok(Some((found, Came::Copied)))
}

/// Writes a small file whole or not at all, readable for us alone.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_added_extension("new");
    let mut options = fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn read_through(
    file: &mut File,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<FileNote> {
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    // Bounded by the file's length.
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hasher.update(&chunk[..read]);
        each(&chunk[..read])?;
    }
    let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(FileNote { bytes, sha256 })
}
