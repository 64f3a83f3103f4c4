//! `noctis prices`: bring prices in, see one with what it was taken from, compare values with zKillboard's.

mod report;
mod show;

use std::io::Write;
use std::process::ExitCode;

use jiff::civil::Date;
use noctis_core::enrich::prices::rows::is_price_day;
use noctis_core::time::day;

use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::import::disk::FreeDisk;
use crate::prices::reading::list;
use crate::prices::summary::Summary;
use crate::prices::{Plan, import};
use crate::signals::Stop;

/// What to do with prices.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PricesCommand {
    /// Read prices from files, folders and web addresses into the store
    ///
    /// EVE Ref's market history (CSV; the Forge counts, other regions are passed over), ESI's /markets/prices/ (JSON),
    /// overrides (CSV with `type_id,date,price`) and build costs (CSV with `type_id,date,build_cost`), known by their
    /// content; compressed, in archives. An override or cost counts from its date on. Kills that are stored already
    /// keep their value until they are enriched again.
    Import {
        /// Files, folders and http(s) addresses; `-` is standard input
        #[arg(required = true, value_name = "PATH|URL")]
        places: Vec<String>,
        /// The day of ESI's prices, which do not tell theirs [default: today]
        #[arg(long, value_name = "DATE", value_parser = price_day)]
        day: Option<Date>,
        /// Print the summary as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the price of a type on a day, and what it is taken from
    Show {
        /// A type's id or exact name
        #[arg(value_name = "TYPE")]
        name: String,
        /// The day [default: today]
        #[arg(long, value_name = "DATE", value_parser = price_day)]
        day: Option<Date>,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Compare our own values of the stored kills with zKillboard's, by the group of the lost ship
    Report {
        /// Kills at or after this time: 30d, 2026-11-22
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// Kills before this time
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Answers on `out`.
///
/// # Errors
/// When a path leads nowhere, a name is not known, the database does not answer, or `out` is closed.
pub async fn run(
    command: &PricesCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, Purpose::Use).await?;
    let answered = answer(command, &database, config, out).await;
    database.close().await?;
    answered
}

async fn answer(
    command: &PricesCommand,
    database: &Database,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let today = day(clock::now());
    match command {
        PricesCommand::Import { places, day, json } => {
            let stop = Stop::listen()?;
            let bytes_min = config.import.min_free_disk_bytes;
            let (server, store) = (&database.server, &database.store);
            let disk = FreeDisk::of(server, store, &config.data_dir, bytes_min).await?;
            let plan = Plan { sources: list(places)?, day: day.unwrap_or(today), disk };
            let summary = import(&database.store, plan, &stop).await;
            say(&summary, *json, out)?;
            return Ok(ExitCode::from(summary.exit_code()));
        }
        PricesCommand::Show { name, day, json } => {
            show::run(database, name, day.unwrap_or(today), *json, out).await?;
        }
        PricesCommand::Report { since, until, json } => {
            let times = (since.as_deref(), until.as_deref());
            report::run(database, times, *json, out).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
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

fn price_day(text: &str) -> Result<Date, String> {
    let day: Option<Date> = text.parse().ok().filter(|day| is_price_day(*day));
    day.ok_or_else(|| "expected a date such as 2026-11-22".to_owned())
}
