//! `noctis serve`: the database, its partitions kept ahead, pages and API, until it is asked to end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use noctis_archive::Place;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::prices::Prefer;
use noctis_store::ingest::{IngestOptions, PARTITIONS_ON_DEMAND_IMPORT};
use noctis_store::server::ServeLock;
use noctis_store::{Store, StoreOptions, summary};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::cli::policy::{PolicyFlags, set_clock};
use crate::config::{Archive, CommandFlag, Config, keys};
use crate::database::{Database, Purpose, Server};
use crate::esi::Esi;
use crate::indexes;
use crate::lifecycle::{self, Rules, retention};
use crate::names;
use crate::presence::{self, Counter};
use crate::sample::{self, Sample};
use crate::serving;
use crate::signals::Stop;
use crate::static_data::{self, InForce};
use crate::suggest;

/// Between two looks whether our own PostgreSQL still lives.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);
/// Whatever runs may take this long to end. Leaving our PostgreSQL takes seven seconds at most, so that all of it stays
/// below ten.
const END_TIME_MAX: Duration = Duration::from_millis(2_500);
/// PostgreSQL that is being made or started when the end is asked for may take this long to come up, to be stopped.
const OPENING_END_TIME_MAX: Duration = Duration::from_secs(6);
/// And this long to be stopped then.
const CLOSING_TIME_MAX: Duration = Duration::from_secs(3);

/// Serves pages and API until Ctrl-C or SIGTERM, which is no failure: the exit code is then 0.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeArgs {
    /// Where: an address and a port
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Serve a made-up galaxy from a data folder of its own
    #[arg(long)]
    sample: bool,
    /// For drills: the present moment
    #[arg(long, hide = true, value_name = "TIME", value_parser = set_clock)]
    now: Option<()>,
    #[command(flatten)]
    policy: PolicyFlags,
}

impl ServeArgs {
    /// The configuration's keys among the flags.
    pub(super) fn flags(&self) -> Vec<CommandFlag> {
        let text = self.listen.clone();
        let listen = CommandFlag { about: &keys::LISTEN.about, flag: "--listen", text };
        std::iter::once(listen).chain(self.policy.flags()).collect()
    }
}

/// Serves until Ctrl-C or SIGTERM, and ends within ten seconds of it.
///
/// # Errors
/// When the port is taken, another `serve` runs on the data folder, or the database cannot be had.
pub async fn run(
    args: &ServeArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let config = if args.sample { sample_config(config)? } else { config.clone() };
    // Held until the end.
    let _lock = match &config.database_url {
        None => Some(ServeLock::take(&config.data_dir)?),
        Some(_) => None,
    };
    let listener = bind(&config).await?;
    if let Some(database) = open(&config, stop.token()).await? {
        Box::pin(serve((args.sample, &config), database, listener, stop.token(), out)).await?;
    }
    tracing::info!("ended");
    Ok(ExitCode::SUCCESS)
}

/// The database, or nothing if the end is asked for meanwhile: what was started is then stopped again. Should that take
/// too long, because PostgreSQL recovers from a crash, it goes on for whoever comes next.
async fn open(config: &Config, stop: &CancellationToken) -> anyhow::Result<Option<Database>> {
    let mut opening = Box::pin(Database::open(config, Purpose::Migrate));
    if let Some(opened) = stop.run_until_cancelled(&mut opening).await {
        return opened.map(Some);
    }
    if let Ok(opened) = tokio::time::timeout(OPENING_END_TIME_MAX, opening).await {
        // PostgreSQL is told at once, and ends even if nobody waits for it.
        let _ = tokio::time::timeout(CLOSING_TIME_MAX, opened?.close()).await;
    }
    Ok(None)
}

async fn serve(
    (with_sample, config): (bool, &Config),
    mut database: Database,
    listener: TcpListener,
    stop: &CancellationToken,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let tasks = TaskTracker::new();
    let begun = begin(with_sample, config, &database, listener, (&tasks, stop)).await;
    if let Ok(address) = &begun {
        // Whether anybody reads it or not, it is served.
        let _ = writeln!(out, "noctis serves on {address}; Ctrl-C ends it");
        if with_sample {
            let folder = config.data_dir.display();
            let _ = writeln!(
                out,
                "the sample lives in {folder}: other commands reach it by --data-dir {folder}"
            );
        }
        let _ = out.flush();
        watch(&mut database, stop).await;
    }
    stop.cancel();
    let finished = finish(&tasks, database).await;
    begun.and(finished)
}

/// Starts everything that runs until the end, and says where it is served.
async fn begin(
    with_sample: bool,
    config: &Config,
    database: &Database,
    listener: TcpListener,
    (tasks, stop): (&TaskTracker, &CancellationToken),
) -> anyhow::Result<String> {
    let rules = Rules::of(&config.partitions);
    // Another manager may hold its lock for a while; the end need not wait for that.
    let looked = stop.run_until_cancelled(lifecycle::look(&database.store, rules)).await;
    if let Some((_, reason)) =
        looked.transpose()?.and_then(|applied| applied.failed.into_iter().next())
    {
        tracing::warn!(reason, "a partition could not be made yet; it is tried again every minute");
    }
    let InForce { catalogue, imported } = database.static_data.clone();
    let readers = StoreOptions {
        statement_timeout: Some(config.http.statement_timeout),
        ..database.server.store_options()?
    };
    let mut app = App::new(Store::connect(readers).await?, Arc::clone(&catalogue))
        .with_archive(config.archive.place(&config.data_dir))
        .with_cors(config.http.cors.clone())
        .with_lifecycle(rules.policy, folders(config));
    if let Some(server) = &config.web.image_server {
        app = app.with_images(server);
    }
    if with_sample {
        let made = summary::summary(&*database.store.client().await?).await?.created_at;
        let sample = Sample::new(&catalogue, made)?;
        app = app.with_sample(sample.questions(&catalogue, &config.data_dir));
        tasks.spawn(fill(
            sample,
            database.store.clone(),
            ingest_options(Arc::clone(&catalogue), rules, config.prefer),
            stop.clone(),
        ));
    }
    let store = database.store.clone();
    let (names, folder) = (app.suggest.clone(), config.data_dir.clone());
    tasks.spawn(suggest::keep(store.clone(), names, app.current(), folder, stop.clone()));
    tasks.spawn(static_data::keep(store, app.current(), imported, stop.clone()));
    let archive = config.archive.place(&config.data_dir);
    let counter = Counter::new(database.store.clone(), Some(archive), app.current());
    let address = format!("http://{}", listener.local_addr()?);
    tasks.spawn(serving::serve(listener, app, stop.clone()));
    tasks.spawn(lifecycle::keep(database.store.clone(), rules, stop.clone()));
    tasks.spawn(indexes::keep(database.store.clone(), rules, stop.clone()));
    tasks.spawn(presence::keep(counter.clone(), stop.clone()));
    let place = config.archive.place(&config.data_dir);
    let options = ingest_options(catalogue, rules, config.prefer);
    tasks.spawn(retention::keep(counter, place, rules, options, stop.clone()));
    let esi = Esi::new(&config.esi.base_url, config.contact.as_deref()).ok();
    tasks.spawn(names::keep(database.store.clone(), esi, stop.clone()));
    Ok(address)
}

/// Where the store and its archive lie on this machine, as far as they do.
fn folders(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let archive = match config.archive.place(&config.data_dir) {
        Place::Folder(folder) => Some(("archive", folder)),
        Place::S3 { .. } => None,
    };
    let data = ("data", config.data_dir.clone());
    std::iter::once(data).chain(archive).filter(|(_, folder)| folder.is_dir()).collect()
}

fn ingest_options(catalogue: Arc<Catalogue>, rules: Rules, prefer: Prefer) -> IngestOptions {
    IngestOptions {
        catalogue,
        prefer,
        policy: rules.policy,
        lock_budget: rules.budget,
        allow_generated: false,
        again: false,
        partitions_on_demand: PARTITIONS_ON_DEMAND_IMPORT,
    }
}

async fn fill(sample: Sample, store: Store, options: IngestOptions, stop: CancellationToken) {
    match sample::fill(sample, &store, options, &stop).await {
        Ok(kills) => tracing::info!(kills, "the sample galaxy is there"),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the sample galaxy could not be filled")
        }
    }
}

/// Waits for the end; starts our own PostgreSQL again should it die under us.
async fn watch(database: &mut Database, stop: &CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(WATCH_INTERVAL)).await.is_some() {
        if let Server::Own(cluster) = &mut database.server
            && !cluster.is_alive()
        {
            tracing::warn!("our PostgreSQL has died; starting it again");
            if let Some(Err(error)) = stop.run_until_cancelled(cluster.revive()).await {
                tracing::error!(%error, "PostgreSQL could not be started; it is tried again");
            }
        }
    }
}

/// Lets everything end, for a bounded time, and leaves our PostgreSQL.
async fn finish(tasks: &TaskTracker, database: Database) -> anyhow::Result<()> {
    tasks.close();
    if tokio::time::timeout(END_TIME_MAX, tasks.wait()).await.is_err() {
        tracing::warn!(tasks = tasks.len(), "ended without waiting for all work");
    }
    database.close().await
}

/// The sample's own data folder, beside the real one.
fn sample_config(config: &Config) -> anyhow::Result<Config> {
    if config.database_url.is_some() {
        bail!(
            "the sample galaxy lives in a PostgreSQL of its own: unset DATABASE_URL for `serve --sample`"
        );
    }
    // Its archive too: made-up months have no place among real ones.
    let archive = Archive { dir: None, ..config.archive.clone() };
    Ok(Config { data_dir: beside(&config.data_dir), archive, ..config.clone() })
}

fn beside(data_dir: &Path) -> PathBuf {
    let name = data_dir.file_name().unwrap_or_default().to_string_lossy();
    data_dir.with_file_name(format!("{name}-sample"))
}

async fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    let address = config.listen;
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("{address} is in use by another program: `--listen` takes another port")
        }
        Err(error) => Err(error).with_context(|| format!("listening on {address}")),
    }
}
