//! The portable archive of PostgreSQL for machines that have none: fetched, checked against its pinned sum, unpacked.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use super::account::Account;
use super::binaries::{self, Binaries};
use super::error::{Error, io};
use super::layout::set_mode;
use super::progress::{Progress, Reporter};

/// The version of the portable archive.
const VERSION: &str = "18.6.0";

/// Its major version.
pub(super) const MAJOR: u32 = 18;

/// How long the server may take to accept a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(15);

/// How long the download may stand still.
const STALL_WAIT: Duration = Duration::from_secs(30);

/// What an archive may unpack to, in bytes; the pinned ones have about 40 MB.
const UNPACKED_BYTES_MAX: u64 = 1 << 30;

/// One platform's archive.
#[derive(Clone, Copy, Debug)]
struct Pinned<'a> {
    triple: &'a str,
    bytes: u64,
    sha256: &'a str,
}

const LINUX_X64: Pinned<'static> = Pinned {
    triple: "x86_64-unknown-linux-gnu",
    bytes: 12_184_736,
    sha256: "bb3d09f876b2383e25a8c9ce09e32d185a03656a23d074f5195542b1b1b3ca61",
};
const LINUX_ARM64: Pinned<'static> = Pinned {
    triple: "aarch64-unknown-linux-gnu",
    bytes: 11_979_851,
    sha256: "5d2b5e8be9e96bfc3d7f22090057a836ec36d5d092542d8d3b93cc145cf4ee13",
};
const MACOS_X64: Pinned<'static> = Pinned {
    triple: "x86_64-apple-darwin",
    bytes: 13_435_995,
    sha256: "f8918fbe747e0d79bda58ad8f8afcf23ac384b847ff3af18856f0825ba54b031",
};
const MACOS_ARM64: Pinned<'static> = Pinned {
    triple: "aarch64-apple-darwin",
    bytes: 13_081_312,
    sha256: "a257bcdb8aa3301a13d6a5bcec48f8c9517045b7cbae71e50788b2615539e95b",
};

/// This platform's archive, if there is one.
fn pinned() -> Option<Pinned<'static>> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", _) if !cfg!(target_env = "gnu") => None,
        ("linux", "x86_64") => Some(LINUX_X64),
        ("linux", "aarch64") => Some(LINUX_ARM64),
        ("macos", "x86_64") => Some(MACOS_X64),
        ("macos", "aarch64") => Some(MACOS_ARM64),
        _ => None,
    }
}

impl Pinned<'_> {
    fn file_name(&self) -> String {
        format!("postgresql-{VERSION}-{}.tar.gz", self.triple)
    }

    fn url(&self, base: &str) -> String {
        format!("{}/{VERSION}/{}", base.trim_end_matches('/'), self.file_name())
    }
}

fn problem(name: &str, problem: impl Into<String>) -> Error {
    Error::Archive { name: name.to_owned(), problem: problem.into() }
}

/// Downloads this platform's archive from `base` and unpacks it into the folder of binaries.
pub(super) async fn download(
    base: &str,
    folder: &Path,
    account: Option<&Account>,
    reporter: &Reporter,
) -> Result<Binaries, Error> {
    let pinned = pinned().ok_or_else(|| problem("for this platform", "does not exist"))?;
    make_passable(folder)?;
    let file = folder.join(".download.tar.gz");
    let fetched = fetch(&pinned.url(base), pinned, &file, reporter).await;
    let unpacked = match fetched {
        Ok(()) => unpack(&file, folder, account, reporter).await,
        Err(error) => Err(error),
    };
    // Whole or not, it is of no more use; a leftover is overwritten by the next.
    let _ = fs::remove_file(&file);
    unpacked
}

/// Streams the archive into a file, and is content only with exactly the pinned bytes.
async fn fetch(
    url: &str,
    pinned: Pinned<'_>,
    file: &Path,
    reporter: &Reporter,
) -> Result<(), Error> {
    let failed = |error: reqwest::Error| {
        problem(url, format!("could not be downloaded: {}", root_of(&error)))
    };
    let response = client().map_err(failed)?.get(url).send().await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(problem(
            url,
            format!("could not be downloaded: the server answered {}", response.status()),
        ));
    }
    let total = response.content_length();
    let mut target = File::create(file).map_err(io("write", file))?;
    let mut hasher = Sha256::new();
    let mut received = 0;
    let mut chunks = response.bytes_stream();
    // Bounded by the pinned size.
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(failed)?;
        received += chunk.len() as u64;
        if received > pinned.bytes {
            return Err(problem(
                url,
                format!("is longer than its {} bytes: try another mirror", pinned.bytes),
            ));
        }
        hasher.update(&chunk);
        target.write_all(&chunk).map_err(io("write", file))?;
        reporter.report(Progress::Downloading { received, total });
    }
    if received < pinned.bytes {
        return Err(problem(
            url,
            format!("is cut off after {received} of {} bytes: try again", pinned.bytes),
        ));
    }
    let sum: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if sum != pinned.sha256 {
        return Err(problem(
            url,
            format!("has the checksum {sum} instead of {}: try another mirror", pinned.sha256),
        ));
    }
    Ok(())
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    static PROVIDER: Once = Once::new();
    // Another part of the program may have installed one already, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder().connect_timeout(CONNECT_WAIT).read_timeout(STALL_WAIT).build()
}

/// The innermost cause, which says what happened; the outer ones repeat the address.
fn root_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Unpacks an archive into `folder/<version>`, unless that version is there, and examines it.
pub(super) async fn unpack(
    archive: &Path,
    folder: &Path,
    account: Option<&Account>,
    reporter: &Reporter,
) -> Result<Binaries, Error> {
    reporter.report(Progress::Unpacking);
    make_passable(folder)?;
    let unfinished = folder.join(".unpacking");
    let (from, into) = (archive.to_owned(), unfinished.clone());
    let name = archive.display().to_string();
    let unpacking = tokio::task::spawn_blocking(move || unpack_into(&from, &into)).await;
    let root =
        unpacking.map_err(|error| problem(&name, format!("could not be unpacked: {error}")))??;
    let unusable = |reason| problem(&name, format!("will not do: {reason}"));
    let found = binaries::examine(&root.join("bin"), account).await.map_err(unusable)?;
    let place = folder.join(&found.version);
    if !place.exists() {
        fs::rename(&root, &place).map_err(io("move into place", &root))?;
    }
    fs::remove_dir_all(&unfinished).map_err(io("remove", &unfinished))?;
    binaries::examine(&place.join("bin"), account).await.map_err(unusable)
}

/// Unpacks into an empty folder, and gives the folder that holds `bin`.
fn unpack_into(archive: &Path, folder: &Path) -> Result<PathBuf, Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(io("remove", folder))?;
    }
    make_passable(folder)?;
    let name = archive.display().to_string();
    let file = File::open(archive).map_err(io("open", archive))?;
    let plain = flate2::read::GzDecoder::new(file).take(UNPACKED_BYTES_MAX);
    let unpacked = tar::Archive::new(plain).unpack(folder);
    unpacked.map_err(|error| {
        problem(&name, format!("could not be unpacked: {}", root_of_io(&error)))
    })?;
    let inside =
        fs::read_dir(folder).map_err(io("look into", folder))?.flatten().map(|entry| entry.path());
    let root = inside.chain([folder.to_owned()]).find(|path| path.join("bin/postgres").is_file());
    root.ok_or_else(|| {
        problem(&name, "holds no bin/postgres: give postgresql-…tar.gz as published")
    })
}

fn root_of_io(error: &std::io::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Makes a folder that PostgreSQL's account can read, whatever the umask.
fn make_passable(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(io("create", folder))?;
    set_mode(folder, 0o755)
}

#[cfg(test)]
mod tests;
