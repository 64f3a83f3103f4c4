//! From files of prices to batches of rows: unpacked, recognised by their content, read line by line.
//!
//! What cannot be read is told with its line, and the next line is read. A [`Reader`] runs on a thread of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::Date;
use noctis_core::enrich::prices::rows::{Columns, PriceKind, PriceRow, read_adjusted};
use noctis_core::killmail::split::{Piece, Splitter};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::summary::BadRow;
use crate::fetch::{Download, is_web_address};
use crate::reading::{self, CHUNK_BYTES, Counted, Input, Origin, Trouble, layers};

/// Rows in one batch, about 3 MB.
const BATCH_ROWS_MAX: usize = 50_000;
/// Bad rows that one batch tells of; more are counted.
const BAD_ROWS_TOLD_MAX: usize = 100;
/// No line of a price file is longer.
const LINE_BYTES_MAX: usize = 16 << 10;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    /// As on disk; 0 where that is not known.
    pub bytes: u64,
    origin: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Here(Origin),
    Web,
}

/// The files behind paths and addresses, in their order.
///
/// # Errors
/// When a path leads nowhere, or a folder cannot be read.
pub fn list(places: &[String]) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for place in places {
        if is_web_address(place) {
            sources.push(Source { name: place.clone(), bytes: 0, origin: Place::Web });
            continue;
        }
        let inputs = reading::list(&[PathBuf::from(place)])?;
        sources.extend(inputs.into_iter().map(|Input { name, origin, bytes }| Source {
            name,
            bytes,
            origin: Place::Here(origin),
        }));
    }
    Ok(sources)
}

/// Rows to write, and what else was met on the way to them.
#[derive(Debug, Default)]
pub struct Batch {
    pub kind: Option<PriceKind>,
    /// All of one kind.
    pub rows: Vec<PriceRow>,
    pub other_regions: u64,
    pub bad_rows: u64,
    /// The first of the bad ones.
    pub bad: Vec<BadRow>,
    /// Files that are over with this batch, and what was wrong with them.
    pub ended: Vec<(String, Option<String>)>,
}

/// Reads files, one after another.
pub struct Reader {
    pub batches: mpsc::Sender<Batch>,
    pub runtime: Handle,
    pub stop: CancellationToken,
    /// Bytes of the files, as on disk or as they came.
    pub bytes_read: Arc<AtomicU64>,
    /// The day of prices that do not tell theirs.
    pub day: Date,
}

impl Reader {
    /// Reads the files in turn. One that cannot be read is told, and the next is read.
    pub fn run(self, sources: Vec<Source>) {
        let mut reading = Reading { reader: self, batch: Batch::default(), name: String::new() };
        for source in sources {
            let before = reading.reader.bytes_read.load(Ordering::Relaxed);
            let problem = match reading.source(&source) {
                Ok(()) => None,
                Err(Trouble::Broken(problem)) => Some(problem),
                Err(Trouble::Stopped) => return,
            };
            reading.reader.bytes_read.fetch_max(before + source.bytes, Ordering::Relaxed);
            reading.batch.ended.push((source.name, problem));
        }
        // Whoever does not want the last batch has stopped by himself.
        let _ = reading.deliver();
    }
}

struct Reading {
    reader: Reader,
    batch: Batch,
    /// Of the file at hand, with its path in an archive.
    name: String,
}

impl Reading {
    fn source(&mut self, source: &Source) -> Result<(), Trouble> {
        let stream: Box<dyn Read> = match &source.origin {
            Place::Web => {
                Box::new(Download::start(&source.name, &self.reader.runtime, &self.reader.stop)?)
            }
            Place::Here(Origin::Stdin) => Box::new(std::io::stdin().lock()),
            Place::Here(Origin::File(path) | Origin::Pipe(path)) => Box::new(File::open(path)?),
        };
        let counted = Counted { inner: stream, bytes: Arc::clone(&self.reader.bytes_read) };
        layers::unpack(Box::new(counted), &source.name, &mut |stream, name| {
            name.clone_into(&mut self.name);
            self.plain(BufReader::with_capacity(CHUNK_BYTES, stream))
        })
    }

    fn plain(&mut self, mut stream: impl BufRead) -> Result<(), Trouble> {
        let head = stream.fill_buf()?;
        let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            Some(b'[' | b'{') => self.json(stream),
            _ => self.csv(stream),
        }
    }

    fn csv(&mut self, mut stream: impl BufRead) -> Result<(), Trouble> {
        let mut line = Vec::new();
        let mut columns: Option<Columns> = None;
        for number in 1_u64.. {
            if !read_line(&mut stream, &mut line, number)? {
                break;
            }
            if number.is_multiple_of(1_000) && self.reader.stop.is_cancelled() {
                return Err(Trouble::Stopped);
            }
            let text = std::str::from_utf8(&line);
            let Some(columns) = &columns else {
                let header = text.unwrap_or("(no text)");
                columns = Some(Columns::of(header).map_err(Trouble::Broken)?);
                continue;
            };
            match text.map_err(|_| "it is no UTF-8".to_owned()) {
                Ok(text) if text.trim().is_empty() => {}
                read => match read.and_then(|text| columns.read(text)) {
                    Ok(Some(row)) => self.row(columns.kind, row)?,
                    Ok(None) => self.batch.other_regions += 1,
                    Err(problem) => self.bad(number, problem),
                },
            }
        }
        if columns.is_none() {
            return Err(Trouble::Broken("it is empty".to_owned()));
        }
        Ok(())
    }

    fn json(&mut self, mut stream: impl BufRead) -> Result<(), Trouble> {
        let mut splitter = Splitter::default();
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut number = 0;
        loop {
            if self.reader.stop.is_cancelled() {
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
                let read = match &piece {
                    Piece::Value(element) => read_adjusted(element, self.reader.day),
                    Piece::Entry { .. } => Err("it is none of ESI's /markets/prices/".to_owned()),
                    Piece::Broken(_, rejected) => Err(rejected.to_string()),
                };
                match read {
                    Ok(row) => self.row(PriceKind::Adjusted, row)?,
                    Err(problem) => self.bad(number, problem),
                }
            }
            if count == 0 {
                return Ok(());
            }
        }
    }

    fn row(&mut self, kind: PriceKind, row: PriceRow) -> Result<(), Trouble> {
        if self.batch.kind.is_some_and(|other| other != kind) {
            self.deliver()?;
        }
        self.batch.kind = Some(kind);
        self.batch.rows.push(row);
        if self.batch.rows.len() >= BATCH_ROWS_MAX { self.deliver() } else { Ok(()) }
    }

    fn bad(&mut self, line: u64, problem: String) {
        self.batch.bad_rows += 1;
        if self.batch.bad.len() < BAD_ROWS_TOLD_MAX {
            self.batch.bad.push(BadRow { file: self.name.clone(), line, problem });
        }
    }

    /// Hands over what was gathered; waits while the last is being written.
    fn deliver(&mut self) -> Result<(), Trouble> {
        let batch = std::mem::take(&mut self.batch);
        self.reader.batches.blocking_send(batch).map_err(|_| Trouble::Stopped)
    }
}

/// Reads the next line; tells whether there was one.
fn read_line(stream: &mut impl BufRead, line: &mut Vec<u8>, number: u64) -> Result<bool, Trouble> {
    line.clear();
    let count = stream.take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    if count > LINE_BYTES_MAX {
        let problem = format!("its line {number} is longer than {LINE_BYTES_MAX} bytes");
        return Err(Trouble::Broken(problem));
    }
    Ok(count > 0)
}
