//! `noctis names`: look names up at ESI, read lists of them, tell how many are known.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use noctis_core::time::{TimeRange, eve_time, parse_time};
use noctis_store::Store;
use noctis_store::names::walk::{self, LOCK};
use noctis_store::suggest::{self, Built};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::table;
use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::esi::Esi;
use crate::names::resolve::{End, Learned, round};
use crate::names::{PAGES_MAX, Since, import, walk_through};
use crate::signals::Stop;

/// ESI is waited for this long at a time, and this often; who has no patience presses Ctrl-C.
const WAIT_MAX: Duration = Duration::from_secs(1_200);
const WAITS_MAX: u32 = 1_000;
/// Days that `status` looks back, at most.
const DAYS_MAX: i64 = 3_650;

/// What to do about names.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum NamesCommand {
    /// Ask ESI for names and tickers that are missing, most seen first; `serve` does so by itself
    Resolve {
        /// Ask for this many ids at most
        #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
        max: u64,
        /// Print the summary as JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell how many of those on recent kills have a name, and what is left to ask
    Status {
        /// Kills of this many days
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=DAYS_MAX))]
        days: i64,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make all names ready to be suggested, the most active first; `serve` does so by itself
    Index {
        /// Print the summary as JSON
        #[arg(long)]
        json: bool,
    },
    /// Read lists of names: JSON or CSV with id, name and kind, or ESI's answers, compressed or not
    Import {
        /// Files and folders; `-` is standard input
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// When the names were true, such as 2026-08-01; newer ones are kept [default: now]
        #[arg(long, value_name = "DATE", value_parser = as_of)]
        as_of: Option<Timestamp>,
        /// Print the summary as JSON
        #[arg(long)]
        json: bool,
    },
}

fn as_of(text: &str) -> Result<Timestamp, String> {
    let now = clock::now();
    parse_time(text, now)
        .filter(|time| *time <= now)
        .ok_or_else(|| "a time that has passed, such as 2026-08-01 or 7d".to_owned())
}

/// Answers on `out`.
///
/// # Errors
/// When the database refuses, a path leads nowhere, nobody may be asked, or `out` is closed.
pub async fn run(
    command: &NamesCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let esi = match command {
        NamesCommand::Resolve { .. } => {
            Some(Esi::new(&config.esi.base_url, config.contact.as_deref())?)
        }
        NamesCommand::Status { .. } | NamesCommand::Index { .. } | NamesCommand::Import { .. } => {
            None
        }
    };
    let database = Database::open(config, Purpose::Use).await?;
    let answered = answer(command, (&database.store, config), esi, out).await;
    database.close().await?;
    answered
}

async fn answer(
    command: &NamesCommand,
    (store, config): (&Store, &Config),
    esi: Option<Esi>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    match (command, esi) {
        (NamesCommand::Resolve { max, json }, Some(esi)) => {
            let resolved = resolve(store, &esi, *max, stop.token()).await?;
            write_resolved(&resolved, *json, out)?;
            if let End::Refused(problem) = &resolved.learned.end {
                anyhow::bail!("{problem}");
            }
        }
        (NamesCommand::Resolve { .. }, None) => unreachable!("it has made its client"),
        (NamesCommand::Index { json }, _) => {
            index(store, &config.data_dir, *json, stop.token(), out).await?;
        }
        (NamesCommand::Status { days, json }, _) => status(store, *days, *json, out).await?,
        (NamesCommand::Import { paths, as_of, json }, _) => {
            let as_of = as_of.unwrap_or_else(clock::now);
            let summary = import::import(store, paths, as_of, &stop).await?;
            summary.write(*json, out)?;
            if summary.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(stop.signal().map_or(ExitCode::SUCCESS, |signal| signal.exit_code().into()))
}

struct Resolved {
    kills: u64,
    /// Of all rounds together, with the end of the last.
    learned: Learned,
}

/// Looks through what has arrived, then asks round after round, and waits where ESI wants that.
async fn resolve(
    store: &Store,
    esi: &Esi,
    max: u64,
    stop: &CancellationToken,
) -> anyhow::Result<Resolved> {
    let mut client = store.client().await?;
    let mut held = LOCK.take(&mut client).await.context("`noctis serve` looks names up, too")?;
    let kills = walk_through(&mut held, PAGES_MAX, stop).await?;
    let mut all = Learned::default();
    let mut waits = 0;
    loop {
        let since = Since::new(clock::now());
        let left = max.saturating_sub(all.ids);
        let learned = round(&mut held, esi, since, left, stop).await?;
        all.add(learned);
        let Learned { named, tickers, refused, requests, .. } = &all;
        tracing::info!(named, tickers, refused, requests, "asking ESI for names");
        match &all.end {
            End::More => {}
            End::Closed(closed) if waits < WAITS_MAX => {
                let wait = closed.until.duration_since(since.now());
                let wait = Duration::try_from(wait).unwrap_or_default();
                if wait > WAIT_MAX {
                    break;
                }
                waits += 1;
                tracing::warn!(until = %closed.until, why = %closed.why, "waiting for ESI");
                if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                    break;
                }
            }
            End::Done | End::Closed(_) | End::Refused(_) | End::Stopped => break,
        }
    }
    held.release().await?;
    Ok(Resolved { kills, learned: all })
}

fn write_resolved(resolved: &Resolved, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let Resolved { kills, learned } = resolved;
    let Learned { named, tickers, refused, requests, end, .. } = learned;
    if json {
        let end = match end {
            End::Done | End::More => json!({ "end": "done" }),
            End::Closed(closed) => {
                json!({ "end": "closed", "until": closed.until.to_string(), "why": closed.why.to_string() })
            }
            End::Refused(problem) => json!({ "end": "refused", "problem": problem }),
            End::Stopped => json!({ "end": "stopped" }),
        };
        let answer = json!({
            "kills_looked_through": kills, "named": named, "tickers": tickers, "refused": refused,
            "requests": requests, "ended": end,
        });
        return writeln!(out, "{answer:#}");
    }
    writeln!(
        out,
        "looked through {kills} kills; learned {named} names and {tickers} tickers in {requests} requests"
    )?;
    if *refused > 0 {
        writeln!(out, "{refused} could not be had; they are asked for again in 30 days")?;
    }
    match end {
        End::Closed(closed) => writeln!(
            out,
            "ESI is left alone until {}: {}; run this again then",
            eve_time(closed.until),
            closed.why
        ),
        End::Stopped => {
            writeln!(out, "stopped; what was learned is kept, and this can be run again")
        }
        End::Done | End::More | End::Refused(_) => Ok(()),
    }
}

async fn index(
    store: &Store,
    folder: &Path,
    json: bool,
    stop: &CancellationToken,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let Some(built) = stop.run_until_cancelled(suggest::build(store, folder)).await else {
        return Ok(());
    };
    let Built { as_of, names, grams, seconds } = built.context("`noctis serve` does so, too")?;
    if json {
        let as_of = as_of.to_string();
        let answer = json!({ "as_of": as_of, "names": names, "grams": grams, "seconds": seconds });
        writeln!(out, "{answer:#}")?;
    } else {
        writeln!(
            out,
            "{names} names are ready to be suggested, by {grams} grams, in {seconds:.1} s"
        )?;
    }
    Ok(())
}

async fn status(store: &Store, days: i64, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let now = clock::now();
    let range = TimeRange { from: now - SignedDuration::from_hours(24 * days), to: now };
    let client = store.client().await?;
    let coverage = walk::coverage(&client, range).await?;
    let backlog = walk::backlog(&client).await?;
    let behind = walk::behind(&client).await?;
    if json {
        let coverage: Vec<_> = coverage
            .iter()
            .map(|row| json!({ "kind": row.kind, "on_kills": row.shown, "named": row.named, "with_ticker": row.ticked }))
            .collect();
        let backlog: Vec<_> = backlog
            .iter()
            .map(|row| json!({ "lacks": row.wanted, "kind": row.kind, "ids": row.ids, "refused": row.refused }))
            .collect();
        let answer = json!({
            "days": days, "coverage": coverage, "backlog": backlog, "kills_not_looked_through": behind,
        });
        writeln!(out, "{answer:#}")?;
        return Ok(());
    }
    let days_text = format!("on kills of {days} days");
    let mut known = table::new(&["kind", &days_text, "named", "with ticker"]);
    for row in &coverage {
        let ticked = if row.kind == "character" { "-".to_owned() } else { row.ticked.to_string() };
        known.add_row([&row.kind, &row.shown.to_string(), &row.named.to_string(), &ticked]);
    }
    table::align_right(&mut known, &[1, 2, 3]);
    writeln!(out, "{}", known.trim_fmt())?;
    if behind > 0 {
        writeln!(
            out,
            "\n{behind} kills are not looked through for ids yet; `noctis names resolve` does so"
        )?;
    }
    if !backlog.is_empty() {
        let mut left = table::new(&["lacks", "kind", "ids", "refused by ESI"]);
        for row in &backlog {
            left.add_row([&row.wanted, &row.kind, &row.ids.to_string(), &row.refused.to_string()]);
        }
        table::align_right(&mut left, &[2, 3]);
        writeln!(out, "\n{}", left.trim_fmt())?;
    }
    Ok(())
}
