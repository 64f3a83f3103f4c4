//! `noctis partitions`: what is there, what would be done with which SQL and locks, and doing it.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use noctis_core::partition::{Member, Plan, Step, plan};
use noctis_core::time::{TimeRange, day};
use noctis_store::partitions::{self, Applied, Blocker, LeafSize, ddl};
use serde::Serialize;

use crate::cli::table;
use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::lifecycle::Rules;

/// The partitions of the three tables, which are made and kept together.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PartitionsCommand {
    /// List the partitions with their sizes
    Status {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what would be done: each step's SQL, its locks, and who holds them now
    Plan {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the plan and carry it out
    Apply {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Answers on `out`; the exit code is 1 when a step was put off or something is in the way.
///
/// # Errors
/// When the database cannot be reached, or the plan was overtaken by another manager.
pub async fn run(
    command: &PartitionsCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, Purpose::Use).await?;
    let rules = Rules::of(&config.partitions);
    let answered = match command {
        PartitionsCommand::Status { json } => status(&database, *json, out).await,
        PartitionsCommand::Plan { json } => show_plan(&database, rules, *json, out).await,
        PartitionsCommand::Apply { json } => apply(&database, rules, *json, out).await,
    };
    database.close().await?;
    answered
}

async fn status(database: &Database, json: bool, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sizes = partitions::sizes(&*database.store.client().await?).await?;
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&sizes)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut ranges: BTreeMap<TimeRange, Vec<&LeafSize>> = BTreeMap::new();
    for size in &sizes {
        ranges.entry(size.leaf.range).or_default().push(size);
    }
    let mut rows =
        table::new(&["partition", "from", "to", "kills ~", "raw", "enriched", "participants"]);
    table::align_right(&mut rows, &[3, 4, 5, 6]);
    for (range, leaves) in &ranges {
        let of = |member| leaves.iter().find(|size| size.leaf.member == member);
        let weight =
            |member| of(member).map_or("missing".to_owned(), |size| table::bytes(size.bytes));
        let raw = of(Member::Raw);
        let name = raw.map_or("", |size| size.leaf.name.trim_start_matches("killmails_raw_"));
        rows.add_row([
            name.to_owned(),
            day(range.from).to_string(),
            day(range.to).to_string(),
            raw.and_then(|size| size.rows_estimated)
                .map_or("?".to_owned(), |rows| rows.to_string()),
            weight(Member::Raw),
            weight(Member::Enriched),
            weight(Member::Participants),
        ]);
    }
    writeln!(out, "{rows}")?;
    let total: i64 = sizes.iter().map(|size| size.bytes).sum();
    writeln!(out, "{} partitions of each table, {}", ranges.len(), table::bytes(total))?;
    Ok(ExitCode::SUCCESS)
}

/// A step as it is shown.
#[derive(Serialize)]
struct ShownStep<'a> {
    #[serde(flatten)]
    step: &'a Step,
    statements: Vec<ddl::Statement>,
}

async fn make_plan(database: &Database, rules: Rules) -> anyhow::Result<(Plan, Vec<Blocker>)> {
    let client = database.store.client().await?;
    let inventory = partitions::inspect(&client).await?;
    Ok((plan(&rules.policy, &inventory, clock::now(), &[]), partitions::blockers(&client).await?))
}

async fn show_plan(
    database: &Database,
    rules: Rules,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let (plan, blockers) = make_plan(database, rules).await?;
    if json {
        let steps: Vec<ShownStep<'_>> = plan
            .steps
            .iter()
            .map(|step| ShownStep { step, statements: ddl::statements(step) })
            .collect();
        let shown = serde_json::json!({
            "inventory": plan.inventory, "steps": steps, "conflicts": plan.conflicts, "blockers": blockers,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
    } else {
        print_plan(&plan, &blockers, out)?;
    }
    Ok(if plan.conflicts.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_plan(plan: &Plan, blockers: &[Blocker], out: &mut dyn Write) -> std::io::Result<()> {
    let steps = match plan.steps.len() {
        0 => "nothing to do".to_owned(),
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    };
    writeln!(out, "plan for inventory {}: {steps}", plan.inventory)?;
    for step in &plan.steps {
        let Step::Create { range, suffix, members } = step else { continue };
        let tables: Vec<&str> = members.iter().map(|member| member.table()).collect();
        writeln!(out, "\ncreate {suffix} {range} in {}", tables.join(", "))?;
        for statement in ddl::statements(step) {
            let locks: Vec<String> = statement
                .locks
                .iter()
                .map(|lock| format!("{} on {}", lock.mode, lock.table))
                .collect();
            writeln!(out, "  {};", statement.sql)?;
            writeln!(
                out,
                "    locks: {}; {}",
                locks.join(", "),
                if statement.scans { "scans" } else { "no scan" }
            )?;
        }
    }
    for conflict in &plan.conflicts {
        writeln!(out, "\nin the way: {}", conflict.detail)?;
    }
    if !plan.steps.is_empty() && !blockers.is_empty() {
        writeln!(out, "\nsessions that would be waited for now:")?;
        for blocker in blockers {
            writeln!(
                out,
                "  pid {} ({}) holds {}: {}",
                blocker.pid, blocker.application, blocker.mode, blocker.query
            )?;
        }
    }
    Ok(())
}

async fn apply(
    database: &Database,
    rules: Rules,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    database.store.refuse_pooler().await?;
    let (plan, blockers) = make_plan(database, rules).await?;
    if !json {
        print_plan(&plan, &blockers, out)?;
        out.flush()?;
    }
    let mut client = database.store.client().await?;
    let Applied { steps, failed, conflicts, lock_tries } =
        partitions::apply(&mut client, plan, rules.budget).await?;
    if json {
        let put_off: Vec<_> = failed
            .iter()
            .map(|(step, reason)| serde_json::json!({ "step": step, "reason": reason }))
            .collect();
        let shown = serde_json::json!({
            "done": steps, "put_off": put_off, "conflicts": conflicts, "lock_tries": lock_tries,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
    } else if !steps.is_empty() || !failed.is_empty() {
        writeln!(
            out,
            "\ndone: {}; put off: {}; tries for locks: {lock_tries}",
            steps.len(),
            failed.len()
        )?;
        for (_, reason) in &failed {
            writeln!(out, "put off: {reason}")?;
        }
    }
    Ok(if failed.is_empty() && conflicts.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
