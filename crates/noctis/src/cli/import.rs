//! `noctis import`: files of any shape into the store, with progress and a summary.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use noctis_core::catalogue::Catalogue;
use noctis_store::ingest::{IngestOptions, PARTITIONS_ON_DEMAND_IMPORT};

use crate::config::{CommandFlag, Config, keys};
use crate::database::{Database, Purpose};
use crate::import::disk::FreeDisk;
use crate::import::summary::Summary;
use crate::import::{Plan, import};
use crate::lifecycle::Rules;
use crate::reading::list;
use crate::signals::Stop;

/// What to import and how.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    /// Files and folders; `-` is standard input. JSON in any shape killmails come in, compressed, in archives
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read files that were finished before, too, and store kills anew that were dropped
    #[arg(long)]
    again: bool,
    /// Exit with 2 if more than this could not be stored [default: 100]
    #[arg(long, value_name = "N")]
    max_parked: Option<String>,
    /// Stop when less than this is free on the disk [default: 10GB]
    #[arg(long, value_name = "SIZE")]
    min_free_disk: Option<String>,
    /// Take generated killmails into a store with real ones
    #[arg(long)]
    allow_generated: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

impl ImportArgs {
    /// The keys of the configuration that have a flag here.
    #[must_use]
    pub fn flags(&self) -> Vec<CommandFlag> {
        vec![
            CommandFlag {
                about: &keys::IMPORT_MAX_PARKED.about,
                flag: "--max-parked",
                text: self.max_parked.clone(),
            },
            CommandFlag {
                about: &keys::IMPORT_MIN_FREE_DISK.about,
                flag: "--min-free-disk",
                text: self.min_free_disk.clone(),
            },
        ]
    }
}

/// Imports, and prints the summary on `out` however it ended.
///
/// # Errors
/// When a path leads nowhere, the database does not open, or `out` is closed.
pub async fn run(
    args: &ImportArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let inputs = list(&args.paths)?;
    let stop = Stop::listen()?;
    let database = Database::open(config, Purpose::Use).await?;
    let bytes_min = config.import.min_free_disk_bytes;
    let disk = FreeDisk::of(&database.server, &database.store, &config.data_dir, bytes_min).await?;
    let catalogue = Arc::clone(&database.static_data.catalogue);
    let options = ingest_options(config, catalogue, args.allow_generated);
    let options = IngestOptions { again: args.again, ..options };
    let counter = database.counter();
    let plan = Plan { inputs, again: args.again, options, disk, counter };
    let summary = import(&database.store, plan, &stop).await;
    let said = say(&summary, args.json, out);
    database.close().await?;
    said?;
    Ok(ExitCode::from(summary.exit_code(config.import.max_parked)))
}

/// How killmails are stored by a command that may make the partitions it needs.
#[must_use]
pub fn ingest_options(
    config: &Config,
    catalogue: Arc<Catalogue>,
    allow_generated: bool,
) -> IngestOptions {
    let rules = Rules::of(&config.partitions);
    IngestOptions {
        catalogue,
        prefer: config.prefer,
        policy: rules.policy,
        lock_budget: rules.budget,
        again: false,
        allow_generated,
        partitions_on_demand: PARTITIONS_ON_DEMAND_IMPORT,
    }
}

#[allow(
    clippy::print_stderr,
    reason = "the answer is on standard output; this says why it is short"
)]
fn say(summary: &Summary, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if json {
        let text = serde_json::to_string_pretty(summary).expect("a summary is always JSON");
        writeln!(out, "{text}")?;
    } else {
        summary.write_table(out)?;
    }
    if let Some(sentence) = summary.end.sentence() {
        eprintln!("noctis: {sentence}");
    }
    Ok(())
}
