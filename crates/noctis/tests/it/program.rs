//! The binary, run to its end or held while it runs.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use noctis_store::testing::TestStore;
use serde_json::Value;

/// What a run said.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("ended by a signal: {}", self.err))
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// The same, of a run that went well.
    #[track_caller]
    pub(crate) fn good(self) -> Said {
        assert_eq!(self.code(), 0, "{}{}", self.out, self.err);
        self
    }
}

/// The binary with nothing of this machine's environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noctis"));
    command
        .env_clear()
        .current_dir("/")
        .args(["--log-level", "warn"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn on(test: &TestStore, arguments: &[&str]) -> Command {
    command(&[&["--database-url", &test.database.owner_url()], arguments].concat())
}

/// Runs to the end.
pub(crate) fn noctis(test: &TestStore, arguments: &[&str]) -> Said {
    said(on(test, arguments).spawn().unwrap())
}

/// Runs to the end with this on standard input.
pub(crate) fn noctis_reading(test: &TestStore, arguments: &[&str], input: &[u8]) -> Said {
    let mut child = on(test, arguments).stdin(Stdio::piped()).spawn().unwrap();
    // A run that ends before it has read all says so by its code.
    let _ = child.stdin.take().unwrap().write_all(input);
    said(child)
}

/// Imports a file or folder and gives the summary, whose sum is right.
#[track_caller]
pub(crate) fn import(test: &TestStore, path: &Path) -> Value {
    import_with(test, path, &[])
}

#[track_caller]
pub(crate) fn import_with(test: &TestStore, path: &Path, flags: &[&str]) -> Value {
    let mut arguments = vec!["import", path.to_str().unwrap(), "--json"];
    arguments.extend(flags);
    let summary = noctis(test, &arguments).good().json();
    assert_sum(&summary);
    summary
}

pub(crate) fn said(child: Child) -> Said {
    let output = child.wait_with_output().unwrap();
    Said {
        status: output.status,
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn is_killed(status: ExitStatus) -> bool {
    status.signal() == Some(rustix::process::Signal::KILL.as_raw())
}

pub(crate) fn send(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).unwrap();
}

/// What was read is what became of it.
#[track_caller]
pub(crate) fn assert_sum(summary: &Value) {
    let count = |name: &str| summary[name].as_u64().unwrap();
    let parked: u64 =
        summary["parked"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    let sum = count("stored")
        + count("enriched_further")
        + count("already_there")
        + count("wanted")
        + parked;
    assert_eq!(count("read"), sum, "{summary:#}");
}
