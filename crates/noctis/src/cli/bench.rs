//! `noctis bench`: the figures of `docs/performance.md`, measured anew on servers and folders of its own.

mod questions;

use std::io::Write;
use std::sync::Arc;

use noctis_store::bench::{SEED_BEFORE, SEED_MEASURED};
use noctis_store::ingest::{IngestOptions, PARTITIONS_ON_DEMAND_IMPORT};
use noctis_store::summary::settings;

use crate::bench::{self, Work};
use crate::config::Config;
use crate::database::catalogue;
use crate::lifecycle::Rules;

/// Measures; takes minutes, and disk for the killmails several times over.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// What to measure
    #[arg(value_enum, default_values_t = [What::Import, What::Feed, What::Read])]
    what: Vec<What>,
    /// Killmails of the import, and in the store that is fed and read
    #[arg(long, default_value_t = 200_000)]
    kills: u64,
    /// Rounds of each comparison, of which the median counts
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    questions: questions::QuestionArgs,
}

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// An import against psql's \copy of the same rows
    Import,
    /// A feed's small batches
    Feed,
    /// Pages over HTTP against the bare statements
    Read,
    /// All questions on stores of chosen sizes, which are kept
    Questions,
}

/// Answers on `out`.
///
/// # Errors
/// When there is no PostgreSQL, or the disk is full.
pub async fn run(args: &BenchArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let work = Work::new(config)?;
    let mut report = serde_json::Map::new();
    if args.what.contains(&What::Import) {
        let tell = |text: &str| tracing::info!("{text}");
        let import = Box::pin(bench::import::run(&work, args.kills, args.rounds, tell)).await?;
        report.insert("import".into(), serde_json::to_value(import)?);
    }
    if args.what.contains(&What::Feed) || args.what.contains(&What::Read) {
        Box::pin(small(args, config, &work, &mut report)).await?;
    }
    if args.what.contains(&What::Questions) {
        let asked = Box::pin(questions::run(&args.questions, args.kills, config)).await?;
        if !args.json {
            questions::print(&asked, out)?;
            return print(&report, out);
        }
        report.insert("questions".into(), serde_json::to_value(asked)?);
    }
    if args.json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?);
    }
    print(&report, out)
}

/// What is measured on one filled store.
async fn small(
    args: &BenchArgs,
    config: &Config,
    work: &Work,
    report: &mut serde_json::Map<String, serde_json::Value>,
) -> anyhow::Result<()> {
    let database = work.store("small").await?;
    let all = (bench::FROM, bench::TO);
    let before = work.killmails("before.ndjson", (args.kills / 4).max(1), SEED_BEFORE, all)?;
    let measured = work.killmails("measured.ndjson", args.kills, SEED_MEASURED, all)?;
    work.import("small", &before)?;
    work.import("small", &measured)?;
    report.insert(
        "settings".into(),
        serde_json::to_value(settings(&*database.store.client().await?).await?)?,
    );
    if args.what.contains(&What::Feed) {
        let feed = bench::feed::run(&database, options(config)).await?;
        report.insert("feed".into(), serde_json::to_value(feed)?);
    }
    if args.what.contains(&What::Read) {
        let read = Box::pin(bench::read::run(&database, args.rounds)).await?;
        report.insert("read".into(), serde_json::to_value(read)?);
    }
    work.remove(database, "small").await
}

fn options(config: &Config) -> IngestOptions {
    let rules = Rules::of(&config.partitions);
    IngestOptions {
        catalogue: Arc::new(catalogue()),
        prefer: config.prefer,
        policy: rules.policy,
        lock_budget: rules.budget,
        allow_generated: true,
        again: false,
        partitions_on_demand: PARTITIONS_ON_DEMAND_IMPORT,
    }
}

fn print(
    report: &serde_json::Map<String, serde_json::Value>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for (name, figures) in report {
        writeln!(out, "{name}")?;
        match figures {
            serde_json::Value::Object(figures) => {
                for (figure, value) in figures {
                    writeln!(out, "  {figure:<22} {value}")?;
                }
            }
            serde_json::Value::Array(rows) => {
                for row in rows {
                    writeln!(out, "  {row}")?;
                }
            }
            other => writeln!(out, "  {other}")?,
        }
    }
    Ok(())
}
