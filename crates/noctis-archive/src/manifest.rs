//! Manifests: a part is in the archive when its manifest is, so that is written last and removed first.

use futures_util::{StreamExt, TryStreamExt, stream};
use noctis_core::archive::{MANIFEST_FORMAT, Manifest, PartName};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions, PutPayload};

use crate::{Archive, Error, Result};

const FOLDER: &str = "manifest";
/// Manifests that are read at the same time.
const READ_TOGETHER: usize = 8;

/// Where a part's manifest is.
pub(crate) fn path(name: &PartName) -> Path {
    Path::from(format!("{FOLDER}/{}.json", name.path()))
}

impl Archive {
    /// The manifest of a part; None when there is no such part.
    ///
    /// # Errors
    /// When the archive does not answer, or with [`Error::Manifest`] what is there is no manifest that this noctis knows.
    pub async fn manifest(&self, name: &PartName) -> Result<Option<Manifest>> {
        let found = self.read_manifest(&path(name)).await?;
        if let Some(manifest) = &found
            && manifest.name != *name
        {
            let detail = format!("it is that of {}", manifest.name.path());
            return Err(Error::Manifest { path: path(name).to_string(), detail });
        }
        Ok(found)
    }

    /// The manifests of all parts, by month and number.
    ///
    /// # Errors
    /// Those of [`Archive::manifest`].
    pub async fn manifests(&self) -> Result<Vec<Manifest>> {
        let names = self.names(FOLDER).await?;
        let mut manifests: Vec<Manifest> = stream::iter(names)
            .map(|name| async move { self.read_manifest(&name).await })
            .buffered(READ_TOGETHER)
            // One that was removed since it was listed is none.
            .try_filter_map(async |found| Ok(found))
            .try_collect()
            .await?;
        manifests.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(manifests)
    }

    /// Removes a part: its manifest, then its files. What is gone already is no error.
    ///
    /// # Errors
    /// When the archive does not answer; then files may be left, which no manifest names.
    pub async fn remove(&self, manifest: &Manifest) -> Result<()> {
        let paths = [path(&manifest.name)]
            .into_iter()
            .chain(manifest.files.iter().map(|file| Path::from(file.path.as_str())));
        for path in paths {
            match self.store.delete(&path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(self.failed(format!("removing {path}"), &error)),
            }
        }
        Ok(())
    }

    /// Writes a manifest where there is none.
    pub(crate) async fn put_manifest(&self, manifest: &Manifest) -> Result<()> {
        let path = path(&manifest.name);
        let text = serde_json::to_vec_pretty(manifest)
            .expect("a manifest has nothing that JSON cannot hold");
        let once = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&path, PutPayload::from(text), once).await {
            Ok(_) => Ok(()),
            // A request that was made again, since its first answer got lost, finds its own manifest.
            Err(object_store::Error::AlreadyExists { .. }) => {
                match self.read_manifest(&path).await? {
                    Some(found) if found == *manifest => Ok(()),
                    _ => Err(Error::Exists { path: path.to_string() }),
                }
            }
            Err(error) => Err(self.failed(format!("writing {path}"), &error)),
        }
    }

    async fn read_manifest(&self, path: &Path) -> Result<Option<Manifest>> {
        let refuse = |detail: String| Error::Manifest { path: path.to_string(), detail };
        let Some(bytes) = self.small(path).await? else { return Ok(None) };
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
        if manifest.format != MANIFEST_FORMAT {
            let format = manifest.format;
            return Err(refuse(format!(
                "it has form {format}, and this noctis knows {MANIFEST_FORMAT} only"
            )));
        }
        Ok(Some(manifest))
    }
}
