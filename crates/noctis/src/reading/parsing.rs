//! Values read on all cores, a block of them at a time, and given back in the order in which they stood.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, available_parallelism};

use jiff::Timestamp;
use noctis_core::killmail::split::Piece;

use super::value::{Reading, read};

/// Threads at most; the database is slower than these by far.
const THREADS_MAX: usize = 8;
/// A block is handed to a thread when it has this many bytes or pieces.
const BLOCK_BYTES: usize = 256 << 10;
const BLOCK_PIECES: usize = 256;
/// Bytes that are being read, or were read and wait for those before them. One block is always let in.
const BYTES_AHEAD_MAX: usize = 8 << 20;

/// Pieces of one source, to be read by one thread.
struct Block {
    pieces: Vec<Piece>,
    source: Arc<str>,
    now: Timestamp,
    done: SyncSender<Vec<Reading>>,
}

/// Threads that read, and what they were given.
pub(super) struct Parsers {
    blocks: Sender<Block>,
    /// Blocks that were handed out, in their order, each with its bytes.
    ahead: VecDeque<(usize, Receiver<Vec<Reading>>)>,
    bytes_ahead: usize,
    gathered: Vec<Piece>,
    gathered_bytes: usize,
}

impl Parsers {
    /// As many threads as there are cores. They end when this is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start() -> std::io::Result<Self> {
        let (blocks, inbox) = channel::<Block>();
        let inbox = Arc::new(Mutex::new(inbox));
        let threads = available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
        for _ in 0..threads {
            let inbox = Arc::clone(&inbox);
            Builder::new().name("parsing".to_owned()).spawn(move || work(&inbox))?;
        }
        Ok(Self {
            blocks,
            ahead: VecDeque::new(),
            bytes_ahead: 0,
            gathered: Vec::new(),
            gathered_bytes: 0,
        })
    }

    /// Takes a piece; gives what was read of earlier ones where too much would be ahead.
    pub(super) fn push(
        &mut self,
        piece: Piece,
        source: &Arc<str>,
        now: Timestamp,
    ) -> Option<Vec<Reading>> {
        self.gathered_bytes += bytes(&piece);
        self.gathered.push(piece);
        if self.gathered_bytes < BLOCK_BYTES && self.gathered.len() < BLOCK_PIECES {
            return None;
        }
        self.hand_out(source, now);
        if self.bytes_ahead > BYTES_AHEAD_MAX { self.next() } else { None }
    }

    /// The next block that was read, in their order; None when nothing is ahead.
    pub(super) fn next(&mut self) -> Option<Vec<Reading>> {
        let (bytes, readings) = self.ahead.pop_front()?;
        self.bytes_ahead -= bytes;
        Some(readings.recv().expect("a thread that reads does not panic"))
    }

    /// Hands out what was gathered, as at the end of a stream.
    pub(super) fn hand_out(&mut self, source: &Arc<str>, now: Timestamp) {
        if self.gathered.is_empty() {
            return;
        }
        let (done, readings) = sync_channel(1);
        let bytes = std::mem::take(&mut self.gathered_bytes);
        let pieces = std::mem::take(&mut self.gathered);
        let block = Block { pieces, source: Arc::clone(source), now, done };
        self.blocks.send(block).expect("the threads end after this does");
        self.ahead.push_back((bytes, readings));
        self.bytes_ahead += bytes;
    }

    /// Forgets what was read of a stream that nobody wants any more.
    pub(super) fn clear(&mut self) {
        self.ahead.clear();
        self.gathered.clear();
        (self.bytes_ahead, self.gathered_bytes) = (0, 0);
    }
}

/// Reads blocks until there are no more.
fn work(inbox: &Mutex<Receiver<Block>>) {
    loop {
        let block = inbox.lock().ok().and_then(|inbox| inbox.recv().ok());
        let Some(Block { pieces, source, now, done }) = block else { return };
        let readings = pieces.into_iter().map(|piece| read(piece, &source, now)).collect();
        // Whoever asked may have lost interest.
        let _ = done.send(readings);
    }
}

fn bytes(piece: &Piece) -> usize {
    match piece {
        Piece::Value(bytes) | Piece::Broken(bytes, _) | Piece::Entry { value: bytes, .. } => {
            bytes.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_on_all_cores_comes_back_in_its_order() {
        let mut parsers = Parsers::start().unwrap();
        let source: Arc<str> = "test".into();
        let now = Timestamp::UNIX_EPOCH;
        let mut told = Vec::new();
        let mut tell = |readings: Vec<Reading>| {
            told.extend(readings.iter().map(|reading| match reading {
                Reading::Parked(parked) => parked.killmail_id.unwrap(),
                _ => panic!("nothing here is a killmail"),
            }));
        };
        for id in 0..20_000 {
            // Some take longer than others.
            let text = format!("{{\"killmail_id\":{id}{}}}", " ".repeat(id % 7 * 200));
            parsers.push(Piece::Value(text.into_bytes()), &source, now).map(&mut tell);
        }
        parsers.hand_out(&source, now);
        while let Some(readings) = parsers.next() {
            tell(readings);
        }
        assert_eq!(told, (0..20_000).collect::<Vec<i64>>());
    }
}
