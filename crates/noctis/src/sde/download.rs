//! A zip from an address, streamed into a file that is removed with it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use anyhow::{Context, bail};

/// A longer download is refused; CCP's zip has 99 MB.
const DOWNLOAD_BYTES_MAX: u64 = 1 << 30;
/// How long a connection may take.
const CONNECT_WAIT: Duration = Duration::from_secs(15);
/// How long nothing may come.
const STALL_WAIT: Duration = Duration::from_secs(30);

/// A downloaded file, which is there as long as this value.
pub(super) struct Downloaded {
    pub(super) path: PathBuf,
}

impl Downloaded {
    pub(super) async fn from(url: &str, temp_dir: &Path) -> anyhow::Result<Self> {
        let path = temp_dir.join(format!("noctis-static-data-{}.zip", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .with_context(|| format!("making {}", path.display()))?;
        // From here on it is removed whatever happens.
        let downloaded = Self { path };
        let mut response = client()?
            .get(url)
            .send()
            .await
            .with_context(|| format!("downloading {url}"))?
            .error_for_status()
            .with_context(|| format!("downloading {url}"))?;
        let mut received = 0;
        while let Some(chunk) =
            response.chunk().await.with_context(|| format!("downloading {url}"))?
        {
            received += chunk.len() as u64;
            if received > DOWNLOAD_BYTES_MAX {
                bail!("{url} has more than {DOWNLOAD_BYTES_MAX} bytes");
            }
            file.write_all(&chunk)
                .with_context(|| format!("writing {}", downloaded.path.display()))?;
        }
        Ok(downloaded)
    }
}

impl Drop for Downloaded {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn client() -> anyhow::Result<reqwest::Client> {
    static PROVIDER: Once = Once::new();
    // Another part of the program may have installed one already, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder()
        .user_agent(concat!("noctis/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_WAIT)
        .read_timeout(STALL_WAIT)
        .build()
        .context("preparing to download")
}
