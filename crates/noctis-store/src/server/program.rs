//! Running PostgreSQL's own programs; rule: as the account, from `/`, with none of our environment.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};

use tokio::process::Command;

use super::account::Account;
use super::error::{Error, io};

/// How much of what a program said goes into an error, in lines from its end.
const SAID_LINES_MAX: usize = 3;

/// A program of PostgreSQL, to be run as the account.
///
/// It has a process group of its own, so Ctrl-C does not stop it halfway.
pub(super) fn command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .process_group(0);
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

/// Runs it to its end and gives what it wrote, failing unless it succeeded.
pub(super) async fn run(mut command: Command) -> Result<Output, Error> {
    let program = Path::new(command.as_std().get_program()).to_owned();
    let output = command.output().await.map_err(io("run", &program))?;
    if output.status.success() { Ok(output) } else { Err(failed(&program, &output)) }
}

/// The error for a program that ended badly.
pub(super) fn failed(program: &Path, output: &Output) -> Error {
    let mut said = last_lines(&output.stderr);
    if said.is_empty() {
        said = last_lines(&output.stdout);
    }
    if said.is_empty() {
        said = output.status.to_string();
    }
    let name = program.file_name().unwrap_or_else(|| OsStr::new("program"));
    Error::Program { program: name.to_string_lossy().into_owned(), said }
}

/// The last lines of a text that say something, in one line.
pub(super) fn last_lines(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(SAID_LINES_MAX)..].join("; ")
}
