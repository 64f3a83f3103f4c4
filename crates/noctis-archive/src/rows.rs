//! The rows of an archived table as a stream that `COPY` takes.

use bytes::Bytes;
use futures_util::{Stream, stream};
use noctis_core::archive::Manifest;
use noctis_core::partition::Member;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::read::{Shape, read};
use crate::{Archive, Error, Result};

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
        let (archive, manifest) = (self.clone(), manifest.clone());
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                if let Err(error) = archive.send_rows(&manifest, member, &sender).await {
                    // Nobody listens any more: then nobody misses the error either.
                    drop(sender.send(Err(error)).await);
                }
            });
        });
        Box::pin(stream::unfold(receiver, async |mut receiver| {
            receiver.recv().await.map(|chunk| (chunk, receiver))
        }))
    }

    async fn send_rows(
        &self,
        manifest: &Manifest,
        member: Member,
        sender: &mpsc::Sender<Result<Bytes>>,
    ) -> Result<()> {
        let (file, stored) = self.open_member(manifest, member).await?;
        read(&file, member, &stored, Shape::Today, async |chunk| {
            sender.send(Ok(chunk)).await.map_err(|_| Error::Rows {
                member,
                detail: "nobody takes them any more".to_owned(),
            })
        })
        .await
    }
}
