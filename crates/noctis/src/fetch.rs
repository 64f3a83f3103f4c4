//! A file on the web, read by a thread as if it lay on disk: one piece of it in memory at a time.

use std::io::{self, Read};
use std::sync::Once;
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// How long a server may take to accept a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(15);
/// How long a download may stand still.
const STALL_WAIT: Duration = Duration::from_secs(30);

/// Whether this is the address of something on the web.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// A download under way.
pub struct Download {
    runtime: Handle,
    stop: CancellationToken,
    response: reqwest::Response,
    chunk: Bytes,
}

impl Download {
    /// Asks for a file, from a thread that is none of the runtime's; it ends early when stopped.
    ///
    /// # Errors
    /// When the server cannot be reached or does not have it.
    pub fn start(url: &str, runtime: &Handle, stop: &CancellationToken) -> io::Result<Self> {
        let runtime = runtime.clone();
        let response = runtime.block_on(async {
            tokio::select! {
                response = async { client()?.get(url).send().await } => response.map_err(|error| failed(&error)),
                () = stop.cancelled() => Err(io::Error::other("the download was stopped")),
            }
        })?;
        if !response.status().is_success() {
            return Err(io::Error::other(format!("the server answered {}", response.status())));
        }
        Ok(Self { runtime, stop: stop.clone(), response, chunk: Bytes::new() })
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            let (response, stop) = (&mut self.response, &self.stop);
            let chunk = self.runtime.block_on(async {
                tokio::select! {
                    chunk = response.chunk() => chunk.map_err(|error| failed(&error)),
                    () = stop.cancelled() => Err(io::Error::other("the download was stopped")),
                }
            })?;
            self.chunk = chunk.unwrap_or_default();
        }
        let count = self.chunk.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.chunk[..count]);
        self.chunk.advance(count);
        Ok(count)
    }
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    static PROVIDER: Once = Once::new();
    // Another part of the program may have installed one already, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder()
        .user_agent(concat!("noctis/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_WAIT)
        .read_timeout(STALL_WAIT)
        .build()
}

/// The innermost cause, which says what happened; the outer ones repeat the address.
fn failed(error: &reqwest::Error) -> io::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    io::Error::other(format!("it could not be downloaded: {cause}"))
}
