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
use serde_json::Value;

use super::PlanArgs;
use crate::cli::table;
use crate::config::Config;
use crate::database::Database;
use crate::lifecycle::{Rules, retention};

/// Fewer questions over all time than this at once are a warning.
const QUESTIONS_MIN: i64 = 8;

/// A plan with all that is told of it.
pub(super) struct Shown {
    plan: Plan,
    /// As many as the plan's steps.
    steps: Vec<ShownStep>,
    lock_table: LockTable,
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
        writeln!(out, "{}", serde_json::to_string_pretty(&as_json(&shown)?)?)?;
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

/// The plan as it is saved, and what is told of each step within the step.
fn as_json(shown: &Shown) -> serde_json::Result<Value> {
    let mut plan = serde_json::to_value(&shown.plan)?;
    if let Some(steps) = plan["steps"].as_array_mut() {
        for (step, told) in steps.iter_mut().zip(&shown.steps) {
            if let (Value::Object(step), Value::Object(told)) = (step, serde_json::to_value(told)?)
            {
                step.extend(told);
            }
        }
    }
    plan["lock_table"] = serde_json::to_value(shown.lock_table)?;
    Ok(plan)
}

/// Plans, and finds out what there is to tell.
pub(super) async fn look(database: &Database, config: &Config) -> anyhow::Result<Shown> {
    let client = database.store.client().await?;
    let plan = retention::look(&client, Rules::of(&config.partitions)).await?;
    let sizes = partitions::sizes(&client).await?;
    let mut steps = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        steps.push(look_at(&client, step, &sizes).await?);
    }
    Ok(Shown {
        plan,
        steps,
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
    for (number, (step, told)) in plan.steps.iter().zip(&shown.steps).enumerate() {
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
        writeln!(out, "     locks: {}; {scans}", locks.join("; "))?;
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

/// Ranges that follow one another and wait for the same are one line.
fn show_waiting(waiting: &[Waiting], out: &mut dyn Write) -> std::io::Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    let mut waiting = waiting.to_vec();
    waiting.sort_by_key(|one| one.range);
    writeln!(out, "\nold enough, and left for now:")?;
    for run in waiting.chunk_by(|one, next| one.reason == next.reason) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let why = match first.reason {
            WaitReason::Settling { until } => {
                format!("written to lately; settled on {}", eve_time(until))
            }
            WaitReason::TouchedUnknown => "nobody knows when it was last written to".to_owned(),
            WaitReason::Floor { ranges } => format!("the newest {ranges} always stay"),
            WaitReason::NewestKill { at } => format!(
                "the clock is ahead of the newest kill, of {}, from which months are counted back",
                eve_time(at)
            ),
            WaitReason::Cap { ranges } => format!("its turn comes: {ranges} a run"),
            WaitReason::Grace => "tables that were dropped before it are still kept".to_owned(),
        };
        let (from, to) = (day(first.range.from), day(last.range.to));
        writeln!(out, "   {from} to {to}: {why}")?;
    }
    Ok(())
}
