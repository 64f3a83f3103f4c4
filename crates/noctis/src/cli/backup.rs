//! `noctis backup`: the store into a folder, while it serves; `noctis backup verify` reads one back.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use noctis_core::time::eve_time;

use super::table;
use crate::backup::take::{Order, Taken, take};
use crate::backup::{Backup, verify};
use crate::config::Config;
use crate::database::{Database, Purpose, cluster_options, reporter};

/// Takes or checks a backup.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BackupArgs {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// A new folder
    #[arg(value_name = "DIR", required = true)]
    folder: Option<PathBuf>,
    /// An earlier backup on the same disk: what of the archive is in it is linked, not copied
    #[arg(long, value_name = "DIR")]
    earlier: Option<PathBuf>,
    /// Only archive and configuration, for a PostgreSQL of your own
    #[arg(long)]
    without_database: bool,
}

/// What else to do with backups.
#[derive(Clone, Debug, clap::Subcommand)]
enum BackupCommand {
    /// Read a backup and compare it with what it should be
    Verify {
        /// Its folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Answers on `out`; the exit code is 1 when the archive has damaged files, which are then not in the backup.
///
/// # Errors
/// When it cannot be taken, or is not what it should be.
pub async fn run(
    args: &BackupArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    if let Some(BackupCommand::Verify { folder }) = &args.command {
        check(folder, config, out).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(folder) = args.folder.clone() else { bail!("a folder is missing") };
    let order = Order {
        folder: folder.clone(),
        earlier: args.earlier.clone(),
        without_database: args.without_database,
    };
    let database = Database::open(config, Purpose::Use).await?;
    let taken = Box::pin(take(&order, config, &database)).await;
    let closed = database.close().await;
    let taken = taken?;
    closed?;
    say(&taken, &folder, config, out)?;
    writeln!(out, "it took {:.1} s", began.elapsed().as_secs_f64())?;
    let is_whole = taken.backup.damaged.is_empty();
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check(folder: &Path, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let (reporter, _line) = reporter();
    let backup = Box::pin(verify(folder, &cluster_options(config, reporter))).await?;
    writeln!(
        out,
        "the backup of {} in {} is whole: {}",
        eve_time(backup.finished_at),
        folder.display(),
        what(&backup)
    )?;
    Ok(())
}

/// What is in it, in a line.
pub(super) fn what(backup: &Backup) -> String {
    let mut parts = Vec::new();
    parts.extend(
        backup.postgres.as_ref().map(|version| format!("the database of PostgreSQL {version}")),
    );
    parts.push(match (backup.archive.parts.len(), backup.archive.copied) {
        (0, _) => "nothing archived".to_owned(),
        (1, true) => "1 part of the archive".to_owned(),
        (count, true) => format!("{count} parts of the archive"),
        (count, false) => {
            format!("a list of {count} parts that stay in {}", backup.archive.place)
        }
    });
    parts.extend(backup.configuration.then(|| "the configuration".to_owned()));
    parts.join(", ")
}

fn say(taken: &Taken, folder: &Path, config: &Config, out: &mut dyn Write) -> std::io::Result<()> {
    let Taken { backup, linked } = taken;
    writeln!(out, "backed up into {}: {}", folder.display(), what(backup))?;
    let size = table::bytes(backup.bytes().try_into().unwrap_or(i64::MAX));
    writeln!(
        out,
        "{} files beside the database's, {size}, {linked} of them linked",
        backup.files()
    )?;
    if backup.configuration {
        writeln!(out, "noctis.toml is in it as it is, with any password: keep the folder closed")?;
    }
    let elsewhere: Vec<&str> = config
        .settings
        .iter()
        .filter(|setting| setting.origin.starts_with("NOCTIS_") || setting.origin == "DATABASE_URL")
        .map(|setting| setting.origin.as_str())
        .collect();
    if !elsewhere.is_empty() {
        writeln!(out, "not in it, since they come from the environment: {}", elsewhere.join(", "))?;
    }
    for path in &backup.damaged {
        writeln!(
            out,
            "!! {path} of the archive is missing or damaged, and is not in the backup: `noctis archive verify` tells more"
        )?;
    }
    Ok(())
}
