//! A zip from an address, in a file that is removed with it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::fetch::Download;

/// A longer download is refused; CCP's zip has 99 MB.
const DOWNLOAD_BYTES_MAX: u64 = 1 << 30;

/// A downloaded file, which is there as long as this value.
pub(super) struct Downloaded {
    pub(super) path: PathBuf,
}

impl Downloaded {
    /// Downloads, from a thread that is none of the runtime's.
    pub(super) fn from(
        url: &str,
        temp_dir: &Path,
        (runtime, stop): (&Handle, &CancellationToken),
    ) -> anyhow::Result<Self> {
        let download =
            Download::start(url, runtime, stop).with_context(|| format!("downloading {url}"))?;
        let path = temp_dir.join(format!("noctis-static-data-{}.zip", std::process::id()));
        let making = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file = making.with_context(|| format!("making {}", path.display()))?;
        // From here on it is removed whatever happens.
        let downloaded = Self { path };
        let bytes = io::copy(&mut download.take(DOWNLOAD_BYTES_MAX + 1), &mut file)
            .with_context(|| format!("downloading {url}"))?;
        if bytes > DOWNLOAD_BYTES_MAX {
            bail!("{url} has more than {DOWNLOAD_BYTES_MAX} bytes");
        }
        Ok(downloaded)
    }
}

impl Drop for Downloaded {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
