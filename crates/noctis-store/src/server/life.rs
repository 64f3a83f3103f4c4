//! The life of a cluster: made, started, found running, stopped; rule: all of it under the start lock.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use super::account::Account;
use super::binaries::Binaries;
use super::error::{Error, io};
use super::layout::{Layout, make_private, set_mode};
use super::options::Durability;
use super::postmaster::Postmaster;
use super::program;
use super::progress::{Progress, Reporter};
use super::settings::{ACCESS, Settings, memory_bytes, shared_memory_bytes};

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

/// The log is put aside at a start when it is longer than this, in bytes.
const LOG_BYTES_MAX: u64 = 16 << 20;

/// The name of the superuser, whom only this module connects as.
pub(super) const SUPERUSER: &str = "postgres";

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

/// What asking a server gave.
enum Answer {
    Ready,
    /// It is there and says it is starting or stopping.
    Wait,
    Silent,
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
            match ask(&postmaster).await {
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

    /// Makes a new cluster beside its place and moves it there when it is whole.
    async fn create(&self) -> Result<(), Error> {
        self.reporter.report(Progress::Creating);
        let unfinished = self.layout.data.join("postgres.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(io("remove", &unfinished))?;
        }
        if self.initdb(&unfinished, "C.UTF-8").await.is_err() {
            // A bare container may know no locale but C.
            fs::remove_dir_all(&unfinished).map_err(io("remove", &unfinished))?;
            self.initdb(&unfinished, "C").await?;
        }
        let conf = unfinished.join("postgresql.conf");
        let mut file =
            fs::OpenOptions::new().append(true).open(&conf).map_err(io("open", &conf))?;
        // Relative, so a data folder can be moved.
        file.write_all(b"\ninclude = '../noctis.conf'\n").map_err(io("write", &conf))?;
        fs::rename(&unfinished, &self.layout.postgres).map_err(io("move into place", &unfinished))
    }

    async fn initdb(&self, folder: &Path, locale: &str) -> Result<(), Error> {
        make_private(folder, self.account.as_ref())?;
        let mut command = self.program("initdb");
        command.arg("--pgdata").arg(folder);
        command.args(["--encoding=UTF8", "--data-checksums", "--auth=trust", "--no-instructions"]);
        command.arg(format!("--locale={locale}")).arg(format!("--username={SUPERUSER}"));
        if self.durability == Durability::Off {
            command.arg("--no-sync");
        }
        program::run(command).await.map(|_| ())
    }

    fn program(&self, name: &str) -> tokio::process::Command {
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

    async fn write_settings(&self) -> Result<(), Error> {
        // The settings must exist before postgres can be asked about itself, since its own file includes them.
        for lz4 in [false, true] {
            let lz4 = lz4 && self.has_lz4().await;
            let settings = Settings {
                memory_bytes: memory_bytes(),
                shared_memory_bytes: shared_memory_bytes(),
                lz4,
                durability: self.durability,
                listen: self.listen,
                run: &self.layout.run,
                access: &self.layout.access,
            };
            write_readable(&self.layout.settings, &settings.render()?)?;
        }
        write_readable(&self.layout.access, ACCESS)
    }

    /// Whether the server was built with lz4: one that was not does not know the value.
    async fn has_lz4(&self) -> bool {
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.layout.postgres);
        command.args(["-c", "default_toast_compression=lz4", "-C", "default_toast_compression"]);
        program::run(command).await.is_ok()
    }

    fn prepare_log(&self) -> Result<(), Error> {
        let log = &self.layout.log;
        if fs::metadata(log).is_ok_and(|found| found.len() > LOG_BYTES_MAX) {
            let old = self.layout.data.join("postgres.log.1");
            fs::rename(log, &old).map_err(io("put aside", log))?;
        }
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .map_err(io("open the log", log))?;
        set_mode(log, 0o600)?;
        self.account.as_ref().map_or(Ok(()), |account| account.own(log))
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
                Some(postmaster) => match ask(&postmaster).await {
                    Answer::Ready => Err(error),
                    Answer::Wait | Answer::Silent => Ok(()),
                },
            },
        }
    }
}

fn write_readable(path: &Path, text: &str) -> Result<(), Error> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, text).map_err(io("write", &fresh))?;
    // The account reads it; there is no secret in it.
    set_mode(&fresh, 0o644)?;
    fs::rename(&fresh, path).map_err(io("write", path))
}

/// A connection as the superuser to the database every cluster has.
pub(super) fn superuser_config(postmaster: &Postmaster) -> Config {
    let mut config = Config::new();
    config
        .host_path(&postmaster.socket_dir)
        .port(postmaster.port)
        .user(SUPERUSER)
        .dbname("postgres");
    config.connect_timeout(Duration::from_secs(5));
    config
}

async fn ask(postmaster: &Postmaster) -> Answer {
    match superuser_config(postmaster).connect(NoTls).await {
        Ok(_) => Answer::Ready,
        Err(error) => match error.code() {
            Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => Answer::Wait,
            // Any other answer is an answer, such as «too many clients».
            Some(_) => Answer::Ready,
            None => Answer::Silent,
        },
    }
}
