//! `noctis partitions`: what is there, what would be done with which SQL and locks, doing it, and what was done.

mod apply;
mod ledger;
mod plan;
mod status;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::policy::{PolicyFlags, set_clock};
use crate::config::{CommandFlag, Config};
use crate::database::{Database, Purpose};

/// The partitions of the three tables, which are made, kept and retired together.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PartitionsCommand {
    /// List the partitions with their sizes
    Status {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what would be done: each step's SQL, its locks, and who holds them now
    Plan(Box<PlanArgs>),
    /// Show the plan and carry it out
    Apply(Box<ApplyArgs>),
    /// List what was done to partitions and archive, newest first
    Ledger {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Lines at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
}

/// What to plan.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArgs {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    /// Write the plan to a file for `noctis partitions apply FILE`
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// For drills: the present moment
    #[arg(long, value_name = "TIME", value_parser = set_clock)]
    now: Option<()>,
    #[command(flatten)]
    policy: PolicyFlags,
}

/// What to carry out.
#[derive(Clone, Debug, clap::Args)]
pub struct ApplyArgs {
    /// A saved plan: exactly that is done, or nothing if the partitions have changed since
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    /// For drills: the present moment
    #[arg(long, value_name = "TIME", value_parser = set_clock)]
    now: Option<()>,
    #[command(flatten)]
    policy: PolicyFlags,
}

impl PartitionsCommand {
    /// The configuration's keys among the flags.
    pub(super) fn flags(&self) -> Vec<CommandFlag> {
        match self {
            Self::Plan(args) => args.policy.flags(),
            Self::Apply(args) => args.policy.flags(),
            Self::Status { .. } | Self::Ledger { .. } => Vec::new(),
        }
    }
}

/// Answers on `out`; the exit code is 1 when a step was put off or something is in the way.
///
/// # Errors
/// When the database cannot be reached, or the plan was overtaken by something else.
pub async fn run(
    command: &PartitionsCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, Purpose::Use).await?;
    let answered = match command {
        PartitionsCommand::Status { json } => status::status(&database, *json, out).await,
        PartitionsCommand::Plan(args) => plan::run(args, config, &database, out).await,
        PartitionsCommand::Apply(args) => apply::run(args, config, &database, out).await,
        PartitionsCommand::Ledger { json, limit } => {
            ledger::run(&database, *json, *limit, out).await
        }
    };
    database.close().await?;
    answered
}
