//! The commands.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::config::{CommandFlag, Config, GlobalArgs, Surroundings};
use crate::logging::{self, sentence};

pub mod archive;
pub mod backup;
pub mod bench;
pub mod config;
pub mod database;
pub mod doctor;
pub mod generate;
pub mod import;
pub mod kill;
pub mod kills;
pub mod migrate;
pub mod names;
pub mod parked;
pub mod partitions;
pub mod policy;
pub mod prices;
pub mod re_enrich;
pub mod restore;
pub mod sde;
pub mod serve;
pub(crate) mod table;
mod version;

/// Threads of the runtime: what waits for PostgreSQL and for HTTP needs few.
const WORKERS: usize = 4;

/// A killmail database for EVE Online.
#[derive(Debug, Parser)]
#[command(name = "noctis", arg_required_else_help = true)]
struct Cli {
    // Not clap's own flag: that one answers before it has seen `--long`.
    /// Print version; with --long, licences and whose the data is
    #[arg(short = 'V', long)]
    version: bool,
    #[arg(long, hide = true, requires = "version")]
    long: bool,
    #[command(flatten)]
    global: GlobalArgs,
    /// For drills: kill this process when it passes a point of an import
    #[arg(long, global = true, hide = true, value_name = "NAME[:COUNT]", value_parser = arm)]
    fail_at: Option<()>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and API, and keep the partitions; sets up its own PostgreSQL unless it is given one
    Serve(serve::ServeArgs),
    /// Write, check or show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Read killmails from files into the store
    Import(import::ImportArgs),
    /// Ask for kills
    Kills(Box<kills::KillsArgs>),
    /// Show one kill
    Kill(kill::KillArgs),
    /// List, show and try again what could not be stored
    #[command(subcommand)]
    Parked(parked::ParkedCommand),
    /// Look names up, read lists of them, tell how many are known
    #[command(subcommand)]
    Names(names::NamesCommand),
    /// Make the tables, or bring them to this noctis' version
    Migrate,
    /// Tell where the database is; move it to a newer PostgreSQL
    #[command(subcommand)]
    Database(database::DatabaseCommand),
    /// Open psql on the database
    Psql(database::PsqlArgs),
    /// Write synthetic killmails to standard output
    Generate(generate::GenerateArgs),
    /// Show, make and retire partitions
    #[command(subcommand)]
    Partitions(partitions::PartitionsCommand),
    /// List, check and bring back months that have gone to files
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// Import prices, show one, compare values with zKillboard's
    #[command(subcommand)]
    Prices(prices::PricesCommand),
    /// Show EVE's static data, and take another from CCP
    #[command(subcommand)]
    Sde(sde::SdeCommand),
    /// Enrich stored kills again, with today's static data, prices and rules
    ReEnrich(re_enrich::ReEnrichArgs),
    /// Look over the store: settings, schema, partitions
    Doctor(doctor::DoctorArgs),
    /// Copy database, archive and configuration into a folder, also while serving
    Backup(backup::BackupArgs),
    /// Put a backup back into a new data folder
    Restore(restore::RestoreArgs),
    /// Measure the figures of docs/performance.md
    Bench(bench::BenchArgs),
}

impl Command {
    /// The keys of the configuration that the command offers as flags of its own.
    fn flags(&self) -> Vec<CommandFlag> {
        match self {
            Self::Serve(args) => args.flags(),
            Self::Import(args) => args.flags(),
            Self::Partitions(command) => command.flags(),
            Self::Config(_)
            | Self::Kills(_)
            | Self::Kill(_)
            | Self::Parked(_)
            | Self::Names(_)
            | Self::Migrate
            | Self::Database(_)
            | Self::Psql(_)
            | Self::Generate(_)
            | Self::Archive(_)
            | Self::Prices(_)
            | Self::Sde(_)
            | Self::ReEnrich(_)
            | Self::Doctor(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Bench(_) => Vec::new(),
        }
    }
}

/// Runs the command that this process was started with, and tells how it went.
#[must_use]
#[allow(clippy::print_stderr, reason = "an error before the log has started has no other place")]
pub fn run() -> ExitCode {
    match run_command(&Cli::parse()) {
        Ok(code) => code,
        // Whoever reads us, such as `head`, has enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("noctis: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

fn run_command(cli: &Cli) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    if cli.version {
        version::print(cli.long, &mut out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(command) = &cli.command else {
        let text = "a command is missing; `noctis --help` lists them";
        Cli::command().error(ErrorKind::MissingSubcommand, text).exit();
    };
    let surroundings = Surroundings::of_this_process()?;
    match command {
        // It tells what is wrong with the configuration, so it does not need a right one.
        Command::Config(command) => {
            config::run(command, &cli.global, &surroundings, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        command => {
            let config = Config::resolve(&cli.global, &command.flags(), &surroundings)?;
            logging::start(&config.log)?;
            runtime()?.block_on(Box::pin(run_async(command, &config, &mut out)))
        }
    }
}

async fn run_async(
    command: &Command,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        Command::Config(_) => unreachable!("it has run without a runtime"),
        Command::Serve(args) => return Box::pin(serve::run(args, config, out)).await,
        Command::Import(args) => return import::run(args, config, out).await,
        Command::Kills(args) => return kills::run(args, config, out).await,
        Command::Kill(args) => kill::run(args, config, out).await?,
        Command::Generate(args) => generate::run(args, out)?,
        Command::Parked(command) => return parked::run(command, config, out).await,
        Command::Names(command) => return names::run(command, config, out).await,
        Command::Migrate => migrate::run(config, out).await?,
        Command::Database(command) => database::run(command, config, out).await?,
        Command::Psql(args) => return database::psql(args, config).await,
        Command::Partitions(command) => return partitions::run(command, config, out).await,
        Command::Archive(command) => return archive::run(command, config, out).await,
        Command::Prices(command) => return prices::run(command, config, out).await,
        Command::Sde(command) => return sde::run(command, config, out).await,
        Command::ReEnrich(args) => return re_enrich::run(args, config, out).await,
        Command::Doctor(args) => return doctor::run(args, config, out).await,
        Command::Backup(args) => return backup::run(args, config, out).await,
        Command::Restore(args) => restore::run(args, config, out).await?,
        Command::Bench(args) => bench::run(args, config, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .context("starting the runtime")
}

/// Arms the point while the flags are read, so that no command has to.
fn arm(text: &str) -> Result<(), String> {
    let (name, count) = text.split_once(':').unwrap_or((text, "1"));
    let count = count.parse().map_err(|_| format!("`{count}` is no number"))?;
    noctis_store::fail::arm(name, count)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.root_cause().downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::BrokenPipe)
}
