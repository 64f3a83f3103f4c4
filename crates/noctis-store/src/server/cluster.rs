//! A cluster one uses: joined, asked for its addresses, left.

use std::path::Path;
use std::time::Duration;

use tokio_postgres::Config;

use super::account;
use super::choice::choose;
use super::error::Error;
use super::layout::Layout;
use super::life::{Engine, READY_WAIT};
use super::lock::{StartLock, UsersLock};
use super::options::ClusterOptions;
use super::postmaster::Postmaster;
use super::roles::{self, Passwords};
use super::upgrade::leftovers;
use super::{DATABASE, OWNER, READER};

/// How long leaving waits for another process to be done with starting or stopping the server.
const LEAVE_WAIT: Duration = Duration::from_secs(2);

/// Our own PostgreSQL, running for as long as somebody uses it.
///
/// Dropping it without [`Cluster::leave`] gives up our use and leaves the server to the next who joins.
#[derive(Debug)]
pub struct Cluster {
    pub(super) engine: Engine,
    pub(super) postmaster: Postmaster,
    passwords: Option<Passwords>,
    users: UsersLock,
}

impl Cluster {
    /// Finds the cluster of the data folder running, or starts it, making it if there is none.
    ///
    /// # Errors
    /// [`Error`], each a sentence that says what to do.
    pub async fn join(options: &ClusterOptions) -> Result<Self, Error> {
        if let Some(address) =
            options.listen.filter(|address| !address.ip().is_loopback() || address.port() == 0)
        {
            return Err(Error::NotLoopback { address });
        }
        let layout = Layout::create(&options.data_dir, &options.temp_dir)?;
        let account = account::to_drop_to()?;
        if let Some(account) = &account {
            account.must_pass(&layout.data)?;
        }
        let starting = StartLock::take(&layout, READY_WAIT, &options.reporter).await?;
        leftovers::settle(&layout).await?;
        let users = UsersLock::take(&layout)?;
        let binaries = choose(options, &layout, account.as_ref()).await?;
        let engine = Engine {
            layout,
            binaries,
            account,
            durability: options.durability,
            listen: options.listen,
            reporter: options.reporter.clone(),
        };
        let (postmaster, passwords) = come_up(&engine).await?;
        drop(starting);
        Ok(Self { engine, postmaster, passwords, users })
    }

    /// Whether the data folder holds a cluster.
    #[must_use]
    pub fn exists(data_dir: &Path) -> bool {
        leftovers::is_any(data_dir)
    }

    /// Starts the server again if it has died under us; does nothing otherwise.
    ///
    /// # Errors
    /// As for [`Cluster::join`].
    pub async fn revive(&mut self) -> Result<(), Error> {
        let _starting =
            StartLock::take(&self.engine.layout, READY_WAIT, &self.engine.reporter).await?;
        (self.postmaster, self.passwords) = come_up(&self.engine).await?;
        Ok(())
    }

    /// Gives up our use and stops the server if nobody else's is left.
    ///
    /// It takes some seconds at most: a long last checkpoint goes on without us, and while another process starts or
    /// stops the server, that one is the last.
    ///
    /// # Errors
    /// What stopping said; our use is given up all the same.
    pub async fn leave(self) -> Result<(), Error> {
        let Self { engine, users, .. } = self;
        match StartLock::take(&engine.layout, LEAVE_WAIT, &engine.reporter).await {
            Ok(_stopping) => match users.leave()? {
                Some(_last) => engine.stop().await,
                None => Ok(()),
            },
            Err(Error::Busy { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// For libpq and `psql`: the owner over the socket.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.socket_url(OWNER)
    }

    /// For libpq and `psql`: the role that only reads, over the socket.
    #[must_use]
    pub fn reader_url(&self) -> String {
        self.socket_url(READER)
    }

    /// The owner over loopback with its password, if the server listens there.
    #[must_use]
    pub fn owner_loopback_url(&self) -> Option<String> {
        self.loopback_url(OWNER, &self.passwords.as_ref()?.owner)
    }

    /// The role that only reads over loopback with its password, if the server listens there.
    #[must_use]
    pub fn reader_loopback_url(&self) -> Option<String> {
        self.loopback_url(READER, &self.passwords.as_ref()?.reader)
    }

    /// The owner over the socket.
    #[must_use]
    pub fn owner_config(&self) -> Config {
        self.config(OWNER)
    }

    /// The role that only reads, over the socket.
    #[must_use]
    pub fn reader_config(&self) -> Config {
        self.config(READER)
    }

    /// The folder of PostgreSQL's programs; `psql` may be elsewhere.
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.engine.binaries.bin
    }

    /// The binaries' version, as `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.engine.binaries.version
    }

    /// The server's log.
    #[must_use]
    pub fn log_path(&self) -> &Path {
        &self.engine.layout.log
    }

    /// Whether the server's process lives.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.postmaster.is_alive()
    }

    /// The number of the server's process.
    #[must_use]
    pub fn postmaster_pid(&self) -> i32 {
        self.postmaster.pid
    }

    /// The superuser on our database: for the tests' server alone.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn superuser_config(&self) -> Config {
        self.config(super::postmaster::SUPERUSER)
    }

    fn config(&self, role: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(&self.postmaster.socket_dir)
            .port(self.postmaster.port)
            .user(role)
            .dbname(DATABASE);
        config
    }

    fn socket_url(&self, role: &str) -> String {
        let folder = percent_encoded(&self.postmaster.socket_dir.to_string_lossy());
        format!("postgresql://{role}@{folder}:{}/{DATABASE}", self.postmaster.port)
    }

    fn loopback_url(&self, role: &str, password: &str) -> Option<String> {
        let address = std::net::SocketAddr::new(self.postmaster.listen?, self.postmaster.port);
        Some(format!("postgresql://{role}:{password}@{address}/{DATABASE}"))
    }
}

/// Brings the server up and makes sure of roles, passwords and what was asked of its listening.
async fn come_up(engine: &Engine) -> Result<(Postmaster, Option<Passwords>), Error> {
    let postmaster = engine.bring_up().await?;
    if let Some(address) = engine.listen
        && (postmaster.listen, postmaster.port) != (Some(address.ip()), address.port())
    {
        return Err(Error::NotListening { data_dir: engine.layout.data.clone(), address });
    }
    let path = &engine.layout.password;
    let passwords = match engine.listen {
        Some(_) => Some(Passwords::read_or_make(path)?),
        None => Passwords::read(path)?,
    };
    roles::ensure(&postmaster, passwords.as_ref().filter(|_| engine.listen.is_some())).await?;
    Ok((postmaster, passwords))
}

/// For the host of a URL: everything but letters, digits and `-._~` is escaped.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
