//! A Parquet file of the archive, open: its footer and page index are read once and kept.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use noctis_core::archive::FileEntry;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::{AsyncFileReader, MetadataFetch};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::place::causes;
use crate::{Archive, Error, Result};

/// Read from the file's end at once: the footer of a month, and its page index, are shorter in most cases.
const FOOTER_HINT_BYTES: usize = 512 * 1024;

/// A file that is open for reading; cloning it is cheap and reads nothing.
#[derive(Clone, Debug)]
pub struct ArchiveFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
    metadata: ArrowReaderMetadata,
}

impl ArchiveFile {
    /// Footer, page index and Arrow schema, as a reader's builder takes them.
    pub fn metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    /// Within the archive.
    pub fn path(&self) -> &str {
        self.path.as_ref()
    }

    /// What a failed read of this file means.
    pub fn damaged(&self, error: &ParquetError) -> Error {
        Error::Damaged { path: self.path.to_string(), detail: causes(error) }
    }
}

impl Archive {
    /// Opens a file for reading, and reads its footer and page index.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Damaged`], and when the archive does not answer.
    pub async fn file(&self, entry: &FileEntry) -> Result<ArchiveFile> {
        let path = Path::from(entry.path.as_str());
        let size = match self.store.head(&path).await {
            Ok(found) => found.size,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(Error::Missing { path: path.to_string() });
            }
            Err(error) => return Err(self.failed(format!("reading {path}"), &error)),
        };
        let fetch = Ranges { store: self.store.as_ref(), path: &path };
        let footer = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .with_prefetch_hint(Some(FOOTER_HINT_BYTES))
            .load_and_finish(fetch, size)
            .await;
        let metadata = footer.and_then(|footer| {
            ArrowReaderMetadata::try_new(Arc::new(footer), ArrowReaderOptions::new())
        });
        let metadata = metadata
            .map_err(|error| Error::Damaged { path: path.to_string(), detail: causes(&error) })?;
        Ok(ArchiveFile { store: Arc::clone(&self.store), path, metadata })
    }
}

struct Ranges<'a> {
    store: &'a dyn ObjectStore,
    path: &'a Path,
}

impl MetadataFetch for Ranges<'_> {
    fn fetch(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.store.get_range(self.path, range).map_err(ParquetError::from).boxed()
    }
}

impl AsyncFileReader for ArchiveFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.store.get_range(&self.path, range).map_err(ParquetError::from).boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        async move { Ok(self.store.get_ranges(&self.path, &ranges).await?) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let metadata = Arc::clone(self.metadata.metadata());
        async move { Ok(metadata) }.boxed()
    }
}
