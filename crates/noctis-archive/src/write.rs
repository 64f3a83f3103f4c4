//! Writes a part: a file for each table, from `COPY` streams, then the manifest.

mod layout;
mod table;
mod upload;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use noctis_core::archive::{FileEntry, MANIFEST_FORMAT, Manifest, PartName, schema_hash};
use noctis_core::partition::Member;
use noctis_core::time::{TimeRange, day};
use object_store::path::Path;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::mapping::columns_at;
use crate::{Archive, Error, Result, manifest};
use table::{Input, Table};

/// A chunk goes to the encoding thread when it is this long.
const CHUNK_BYTES: usize = 256 * 1024;
/// Chunks that wait for that thread at most.
const CHUNKS_AHEAD: usize = 4;

/// What a manifest says before a row is written.
#[derive(Clone, Debug)]
pub struct PartHead {
    pub store_id: Uuid,
    pub generation: i64,
    /// The version of the store's schema: that of its newest migration.
    pub schema_version: i32,
    pub name: PartName,
    pub range: TimeRange,
    pub written_at: Timestamp,
    /// `noctis 0.1.0`.
    pub written_by: String,
}

/// Writes a part: [`table`](PartWriter::table) for each member, then [`finish`](PartWriter::finish).
///
/// Dropped before, it leaves files that no manifest names, which the next try overwrites.
#[derive(Debug)]
pub struct PartWriter {
    archive: Archive,
    head: PartHead,
    files: Vec<FileEntry>,
}

impl Archive {
    /// Begins a part.
    ///
    /// # Errors
    /// [`Error::Exists`] when the archive has that part: [`remove`](Archive::remove) it first, if it is a left-over.
    /// [`Error::Part`] when the month is not that in which the range begins.
    pub async fn write(&self, head: PartHead) -> Result<PartWriter> {
        let path = manifest::path(&head.name);
        let month = day(head.range.from).strftime("%Y-%m").to_string();
        if head.range.is_empty() || head.name.month != month {
            let detail = format!("its range {} does not begin in that month", head.range);
            return Err(Error::Part { path: path.to_string(), detail });
        }
        if self.small(&path).await?.is_some() {
            return Err(Error::Exists { path: path.to_string() });
        }
        self.sweep(&path)?;
        for member in Member::ALL {
            self.sweep(&Path::from(file_path(&head.name, member)))?;
        }
        Ok(PartWriter { archive: self.clone(), head, files: vec![] })
    }
}

impl PartWriter {
    /// Begins the file of a member. A thread of its own encodes what is pushed.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn table(&mut self, member: Member) -> TableWriter<'_> {
        let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
        let table = Table {
            archive: self.archive.clone(),
            path: file_path(&self.head.name, member),
            member,
            columns: columns_at(self.head.schema_version, member),
            range: self.head.range,
            schema_version: self.head.schema_version,
        };
        let runtime = Handle::current();
        let thread = tokio::task::spawn_blocking(move || table.write(&runtime, receiver));
        TableWriter { part: self, member, waiting: BytesMut::new(), sender, thread }
    }

    /// Writes the manifest, by which the part is in the archive.
    ///
    /// # Errors
    /// [`Error::Part`] when not each member was written once, and when the archive does not answer.
    pub async fn finish(mut self) -> Result<Manifest> {
        self.files.sort_by_key(|file| file.table);
        let written: Vec<Member> = self.files.iter().map(|file| file.table).collect();
        if written != Member::ALL {
            let path = manifest::path(&self.head.name).to_string();
            let detail = format!("a part has each of the three tables once, and not {written:?}");
            return Err(Error::Part { path, detail });
        }
        let head = self.head;
        let manifest = Manifest {
            format: MANIFEST_FORMAT,
            store_id: head.store_id,
            generation: head.generation,
            schema_version: head.schema_version,
            schema_hash: schema_hash(|member| columns_at(head.schema_version, member)),
            name: head.name,
            range: head.range,
            written_at: head.written_at,
            written_by: head.written_by,
            files: self.files,
        };
        self.archive.put_manifest(&manifest).await?;
        Ok(manifest)
    }
}

/// Writes the file of one member.
///
/// Dropped before it is finished, it leaves nothing: the upload is given up.
#[derive(Debug)]
pub struct TableWriter<'a> {
    part: &'a mut PartWriter,
    member: Member,
    waiting: BytesMut,
    sender: mpsc::Sender<Input>,
    thread: JoinHandle<Result<FileEntry>>,
}

impl TableWriter<'_> {
    /// Takes on the binary `COPY` stream of the member's columns, header and trailer included, however it is cut. The
    /// rows come by time, then id, then ordinal. Waits while the encoding thread is behind.
    ///
    /// # Errors
    /// What is wrong with the stream or a value, or with the archive. Errors may come later than what caused them; after
    /// one, the writer must be given up.
    pub async fn push(&mut self, chunk: Bytes) -> Result<()> {
        self.waiting.extend_from_slice(&chunk);
        if self.waiting.len() < CHUNK_BYTES {
            return Ok(());
        }
        let chunk = self.waiting.split().freeze();
        self.send(Input::Chunk(chunk)).await
    }

    /// Completes the file; it is on the disk, or in the store, when this returns.
    ///
    /// # Errors
    /// Those of [`push`](TableWriter::push), and when the stream has not come to its end.
    pub async fn finish(mut self) -> Result<()> {
        let chunk = self.waiting.split().freeze();
        self.send(Input::Chunk(chunk)).await?;
        self.send(Input::End).await?;
        let entry = ended(self.member, (&mut self.thread).await)?;
        self.part.files.push(entry);
        Ok(())
    }

    async fn send(&mut self, input: Input) -> Result<()> {
        if self.sender.send(input).await.is_ok() {
            return Ok(());
        }
        // The thread has ended, which it does before it is told to for an error only.
        ended(self.member, (&mut self.thread).await)?;
        let detail = "nothing may follow an error".to_owned();
        Err(Error::Rows { member: self.member, detail })
    }
}

/// What the encoding thread came to.
fn ended(
    member: Member,
    ended: std::result::Result<Result<FileEntry>, tokio::task::JoinError>,
) -> Result<FileEntry> {
    match ended {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Error::Rows { member, detail: "the program is ending".to_owned() }),
    }
}

/// Where the file of a member is, within the archive.
fn file_path(name: &PartName, member: Member) -> String {
    format!("table={}/{}.parquet", member.table(), name.path())
}

/// A hash as it is written.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
