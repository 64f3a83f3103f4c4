//! Cuts a plain stream into values and gathers them into batches.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use noctis_core::killmail::split::{Piece, Splitter};
use noctis_store::ingest::Incoming;

use super::value::{Reading, read};
use super::{CHUNK_BYTES, Reader, Trouble};

impl Reader {
    /// Reads values to the end of the stream. Where the stream breaks, what was read is kept, and the value that broke
    /// off is nobody's: it will be read when the file is whole.
    pub(super) fn values(
        &mut self,
        mut stream: Box<dyn Read + '_>,
        source: &str,
    ) -> Result<(), Trouble> {
        let source: Arc<str> = source.into();
        let mut splitter = Splitter::default();
        let mut chunk = vec![0; CHUNK_BYTES];
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
                self.take(piece, &source)?;
            }
            if count == 0 {
                return Ok(());
            }
        }
    }

    fn take(&mut self, piece: Piece, source: &Arc<str>) -> Result<(), Trouble> {
        match read(piece, source, self.now) {
            Reading::Nothing => return Ok(()),
            Reading::Kill(incoming) => self.kill(incoming)?,
            Reading::Wanted(wanted) => self.delivery.batch.want(wanted),
            Reading::Parked(parked) => self.delivery.batch.park(parked),
        }
        self.read += 1;
        self.delivery.read += 1;
        if self.delivery.batch.is_full() { self.deliver() } else { Ok(()) }
    }

    fn kill(&mut self, incoming: Box<Incoming>) -> Result<(), Trouble> {
        let mail = &incoming.mail;
        self.delivery.told.hear(&mail.body, mail.killmail.killmail_time);
        if let Err(other) = self.delivery.batch.add(*incoming) {
            // Its id is in the batch with another text: the database has to see that one first.
            self.deliver()?;
            let added = self.delivery.batch.add(*other);
            assert!(added.is_ok(), "an empty batch holds no other text");
        }
        Ok(())
    }

    /// Hands over what was gathered; waits while the storing side is busy with the last.
    pub(super) fn deliver(&mut self) -> Result<(), Trouble> {
        let delivery = std::mem::take(&mut self.delivery);
        self.now = crate::clock::now();
        self.deliveries.blocking_send(delivery).map_err(|_| Trouble::Stopped)
    }
}
