//! `noctis doctor`: is this store what it should be? Its settings, schema, partitions and what waits to be looked at.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use noctis_core::partition::plan;
use noctis_core::time::{TimeRange, day};
use noctis_store::summary::{DURABILITY_SETTINGS, settings, summary};
use noctis_store::{migrate, partitions};
use serde::Serialize;

use crate::cli::table;
use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::lifecycle::Rules;

/// Looks over the store.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArgs {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    value: String,
    /// What is wrong and what to do; none when all is well.
    problem: Option<String>,
}

/// Answers on `out`; the exit code is 1 when something is wrong.
///
/// # Errors
/// When the database cannot be reached.
pub async fn run(
    args: &DoctorArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, Purpose::Use).await?;
    let findings = examine(&database, Rules::of(&config.partitions)).await;
    database.close().await?;
    let findings = findings?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&findings)?)?;
    } else {
        let mut rows = table::new(&["", "what", "value"]);
        for finding in &findings {
            let mark = if finding.problem.is_some() { "!!" } else { "ok" };
            rows.add_row([mark, &finding.what, &finding.value]);
        }
        writeln!(out, "{rows}")?;
        for problem in findings.iter().filter_map(|finding| finding.problem.as_ref()) {
            writeln!(out, "!! {problem}")?;
        }
    }
    let ill = findings.iter().any(|finding| finding.problem.is_some());
    Ok(if ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn examine(database: &Database, rules: Rules) -> anyhow::Result<Vec<Finding>> {
    let client = database.store.client().await?;
    let mut findings = Vec::new();
    for (name, value) in settings(&client).await? {
        let off = DURABILITY_SETTINGS.contains(&name.as_str()) && value == "off";
        let problem = off.then(|| {
            format!(
                "{name} is off: a kill that was stored may be lost in a power cut; switch it on"
            )
        });
        findings.push(Finding { what: format!("setting {name}"), value, problem });
    }
    let summary = summary(&client).await?;
    let mut tell = |what: &str, value: String| {
        findings.push(Finding { what: what.into(), value, problem: None })
    };
    tell("store", summary.store_id);
    tell("schema", migrate::version(&client).await?.to_string());
    tell("static data", summary.static_data_build.unwrap_or_else(|| "none".into()));
    tell("killmails", summary.kills.to_string());
    tell("wanted", summary.wanted.to_string());
    tell("parked", summary.parked.to_string());
    tell("database", table::bytes(summary.bytes));
    findings.push(partitions_ahead(&client, rules).await?);
    Ok(findings)
}

async fn partitions_ahead(
    client: &noctis_store::Connection,
    rules: Rules,
) -> anyhow::Result<Finding> {
    let inventory = partitions::inspect(client).await?;
    let plan = plan(&rules.policy, &inventory, clock::now(), &[]);
    let missing = (!plan.steps.is_empty()).then(|| {
        format!(
            "partitions to be made: {}; `noctis partitions apply` makes them, as `noctis serve` does",
            plan.steps.len()
        )
    });
    let problems: Vec<String> =
        missing.into_iter().chain(plan.conflicts.into_iter().map(|one| one.detail)).collect();
    let ranges: BTreeSet<TimeRange> = inventory.leaves.iter().map(|leaf| leaf.range).collect();
    let value = match ranges.last() {
        Some(last) => format!("{} of each table, until {}", ranges.len(), day(last.to)),
        None => "none".to_owned(),
    };
    Ok(Finding {
        what: "partitions".into(),
        value,
        problem: (!problems.is_empty()).then(|| problems.join("; ")),
    })
}
