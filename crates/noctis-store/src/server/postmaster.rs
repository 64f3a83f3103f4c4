//! The running server as its own `postmaster.pid` tells of it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, WaitOptions, test_kill_process, waitpid};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use super::error::{Error, io};

/// The name of the superuser, whom only this module connects as.
pub(super) const SUPERUSER: &str = "postgres";

/// What asking a server gave.
pub(super) enum Answer {
    Ready,
    /// It is there and says it is starting or stopping.
    Wait,
    Silent,
}

/// The server's process and where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: i32,
    pub(super) port: u16,
    pub(super) socket_dir: PathBuf,
    /// The loopback address it listens on besides the socket, if any.
    pub(super) listen: Option<std::net::IpAddr>,
}

impl Postmaster {
    /// What the file says; none if there is none, or the server is only just writing it.
    pub(super) fn read(postgres: &Path) -> Result<Option<Self>, Error> {
        let path = postgres.join("postmaster.pid");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(parse(&text)),
            Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io("read", &path)(source)),
        }
    }

    /// Whether a process with its number lives.
    pub(super) fn is_alive(&self) -> bool {
        let Some(pid) = Pid::from_raw(self.pid) else { return false };
        // As a container's first process we inherit the server, and a dead one stays until we ask for it.
        let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        // Not being allowed to signal it means that it is there.
        !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
    }

    /// A connection as the superuser to the database every cluster has.
    pub(super) fn superuser_config(&self) -> Config {
        let mut config = Config::new();
        config.host_path(&self.socket_dir).port(self.port).user(SUPERUSER).dbname("postgres");
        config.connect_timeout(Duration::from_secs(5));
        config
    }

    /// Whether it answers now.
    pub(super) async fn ask(&self) -> Answer {
        match self.superuser_config().connect(NoTls).await {
            Ok(_) => Answer::Ready,
            Err(error) => match error.code() {
                Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => Answer::Wait,
                // Any other answer is an answer, such as «too many clients».
                Some(_) => Answer::Ready,
                None => Answer::Silent,
            },
        }
    }
}

/// Lines: pid, data folder, start time, port, socket folder, listen address, shared memory, status.
fn parse(text: &str) -> Option<Postmaster> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let pid = lines.first()?.parse().ok()?;
    let port = lines.get(3)?.parse().ok()?;
    let socket_dir = PathBuf::from(*lines.get(4).filter(|line| !line.is_empty())?);
    Some(Postmaster {
        pid,
        port,
        socket_dir,
        listen: lines.get(5).and_then(|line| line.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_on_its_socket_only_has_no_address() {
        let text = "123\n/data/postgres\n1700000000\n5432\n/data/run\n\n  1 2\nready\n";
        let expected =
            Postmaster { pid: 123, port: 5432, socket_dir: "/data/run".into(), listen: None };
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse("123\n/data/postgres\n"), None);
    }
}
