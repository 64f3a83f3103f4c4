//! A file on its way into the archive: counted, hashed, and sent in pieces while it is written.

use std::io;

use bytes::Bytes;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;

use super::hexadecimal;
use crate::Archive;

/// What is sent in one request, and how many of them are under way at most: memory is bounded by their product.
const PIECE_BYTES: usize = 8 * 1024 * 1024;
const PIECES_UNDER_WAY_MAX: usize = 4;

/// Writes a file from a thread that is none of the runtime's.
pub(super) struct Upload {
    runtime: Handle,
    writer: BufWriter,
    hasher: Sha256,
    bytes: u64,
    /// Completed or given up.
    is_ended: bool,
}

impl Upload {
    pub(super) fn start(archive: &Archive, path: &str, runtime: &Handle) -> Upload {
        let store = std::sync::Arc::clone(&archive.store);
        let writer = BufWriter::with_capacity(store, Path::from(path), PIECE_BYTES)
            .with_max_concurrency(PIECES_UNDER_WAY_MAX);
        Upload {
            runtime: runtime.clone(),
            writer,
            hasher: Sha256::new(),
            bytes: 0,
            is_ended: false,
        }
    }

    /// Completes the file; returns how long it is and its hash.
    pub(super) fn finish(&mut self) -> io::Result<(u64, String)> {
        self.is_ended = true;
        self.runtime.block_on(self.writer.shutdown())?;
        Ok((self.bytes, hexadecimal(&self.hasher.finalize_reset())))
    }

    /// Gives the file up: what was sent is thrown away. After a failed completion that has happened already.
    pub(super) fn abort(&mut self) -> object_store::Result<()> {
        if self.is_ended {
            return Ok(());
        }
        self.is_ended = true;
        self.runtime.block_on(self.writer.abort())
    }
}

impl io::Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.bytes += u64::try_from(bytes.len()).expect("a buffer's length fits 64 bits");
        self.runtime.block_on(self.writer.put(Bytes::copy_from_slice(bytes)))?;
        Ok(bytes.len())
    }

    /// Nothing is held back here.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
