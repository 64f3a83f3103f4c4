//! The server that all test processes share, and this process's hold on it.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::{OnceCell, mpsc as jobs, oneshot};
use tokio_postgres::{Client, Config};

use super::{connect, template};
use crate::server::{Cluster, ClusterOptions, Durability, newest_binaries};

/// How often joining is tried: the guard may be stopping the server just then.
const JOIN_TRIES_MAX: u32 = 5;

/// How often it is asked whether the guard runs, ten milliseconds apart.
const GUARD_ASKS_MAX: u32 = 500;

/// How long dropping a database may hold up a test's end.
const DROP_WAIT: Duration = Duration::from_secs(10);

/// A database to drop, and whom to tell.
type Job = (String, mpsc::SyncSender<()>);

/// Where the server is, for the tests of this process.
#[derive(Debug)]
pub(super) struct Shared {
    base: Config,
    url: String,
    /// The number of the session that keeps the server up, which names this process's databases.
    pub(super) keeper: i32,
    drops: jobs::UnboundedSender<Job>,
}

impl Shared {
    /// Joins the server at the first call.
    pub(super) async fn get() -> &'static Self {
        static SHARED: OnceCell<Result<Shared, String>> = OnceCell::const_new();
        match SHARED.get_or_init(start).await {
            Ok(shared) => shared,
            Err(problem) => panic!("no server for the tests: {problem}"),
        }
    }

    pub(super) fn config(&self, database: Option<&str>) -> Config {
        let mut config = self.base.clone();
        if let Some(database) = database {
            config.dbname(database);
        }
        config
    }

    pub(super) fn url(&self, database: &str) -> String {
        let (address, parameters) = match self.url.split_once('?') {
            Some((address, parameters)) => (address, format!("?{parameters}")),
            None => (self.url.as_str(), String::new()),
        };
        let end = address
            .find("://")
            .and_then(|scheme| address[scheme + 3..].find('/').map(|at| scheme + 3 + at));
        format!("{}/{database}{parameters}", &address[..end.unwrap_or(address.len())])
    }

    /// A connection as the owner, to the maintenance database unless one is named.
    pub(super) async fn connect(&self, database: Option<&str>) -> Result<Client, String> {
        connect(&self.config(database)).await.map_err(|error| sentence(&error))
    }

    /// Drops a database, on the keeper's thread since the test's runtime may be ending.
    pub(super) fn drop_database(&self, name: String) {
        let (done, wait) = mpsc::sync_channel(1);
        if self.drops.send((name, done)).is_ok() {
            // What is not dropped in time, the next test process sweeps.
            let _ = wait.recv_timeout(DROP_WAIT);
        }
    }
}

/// An error with its causes, in one line.
pub(super) fn sentence(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

/// Joins on a thread of its own, which lives as long as the process: a test's runtime ends with its test.
async fn start() -> Result<Shared, String> {
    let (tell, told) = oneshot::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(keep(tell)),
            Err(error) => drop(tell.send(Err(error.to_string()))),
        }
    });
    told.await.map_err(|_| "the thread that keeps it has died".to_owned())?
}

/// A joined server: its addresses, our hold on it, and what must not be dropped.
struct Joined {
    base: Config,
    url: String,
    keeper: Client,
    keeper_number: i32,
    _cluster: Option<Cluster>,
}

async fn keep(tell: oneshot::Sender<Result<Shared, String>>) {
    let joined = match join().await {
        Ok(joined) => joined,
        Err(problem) => return drop(tell.send(Err(problem))),
    };
    let (drops, mut jobs) = jobs::unbounded_channel::<Job>();
    let shared = Shared {
        base: joined.base.clone(),
        url: joined.url.clone(),
        keeper: joined.keeper_number,
        drops,
    };
    if tell.send(Ok(shared)).is_err() {
        return;
    }
    template::sweep(&joined.keeper).await;
    // Ends with the process: the sender is in a static.
    while let Some((name, done)) = jobs.recv().await {
        let _ = template::run(&joined.keeper, "drop", &name, "").await;
        let _ = done.send(());
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests have no configuration: this is their one reader"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

async fn join() -> Result<Joined, String> {
    if let Some(url) = variable("NOCTIS_TEST_DATABASE_URL") {
        let base: Config =
            url.parse().map_err(|error| format!("NOCTIS_TEST_DATABASE_URL: {error}"))?;
        let (keeper, keeper_number) = hold(&base).await?;
        return Ok(Joined { base, url, keeper, keeper_number, _cluster: None });
    }
    let options = options().await?;
    let mut problem = String::new();
    for _ in 0..JOIN_TRIES_MAX {
        match join_cluster(&options).await {
            Ok(joined) => return Ok(joined),
            Err(error) => problem = error,
        }
    }
    Err(problem)
}

async fn options() -> Result<ClusterOptions, String> {
    let mut options = ClusterOptions::new("");
    options.path = variable("PATH").map(Into::into);
    options.home = variable("HOME").map(Into::into);
    options.bin_dir = variable("NOCTIS_TEST_PG_BINDIR").map(Into::into);
    options.durability = Durability::Off;
    let (bin_dir, version) = newest_binaries(&options).await.map_err(|error| sentence(&error))?;
    options.bin_dir = Some(bin_dir);
    let uid = rustix::process::geteuid().as_raw();
    options.data_dir = options.temp_dir.join(format!("noctis-test-{uid}-{version}"));
    Ok(options)
}

async fn join_cluster(options: &ClusterOptions) -> Result<Joined, String> {
    let cluster = Cluster::join(options).await.map_err(|error| sentence(&error))?;
    let base = cluster.owner_config();
    let (keeper, keeper_number) = hold(&base).await?;
    post_guard(&cluster.superuser_config(), &keeper).await?;
    Ok(Joined { base, url: cluster.owner_url(), keeper, keeper_number, _cluster: Some(cluster) })
}

/// Connects and takes the lock that keeps the server up for as long as this process lives.
async fn hold(base: &Config) -> Result<(Client, i32), String> {
    let mut config = base.clone();
    config.application_name("noctis test keeper");
    let keeper = connect(&config).await.map_err(|error| sentence(&error))?;
    let held = keeper.query_one(include_str!("../../sql/testing/hold.sql"), &[]).await;
    let number = held.map_err(|error| sentence(&error))?.get(0);
    Ok((keeper, number))
}

/// Leaves a session in the server that stops it when all test processes are gone.
async fn post_guard(superuser: &Config, keeper: &Client) -> Result<(), String> {
    const GUARD_RUNS: &str = include_str!("../../sql/testing/guard_runs.sql");
    let guard = connect(superuser).await.map_err(|error| sentence(&error))?;
    let allowed = guard.batch_execute(include_str!("../../sql/testing/allow_createdb.sql")).await;
    allowed.map_err(|error| sentence(&error))?;
    tokio::spawn(
        async move { guard.batch_execute(include_str!("../../sql/testing/guard.sql")).await },
    );
    for _ in 0..GUARD_ASKS_MAX {
        let row = keeper.query_one(GUARD_RUNS, &[]).await.map_err(|error| sentence(&error))?;
        if row.get(0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("its guard does not run".to_owned())
}
