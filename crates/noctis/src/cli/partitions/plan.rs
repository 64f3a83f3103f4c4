//! `noctis partitions plan`: each step with its SQL and locks, what it weighs, and who is in its way now.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use noctis_archive::Place;
use noctis_core::partition::{Plan, Step, WaitReason, Waiting};
use noctis_core::time::{day, eve_time};
use noctis_store::Client;
use noctis_store::partitions::{self, Blocker, LeafSize, LockTable, ddl};
use serde::Serialize;

use super::PlanArgs;
use crate::cli::table;
use crate::config::Config;
use crate::database::Database;
use crate::lifecycle::{Rules, retention};

/// Fewer questions over all time than this at once are a warning.
const QUESTIONS_MIN: i64 = 8;

/// A plan with all that is told of it.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    plan: Plan,
    /// As many as the plan's steps.
    shown: Vec<ShownStep>,
    lock_table: LockTable,
    #[serde(skip)]
    place: Place,
}

/// What is told of a step beside itself.
#[derive(Serialize)]
struct ShownStep {
    statements: Vec<ddl::Statement>,
    /// Of all its tables, with indexes.
    bytes: i64,
    /// By PostgreSQL's statistics; none before the first ANALYZE.
    kills_estimated: Option<i64>,
    /// Sessions that it would wait for now.
    blockers: Vec<Blocker>,
}

pub(super) async fn run(
    args: &PlanArgs,
    config: &Config,
    database: &Database,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let shown = look(database, config).await?;
    if let Some(path) = &args.save {
        let text = serde_json::to_string_pretty(&shown.plan)?;
        std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
    } else {
        show(&shown, out)?;
        if let Some(path) = &args.save {
            let path = path.display();
            writeln!(
                out,
                "\nsaved: `noctis partitions apply {path}` does exactly this, or nothing"
            )?;
        }
    }
    let is_clean = shown.plan.conflicts.is_empty();
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plans, and finds out what there is to tell.
pub(super) async fn look(database: &Database, config: &Config) -> anyhow::Result<Shown> {
    let client = database.store.client().await?;
    let plan = retention::look(&client, Rules::of(&config.partitions)).await?;
    let sizes = partitions::sizes(&client).await?;
    let mut shown = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        shown.push(look_at(&client, step, &sizes).await?);
    }
    Ok(Shown {
        plan,
        shown,
        lock_table: partitions::lock_table(&client).await?,
        place: config.archive.place(&config.data_dir),
    })
}

async fn look_at(client: &Client, step: &Step, sizes: &[LeafSize]) -> anyhow::Result<ShownStep> {
    let statements = ddl::statements(step);
    let blockers = match step {
        // Who only reads or writes is not in its way.
        Step::Create { .. } => partitions::blockers(client).await?,
        // It only reads.
        Step::Archive { .. } => Vec::new(),
        Step::Close { .. }
        | Step::Reopen { .. }
        | Step::Detach { .. }
        | Step::Discard { .. }
        | Step::Drop { .. } => {
            let mut tables: Vec<String> = statements
                .iter()
                .flat_map(|statement| &statement.locks)
                .filter(|lock| lock.mode == "ACCESS EXCLUSIVE")
                .map(|lock| lock.table.clone())
                .collect();
            tables.sort();
            tables.dedup();
            partitions::holders(client, &tables).await?
        }
    };
    let leaves = match step {
        Step::Close { leaves, .. }
        | Step::Reopen { leaves, .. }
        | Step::Archive { leaves, .. }
        | Step::Detach { leaves, .. }
        | Step::Discard { leaves, .. } => leaves.as_slice(),
        Step::Create { .. } | Step::Drop { .. } => &[],
    };
    let of_step = |size: &&LeafSize| leaves.iter().any(|leaf| leaf.name == size.leaf.name);
    let raw =
        leaves.first().and_then(|first| sizes.iter().find(|size| size.leaf.name == first.name));
    Ok(ShownStep {
        bytes: sizes.iter().filter(of_step).map(|size| size.bytes).sum(),
        kills_estimated: raw.and_then(|size| size.rows_estimated),
        blockers,
        statements,
    })
}

pub(super) fn show(shown: &Shown, out: &mut dyn Write) -> std::io::Result<()> {
    let plan = &shown.plan;
    let steps = match plan.steps.len() {
        0 => "nothing to do".to_owned(),
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    };
    writeln!(out, "plan for inventory {}: {steps}", plan.inventory)?;
    if let Some(announcement) = &plan.announcement {
        writeln!(out, "\nnote: {}", retention::sentence(announcement, &shown.place))?;
    }
    for (number, (step, told)) in plan.steps.iter().zip(&shown.shown).enumerate() {
        writeln!(out, "\n{}. {}", number + 1, headline(step, told))?;
        show_step(told, out)?;
    }
    for conflict in &plan.conflicts {
        writeln!(out, "\nin the way: {}", conflict.detail)?;
    }
    show_waiting(&plan.waiting, out)?;
    let LockTable { locks, room } = shown.lock_table;
    let questions = room / locks.max(1);
    if questions < QUESTIONS_MIN {
        writeln!(
            out,
            "\nwarning: a question over all time takes {locks} locks, and PostgreSQL has room for {room}: more than \
             {questions} of them at once fail, and other statements with them; raise max_locks_per_transaction, or keep \
             fewer months in the tables"
        )?;
    }
    Ok(())
}

fn headline(step: &Step, told: &ShownStep) -> String {
    let (range, action) = (step.range(), step.action());
    let kills = told.kills_estimated.map_or("?".to_owned(), |kills| format!("~{kills}"));
    let weight = format!("{kills} kills, {}", table::bytes(told.bytes));
    match step {
        Step::Create { suffix, members, .. } => {
            let tables: Vec<&str> = members.iter().map(|member| member.table()).collect();
            format!("create {suffix} {range} in {}", tables.join(", "))
        }
        Step::Close { .. } => format!("close {range}, which then takes no new kills: {weight}"),
        Step::Reopen { .. } => format!("reopen {range}: {weight}"),
        Step::Archive { name, .. } => {
            format!("archive {range} as {} and read it back: {weight}", name.path())
        }
        Step::Detach { name, .. } => {
            format!("detach {range}; from then on {} answers: {weight}", name.path())
        }
        Step::Discard { .. } => format!("discard {range}, keeping nothing of it: {weight}"),
        Step::Drop { tables, .. } => {
            let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
            format!("{action} {range}, whose grace is over: {}", names.join(", "))
        }
    }
}

fn show_step(told: &ShownStep, out: &mut dyn Write) -> std::io::Result<()> {
    for statement in &told.statements {
        let mut modes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for lock in &statement.locks {
            modes.entry(lock.mode).or_default().push(&lock.table);
        }
        let locks: Vec<String> =
            modes.iter().map(|(mode, tables)| format!("{mode} on {}", tables.join(", "))).collect();
        writeln!(out, "   {};", statement.sql)?;
        let scans = if statement.scans { "reads all rows" } else { "no scan" };
        writeln!(out, "     locks {}; {scans}", locks.join("; "))?;
    }
    for blocker in &told.blockers {
        writeln!(
            out,
            "   would wait now for pid {} ({}), which holds {}: {}",
            blocker.pid,
            blocker.application,
            blocker.mode,
            blocker.query.split_whitespace().collect::<Vec<&str>>().join(" ")
        )?;
    }
    Ok(())
}

/// Those that only wait for their turn are told in one line.
fn show_waiting(waiting: &[Waiting], out: &mut dyn Write) -> std::io::Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nold enough, and left for now:")?;
    for Waiting { range, reason } in waiting {
        let why = match reason {
            WaitReason::Settling { until } => {
                format!("it was written to lately; it has settled on {}", eve_time(*until))
            }
            WaitReason::TouchedUnknown => "when it was last written to is not known".to_owned(),
            WaitReason::Floor { ranges } => format!("it is one of the newest {ranges}"),
            WaitReason::NewestKill { at } => format!(
                "months are counted back from the newest kill, of {}, since the clock is ahead of it",
                eve_time(*at)
            ),
            WaitReason::Cap { .. } => continue,
            WaitReason::Grace => "tables that were dropped before it are still kept".to_owned(),
        };
        writeln!(out, "   {} to {}: {why}", day(range.from), day(range.to))?;
    }
    let capped: Vec<&Waiting> =
        waiting.iter().filter(|one| matches!(one.reason, WaitReason::Cap { .. })).collect();
    if let (Some(first), Some(last)) = (capped.first(), capped.last())
        && let WaitReason::Cap { ranges } = first.reason
    {
        let (from, to) = (day(first.range.from), day(last.range.to));
        writeln!(
            out,
            "   {from} to {to}, {} in all: their turn comes, {ranges} a run",
            capped.len()
        )?;
    }
    Ok(())
}
