//! `noctis doctor`: is this store what it should be? What is wrong, what was mended, and what to do about the rest.

mod recount;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use jiff::civil::Date;
use noctis_archive::{Archive, Place};
use noctis_core::drift::Mend;

use crate::cli::table;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::doctor::{Report, Thoroughness, examine};
use crate::lifecycle::Rules;

/// Looks over the store.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArgs {
    /// Mend what is safe; nothing that holds rows is dropped
    #[arg(long)]
    fix: bool,
    /// Compare the rows of every month and every file of the archive, however long it takes
    #[arg(long)]
    deep: bool,
    /// Look at nothing but presence of this month: count it anew from its kills, archived ones too, and compare
    #[arg(long, value_name = "MONTH", value_parser = recount::month, conflicts_with = "deep")]
    recount: Option<Date>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Answers on `out`; the exit code is 1 when something is wrong and was not mended.
///
/// # Errors
/// When the database cannot be reached.
pub async fn run(
    args: &DoctorArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, Purpose::Use).await?;
    if let Some(month) = args.recount {
        let recounted = recount::run(&database, month, (args.fix, args.json), out).await;
        database.close().await?;
        return recounted;
    }
    let how = Thoroughness { fix: args.fix, deep: args.deep };
    let report = async {
        if args.fix {
            database.store.refuse_pooler().await?;
        }
        let archive = archive(config)?;
        examine(&database, archive.as_ref(), Rules::of(&config.partitions), how).await
    }
    .await;
    database.close().await?;
    let report = report?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report, out)?;
    }
    Ok(if report.is_ill() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The archive, unless it is a folder that nobody has made yet.
fn archive(config: &Config) -> anyhow::Result<Option<Archive>> {
    let place = config.archive.place(&config.data_dir);
    if let Place::Folder(folder) = &place
        && !folder.is_dir()
    {
        return Ok(None);
    }
    Archive::open(&place).map(Some).context("opening the archive")
}

fn print(report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut rows = table::new(&["", "what", "value"]);
    for finding in &report.findings {
        let mark = if finding.problem.is_some() { "!!" } else { "ok" };
        rows.add_row([mark, &finding.what, &finding.value]);
    }
    writeln!(out, "{rows}")?;
    for problem in report.findings.iter().filter_map(|finding| finding.problem.as_ref()) {
        writeln!(out, "!! {problem}")?;
    }
    for drift in &report.mended {
        writeln!(out, "mended: {}: {}", drift.table, drift.detail)?;
    }
    for (table, reason) in &report.put_off {
        writeln!(out, "put off: {table}: {reason}")?;
    }
    for drift in &report.drifts {
        writeln!(out, "!! {} ({}): {}", drift.table, drift.kind.name(), drift.detail)?;
        match &drift.mend {
            Mend::Fix(_) => writeln!(out, "   `noctis doctor --fix` mends it")?,
            Mend::Advice(advice) => writeln!(out, "   {advice}")?,
        }
    }
    for sentence in &report.not_looked_at {
        writeln!(out, "not looked at: {sentence}")?;
    }
    Ok(())
}
