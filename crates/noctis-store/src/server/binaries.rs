//! Finding PostgreSQL's programs on this machine: those of a data folder's version, or the newest complete ones.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::Error;
use super::program;

/// The major versions noctis runs on.
pub(super) const MAJORS: std::ops::RangeInclusive<u32> = 15..=18;

/// What to say where there is no PostgreSQL.
pub(super) const INSTALL: &str = if cfg!(target_os = "macos") {
    "run `brew install postgresql@17`, give --postgres-archive FILE"
} else {
    "run `apt-get install postgresql` or `dnf install postgresql-server postgresql-contrib`, give --postgres-archive FILE"
};

/// What a folder of binaries must hold.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// How many candidate folders are looked at.
const FOLDERS_MAX: usize = 64;

/// Complete server binaries of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    /// The folder of `postgres`, `pg_ctl` and the rest, links followed.
    pub(super) bin: PathBuf,
    /// 15 to 18.
    pub(super) major: u32,
    /// As the server names it: `15.18`.
    pub(super) version: String,
}

/// Where to look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    /// The PATH, if there is one.
    pub(super) path: Option<&'a OsStr>,
    /// The user's home, if there is one.
    pub(super) home: Option<&'a Path>,
    /// Our own unpacked archives.
    pub(super) unpacked: &'a Path,
}

/// What was found, newest first, and one reason for each folder that did not do.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) usable: Vec<Binaries>,
    pub(super) refused: Vec<String>,
}

impl Found {
    /// Why nothing did, in a few words.
    pub(super) fn why(&self) -> String {
        if self.refused.is_empty() {
            "none is installed".to_owned()
        } else {
            self.refused.join("; ")
        }
    }
}

/// Looks everywhere.
pub(super) async fn find(places: Places<'_>, account: Option<&Account>) -> Found {
    let mut found = Found::default();
    for folder in folders(places).await {
        match examine(&folder, account).await {
            Ok(binaries) => found.usable.push(binaries),
            Err(reason) => found.refused.push(reason),
        }
    }
    found.usable.sort_by_key(|binaries| std::cmp::Reverse(number(&binaries.version)));
    found
}

/// The folders that hold a `postgres`, each once.
async fn folders(places: Places<'_>) -> BTreeSet<PathBuf> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    if let Some(path) = places.path {
        candidates.extend(std::env::split_paths(path));
    }
    if let Some(bin) = asked_pg_config(places.path).await {
        candidates.push(bin);
    }
    for (parent, prefix, rest) in [
        (PathBuf::from("/usr/lib/postgresql"), "", "bin"),
        (PathBuf::from("/usr"), "pgsql-", "bin"),
        (PathBuf::from("/opt/homebrew/opt"), "postgresql@", "bin"),
        (PathBuf::from("/usr/local/opt"), "postgresql@", "bin"),
        (PathBuf::from("/Applications/Postgres.app/Contents/Versions"), "", "bin"),
        (places.unpacked.to_owned(), "", "bin"),
    ] {
        candidates.extend(children(&parent, prefix).map(|child| child.join(rest)));
    }
    if let Some(home) = places.home {
        let versions = home.join("Applications/Postgres.app/Contents/Versions");
        candidates.extend(children(&versions, "").map(|child| child.join("bin")));
    }
    // A folder of PATH may hold links only, without psql: the folder they lead to has the rest.
    let real = candidates.iter().filter_map(|folder| folder.join("postgres").canonicalize().ok());
    real.filter_map(|postgres| postgres.parent().map(Path::to_owned)).take(FOLDERS_MAX).collect()
}

async fn asked_pg_config(path: Option<&OsStr>) -> Option<PathBuf> {
    let pg_config = std::env::split_paths(path?)
        .map(|folder| folder.join("pg_config"))
        .find(|file| file.is_file())?;
    let mut command = program::command(&pg_config, None);
    command.arg("--bindir");
    let output = program::run(command).await.ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn children(parent: &Path, prefix: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .filter(|path| {
            !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
        })
}

/// Binaries of that folder, or the reason they will not do.
pub(super) async fn examine(folder: &Path, account: Option<&Account>) -> Result<Binaries, String> {
    let shown = folder.display();
    let bin = folder.canonicalize().map_err(|source| format!("{shown}: {source}"))?;
    if let Some(missing) = PROGRAMS.iter().find(|name| !bin.join(name).is_file()) {
        return Err(format!("{shown} has no {missing}"));
    }
    if let Some(closed) = account.and_then(|account| account.first_impassable(&bin)) {
        return Err(format!(
            "{shown} is behind {}, closed to PostgreSQL's account",
            closed.display()
        ));
    }
    let mut asked = program::command(&bin.join("postgres"), account);
    asked.arg("--version");
    let output = program::run(asked).await.map_err(|error| format!("{shown}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = version_in(&text).ok_or_else(|| format!("{shown} does not tell its version"))?;
    let major = number(&version).0;
    if !MAJORS.contains(&major) {
        return Err(format!("{shown} is PostgreSQL {version}"));
    }
    if !has_trigrams(&bin, account).await.map_err(|error| format!("{shown}: {error}"))? {
        return Err(format!(
            "{shown} lacks the extension pg_trgm, which the package postgresql-contrib has"
        ));
    }
    Ok(Binaries { bin, major, version })
}

/// `15.18` of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version_in(text: &str) -> Option<String> {
    let word = text.split(") ").nth(1)?.split_whitespace().next()?;
    word.starts_with(|first: char| first.is_ascii_digit()).then(|| word.to_owned())
}

/// Major and minor, for ordering; a beta's letters end the number.
fn number(version: &str) -> (u32, u32) {
    let mut parts = version
        .split(|letter: char| !letter.is_ascii_digit())
        .map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Whether its extensions include pg_trgm; initdb knows the folder even where `pg_config` is not installed.
async fn has_trigrams(bin: &Path, account: Option<&Account>) -> Result<bool, Error> {
    let mut command = program::command(&bin.join("initdb"), account);
    command.args(["--show", "-D", "/nonexistent"]);
    let output = program::run(command).await?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let share = said.lines().find_map(|line| line.strip_prefix("share_path="));
    Ok(share.is_some_and(|share| Path::new(share).join("extension/pg_trgm.control").is_file()))
}

/// The package that brings back a version's binaries.
pub(super) fn package(major: u32) -> String {
    if cfg!(target_os = "macos") {
        format!("postgresql@{major} (brew)")
    } else {
        format!(
            "postgresql-{major} (apt) or postgresql{major}-server and postgresql{major}-contrib (dnf)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_any_distribution_says() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(version_in(debian).as_deref(), Some("15.18"));
        assert_eq!(version_in("postgres (PostgreSQL) 18beta1\n").as_deref(), Some("18beta1"));
        assert_eq!(version_in("something else"), None);
        assert!(number("18.6") > number("15.18") && number("15.18") > number("15.9"));
        assert!(number("18beta1") < number("18.1"));
    }

    #[tokio::test]
    async fn a_folder_without_initdb_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("postgres"), "").unwrap();
        let reason = examine(folder.path(), None).await.unwrap_err();
        assert!(reason.ends_with("has no initdb"), "{reason}");
    }
}
