//! The life of a cluster: found running, started, stopped; rule: all of it under the start lock.

use std::fs;
use std::time::{Duration, Instant};

use super::account::Account;
use super::binaries::Binaries;
use super::error::Error;
use super::layout::Layout;
use super::options::Durability;
use super::postmaster::{Answer, Postmaster};
use super::program;
use super::progress::{Progress, Reporter};

/// How long a start, with recovery after a crash, may take.
pub(super) const READY_WAIT: Duration = Duration::from_secs(600);

/// How long a stop is waited for; it goes on without us.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// How long a process that has the server's number but does not answer at all is taken for the server.
const SILENT_WAIT: Duration = Duration::from_secs(10);

/// How often a server that is coming or going is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// How often progress is reported.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// A cluster's folder with the means to run it.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    pub(super) layout: Layout,
    pub(super) binaries: Binaries,
    pub(super) account: Option<Account>,
    pub(super) durability: Durability,
    pub(super) listen: Option<std::net::SocketAddr>,
    pub(super) reporter: Reporter,
}

impl Engine {
    /// Finds the server running and answering, or starts it; makes the cluster if there is none.
    pub(super) async fn bring_up(&self) -> Result<Postmaster, Error> {
        if !self.layout.postgres.join("PG_VERSION").is_file() {
            self.create().await?;
        }
        if let Some(postmaster) = self.running().await? {
            return Ok(postmaster);
        }
        if let Err(error) = self.start().await {
            // A start by a process that was killed meanwhile may have come first.
            return self.running().await?.ok_or(error);
        }
        Postmaster::read(&self.layout.postgres)?.ok_or_else(|| self.not_ready(Duration::ZERO))
    }

    fn not_ready(&self, waited: Duration) -> Error {
        Error::NotReady { seconds: waited.as_secs(), log: self.layout.log.clone() }
    }

    /// The server if it runs: waits while it recovers or ends.
    async fn running(&self) -> Result<Option<Postmaster>, Error> {
        let began = Instant::now();
        let mut silent_since = None;
        while began.elapsed() < READY_WAIT {
            let Some(postmaster) =
                Postmaster::read(&self.layout.postgres)?.filter(Postmaster::is_alive)
            else {
                return Ok(None);
            };
            match postmaster.ask().await {
                Answer::Ready => return Ok(Some(postmaster)),
                Answer::Wait => silent_since = None,
                Answer::Silent => {
                    // Another process may have its number after a reboot; PostgreSQL itself then decides.
                    let since = silent_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > SILENT_WAIT {
                        return Ok(None);
                    }
                }
            }
            self.reporter.report(Progress::Starting { seconds: began.elapsed().as_secs() });
            tokio::time::sleep(ASK_EVERY).await;
        }
        Err(self.not_ready(READY_WAIT))
    }

    pub(super) fn program(&self, name: &str) -> tokio::process::Command {
        program::command(&self.binaries.bin.join(name), self.account.as_ref())
    }

    async fn start(&self) -> Result<(), Error> {
        self.layout.create_run(self.account.as_ref())?;
        self.write_settings().await?;
        self.prepare_log()?;
        let mut command = self.program("pg_ctl");
        command
            .args(["start", "--silent", "--wait"])
            .arg(format!("--timeout={}", READY_WAIT.as_secs()));
        command.arg("--pgdata").arg(&self.layout.postgres).arg("--log").arg(&self.layout.log);
        let began = Instant::now();
        let mut running = std::pin::pin!(program::run(command));
        loop {
            // Bounded by pg_ctl's own time-out.
            match tokio::time::timeout(REPORT_EVERY, &mut running).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(_)) if began.elapsed() >= READY_WAIT => {
                    return Err(self.not_ready(READY_WAIT));
                }
                Ok(Err(error)) => return Err(self.what_the_log_says().unwrap_or(error)),
                Err(_) => {
                    self.reporter.report(Progress::Starting { seconds: began.elapsed().as_secs() })
                }
            }
        }
    }

    /// `pg_ctl` only says that the server did not start; its log, if it came to writing one, says why.
    fn what_the_log_says(&self) -> Option<Error> {
        let said = program::last_lines(&fs::read(&self.layout.log).ok()?);
        let said_where = format!("{said} (in {})", self.layout.log.display());
        (!said.is_empty()).then(|| Error::Program { program: "postgres".into(), said: said_where })
    }

    /// Stops the server and waits until it is gone.
    pub(super) async fn stop_wholly(&self) -> Result<(), Error> {
        let began = Instant::now();
        while began.elapsed() < READY_WAIT {
            self.stop().await?;
            if Postmaster::read(&self.layout.postgres)?.is_none_or(|found| !found.is_alive()) {
                return Ok(());
            }
        }
        Err(self.not_ready(READY_WAIT))
    }

    /// Stops the server, not waiting for longer than a few seconds: its last checkpoint may take longer.
    pub(super) async fn stop(&self) -> Result<(), Error> {
        let mut command = self.program("pg_ctl");
        command.args(["stop", "--silent", "--mode=fast", "--wait"]);
        command
            .arg(format!("--timeout={}", STOP_WAIT.as_secs()))
            .arg("--pgdata")
            .arg(&self.layout.postgres);
        match program::run(command).await {
            Ok(_) => Ok(()),
            Err(error) => match Postmaster::read(&self.layout.postgres)? {
                None => Ok(()),
                Some(postmaster) if !postmaster.is_alive() => Ok(()),
                Some(postmaster) => match postmaster.ask().await {
                    Answer::Ready => Err(error),
                    Answer::Wait | Answer::Silent => Ok(()),
                },
            },
        }
    }
}
