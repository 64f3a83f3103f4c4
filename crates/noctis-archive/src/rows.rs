//! The rows of an archived table as a stream that `COPY` takes.

use bytes::Bytes;
use futures_util::{Stream, stream};
use noctis_core::archive::Manifest;
use noctis_core::partition::Member;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::read::{Shape, read};
use crate::thread::{given_up, panicked, spawn};
use crate::{Archive, Result};

/// Chunks that are decoded before somebody takes them.
const CHUNKS_AHEAD: usize = 4;

impl Archive {
    /// The rows of a member in a part, as a binary `COPY` stream of the columns that the table has today, in the order of
    /// the file: by time, id and ordinal. A thread of its own decodes them; it ends when the stream is dropped.
    ///
    /// They are not compared with the manifest on the way: who loads them computes their
    /// [`Contents`](noctis_core::archive::Contents), or verifies the part before.
    ///
    /// The stream's last item is an error when the file is missing, damaged, or of a schema that is not known.
    pub fn rows(
        &self,
        manifest: &Manifest,
        member: Member,
    ) -> impl Stream<Item = Result<Bytes>> + Send + Unpin + 'static {
        let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
        let (archive, own) = (self.clone(), manifest.clone());
        let path = manifest.file(member).map_or_else(String::new, |file| file.path.clone());
        let thread = spawn(async move || {
            if let Err(error) = archive.send_rows(&own, member, &sender).await {
                // Nobody listens any more: then nobody misses the error either.
                drop(sender.send(Err(error)).await);
            }
        });
        let coming = Coming { receiver, thread: Some(thread), path };
        Box::pin(stream::unfold(coming, async |mut coming| Some((coming.next().await?, coming))))
    }

    async fn send_rows(
        &self,
        manifest: &Manifest,
        member: Member,
        sender: &mpsc::Sender<Result<Bytes>>,
    ) -> Result<()> {
        let (file, stored) = self.open_member(manifest, member).await?;
        read(&file, member, &stored, Shape::Today, async |chunk| {
            sender.send(Ok(chunk)).await.map_err(|_| given_up(file.path()))
        })
        .await
    }
}

/// Chunks that come from the decoding thread.
struct Coming {
    receiver: mpsc::Receiver<Result<Bytes>>,
    /// None when its end was looked at.
    thread: Option<JoinHandle<()>>,
    path: String,
}

impl Coming {
    /// The next chunk. A thread that panicked must not pass for one that has come to the end.
    async fn next(&mut self) -> Option<Result<Bytes>> {
        if let Some(chunk) = self.receiver.recv().await {
            return Some(chunk);
        }
        match self.thread.take()?.await {
            Ok(()) => None,
            Err(error) => Some(Err(panicked(&self.path, error))),
        }
    }
}
