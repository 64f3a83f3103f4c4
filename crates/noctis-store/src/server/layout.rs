//! Where everything lies in a data folder; rule: what PostgreSQL's account must not change stays outside its own folder.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::account::Account;
use super::error::{Error, io};

/// The longest path of a Unix socket, in bytes, without the closing zero.
const SOCKET_PATH_BYTES_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The longest name of a socket file that PostgreSQL makes (its lock file is not a socket).
const SOCKET_NAME: &str = "/.s.PGSQL.65535";

/// The paths of one data folder.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The folder itself, absolute.
    pub(super) data: PathBuf,
    /// PGDATA.
    pub(super) postgres: PathBuf,
    /// Where the socket is: `run`, or a short folder under the temporary one if that path were too long.
    pub(super) run: PathBuf,
    pub(super) log: PathBuf,
    pub(super) settings: PathBuf,
    pub(super) access: PathBuf,
    pub(super) password: PathBuf,
    pub(super) users_lock: PathBuf,
    pub(super) start_lock: PathBuf,
    pub(super) binaries: PathBuf,
}

impl Layout {
    /// Makes the data folder if need be, and says where things lie in it.
    pub(super) fn create(data_dir: &Path, temp_dir: &Path) -> Result<Self, Error> {
        plain(data_dir)?;
        make_data_folder(data_dir)?;
        let data = data_dir.canonicalize().map_err(io("open the data folder", data_dir))?;
        plain(&data)?;
        let owner = fs::metadata(&data).map_err(io("look at", &data))?.uid();
        if owner != rustix::process::geteuid().as_raw() {
            return Err(Error::NotOurs { folder: data });
        }
        Ok(Self {
            postgres: data.join("postgres"),
            run: socket_folder(&data, temp_dir),
            log: data.join("postgres.log"),
            settings: data.join("noctis.conf"),
            access: data.join("pg_hba.conf"),
            password: data.join("password"),
            users_lock: data.join("users.lock"),
            start_lock: data.join("start.lock"),
            binaries: data.join("binaries"),
            data,
        })
    }

    /// Makes the folder of the socket, closed to everybody but PostgreSQL's account (and root).
    pub(super) fn create_run(&self, account: Option<&Account>) -> Result<(), Error> {
        make_private(&self.run, account)
    }
}

/// Makes the data folder if need be, closed to others.
///
/// As root it is passable for others, since PostgreSQL's account must reach what is its own in it.
pub(super) fn make_data_folder(data_dir: &Path) -> Result<(), Error> {
    if data_dir.is_dir() {
        return Ok(());
    }
    let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
    fs::create_dir_all(data_dir).map_err(io("create the data folder", data_dir))?;
    set_mode(data_dir, mode)
}

/// Makes a folder with mode 0700 for the account; one that exists must be the account's or ours already.
pub(super) fn make_private(folder: &Path, account: Option<&Account>) -> Result<(), Error> {
    if let Err(source) = fs::DirBuilder::new().mode(0o700).create(folder)
        && source.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(io("create", folder)(source));
    }
    let metadata = fs::symlink_metadata(folder).map_err(io("look at", folder))?;
    let ours = rustix::process::geteuid().as_raw();
    let wanted = account.map_or(ours, |account| account.uid);
    if !metadata.is_dir() || (metadata.uid() != wanted && metadata.uid() != ours) {
        return Err(Error::NotOurs { folder: folder.to_owned() });
    }
    set_mode(folder, 0o700)?;
    account.map_or(Ok(()), |account| account.own(folder))
}

/// The text of a path that goes through `pg_ctl`, which hands it to a shell in double quotes, into settings, and
/// into libpq's list of hosts, which commas part.
///
/// # Errors
/// [`Error::OddPath`] if it is not UTF-8 or has a character that means something there.
pub(super) fn plain(path: &Path) -> Result<&str, Error> {
    let odd = |letter: char| letter.is_control() || matches!(letter, '"' | '\\' | '$' | '`' | ',');
    let text = path.to_str().filter(|text| !text.contains(odd));
    text.ok_or_else(|| Error::OddPath { path: path.to_owned() })
}

pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(io("set the permissions of", path))
}

fn socket_folder(data: &Path, temp_dir: &Path) -> PathBuf {
    let run = data.join("run");
    if run.as_os_str().len() + SOCKET_NAME.len() <= SOCKET_PATH_BYTES_MAX {
        return run;
    }
    let digest = Sha256::digest(data.as_os_str().as_bytes());
    let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    temp_dir.join(format!("noctis-{short}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_that_is_too_long_falls_back_to_the_temporary_folder() {
        let temp = Path::new("/tmp");
        assert_eq!(
            socket_folder(Path::new("/var/lib/noctis"), temp),
            Path::new("/var/lib/noctis/run")
        );
        let deep = PathBuf::from(format!("/{}", "a".repeat(100)));
        let short = socket_folder(&deep, temp);
        assert!(short.starts_with(temp) && short.as_os_str().len() < 40, "{short:?}");
        assert_eq!(short, socket_folder(&deep, temp));
        assert_ne!(short, socket_folder(&deep.join("b"), temp));
    }
}
