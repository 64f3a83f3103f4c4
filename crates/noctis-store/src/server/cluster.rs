//! A cluster one uses: joined, asked for its addresses, left.

use std::fs;
use std::path::Path;

use tokio_postgres::Config;

use super::account::{self, Account};
use super::binaries::{self, Binaries, Places};
use super::error::{Error, io};
use super::layout::Layout;
use super::life::{Engine, READY_WAIT};
use super::lock::{StartLock, UsersLock};
use super::options::ClusterOptions;
use super::postmaster::Postmaster;
use super::roles::{self, DATABASE, OWNER, Passwords, READER};

/// Our own PostgreSQL, running for as long as somebody uses it.
///
/// Dropping it without [`Cluster::leave`] gives up our use and leaves the server to the next who joins.
#[derive(Debug)]
pub struct Cluster {
    engine: Engine,
    postmaster: Postmaster,
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
    /// It waits for the stop for some seconds at most; a long last checkpoint goes on without us.
    ///
    /// # Errors
    /// [`Error::Busy`] or what stopping said; our use is given up all the same.
    pub async fn leave(self) -> Result<(), Error> {
        let _stopping =
            StartLock::take(&self.engine.layout, READY_WAIT, &self.engine.reporter).await?;
        match self.users.leave()? {
            Some(_last) => self.engine.stop().await,
            None => Ok(()),
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

    /// The number of the server's process.
    #[must_use]
    pub fn postmaster_pid(&self) -> i32 {
        self.postmaster.pid
    }

    /// The superuser on our database: for the tests' server alone.
    #[cfg(feature = "testing")]
    pub(crate) fn superuser_config(&self) -> Config {
        self.config(super::life::SUPERUSER)
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

/// The folder and version of the binaries a new cluster would get.
#[cfg(feature = "testing")]
pub(crate) async fn newest_binaries(
    options: &ClusterOptions,
) -> Result<(std::path::PathBuf, String), Error> {
    let account = account::to_drop_to()?;
    let found = look(options, Path::new("/nonexistent"), account.as_ref()).await;
    let why = found.why();
    let newest = found.usable.into_iter().next().ok_or(Error::NoBinaries { why })?;
    Ok((newest.bin, newest.version))
}

async fn look(
    options: &ClusterOptions,
    unpacked: &Path,
    account: Option<&Account>,
) -> binaries::Found {
    let Some(folder) = &options.bin_dir else {
        let places =
            Places { path: options.path.as_deref(), home: options.home.as_deref(), unpacked };
        return binaries::find(places, account).await;
    };
    let mut found = binaries::Found::default();
    match binaries::examine(folder, account).await {
        Ok(binaries) => found.usable.push(binaries),
        Err(reason) => found.refused.push(reason),
    }
    found
}

/// The binaries that fit the folder, or the newest if it is new.
async fn choose(
    options: &ClusterOptions,
    layout: &Layout,
    account: Option<&Account>,
) -> Result<Binaries, Error> {
    let wanted = major_of(&layout.postgres)?;
    let found = look(options, &layout.binaries, account).await;
    let why = found.why();
    let fits = |binaries: &Binaries| wanted.is_none_or(|major| major == binaries.major);
    match (found.usable.into_iter().find(fits), wanted) {
        (Some(binaries), _) => Ok(binaries),
        (None, None) => Err(Error::NoBinaries { why }),
        (None, Some(major)) => {
            let package = binaries::package(major);
            Err(Error::VersionGone { data_dir: layout.data.clone(), major, package })
        }
    }
}

/// The version that made the folder, if it is made.
fn major_of(postgres: &Path) -> Result<Option<u32>, Error> {
    let path = postgres.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io("read", &path)(source)),
    }
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
