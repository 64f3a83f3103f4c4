//! Base backups of our own cluster: taken while it runs, checked, and put in place; rule: what is in place was checked.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, BufReader};

use super::account::{self, Account};
use super::binaries::{self, Binaries};
use super::choice::{choose_for, installed, major_of};
use super::cluster::Cluster;
use super::error::{Error, io};
use super::layout::{Layout, make_private, set_mode};
use super::life::READY_WAIT;
use super::lock::StartLock;
use super::options::ClusterOptions;
use super::postmaster::SUPERUSER;
use super::program;
use super::progress::{Progress, Reporter};
use super::room::{DEPTH_MAX, bytes_in, must_fit};

/// Left free beside a copy, in bytes: the log that is written while it is made.
const ROOM_BESIDE: u64 = 256 << 20;

/// What PostgreSQL's manifest of a base backup is called, within its folder.
pub const MANIFEST_FILE: &str = "backup_manifest";

/// What a folder is called until all of it is there.
const UNFINISHED: &str = "postgres.restoring";

impl Cluster {
    /// Copies the running cluster into `into`, a new folder with an absolute path, with the log to bring it to one moment.
    ///
    /// The copy is ours, whoever PostgreSQL runs as. Writers go on; a checkpoint is made at once.
    ///
    /// # Errors
    /// When it does not fit, `pg_basebackup` is missing, or what it says.
    pub async fn base_backup(&self, into: &Path, reporter: &Reporter) -> Result<(), Error> {
        let spaces = self.engine.layout.postgres.join("pg_tblspc");
        let mut spaces = fs::read_dir(&spaces).map_err(io("look into", &spaces))?.flatten();
        if let Some(space) = spaces.next() {
            return Err(Error::TableSpace { path: space.path() });
        }
        let parent = into.parent().unwrap_or(into);
        must_fit(bytes_in(&self.engine.layout.postgres)? + ROOM_BESIDE, parent)?;
        let tool = tool(&self.engine.binaries, "pg_basebackup")?;
        let mut command = program::command(&tool, None);
        command.arg("--pgdata").arg(into);
        command.args(["--format=plain", "--wal-method=stream", "--checkpoint=fast", "--progress"]);
        command.args(["--manifest-checksums=SHA256", "--no-password", "--label=noctis backup"]);
        command.arg("--host").arg(&self.postmaster.socket_dir);
        command.arg(format!("--port={}", self.postmaster.port));
        command.arg(format!("--username={SUPERUSER}"));
        run_telling(command, &tool, reporter).await
    }
}

/// Runs `pg_basebackup` to its end, and passes on how far it is.
async fn run_telling(
    mut command: tokio::process::Command,
    tool: &Path,
    reporter: &Reporter,
) -> Result<(), Error> {
    command.stderr(std::process::Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(io("run", tool))?;
    let stderr = child.stderr.take().expect("it was piped");
    let mut said = Vec::new();
    let mut lines = BufReader::new(stderr).lines();
    // Ends with the program, whose output it is.
    while let Some(line) = lines.next_line().await.map_err(io("listen to", tool))? {
        match progress_in(&line) {
            Some(progress) => reporter.report(progress),
            None => said.extend([line.as_bytes(), b"\n"].concat()),
        }
    }
    let status = child.wait().await.map_err(io("wait for", tool))?;
    if status.success() {
        return Ok(());
    }
    Err(program::failed(tool, &std::process::Output { status, stdout: Vec::new(), stderr: said }))
}

/// Of `  1234/5678 kB (21%), 0/1 tablespace`.
fn progress_in(line: &str) -> Option<Progress> {
    const KB: u64 = 1_024;
    let (done, rest) = line.trim().split_once('/')?;
    let (total, _) = rest.split_once(" kB (")?;
    let (done, total) = (done.parse::<u64>().ok()? * KB, total.parse::<u64>().ok()? * KB);
    Some(Progress::Copying { done, total })
}

/// Checks a base backup against its manifest, with the log that belongs to it.
///
/// # Errors
/// [`Error::VersionGone`] without the programs of its version; what `pg_verifybackup` says of it.
pub async fn verify_base_backup(options: &ClusterOptions, folder: &Path) -> Result<(), Error> {
    let major = major_in(folder)?;
    let binaries = installed(options, major).await.ok_or_else(|| gone(folder, major))?;
    verify_with(&binaries, folder).await
}

async fn verify_with(binaries: &Binaries, folder: &Path) -> Result<(), Error> {
    let mut command = program::command(&tool(binaries, "pg_verifybackup")?, None);
    command.arg(folder);
    program::run(command).await.map(|_| ())
}

/// Copies a base backup into the data folder, where there must be no cluster yet, checks the copy, and gives it its place.
/// Whoever joins then starts it.
///
/// # Errors
/// [`Error::ClusterExists`], when it does not fit, when there are no programs of its version, or when the check fails.
pub async fn place_base_backup(options: &ClusterOptions, from: &Path) -> Result<(), Error> {
    let layout = Layout::create(&options.data_dir, &options.temp_dir)?;
    let account = account::to_drop_to()?;
    if let Some(account) = &account {
        account.must_pass(&layout.data)?;
    }
    let _starting = StartLock::take(&layout, READY_WAIT, &options.reporter).await?;
    if layout.postgres.exists() {
        return Err(Error::ClusterExists { folder: layout.postgres });
    }
    let major = major_in(from)?;
    let binaries = choose_for(options, &layout, account.as_ref(), Some(major)).await?;
    let total = bytes_in(from)?;
    must_fit(total + ROOM_BESIDE, &layout.data)?;
    let unfinished = layout.data.join(UNFINISHED);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(io("remove", &unfinished))?;
    }
    let copying = Copying { account, reporter: options.reporter.clone(), done: 0, total };
    let (source, target) = (from.to_owned(), unfinished.clone());
    let copied = tokio::task::spawn_blocking(move || copying.run(&source, &target)).await;
    copied.expect("copying does not panic")?;
    verify_with(&binaries, &unfinished).await?;
    let manifest = unfinished.join(MANIFEST_FILE);
    fs::remove_file(&manifest).map_err(io("remove", &manifest))?;
    fs::rename(&unfinished, &layout.postgres).map_err(io("move into place", &unfinished))?;
    let data = &layout.data;
    fs::File::open(data).and_then(|folder| folder.sync_all()).map_err(io("write", data))
}

/// A copy of a cluster's folder on its way, in bytes.
struct Copying {
    account: Option<Account>,
    reporter: Reporter,
    done: u64,
    total: u64,
}

impl Copying {
    fn run(mut self, from: &Path, to: &Path) -> Result<(), Error> {
        let mut folders: Vec<(PathBuf, PathBuf, usize)> = vec![(from.into(), to.into(), 0)];
        while let Some((from, to, depth)) = folders.pop() {
            make_private(&to, self.account.as_ref())?;
            for entry in fs::read_dir(&from).map_err(io("look into", &from))? {
                let entry = entry.map_err(io("look into", &from))?;
                let (path, target) = (entry.path(), to.join(entry.file_name()));
                let kind = entry.file_type().map_err(io("look at", &path))?;
                if kind.is_dir() && depth < DEPTH_MAX {
                    folders.push((path, target, depth + 1));
                } else if kind.is_file() {
                    self.file(&path, &target)?;
                } else {
                    return Err(Error::TableSpace { path });
                }
            }
            fs::File::open(&to).and_then(|folder| folder.sync_all()).map_err(io("write", &to))?;
        }
        Ok(())
    }

    fn file(&mut self, from: &Path, to: &Path) -> Result<(), Error> {
        self.done += fs::copy(from, to).map_err(io("copy", from))?;
        fs::File::open(to).and_then(|file| file.sync_all()).map_err(io("write", to))?;
        set_mode(to, 0o600)?;
        self.account.as_ref().map_or(Ok(()), |account| account.own(to))?;
        self.reporter.report(Progress::Copying { done: self.done, total: self.total });
        Ok(())
    }
}

/// The version that made it.
fn major_in(folder: &Path) -> Result<u32, Error> {
    let nothing = || Error::NoCluster { folder: folder.to_owned() };
    major_of(folder)?.ok_or_else(nothing)
}

fn gone(folder: &Path, major: u32) -> Error {
    let data_dir = folder.to_owned();
    Error::VersionGone { data_dir, major, package: binaries::package(major) }
}

/// A program beside the server's own.
pub(super) fn tool(binaries: &Binaries, name: &'static str) -> Result<PathBuf, Error> {
    let program = binaries.bin.join(name);
    if program.is_file() {
        return Ok(program);
    }
    Err(Error::NoProgram { program: name, folder: binaries.bin.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_base_backup_is_is_read_from_what_it_prints() {
        let told = progress_in("   22734/45468 kB (50%), 0/1 tablespace");
        assert_eq!(told, Some(Progress::Copying { done: 22_734 << 10, total: 45_468 << 10 }));
        assert_eq!(progress_in("pg_basebackup: error: no route to host"), None);
    }
}
