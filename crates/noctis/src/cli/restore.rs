//! `noctis restore`: a backup into a new data folder, started and asked what it holds.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use noctis_core::time::{day, eve_time};
use noctis_store::backup::holdings;
use noctis_store::summary::summary;

use super::backup::what;
use crate::backup::Backup;
use crate::backup::restore::restore;
use crate::config::Config;
use crate::database::{Database, Purpose, cluster_options, reporter};

/// Puts a backup back into --data-dir.
#[derive(Clone, Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup's folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Answers on `out`.
///
/// # Errors
/// When the data folder is not empty, the backup is unfinished or damaged, or what was put back does not answer.
pub async fn run(args: &RestoreArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    if config.database_url.is_some() {
        bail!(
            "a backup is put back as a PostgreSQL of noctis' own: unset DATABASE_URL for `noctis restore`"
        );
    }
    let began = Instant::now();
    let (reporter, line) = reporter();
    let backup = Box::pin(restore(&args.folder, &cluster_options(config, reporter))).await;
    drop(line);
    let backup = backup?;
    let data = config.data_dir.display();
    writeln!(out, "put back into {data}: {}", what(&backup))?;
    if backup.postgres.is_some() {
        look(config, out).await.context("what was put back does not answer")?;
    }
    writeln!(out, "it took {:.1} s", began.elapsed().as_secs_f64())?;
    Ok(advise(&backup, config, out)?)
}

/// Starts it, and tells what it holds.
async fn look(config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let database = Database::open(config, Purpose::Use).await?;
    let told = async {
        let client = database.store.client().await?;
        anyhow::Ok((summary(&client).await?, holdings(&client).await?))
    };
    let told = told.await;
    database.close().await?;
    let (summary, holdings) = told?;
    writeln!(out, "store {} answers: {} kills ever arrived", summary.store_id, summary.kills)?;
    for holding in holdings {
        let (state, ranges) = (&holding.state, holding.ranges);
        writeln!(out, "{state}: {ranges}, {} to {}", day(holding.from), day(holding.to))?;
    }
    Ok(())
}

/// What whoever restores must know: it is a copy, and may not be the only one.
fn advise(backup: &Backup, config: &Config, out: &mut dyn Write) -> std::io::Result<()> {
    let data = config.data_dir.display();
    writeln!(
        out,
        "this is the store as it was at {}; `noctis --data-dir {data} doctor` tells what does not fit together since",
        eve_time(backup.finished_at)
    )?;
    if backup.archive.copied && !backup.archive.parts.is_empty() {
        writeln!(out, "it has an archive of its own in {data}/archive")?;
    }
    writeln!(
        out,
        "where it is given the archive that its original went on with ({}), it reads it, and writes there only after \
         `noctis archive adopt STORE_ID`",
        backup.archive.place
    )?;
    if backup.configuration {
        writeln!(
            out,
            "the configuration it had is {data}/noctis.toml; look at data_dir and archive.dir in it before you use it"
        )?;
    }
    Ok(())
}
