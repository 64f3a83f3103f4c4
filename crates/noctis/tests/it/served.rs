//! A data folder of its own for a test, and `serve` running on it, ended with the test whatever comes of it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use crate::program::{Said, command, said, send};

/// What `serve` promises: it has ended by then.
pub(crate) const END_TIME_MAX: Duration = Duration::from_secs(10);
/// A run that has not ended by then never will; it is killed, and the test fails.
const HANG_TIME: Duration = Duration::from_secs(60);
/// Whatever is waited for is there by then, on a busy machine too.
const WAIT_TIME_MAX: Duration = Duration::from_secs(90);

/// Between two questions.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A data folder that PostgreSQL's account can pass; a server that a failed test left in it dies with it.
pub(crate) struct Folder {
    _parent: tempfile::TempDir,
    pub(crate) data: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o711)).unwrap();
        Folder { data: parent.path().join("data"), _parent: parent }
    }

    /// The folder beside it, where `serve --sample` lives.
    pub(crate) fn sample(&self) -> PathBuf {
        self.data.with_file_name("data-sample")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        on_folder(&self.data, arguments)
    }

    /// Runs to the end.
    pub(crate) fn noctis(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).spawn().unwrap())
    }

    /// What one SQL statement says, as the role that only reads.
    pub(crate) fn sql(&self, statement: &str) -> String {
        let said = self.noctis(&["psql", "--", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement]);
        said.good().out.trim_end().to_owned()
    }

    pub(crate) fn postmaster(&self) -> Option<Pid> {
        postmaster(&self.data)
    }

    /// Fails if PostgreSQL runs, or left its file.
    #[track_caller]
    pub(crate) fn assert_no_postgres(&self, was: Pid) {
        assert_eq!(self.postmaster(), None);
        // It removes its file a moment before it is gone.
        wait_until("PostgreSQL is gone", || test_kill_process(was).is_err());
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for data in [&self.data, &self.sample()] {
            if let Some(pid) = postmaster(data) {
                let _ = kill_process(pid, Signal::QUIT);
            }
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "tests have no configuration")]
pub(crate) fn on_folder(data: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = command(&[&["--data-dir", data.to_str().unwrap()], arguments].concat());
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

/// The server's process by its own file, which it removes when it ends.
fn postmaster(data: &std::path::Path) -> Option<Pid> {
    let text = fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}

/// Asks again and again, for what no process tells of itself.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < WAIT_TIME_MAX, "waited in vain: {what}");
        std::thread::park_timeout(ASK_EVERY);
    }
}

/// `serve` while it runs.
pub(crate) struct Served {
    child: Option<Child>,
    /// Held, so that what it still says has a reader.
    _out: BufReader<ChildStdout>,
    /// Read all the time: a full pipe would stop it.
    complaints: Option<JoinHandle<String>>,
    /// Its first words.
    pub(crate) greeting: String,
    pub(crate) address: String,
}

impl Served {
    /// Starts it on a port of its own, and waits until it says where.
    #[track_caller]
    pub(crate) fn start(command: Command) -> Served {
        Self::start_at(command, "127.0.0.1:0", &[])
    }

    #[track_caller]
    pub(crate) fn start_at(mut command: Command, listen: &str, flags: &[&str]) -> Served {
        let mut child = command.args(["serve", "--listen", listen]).args(flags).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        out.read_line(&mut greeting).unwrap();
        let address = greeting.split("http://").nth(1).and_then(|rest| rest.split(';').next());
        let Some(address) = address.map(str::to_owned) else {
            panic!("serve did not come up: {greeting}{}", said(child).err);
        };
        let mut err = child.stderr.take().unwrap();
        let complaints = Some(std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).unwrap();
            text
        }));
        Served { child: Some(child), _out: out, complaints, greeting, address }
    }

    /// Status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.try_get(path).unwrap()
    }

    fn try_get(&self, path: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(self.address.replace("0.0.0.0", "127.0.0.1"))?;
        let head = format!("GET {path} HTTP/1.1\r\nHost: noctis\r\nConnection: close\r\n\r\n");
        stream.set_read_timeout(Some(HANG_TIME))?;
        stream.write_all(head.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
        Ok((status.unwrap_or(0), body))
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.try_get("/readyz").is_ok_and(|(status, _)| status == 200)
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Sends a signal and waits for the end, which comes in time.
    #[track_caller]
    pub(crate) fn end(mut self, signal: Signal) -> Said {
        let child = self.child.take().unwrap();
        send(&child, signal);
        let err = self.complaints.take().unwrap();
        let end = ended(child);
        Said { err: err.join().unwrap(), ..end }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            send(&child, Signal::TERM);
            let _ = wait(child);
        }
    }
}

/// Waits for the end of a run that was asked to end just now.
#[track_caller]
pub(crate) fn ended(child: Child) -> Said {
    let asked = Instant::now();
    let said = wait(child).expect("it ends when it is asked");
    assert!(asked.elapsed() < END_TIME_MAX, "it took {:?} to end", asked.elapsed());
    said
}

/// Waits, but not for ever.
fn wait(child: Child) -> Option<Said> {
    let pid = Pid::from_child(&child);
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(said(child)));
    let said = told.recv_timeout(HANG_TIME).ok();
    if said.is_none() {
        let _ = kill_process(pid, Signal::KILL);
    }
    said
}
