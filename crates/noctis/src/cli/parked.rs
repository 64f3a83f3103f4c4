//! `noctis parked`: what could not be stored, why, and another try.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use noctis_core::killmail::Reason;
use noctis_core::time::eve_time;
use noctis_store::parked::{self, Chosen, Count, ParkedRow};

use super::import::ingest_options;
use super::table;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::import::retry::{Retried, retry};
use crate::signals::Stop;

/// Rows that one list may have.
const LIMIT_MAX: i64 = 10_000;

/// What to do with what is parked.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum ParkedCommand {
    /// Count by reason, then the newest
    List {
        /// Only this reason, such as `broken_json`
        #[arg(long, value_parser = reason)]
        reason: Option<Reason>,
        /// How many of the newest; 10,000 at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(0..=LIMIT_MAX))]
        limit: i64,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one with its bytes
    Show {
        id: i64,
        /// Write the bytes alone, unchanged
        #[arg(long)]
        raw: bool,
    },
    /// Try to store again: all, one reason, or some by their numbers
    Retry {
        /// Only this reason
        #[arg(long, value_parser = reason, conflicts_with = "ids")]
        reason: Option<Reason>,
        /// Only these
        #[arg(value_name = "ID")]
        ids: Vec<i64>,
        /// Take generated killmails into a store with real ones
        #[arg(long)]
        allow_generated: bool,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Answers on `out`.
///
/// # Errors
/// When the database refuses, there is no such parked input, or `out` is closed.
pub async fn run(
    command: &ParkedCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, Purpose::Use).await?;
    let answered = answer(command, &database, config, out).await;
    database.close().await?;
    answered
}

async fn answer(
    command: &ParkedCommand,
    database: &Database,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        ParkedCommand::List { reason, limit, json } => {
            let client = database.store.client().await?;
            let counts = parked::counts(&client, *reason).await?;
            let newest = parked::newest(&client, *reason, *limit).await?;
            if *json {
                let answer = serde_json::json!({ "counts": counts, "parked": newest });
                writeln!(out, "{answer:#}")?;
            } else {
                write_list(&counts, &newest, out)?;
            }
        }
        ParkedCommand::Show { id, raw } => {
            let client = database.store.client().await?;
            let Some((row, bytes)) = parked::get(&client, *id).await? else {
                bail!("nothing is parked under {id}; `noctis parked list` shows the numbers");
            };
            if *raw {
                out.write_all(&bytes)?;
            } else {
                write_one(&row, &bytes, out)?;
            }
        }
        ParkedCommand::Retry { reason, ids, allow_generated, json } => {
            let stop = Stop::listen()?;
            let ids = Some(ids.clone()).filter(|ids| !ids.is_empty());
            let chosen = Chosen { reason: *reason, ids };
            let catalogue = Arc::clone(&database.static_data.catalogue);
            let options = ingest_options(config, catalogue, *allow_generated);
            let retried = retry(&database.store, options, &chosen, stop.token())
                .await
                .context("trying parked inputs again")?;
            write_retried(retried, *json, out)?;
            return Ok(stop.signal().map_or(ExitCode::SUCCESS, |signal| signal.exit_code().into()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write_list(counts: &[Count], newest: &[ParkedRow], out: &mut dyn Write) -> std::io::Result<()> {
    if counts.is_empty() {
        return writeln!(out, "nothing is parked");
    }
    let mut by_reason = table::new(&["reason", "count", "size"]);
    for count in counts {
        by_reason.add_row([&count.reason, &count.count.to_string(), &table::bytes(count.bytes)]);
    }
    table::align_right(&mut by_reason, &[1, 2]);
    writeln!(out, "{}", by_reason.trim_fmt())?;
    if newest.is_empty() {
        return Ok(());
    }
    let mut rows =
        table::new(&["id", "parked at", "reason", "killmail", "size", "source", "detail"]);
    for row in newest {
        let killmail = row.killmail_id.map_or("-".to_owned(), |id| id.to_string());
        rows.add_row([
            &row.parked_id.to_string(),
            &eve_time(row.parked_at),
            &row.reason,
            &killmail,
            &table::bytes(row.bytes),
            &printable(&row.source),
            &printable(&row.detail),
        ]);
    }
    table::align_right(&mut rows, &[0, 3, 4]);
    writeln!(out, "\n{}", rows.trim_fmt())
}

fn write_one(row: &ParkedRow, bytes: &[u8], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "reason    {}", row.reason)?;
    writeln!(out, "detail    {}", printable(&row.detail))?;
    writeln!(out, "source    {}", printable(&row.source))?;
    if let Some(killmail_id) = row.killmail_id {
        writeln!(out, "killmail  {killmail_id}")?;
    }
    writeln!(out, "parked at {}", eve_time(row.parked_at))?;
    writeln!(out, "size      {}\n", table::bytes(row.bytes))?;
    writeln!(out, "{}", printable(&String::from_utf8_lossy(bytes)))
}

/// Without what would command a terminal: nobody knows who wrote these bytes.
fn printable(text: &str) -> String {
    let harmless = |c: char| !c.is_control() || c == '\n' || c == '\t';
    text.chars().map(|c| if harmless(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

fn write_retried(retried: Retried, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if json {
        return writeln!(out, "{}", serde_json::json!(retried));
    }
    writeln!(
        out,
        "tried {}: {} stored, {} parked still",
        retried.tried, retried.stored, retried.parked_still
    )
}

fn reason(text: &str) -> Result<Reason, String> {
    Reason::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Reason::ALL.into_iter().map(Reason::name).collect();
        format!("no such reason; there are {}", names.join(", "))
    })
}
