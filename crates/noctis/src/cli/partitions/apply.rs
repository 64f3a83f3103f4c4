//! `noctis partitions apply`: partitions made first, then old months moved out; or exactly what a saved plan says.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use noctis_core::partition::Plan;
use noctis_store::partitions::Applied;
use tokio_util::sync::CancellationToken;

use super::{ApplyArgs, plan};
use crate::cli::import::ingest_options;
use crate::config::Config;
use crate::database::Database;
use crate::lifecycle::waiting::store_waiting;
use crate::lifecycle::{self, Rules, retention};

/// The largest plan that is read.
const PLAN_BYTES_MAX: u64 = 16 << 20;

pub(super) async fn run(
    args: &ApplyArgs,
    config: &Config,
    database: &Database,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    database.store.refuse_pooler().await?;
    let rules = Rules::of(&config.partitions);
    let place = config.archive.place(&config.data_dir);
    let counter = database.counter();
    let applied = match &args.file {
        Some(path) => {
            let plan = read(path)?;
            retention::run_plan(&counter, &place, plan, rules)
                .await
                .with_context(|| format!("applying {}", path.display()))?
        }
        None => {
            if !args.json {
                plan::show(&plan::look(database, config).await?, out)?;
                out.flush()?;
            }
            // Creation waits for nothing that retention does, nor fails with it.
            let mut applied = lifecycle::look(&database.store, rules).await?;
            // It stands above in the plan; who applies by hand has read it.
            let told = |_: &_| true;
            let retired = retention::run(&counter, &place, rules, told).await?;
            applied.steps.extend(retired.steps);
            applied.failed.extend(retired.failed);
            // Those of the creations are among them.
            applied.conflicts = retired.conflicts;
            applied.lock_tries += retired.lock_tries;
            applied
        }
    };
    // Whatever became of the other months: those whose month is still closed are parked again.
    let catalogue = Arc::clone(&database.static_data.catalogue);
    let options = ingest_options(config, catalogue, false);
    store_waiting(&database.store, options, &CancellationToken::new()).await?;
    tell(&applied, args.json, out)
}

fn read(path: &Path) -> anyhow::Result<Plan> {
    let context = || format!("reading the plan {}", path.display());
    let bytes = std::fs::metadata(path).with_context(context)?.len();
    anyhow::ensure!(bytes <= PLAN_BYTES_MAX, "{} is too large to be a plan", path.display());
    let text = std::fs::read_to_string(path).with_context(context)?;
    serde_json::from_str(&text).with_context(context)
}

fn tell(applied: &Applied, json: bool, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let Applied { steps, failed, conflicts, lock_tries } = applied;
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
        for (step, reason) in failed {
            writeln!(out, "put off: {} {}: {reason}", step.action(), step.range())?;
        }
    }
    let is_clean = failed.is_empty() && conflicts.is_empty();
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
