//! `noctis re-enrich`: stored kills anew, with today's static data, prices and rules.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use noctis_core::time::{TimeRange, parse_time};

use crate::clock;
use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::re_enrich::summary::Summary;
use crate::re_enrich::{Plan, all_time, re_enrich};
use crate::signals::Stop;

/// Looks at every kill of a range of time, and writes those whose value, labels or tags differ.
#[derive(Clone, Debug, clap::Args)]
pub struct ReEnrichArgs {
    /// Kills from this time on: 2024-01-01, or 30d for so long ago [default: the first]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Kills before this time [default: up to the last]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Enriches again, and prints the summary on `out` however it ended.
///
/// # Errors
/// When a time cannot be read, the database does not open, or `out` is closed.
pub async fn run(
    args: &ReEnrichArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let range = range(args)?;
    let stop = Stop::listen()?;
    let database = Database::open(config, Purpose::Use).await?;
    let catalogue = Arc::clone(&database.static_data.catalogue);
    let plan = Plan { range, catalogue, prefer: config.prefer };
    // A VACUUM needs a session of its own.
    let summary = match database.store.refuse_pooler().await {
        Ok(()) => {
            let summary = re_enrich(&database.store, &plan, &stop).await;
            let counter = database.counter();
            let counting = counter.catch_up_after(summary.differed);
            stop.token().run_until_cancelled(counting).await;
            Ok(summary)
        }
        Err(error) => Err(error),
    };
    database.close().await?;
    let summary = summary?;
    say(&summary, args.json, out)?;
    Ok(ExitCode::from(summary.exit_code()))
}

fn range(args: &ReEnrichArgs) -> anyhow::Result<TimeRange> {
    let now = clock::now();
    let time = |text: &Option<String>, default| match text {
        None => Ok(default),
        Some(text) => parse_time(text, now).with_context(|| {
            format!("`{text}` is no time; 2024-01-01 is one, and 30d, which is so long ago")
        }),
    };
    let all = all_time();
    let range = TimeRange { from: time(&args.from, all.from)?, to: time(&args.to, all.to)? };
    if range.is_empty() {
        bail!("--to must be later than --from");
    }
    Ok(range)
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
    if let Some(sentence) = summary.sentence() {
        eprintln!("noctis: {sentence}");
    }
    Ok(())
}
