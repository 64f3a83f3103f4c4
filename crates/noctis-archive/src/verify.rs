//! Reads a part back from the archive and compares it with its manifest: every byte, every value.

use futures_util::TryStreamExt;
use noctis_core::archive::{Column, Contents, FileEntry, Manifest, Proof};
use noctis_core::partition::Member;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use sha2::{Digest, Sha256};

use crate::digest::ContentsDigest;
use crate::read::{Shape, read};
use crate::thread::{Alive, on_thread};
use crate::write::hexadecimal;
use crate::{Archive, Error, Result};

/// A part that was read back and found to be what its manifest says; only this crate makes one.
#[derive(Clone, Debug)]
pub struct VerifiedPart {
    manifest: Manifest,
}

impl Proof for VerifiedPart {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

impl Archive {
    /// Reads the whole part back: the bytes of its files and their hash, then every row, decoded and put into `COPY`'s
    /// form again, as a restore would load it. On threads of its own, which end when the future is dropped.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Damaged`] or [`Error::Differs`] name the file and what is wrong with it;
    /// [`Error::Manifest`] when the manifest in the archive is not this one.
    pub async fn verify(&self, manifest: &Manifest) -> Result<VerifiedPart> {
        self.examine(manifest, Depth::Rows).await
    }

    /// Reads the files' bytes again and compares size and hash; rows are not decoded.
    ///
    /// # Errors
    /// Those of [`Archive::verify`].
    pub async fn check_files(&self, manifest: &Manifest) -> Result<VerifiedPart> {
        self.examine(manifest, Depth::Bytes).await
    }

    async fn examine(&self, manifest: &Manifest, depth: Depth) -> Result<VerifiedPart> {
        let path = crate::manifest::path(&manifest.name).to_string();
        match self.manifest(&manifest.name).await? {
            None => return Err(Error::Missing { path }),
            Some(found) if found != *manifest => {
                let detail = "it is not the one that was to be verified".to_owned();
                return Err(Error::Manifest { path, detail });
            }
            Some(_) => {}
        }
        for member in Member::ALL {
            let (entry, _) = crate::read::entry(manifest, member)?;
            let (archive, own) = (self.clone(), entry.clone());
            on_thread(&entry.path, async move |alive| archive.check_bytes(&own, &alive).await)
                .await?;
        }
        match depth {
            Depth::Bytes => {}
            Depth::Rows => {
                for member in Member::ALL {
                    let (entry, stored) = crate::read::entry(manifest, member)?;
                    let (archive, own) = (self.clone(), entry.clone());
                    on_thread(&entry.path, async move |alive| {
                        archive.check_rows(&own, &stored, &alive).await
                    })
                    .await?;
                }
            }
        }
        Ok(VerifiedPart { manifest: manifest.clone() })
    }

    async fn check_bytes(&self, entry: &FileEntry, alive: &Alive) -> Result<()> {
        let path = Path::from(entry.path.as_str());
        let found = match self.store.get(&path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(Error::Missing { path: entry.path.clone() });
            }
            Err(error) => return Err(self.failed(format!("reading {path}"), &error)),
        };
        let damaged = |detail| Error::Damaged { path: entry.path.clone(), detail };
        if found.meta.size != entry.bytes {
            let (size, wanted) = (found.meta.size, entry.bytes);
            return Err(damaged(format!("it has {size} bytes instead of {wanted}")));
        }
        let mut hasher = Sha256::new();
        let mut bytes = found.into_stream();
        loop {
            let chunk = bytes.try_next().await;
            match chunk.map_err(|error| self.failed(format!("reading {path}"), &error))? {
                Some(chunk) => hasher.update(&chunk),
                None => break,
            }
            alive.check(&entry.path)?;
        }
        let hash = hexadecimal(&hasher.finalize());
        if hash != entry.sha256 {
            return Err(damaged(format!("its sha256 is {hash} instead of {}", entry.sha256)));
        }
        Ok(())
    }

    async fn check_rows(&self, entry: &FileEntry, stored: &[Column], alive: &Alive) -> Result<()> {
        let file = self.file(entry).await?;
        let mut digest = ContentsDigest::of(entry.table, stored);
        read(&file, entry.table, stored, Shape::Written, async |chunk| {
            alive.check(&entry.path)?;
            digest.push(&chunk)
        })
        .await?;
        compare(entry, &digest.finish()?)
    }
}

/// How much is read.
#[derive(Clone, Copy)]
enum Depth {
    Bytes,
    Rows,
}

/// Names the first thing that differs.
fn compare(entry: &FileEntry, found: &Contents) -> Result<()> {
    let wanted = &entry.contents;
    let differs = |detail: String| Err(Error::Differs { path: entry.path.clone(), detail });
    if found.rows != wanted.rows {
        return differs(format!("{} rows instead of {}", found.rows, wanted.rows));
    }
    if (found.first, found.last) != (wanted.first, wanted.last) {
        return differs(format!(
            "times from {:?} to {:?} instead of {:?} to {:?}",
            found.first, found.last, wanted.first, wanted.last
        ));
    }
    for (group, sum) in &found.checksums {
        let promised = wanted.checksums.get(group);
        if promised != Some(sum) {
            let promised = promised.map_or("none", String::as_str);
            return differs(format!("the checksum of {group:?} is {sum} instead of {promised}"));
        }
    }
    if found.checksums.len() != wanted.checksums.len() {
        return differs(
            "the manifest has checksums of column groups that are not there".to_owned(),
        );
    }
    Ok(())
}
