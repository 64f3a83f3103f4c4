//! From files to batches: what is packed is unpacked, each value in it read.
//!
//! Nothing but one batch and a few blocks of values is in memory. A [`Reader`] unpacks and cuts on a thread of its own, has
//! values read on all cores, and delivers through a bounded channel, so that the next batch is read while PostgreSQL stores
//! the last.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use noctis_store::ingest::Batch;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::names::told::Told;

mod collecting;
mod inputs;
pub(crate) mod layers;
mod parsing;
pub mod value;

use parsing::Parsers;

pub use inputs::{Input, Origin, list};

/// How much is read at once.
pub(crate) const CHUNK_BYTES: usize = 64 << 10;

/// A batch to store, and the files that are over with it.
#[derive(Default)]
pub struct Delivery {
    pub batch: Batch,
    /// Names that came along.
    pub told: Told,
    /// Inputs in the batch, repetitions included.
    pub read: u64,
    /// Files whose last input is in this batch or in one before.
    pub ended: Vec<EndedFile>,
}

/// A file that was done with.
#[derive(Debug)]
pub struct EndedFile {
    pub name: String,
    /// As on disk.
    pub bytes: u64,
    pub ending: Ending,
}

/// How a file ended.
#[derive(Debug)]
pub enum Ending {
    /// Read to its end. What can be read but once has no hash.
    Finished { sha256: Option<[u8; 32]>, read: u64 },
    /// Finished by an earlier import.
    Skipped,
    /// It could not be read to its end; what came before is delivered.
    Failed(String),
}

/// Why reading a file ended before its end.
pub(crate) enum Trouble {
    /// Nobody wants more.
    Stopped,
    /// The file, in a sentence.
    Broken(String),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Whether a file of this hash was finished before.
pub type IsFinished = Box<dyn Fn(&[u8; 32]) -> anyhow::Result<bool> + Send>;

/// Reads files, one after another.
pub struct Reader {
    deliveries: mpsc::Sender<Delivery>,
    stop: CancellationToken,
    /// Bytes of the files, as on disk, that have been read or skipped.
    bytes_read: Arc<AtomicU64>,
    delivery: Delivery,
    /// Inputs in the file at hand.
    read: u64,
    now: jiff::Timestamp,
    parsers: Parsers,
    /// The source at hand may pause for as long as it likes.
    trickles: bool,
}

impl Reader {
    /// A reader that delivers until it is stopped or nobody takes what it delivers.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(
        deliveries: mpsc::Sender<Delivery>,
        stop: CancellationToken,
        bytes_read: Arc<AtomicU64>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            deliveries,
            stop,
            bytes_read,
            delivery: Delivery::default(),
            read: 0,
            now: crate::clock::now(),
            parsers: Parsers::start()?,
            trickles: false,
        })
    }

    /// Reads the files in turn. A file that cannot be read is told in the delivery, and the next one is read.
    ///
    /// # Errors
    /// What `is_finished` says.
    pub fn run(mut self, inputs: Vec<Input>, is_finished: &IsFinished) -> anyhow::Result<()> {
        for input in inputs {
            let before = self.bytes_read.load(Ordering::Relaxed);
            self.read = 0;
            self.trickles = !matches!(input.origin, Origin::File(_));
            let ending = match &input.origin {
                Origin::Stdin => self.once(std::io::stdin().lock(), &input.name),
                Origin::Pipe(path) => self.pipe(path, &input.name),
                Origin::File(path) => match Stamp::of(path, &self.stop) {
                    Ok(stamp) if is_finished(&stamp.sha256)? => Ok(Ending::Skipped),
                    Ok(stamp) => self.file(path, &input.name, &stamp),
                    Err(trouble) => Err(trouble),
                },
            };
            let ending = match ending {
                Ok(ending) => ending,
                Err(Trouble::Stopped) => return Ok(()),
                Err(Trouble::Broken(problem)) => Ending::Failed(problem),
            };
            // A skipped or broken file is done with too, as the progress sees it.
            self.bytes_read.fetch_max(before + input.bytes, Ordering::Relaxed);
            self.delivery.ended.push(EndedFile { name: input.name, bytes: input.bytes, ending });
            if self.delivery.ended.len() >= ENDED_MAX && self.deliver().is_err() {
                return Ok(());
            }
        }
        // Whoever does not want the last delivery has stopped by himself.
        let _ = self.deliver();
        Ok(())
    }

    fn file(&mut self, path: &Path, name: &str, stamp: &Stamp) -> Result<Ending, Trouble> {
        self.once(File::open(path)?, name)?;
        if modified(path)? != stamp.modified {
            let problem = "it changed while it was read: import it again".to_owned();
            return Err(Trouble::Broken(problem));
        }
        Ok(Ending::Finished { sha256: Some(stamp.sha256), read: self.read })
    }

    fn pipe(&mut self, path: &Path, name: &str) -> Result<Ending, Trouble> {
        self.once(File::open(path)?, name)
    }

    fn once(&mut self, inner: impl Read, name: &str) -> Result<Ending, Trouble> {
        let input = Counted { inner, bytes: Arc::clone(&self.bytes_read) };
        layers::unpack(Box::new(input), name, &mut |stream, name| self.values(stream, name))?;
        Ok(Ending::Finished { sha256: None, read: self.read })
    }
}

/// Files that end within one delivery at most.
const ENDED_MAX: usize = 1_000;

/// What a file was before it was read.
struct Stamp {
    sha256: [u8; 32],
    modified: (u64, SystemTime),
}

impl Stamp {
    fn of(path: &Path, stop: &CancellationToken) -> Result<Self, Trouble> {
        let modified = modified(path)?;
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            if stop.is_cancelled() {
                return Err(Trouble::Stopped);
            }
            match file.read(&mut chunk) {
                Ok(0) => return Ok(Self { sha256: hasher.finalize().into(), modified }),
                Ok(count) => hasher.update(&chunk[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Size and time of the last change.
fn modified(path: &Path) -> std::io::Result<(u64, SystemTime)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified()?))
}

/// Counts the bytes that pass.
pub(crate) struct Counted<R> {
    pub(crate) inner: R,
    pub(crate) bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
