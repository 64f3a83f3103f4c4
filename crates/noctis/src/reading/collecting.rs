//! Cuts a plain stream into values, has them read, and gathers them into batches.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use noctis_core::killmail::split::Splitter;
use noctis_store::ingest::Incoming;

use super::value::Reading;
use super::{CHUNK_BYTES, Reader, Trouble};

impl Reader {
    /// Reads values to the end of the stream. Where the stream breaks, what was read is kept, and the value that broke
    /// off is nobody's: it will be read when the file is whole.
    pub(super) fn values(
        &mut self,
        stream: Box<dyn Read + '_>,
        source: &str,
    ) -> Result<(), Trouble> {
        let source: Arc<str> = source.into();
        let cut = self.cut(stream, &source);
        let taken = match cut {
            Err(Trouble::Stopped) => cut,
            // The stream broke, or ended.
            broken => self.take_ahead(&source).and(broken),
        };
        self.parsers.clear();
        taken
    }

    fn cut(&mut self, mut stream: Box<dyn Read + '_>, source: &Arc<str>) -> Result<(), Trouble> {
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
                if let Some(readings) = self.parsers.push(piece, source, self.now) {
                    self.take_all(readings)?;
                }
            }
            if count == 0 {
                return Ok(());
            }
            // What has come so far is not to wait for what may never come.
            if self.trickles && count < chunk.len() {
                self.take_ahead(source)?;
            }
        }
    }

    /// Takes all that was cut out so far.
    fn take_ahead(&mut self, source: &Arc<str>) -> Result<(), Trouble> {
        self.parsers.hand_out(source, self.now);
        while let Some(readings) = self.parsers.next() {
            self.take_all(readings)?;
        }
        Ok(())
    }

    fn take_all(&mut self, readings: Vec<Reading>) -> Result<(), Trouble> {
        readings.into_iter().try_for_each(|reading| self.take(reading))
    }

    fn take(&mut self, reading: Reading) -> Result<(), Trouble> {
        match reading {
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
