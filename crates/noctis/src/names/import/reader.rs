//! From files to batches of names: unpacked, recognised by their content, read row by row, on a thread of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use noctis_core::killmail::split::{Piece, Splitter};
use noctis_store::names::NewNames;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::row::{self, Columns, Row};
use crate::names::resolve::add;
use crate::reading::{CHUNK_BYTES, Counted, Input, Origin, Trouble, layers};

/// Names in one batch.
const BATCH_NAMES_MAX: u64 = 20_000;
/// Problems that one batch tells of; more are counted.
const PROBLEMS_MAX: usize = 10;
/// Files that end within one batch at most.
const ENDED_MAX: usize = 1_000;
/// No line of a CSV file is longer.
const LINE_BYTES_MAX: usize = 16 << 10;
/// Lines between two looks whether to stop.
const LINES_A_LOOK: u64 = 1_000;

/// Names to write, and what else was met on the way to them.
#[derive(Debug, Default)]
pub struct Batch {
    pub names: NewNames,
    /// Names whose kind nobody told.
    pub of_no_kind: Vec<Row>,
    /// Rows with a name, repetitions included.
    pub read: u64,
    /// Rows that name a system, a type or the like.
    pub others: u64,
    pub bad: u64,
    pub problems: Vec<String>,
    /// Files that are over with this batch, and what was wrong with them.
    pub ended: Vec<(String, Option<String>)>,
}

/// Reads files, one after another.
pub struct Reader {
    batches: mpsc::Sender<Batch>,
    stop: CancellationToken,
    /// Bytes of the files as on disk.
    bytes_read: Arc<AtomicU64>,
    batch: Batch,
    /// Of the file at hand, with its path in an archive.
    name: String,
}

impl Reader {
    /// A reader that delivers until it is stopped or nobody takes what it delivers.
    #[must_use]
    pub fn new(
        batches: mpsc::Sender<Batch>,
        stop: CancellationToken,
        bytes_read: Arc<AtomicU64>,
    ) -> Reader {
        Reader { batches, stop, bytes_read, batch: Batch::default(), name: String::new() }
    }

    /// Reads the files in turn. One that cannot be read to its end is told, and the next is read.
    pub fn run(mut self, inputs: Vec<Input>) {
        for input in inputs {
            let before = self.bytes_read.load(Ordering::Relaxed);
            let problem = match self.input(&input) {
                Ok(()) => None,
                Err(Trouble::Broken(problem)) => Some(problem),
                Err(Trouble::Stopped) => return,
            };
            self.bytes_read.fetch_max(before + input.bytes, Ordering::Relaxed);
            self.batch.ended.push((input.name, problem));
            if self.batch.ended.len() >= ENDED_MAX && self.deliver().is_err() {
                return;
            }
        }
        // Whoever does not want the last batch has stopped by himself.
        let _ = self.deliver();
    }

    fn input(&mut self, input: &Input) -> Result<(), Trouble> {
        let inner: Box<dyn Read> = match &input.origin {
            Origin::Stdin => Box::new(std::io::stdin().lock()),
            Origin::File(path) | Origin::Pipe(path) => Box::new(File::open(path)?),
        };
        let counted = Counted { inner, bytes: Arc::clone(&self.bytes_read) };
        layers::unpack(Box::new(counted), &input.name, &mut |stream, name| {
            name.clone_into(&mut self.name);
            self.plain(BufReader::with_capacity(CHUNK_BYTES, stream))
        })
    }

    fn plain(&mut self, mut stream: impl BufRead) -> Result<(), Trouble> {
        let head = stream.fill_buf()?;
        match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[' | b'{') => self.json(stream),
            Some(_) => self.csv(stream),
            None => Ok(()),
        }
    }

    fn json(&mut self, mut stream: impl Read) -> Result<(), Trouble> {
        let mut splitter = Splitter::default();
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut number = 0;
        loop {
            if self.stop.is_cancelled() {
                return Err(Trouble::Stopped);
            }
            let count = match stream.read(&mut chunk) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if count == 0 {
                splitter.end();
            }
            splitter.push(&chunk[..count]);
            while let Some(piece) = splitter.next_piece() {
                number += 1;
                let rows = match piece {
                    Piece::Value(value) => row::of_json(&value),
                    Piece::Entry { killmail_id, value } => row::of_entry(killmail_id, &value),
                    Piece::Broken(_, rejected) => Err(rejected.to_string()),
                };
                self.take(number, rows)?;
            }
            if count == 0 {
                return Ok(());
            }
        }
    }

    fn csv(&mut self, mut stream: impl BufRead) -> Result<(), Trouble> {
        let mut line = Vec::new();
        let mut columns: Option<Columns> = None;
        for number in 1_u64.. {
            line.clear();
            let count =
                stream.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line)?;
            if count == 0 {
                break;
            }
            if count > LINE_BYTES_MAX {
                let problem = format!("its line {number} is longer than {LINE_BYTES_MAX} bytes");
                return Err(Trouble::Broken(problem));
            }
            if number.is_multiple_of(LINES_A_LOOK) && self.stop.is_cancelled() {
                return Err(Trouble::Stopped);
            }
            let text = String::from_utf8_lossy(&line);
            match &columns {
                None => columns = Some(Columns::of(&text).map_err(Trouble::Broken)?),
                Some(_) if text.trim().is_empty() => {}
                Some(columns) => self.take(number, columns.read(&text))?,
            }
        }
        Ok(())
    }

    fn take(&mut self, number: u64, rows: Result<Vec<Row>, String>) -> Result<(), Trouble> {
        match rows {
            Ok(rows) if rows.is_empty() => self.batch.others += 1,
            Ok(rows) => {
                for row in rows {
                    self.batch.read += 1;
                    match row.kind {
                        Some(kind) => {
                            add(&mut self.batch.names, kind, row.id, row.name, row.ticker);
                        }
                        None => self.batch.of_no_kind.push(row),
                    }
                }
            }
            Err(problem) => {
                self.batch.bad += 1;
                if self.batch.problems.len() < PROBLEMS_MAX {
                    self.batch.problems.push(format!("{}, row {number}: {problem}", self.name));
                }
            }
        }
        let is_full = self.batch.read + self.batch.others + self.batch.bad >= BATCH_NAMES_MAX;
        if is_full { self.deliver() } else { Ok(()) }
    }

    /// Hands over what was gathered; waits while the last is being written.
    fn deliver(&mut self) -> Result<(), Trouble> {
        let batch = std::mem::take(&mut self.batch);
        self.batches.blocking_send(batch).map_err(|_| Trouble::Stopped)
    }
}
