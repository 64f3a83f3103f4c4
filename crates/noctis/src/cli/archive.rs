//! `noctis archive`: what has gone to files, whether it is whole, and back.

use std::io::Write;
use std::process::ExitCode;

use noctis_archive::Archive;
use noctis_core::partition::PartState;
use noctis_core::time::{day, eve_time};
use noctis_store::partitions::parts::{self, StoredPart};
use serde::Serialize;
use uuid::Uuid;

use crate::cli::table;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::lifecycle::Rules;
use crate::lifecycle::adopt::adopt;
use crate::lifecycle::restore::restore;
use crate::logging::sentence;

/// The months that have gone to files, and go on answering.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum ArchiveCommand {
    /// List the parts of the archive: where each stands, its kills and its size
    List {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Read files back, all or a month's, and compare them with what was written
    Verify {
        /// As in 2025-06
        month: Option<String>,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring a month back into the tables, with what came late for it
    Restore {
        /// As in 2025-06
        month: String,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take over an archive that another store wrote, or this one before its database was put back
    Adopt {
        /// The store it belongs to, as the refusal of another command names it
        store_id: Uuid,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Answers on `out`; the exit code is 1 when something is damaged.
///
/// # Errors
/// When the database or the archive cannot be reached, or what was asked for is refused.
pub async fn run(
    command: &ArchiveCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, Purpose::Use).await?;
    let answered = answer(command, &database, config, out).await;
    database.close().await?;
    answered
}

async fn answer(
    command: &ArchiveCommand,
    database: &Database,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let archive = Archive::open(&config.archive.place(&config.data_dir))?;
    let budget = Rules::of(&config.partitions).budget;
    match command {
        ArchiveCommand::List { json } => list(database, &archive, *json, out).await?,
        ArchiveCommand::Verify { month, json } => {
            return verify(database, &archive, month.as_deref(), *json, out).await;
        }
        ArchiveCommand::Restore { month, json } => {
            database.store.refuse_pooler().await?;
            let restored = restore(&database.store, &archive, month, budget).await?;
            if *json {
                writeln!(out, "{:#}", serde_json::json!(restored))?;
            } else {
                for one in &restored {
                    let (from, to, parts) =
                        (day(one.range.from), day(one.range.to), one.parts.len());
                    writeln!(
                        out,
                        "{from} to {to}: {} kills are back, of {parts} parts",
                        one.kills
                    )?;
                }
            }
        }
        ArchiveCommand::Adopt { store_id, json } => {
            database.store.refuse_pooler().await?;
            let adopted = adopt(&database.store, &archive, *store_id).await?;
            if *json {
                writeln!(out, "{:#}", serde_json::json!(adopted))?;
            } else {
                writeln!(
                    out,
                    "the archive is this store's, generation {}; {} parts and {} kills were new to it",
                    adopted.generation,
                    adopted.parts.len(),
                    adopted.registered
                )?;
                for part in &adopted.hot {
                    writeln!(
                        out,
                        "{part}: its kills are in the tables, so its files answer nothing"
                    )?;
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A part as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    bytes: u64,
    #[serde(flatten)]
    part: &'a StoredPart,
}

fn bytes(part: &StoredPart) -> u64 {
    part.manifest.files.iter().map(|file| file.bytes).sum()
}

async fn list(
    database: &Database,
    archive: &Archive,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let client = database.store.client().await?;
    let parts = parts::parts(&**client).await?;
    if json {
        let shown: Vec<_> = parts.iter().map(|part| Shown { bytes: bytes(part), part }).collect();
        let place = archive.place().to_string();
        writeln!(out, "{:#}", serde_json::json!({ "archive": place, "parts": shown }))?;
        return Ok(());
    }
    if parts.is_empty() {
        writeln!(out, "nothing is in the archive {}", archive.place())?;
        return Ok(());
    }
    let mut rows =
        table::new(&["month", "part", "state", "from", "to", "kills", "size", "verified at"]);
    for part in &parts {
        let manifest = &part.manifest;
        rows.add_row([
            manifest.name.month.clone(),
            manifest.name.part.to_string(),
            state(part.state).to_owned(),
            day(manifest.range.from).to_string(),
            day(manifest.range.to).to_string(),
            part.kills.to_string(),
            table::bytes(i64::try_from(bytes(part)).unwrap_or(i64::MAX)),
            eve_time(part.verified_at),
        ]);
    }
    table::align_right(&mut rows, &[1, 5, 6]);
    writeln!(out, "{}", rows.trim_fmt())?;
    let cold = parts.iter().filter(|part| part.state == PartState::Cold);
    let (kills, size) =
        cold.fold((0, 0), |(kills, size), part| (kills + part.kills, size + bytes(part)));
    let size = table::bytes(i64::try_from(size).unwrap_or(i64::MAX));
    writeln!(out, "{kills} kills answer from {}, {size}", archive.place())?;
    Ok(())
}

fn state(state: PartState) -> &'static str {
    match state {
        PartState::Verified => "verified",
        PartState::Cold => "cold",
        PartState::Restored => "restored",
    }
}

/// What reading a part back came to.
#[derive(Serialize)]
struct Verified {
    part: String,
    kills: i64,
    problem: Option<String>,
}

async fn verify(
    database: &Database,
    archive: &Archive,
    month: Option<&str>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let client = database.store.client().await?;
    let mut parts = parts::parts(&**client).await?;
    drop(client);
    parts.retain(|part| month.is_none_or(|month| part.manifest.name.month == month));
    if let (Some(month), true) = (month, parts.is_empty()) {
        anyhow::bail!("nothing of {month} is in the archive; `noctis archive list` shows what is");
    }
    let mut all = Vec::new();
    for part in &parts {
        let problem =
            archive.verify(&part.manifest).await.err().map(|error| sentence(&error.into()));
        let verified = Verified { part: part.manifest.name.path(), kills: part.kills, problem };
        if !json {
            match &verified.problem {
                None => writeln!(out, "{}: {} kills, as written", verified.part, verified.kills)?,
                Some(problem) => writeln!(out, "{}: {problem}", verified.part)?,
            }
        }
        all.push(verified);
    }
    if json {
        writeln!(out, "{:#}", serde_json::json!(all))?;
    }
    let whole = all.iter().all(|verified| verified.problem.is_none());
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
