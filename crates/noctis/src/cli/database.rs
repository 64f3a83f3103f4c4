//! `noctis database url` and `noctis psql`, the way to the database for other programs, and `noctis database upgrade`.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use noctis_store::server::{self, Cluster, Upgraded};

use super::table;
use crate::config::Config;
use crate::database::{Server, cluster_options, reporter};

/// What to tell of the database.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum DatabaseCommand {
    /// Print the address for psql and other programs; it only reads unless told
    Url {
        /// The owner of the tables instead, who may change everything
        #[arg(long)]
        owner: bool,
    },
    /// Move noctis' own PostgreSQL to the newest version up to 18 that is installed; the old data is kept
    Upgrade,
}

/// Opens psql.
#[derive(Clone, Debug, clap::Args)]
pub struct PsqlArgs {
    /// As the owner of the tables, who may change everything
    #[arg(long)]
    owner: bool,
    /// Handed to psql, after `--`
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

/// Answers on `out`.
///
/// # Errors
/// When our own PostgreSQL does not start, the address is not known, or `out` is closed.
pub async fn run(
    command: &DatabaseCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let owner = match command {
        DatabaseCommand::Url { owner } => owner,
        DatabaseCommand::Upgrade => return upgrade(config, out).await,
    };
    let server = Server::join_existing(config).await?;
    let address = address(&server, *owner);
    server.leave().await?;
    Ok(writeln!(out, "{}", address?)?)
}

async fn upgrade(config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    if config.database_url.is_some() {
        bail!(
            "the database is on a PostgreSQL of yours, which you upgrade yourself; noctis works with 15 to 18"
        );
    }
    if !Cluster::exists(&config.data_dir) {
        bail!("there is no database in {}", config.data_dir.display());
    }
    let began = Instant::now();
    let (reporter, line) = reporter();
    let upgraded = Box::pin(server::upgrade(&cluster_options(config, reporter))).await;
    drop(line);
    let Upgraded { from, to, kept, kept_bytes } = upgraded.context("upgrading")?;
    let (seconds, size) =
        (began.elapsed().as_secs_f64(), table::bytes(kept_bytes.try_into().unwrap_or(i64::MAX)));
    writeln!(out, "moved from PostgreSQL {from} to {to} in {seconds:.1} s")?;
    writeln!(
        out,
        "the old data is kept in {} ({size}): remove it when you are content",
        kept.display()
    )?;
    Ok(())
}

/// Runs psql to its end; our own PostgreSQL stays up that long.
///
/// # Errors
/// When our own PostgreSQL does not start, or there is no psql.
pub async fn psql(args: &PsqlArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let server = Server::join_existing(config).await?;
    let ended = run_psql(args, config, &server).await;
    server.leave().await?;
    ended
}

async fn run_psql(args: &PsqlArgs, config: &Config, server: &Server) -> anyhow::Result<ExitCode> {
    let address = address(server, args.owner)?;
    // Ctrl-C is psql's: it ends a query there, and must not end us before it.
    let ours = tokio::signal::ctrl_c();
    tokio::pin!(ours);
    let mut child = tokio::process::Command::new(find_psql(config, server))
        .arg(address)
        .args(&args.args)
        .spawn()
        .context("starting psql (the PostgreSQL client package carries it)")?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.context("waiting for psql")?,
            () = async { let _ = (&mut ours).await; } => ours.set(tokio::signal::ctrl_c()),
        }
    };
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn address(server: &Server, owner: bool) -> anyhow::Result<String> {
    if owner {
        return Ok(server.owner_address());
    }
    match server.reader_address() {
        Some(address) => Ok(address),
        None => bail!(
            "only the owner's address is known for a database_url that was given: ask with --owner, or log in there \
             as a role of yours that was granted noctis_read"
        ),
    }
}

/// The psql beside our server, or the one that is installed.
fn find_psql(config: &Config, server: &Server) -> PathBuf {
    let path = config.machine.search_path.clone().unwrap_or_default();
    let beside = server.bin_dir().map(std::path::Path::to_path_buf);
    beside
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join("psql"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| "psql".into())
}
