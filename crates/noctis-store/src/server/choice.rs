//! Which binaries run a data folder: its own version's, else the newest there are, else the portable archive.

use std::fs;
use std::path::Path;

use super::account::{self, Account};
use super::archive;
use super::binaries::{self, Binaries, Found, Places};
use super::error::{Error, io};
use super::layout::Layout;
use super::options::ClusterOptions;

/// The binaries that fit the folder, or for a new one the given archive's, the newest installed, the downloaded.
pub(super) async fn choose(
    options: &ClusterOptions,
    layout: &Layout,
    account: Option<&Account>,
) -> Result<Binaries, Error> {
    choose_for(options, layout, account, major_of(&layout.postgres)?).await
}

/// The same for a version, or for a new folder.
pub(super) async fn choose_for(
    options: &ClusterOptions,
    layout: &Layout,
    account: Option<&Account>,
    wanted: Option<u32>,
) -> Result<Binaries, Error> {
    let new = wanted.is_none();
    if let (true, Some(file)) = (new, &options.postgres_archive) {
        return archive::unpack(file, &layout.binaries, account, &options.reporter).await;
    }
    let found = look(options, &layout.binaries, account).await;
    let why = found.why();
    let fits = |binaries: &Binaries| wanted.is_none_or(|major| major == binaries.major);
    if let Some(binaries) = found.usable.into_iter().find(fits) {
        return Ok(binaries);
    }
    let gone = |major| Error::VersionGone {
        data_dir: layout.data.clone(),
        major,
        package: binaries::package(major),
    };
    let fetched = fetch(options, layout, account, wanted).await;
    match (fetched, wanted) {
        (Some(Ok(binaries)), _) if fits(&binaries) => Ok(binaries),
        (_, Some(major)) => Err(gone(major)),
        (Some(Ok(binaries)), None) => Ok(binaries),
        (Some(Err(error)), None) => Err(Error::NoBinaries { why: format!("{why}; {error}") }),
        (None, None) => Err(Error::NoBinaries { why }),
    }
}

/// The archive given or downloaded, if one of them is allowed and could be of the version wanted.
async fn fetch(
    options: &ClusterOptions,
    layout: &Layout,
    account: Option<&Account>,
    wanted: Option<u32>,
) -> Option<Result<Binaries, Error>> {
    let (folder, reporter) = (&layout.binaries, &options.reporter);
    if let Some(file) = &options.postgres_archive {
        return Some(archive::unpack(file, folder, account, reporter).await);
    }
    if wanted.is_some_and(|major| major != archive::MAJOR) {
        return None;
    }
    match &options.download_base {
        Some(base) => Some(archive::download(base, folder, account, reporter).await),
        None => None,
    }
}

/// The programs of a version, if they are here.
pub(super) async fn installed(options: &ClusterOptions, major: u32) -> Option<Binaries> {
    let account = account::to_drop_to().ok()?;
    let found = look(options, &options.data_dir.join("binaries"), account.as_ref()).await;
    found.usable.into_iter().find(|binaries| binaries.major == major)
}

/// The newest programs of a version after this one: installed, or of the archive given or downloaded.
pub(super) async fn choose_newer(
    options: &ClusterOptions,
    layout: &Layout,
    account: Option<&Account>,
    major: u32,
) -> Result<Binaries, Error> {
    if major >= *binaries::MAJORS.end() {
        return Err(Error::Newest { data_dir: layout.data.clone(), major });
    }
    let found = look(options, &layout.binaries, account).await;
    let why = match found.usable.first() {
        Some(newest) => format!("the newest is {} in {}", newest.version, newest.bin.display()),
        None => found.why(),
    };
    let newer = |binaries: &Binaries| binaries.major > major;
    if let Some(binaries) = found.usable.into_iter().find(newer) {
        return Ok(binaries);
    }
    let nothing = |why| Error::NothingNewer { data_dir: layout.data.clone(), major, why };
    match fetch(options, layout, account, Some(archive::MAJOR)).await {
        Some(Ok(binaries)) if newer(&binaries) => Ok(binaries),
        Some(Ok(binaries)) => Err(nothing(format!("the archive holds {}", binaries.version))),
        Some(Err(error)) => Err(nothing(format!("{why}; {error}"))),
        None => Err(nothing(why)),
    }
}

/// The folder and version of the binaries a new cluster would get.
#[cfg(feature = "testing")]
pub(crate) async fn newest_binaries(
    options: &ClusterOptions,
) -> Result<(std::path::PathBuf, String), Error> {
    let account = account::to_drop_to()?;
    let found = look(options, Path::new("/nonexistent"), account.as_ref()).await;
    let why = found.why();
    let newest = found.usable.into_iter().next().ok_or(Error::NoBinaries { why })?;
    Ok((newest.bin, newest.version))
}

async fn look(options: &ClusterOptions, unpacked: &Path, account: Option<&Account>) -> Found {
    let Some(folder) = &options.bin_dir else {
        let places =
            Places { path: options.path.as_deref(), home: options.home.as_deref(), unpacked };
        return binaries::find(places, account).await;
    };
    let mut found = Found::default();
    match binaries::examine(folder, account).await {
        Ok(binaries) => found.usable.push(binaries),
        Err(reason) => found.refused.push(reason),
    }
    found
}

/// The version that made the folder, if it is made.
pub(super) fn major_of(postgres: &Path) -> Result<Option<u32>, Error> {
    let path = postgres.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io("read", &path)(source)),
    }
}
