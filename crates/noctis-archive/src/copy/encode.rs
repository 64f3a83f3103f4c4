//! Puts rows into a binary `COPY` stream.

use bytes::Bytes;

use super::{NULL, SIGNATURE, TRAILER};

/// A chunk of the stream is handed out when it is this long.
const CHUNK_BYTES: usize = 256 * 1024;

/// Puts rows into a stream: `row`, then for each of its columns `null` or `value`.
#[derive(Debug)]
pub(crate) struct Encoder {
    out: Vec<u8>,
}

impl Encoder {
    /// With the header written.
    pub(crate) fn new() -> Encoder {
        let mut out = SIGNATURE.to_vec();
        out.extend_from_slice(&[0; 8]);
        Encoder { out }
    }

    /// Begins a row of so many columns.
    ///
    /// # Panics
    /// When it has more than PostgreSQL's 1,600.
    pub(crate) fn row(&mut self, columns: usize) {
        let count = i16::try_from(columns).expect("a table has at most 1,600 columns");
        self.out.extend_from_slice(&count.to_be_bytes());
    }

    pub(crate) fn null(&mut self) {
        self.out.extend_from_slice(&NULL.to_be_bytes());
    }

    /// A value, written by `write`; its length is put before it.
    pub(crate) fn value(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let at = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        write(&mut self.out);
        let length = i32::try_from(self.out.len() - at - 4)
            .expect("a value of an archived row is below ROW_BYTES_MAX");
        self.out[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }

    /// What is written, when that is enough for a chunk.
    pub(crate) fn chunk(&mut self) -> Option<Bytes> {
        (self.out.len() >= CHUNK_BYTES).then(|| {
            let next = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8);
            Bytes::from(std::mem::replace(&mut self.out, next))
        })
    }

    /// What is left, with the trailer.
    pub(crate) fn finish(mut self) -> Bytes {
        self.out.extend_from_slice(&TRAILER.to_be_bytes());
        Bytes::from(self.out)
    }
}
