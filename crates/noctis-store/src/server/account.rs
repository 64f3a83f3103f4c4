//! Whom PostgreSQL runs as: us, or, since it refuses root, an unprivileged account; rule: it never runs as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::error::{Error, io};

/// Accounts tried in this order when we are root.
const CANDIDATES: [&str; 3] = ["postgres", "noctis", "nobody"];

/// An account that owns the cluster and runs its programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The account to drop to; none unless we are root.
pub(super) fn to_drop_to() -> Result<Option<Account>, Error> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let path = Path::new("/etc/passwd");
    let passwd = fs::read_to_string(path).map_err(io("read", path))?;
    choose(&passwd).map(Some).ok_or(Error::NoAccount)
}

/// The first of our candidates in the text of a passwd file; an account with root's id is none.
fn choose(passwd: &str) -> Option<Account> {
    let accounts: Vec<Account> = passwd.lines().filter_map(parse).collect();
    CANDIDATES
        .iter()
        .find_map(|name| accounts.iter().find(|account| account.name == *name).cloned())
}

fn parse(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    (uid != 0).then_some(Account { name, uid, gid })
}

impl Account {
    /// Gives a file or folder to this account.
    pub(super) fn own(&self, path: &Path) -> Result<(), Error> {
        chown(path, Some(self.uid), Some(self.gid)).map_err(io("give the PostgreSQL account", path))
    }

    /// The first folder on the way to `path`, itself included, that this account cannot pass.
    pub(super) fn first_impassable(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut folders: Vec<&Path> = real.ancestors().collect();
        folders.reverse();
        folders.into_iter().find(|folder| !self.passes(folder)).map(Path::to_owned)
    }

    fn passes(&self, folder: &Path) -> bool {
        let Ok(metadata) = fs::metadata(folder) else { return false };
        let mode = metadata.permissions().mode();
        let bit = if metadata.uid() == self.uid {
            0o100
        } else if metadata.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        mode & bit != 0
    }

    /// An error that names the folder, if this account cannot reach `path`.
    pub(super) fn must_pass(&self, path: &Path) -> Result<(), Error> {
        match self.first_impassable(path) {
            None => Ok(()),
            Some(folder) => Err(Error::Impassable { account: self.name.clone(), folder }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_comes_before_nobody_wherever_it_stands() {
        let passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533:::\npostgres:x:101:104:a,b:/v:/bin/bash\n";
        assert_eq!(choose(passwd), Some(Account { name: "postgres".into(), uid: 101, gid: 104 }));
        assert_eq!(choose("nobody:x:65534:65533:::").map(|account| account.gid), Some(65533));
    }

    #[test]
    fn an_account_with_roots_id_is_not_taken() {
        assert_eq!(choose("postgres:x:0:0:::\nbroken\n"), None);
    }

    #[test]
    fn a_folder_closed_to_others_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let stranger = Account { name: "stranger".into(), uid: 4_000_000, gid: 4_000_000 };
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let real = folder.path().canonicalize().unwrap();
        assert_eq!(stranger.first_impassable(&inner), Some(real));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(stranger.first_impassable(&inner), None);
    }
}
