//! The folded names in a file, read through again and again: a file of 20 M names is 400 MB, their keys would be 11 GB.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use noctis_core::suggest::keys::Keys;
use noctis_core::suggest::smallest::Smallest;
use noctis_core::suggest::tree::{Gram, Tree};

use crate::Error;

/// Its name; who holds the lock overwrites what is left of an earlier one.
const NAME: &str = "suggest-names.part";
const BUFFER_BYTES: usize = 1 << 18;

/// Removed when dropped.
#[derive(Debug)]
pub(super) struct NamesFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl NamesFile {
    pub(super) fn create(folder: &Path) -> Result<NamesFile> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(NAME);
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(true).open(&path)?;
        Ok(NamesFile { path, file: BufWriter::with_capacity(BUFFER_BYTES, file) })
    }

    /// The error of a file that cannot be read or written any further.
    pub(super) fn cannot_go_on(&self, error: &std::io::Error) -> Error {
        Error::Refused(format!("{} cannot be read or written: {error}", self.path.display()))
    }

    /// Adds a folded name. What nothing is left of, or far more than of any name, is not found by it.
    pub(super) fn push(&mut self, no: u32, folded: &str) -> Result<()> {
        let Some(bytes) = u16::try_from(folded.len()).ok().filter(|bytes| *bytes > 0) else {
            return Ok(());
        };
        self.file.write_all(&no.to_le_bytes())?;
        self.file.write_all(&bytes.to_le_bytes())?;
        self.file.write_all(folded.as_bytes())
    }

    /// Makes grams of all names, in memory for so many keys, until `keep` says false.
    pub(super) fn grams(
        &mut self,
        keys_max: usize,
        mut keep: impl FnMut(Gram) -> bool,
    ) -> Result<()> {
        let goes_on = Cell::new(true);
        let mut keep = |gram| goes_on.set(goes_on.get() && keep(gram));
        let (mut smallest, mut tree) = (Smallest::new(keys_max), Tree::default());
        self.file.flush()?;
        let mut file = self.file.get_ref();
        for pass in 1.. {
            file.seek(SeekFrom::Start(0))?;
            read_through(BufReader::with_capacity(BUFFER_BYTES, file), &mut smallest)?;
            let keys = smallest.sorted();
            keys.iter().for_each(|key| tree.push(*key, &mut keep));
            tracing::info!(pass, keys = keys.len(), "making grams");
            if !smallest.go_on() || !goes_on.get() {
                break;
            }
        }
        tree.finish(&mut keep);
        Ok(())
    }
}

/// One pass over all names.
fn read_through(mut file: impl Read, smallest: &mut Smallest) -> Result<()> {
    let (mut head, mut folded, mut keys) = ([0; 6], Vec::new(), Keys::default());
    loop {
        if let Err(error) = file.read_exact(&mut head) {
            let is_end = error.kind() == std::io::ErrorKind::UnexpectedEof;
            return if is_end { Ok(()) } else { Err(error) };
        }
        let [a, b, c, d, bytes @ ..] = head;
        folded.resize(u16::from_le_bytes(bytes).into(), 0);
        file.read_exact(&mut folded)?;
        let folded = std::str::from_utf8(&folded).map_err(std::io::Error::other)?;
        let no = u32::from_le_bytes([a, b, c, d]);
        keys.of(folded, no, smallest.heads(), |key| smallest.offer(key));
    }
}

impl Drop for NamesFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
