//! Where an archive is: a folder, or a bucket of a store that speaks S3.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};

use crate::{Error, Result};

/// How often a request is made again that the store could not serve, and how long that may take in all.
const RETRIES_MAX: usize = 4;
const RETRY_WAIT: Duration = Duration::from_secs(30);
/// How long a store may take to accept a connection, and to answer one request with all its bytes.
const CONNECT_WAIT: Duration = Duration::from_secs(10);
const REQUEST_WAIT: Duration = Duration::from_secs(120);
/// The longest manifest or record that is read.
const SMALL_BYTES_MAX: u64 = 1024 * 1024;
/// As many names as are listed: parts of 1,000 years of weeks.
const NAMES_MAX: usize = 60_000;

/// Where an archive is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder; it is made when it is not there.
    Folder(PathBuf),
    /// A bucket, and where in it. Without a key requests are not signed.
    S3 {
        bucket: String,
        /// Folders within the bucket; may be empty.
        prefix: String,
        /// `https://s3.example.com`; None is Amazon's.
        endpoint: Option<String>,
        region: String,
        access_key_id: Option<String>,
        secret_access_key: Option<String>,
        /// Whether the endpoint may be spoken to without TLS.
        allow_http: bool,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(path) => write!(f, "{}", path.display()),
            Place::S3 { bucket, prefix, .. } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Place::S3 { bucket, prefix, .. } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// As it is displayed: a secret is no one's business.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

/// An archive that can be written to and read.
#[derive(Clone, Debug)]
pub struct Archive {
    pub(crate) store: Arc<dyn ObjectStore>,
    place: Place,
}

impl Archive {
    /// Opens the archive; of a store nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::Place`] when the folder cannot be made, or the settings of the store are not complete.
    pub fn open(place: &Place) -> Result<Archive> {
        let store = match place {
            Place::Folder(path) => folder(path),
            Place::S3 { .. } => bucket(place),
        };
        let store = store.map_err(|detail| Error::Place { place: place.to_string(), detail })?;
        Ok(Archive { store, place: place.clone() })
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Puts a failed request into words.
    pub(crate) fn failed(&self, doing: impl Into<String>, error: &object_store::Error) -> Error {
        Error::Store { place: self.place.to_string(), doing: doing.into(), detail: causes(error) }
    }

    /// Removes what a process that was killed left of this file: in a folder, what is being written is called `…#1`.
    ///
    /// Only the archive's owner calls this, which writes a part once at a time. A bucket forgets uploads by itself.
    pub(crate) fn sweep(&self, path: &Path) -> Result<()> {
        let Place::Folder(root) = &self.place else { return Ok(()) };
        let file = root.join(path.as_ref());
        let (Some(folder), Some(name)) = (file.parent(), path.filename()) else { return Ok(()) };
        // No folder: then nothing was left in it.
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
        let is_left = |entry: &std::fs::DirEntry| {
            let own = entry.file_name();
            let number = own.to_str().and_then(|own| own.strip_prefix(name)?.strip_prefix('#'));
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        };
        for entry in entries.filter_map(std::result::Result::ok).filter(is_left) {
            std::fs::remove_file(entry.path()).map_err(|error| Error::Store {
                place: self.place.to_string(),
                doing: format!("removing what was left of {path}"),
                detail: error.to_string(),
            })?;
        }
        Ok(())
    }

    /// A small object whole; None when it is not there.
    pub(crate) async fn small(&self, path: &Path) -> Result<Option<Bytes>> {
        let doing = || format!("reading {path}");
        let found = match self.store.get(path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed(doing(), &error)),
        };
        if found.meta.size > SMALL_BYTES_MAX {
            let detail = format!("it is longer than {SMALL_BYTES_MAX} bytes");
            return Err(Error::Manifest { path: path.to_string(), detail });
        }
        let bytes = found.bytes().await.map_err(|error| self.failed(doing(), &error))?;
        Ok(Some(bytes))
    }

    /// The names of all objects in a folder, in order.
    pub(crate) async fn names(&self, folder: &str) -> Result<Vec<Path>> {
        let prefix = Path::from(folder);
        let mut names = vec![];
        let mut listing = self.store.list(Some(&prefix));
        loop {
            match listing.try_next().await {
                Ok(Some(object)) if names.len() < NAMES_MAX => names.push(object.location),
                Ok(Some(_)) => {
                    let detail = format!("it holds more than {NAMES_MAX} objects");
                    return Err(Error::Manifest { path: folder.to_owned(), detail });
                }
                Ok(None) => break,
                Err(object_store::Error::NotFound { .. }) => break,
                Err(error) => return Err(self.failed(format!("listing {folder}"), &error)),
            }
        }
        names.sort();
        Ok(names)
    }
}

fn folder(path: &std::path::Path) -> std::result::Result<Arc<dyn ObjectStore>, String> {
    std::fs::create_dir_all(path).map_err(|error| error.to_string())?;
    let store = LocalFileSystem::new_with_prefix(path).map_err(|error| causes(&error))?;
    // What is archived is dropped from the tables soon: it must be on the disk, not on its way there.
    Ok(Arc::new(store.with_fsync(true)))
}

fn bucket(place: &Place) -> std::result::Result<Arc<dyn ObjectStore>, String> {
    let Place::S3 {
        bucket,
        prefix,
        endpoint,
        region,
        access_key_id,
        secret_access_key,
        allow_http,
    } = place
    else {
        return Err("it is no bucket".to_owned());
    };
    static PROVIDER: Once = Once::new();
    // Another part of the program may have installed one already, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let client = ClientOptions::new()
        .with_connect_timeout(CONNECT_WAIT)
        .with_timeout(REQUEST_WAIT)
        .with_allow_http(*allow_http);
    let retry = RetryConfig {
        max_retries: RETRIES_MAX,
        retry_timeout: RETRY_WAIT,
        ..RetryConfig::default()
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(region)
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    builder = match (access_key_id, secret_access_key) {
        (Some(id), Some(secret)) => builder.with_access_key_id(id).with_secret_access_key(secret),
        (None, None) => builder.with_skip_signature(true),
        _ => return Err("an access key has an id and a secret, and one is missing".to_owned()),
    };
    let store = builder.build().map_err(|error| causes(&error))?;
    let prefix = Path::parse(prefix.trim_matches('/')).map_err(|error| error.to_string())?;
    Ok(if prefix.as_ref().is_empty() {
        Arc::new(store)
    } else {
        Arc::new(PrefixStore::new(store, prefix))
    })
}

/// An error and what caused it, in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}
