//! `noctis bench questions`: all questions on stores of chosen sizes, as tables and goals.

use std::io::Write;
use std::path::PathBuf;

use crate::bench::at_size::{self, Plan, Report};
use crate::bench::goals;
use crate::bench::measure::Row;
use crate::bench::questions::Class;
use crate::bench::shape::{self, Shape};
use crate::cli::table;
use crate::clock;
use crate::config::Config;

/// How questions are measured.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Questions")]
pub(super) struct QuestionArgs {
    /// Months of each store, newest ones equal: 12,60,240 shows what more months cost. Each month holds as many kills as in the
    /// longest. There are none before December 2007, when records begin
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "240",
        value_parser = clap::value_parser!(u32).range(1..=1200))]
    months: Vec<u32>,
    /// Measure one store more, the last one with ten times the kills
    #[arg(long)]
    tenfold: bool,
    /// Ask for the same rows in tables without partitions, too
    #[arg(long, value_enum)]
    baseline: Option<Baseline>,
    /// With 128 MB of shared buffers, and nothing of the store in the system's memory at first
    #[arg(long)]
    cold: bool,
    /// Turns of each question alone; 2 seconds of them at most
    #[arg(long, default_value_t = 40)]
    turns: usize,
    /// Mixed requests a second, sent whether those before are answered or not; 0 for none
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// For so long
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Import more kills meanwhile; they stay in the store
    #[arg(long)]
    importing: bool,
    /// Only questions whose names begin so: Q1,Q12
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Where stores are kept for the next run [default: the data folder's name with -bench]
    #[arg(long, value_name = "PATH")]
    store: Option<PathBuf>,
}

/// What partitions are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Baseline {
    /// The same rows and indexes without partitions
    Flat,
}

impl QuestionArgs {
    fn plan(&self, kills: u64, config: &Config) -> Plan {
        let months_max = shape::months_max(shape::end(clock::now()));
        let mut months: Vec<u32> =
            self.months.iter().map(|months| *months.min(&months_max)).collect();
        months.sort_unstable();
        let longest = Shape::of(kills, months.last().copied().unwrap_or(1));
        let mut shapes: Vec<Shape> = months.into_iter().map(|count| longest.cut(count)).collect();
        shapes.dedup();
        shapes.extend(self.tenfold.then(|| longest.tenfold()));
        let mut beside = config.data_dir.clone().into_os_string();
        beside.push("-bench");
        Plan {
            root: self.store.clone().unwrap_or_else(|| beside.into()),
            shapes,
            only: self.only.clone(),
            turns: self.turns,
            is_cold: self.cold,
            with_flat: self.baseline.is_some(),
            load: at_size::load(self.rate, self.seconds),
            is_importing: self.importing,
        }
    }
}

/// Measures.
///
/// # Errors
/// When PostgreSQL or the disk fails, or the server answers with an error.
pub(super) async fn run(
    args: &QuestionArgs,
    kills: u64,
    config: &Config,
) -> anyhow::Result<Report> {
    let plan = args.plan(kills, config);
    let root = std::path::absolute(&plan.root)?;
    let plan = Plan { root, ..plan };
    Box::pin(at_size::run(config, &plan, tell)).await
}

#[allow(clippy::print_stderr, reason = "how far it is; the tables are on standard output")]
fn tell(text: &str) {
    eprintln!("{text}");
}

/// Prints the tables and what was missed.
///
/// # Errors
/// When `out` is closed.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    if let Some(last) = report.stores.last() {
        let shape = last.shape;
        let warmth = if report.is_cold { "cold, shared_buffers 128 MB" } else { "warm" };
        writeln!(
            out,
            "{} kills in {} months, {} of them in the newest; {warmth}. Times in ms, each question alone, \
             with {} waiting for a processor on average.\n",
            shape.kills(),
            shape.months,
            shape.newest,
            last.load_average.map_or("unknown".to_owned(), |load| format!("{load:.1}"))
        )?;
        writeln!(out, "{}", alone(&last.rows, report.flat.as_deref()))?;
    }
    if report.stores.len() > 1 {
        writeln!(out, "\nBuffers and median of each question, from store to store.\n")?;
        writeln!(out, "{}", growth(report))?;
    }
    if let Some(open) = &report.open {
        writeln!(
            out,
            "\n{} requests a second for {} s, from the moment each was planned; serve had {} at its peak{}.\n",
            open.rate,
            open.seconds,
            table::bytes(i64::try_from(open.serve_memory_peak_bytes).unwrap_or(i64::MAX)),
            open.imported.map_or(String::new(), |kills| format!(
                "; {kills} kills were handed to an import meanwhile"
            ))
        )?;
        writeln!(out, "{}", mixed(open))?;
        if let Some(failure) = &open.failure {
            writeln!(out, "\nThe first that failed: {failure}")?;
        }
    }
    writeln!(out, "\n{} goals missed", report.missed.len())?;
    for sentence in &report.missed {
        writeln!(out, "- {sentence}")?;
    }
    Ok(())
}

fn alone(rows: &[Row], flat: Option<&[Row]>) -> comfy_table::Table {
    let mut headings = vec![
        "question",
        "argument",
        "first",
        "bare",
        "planning",
        "p50",
        "p95",
        "p99",
        "statements",
        "partitions",
        "buffers",
    ];
    if flat.is_some() {
        headings.extend(["flat bare", "flat p50", "flat buffers"]);
    }
    let mut table = table::new(&headings);
    for (index, row) in rows.iter().enumerate() {
        let mut cells = vec![
            row.question.to_owned(),
            row.argument.clone(),
            format!("{:.2}", row.first_ms),
            format!("{:.2}", row.bare_ms),
            format!("{:.2}", row.planning_ms),
            format!("{:.2}", row.p50_ms),
            format!("{:.2}", row.p95_ms),
            format!("{:.2}", row.p99_ms),
            row.statements.to_string(),
            row.partitions.to_string(),
            row.buffers.to_string(),
        ];
        if let Some(flat) = flat.and_then(|flat| flat.get(index)) {
            cells.extend([
                format!("{:.2}", flat.bare_ms),
                format!("{:.2}", flat.p50_ms),
                flat.buffers.to_string(),
            ]);
        }
        table.add_row(cells);
    }
    table::align_right(&mut table, &(2..headings.len()).collect::<Vec<_>>());
    table
}

fn growth(report: &Report) -> comfy_table::Table {
    let mut headings = vec!["question".to_owned(), "argument".to_owned()];
    for store in &report.stores {
        headings.push(format!("{} months, {} kills", store.shape.months, store.shape.kills()));
        headings.push("ms".to_owned());
    }
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut table = table::new(&headings);
    let rows = report.stores.first().map_or(0, |store| store.rows.len());
    for index in 0..rows {
        let mut cells = Vec::new();
        for row in report.stores.iter().filter_map(|store| store.rows.get(index)) {
            if cells.is_empty() {
                cells.extend([row.question.to_owned(), row.argument.clone()]);
            }
            cells.extend([row.buffers.to_string(), format!("{:.2}", row.p50_ms)]);
        }
        table.add_row(cells);
    }
    table::align_right(&mut table, &(2..headings.len()).collect::<Vec<_>>());
    table
}

fn mixed(open: &crate::bench::open::Report) -> comfy_table::Table {
    let headings = ["question", "requests", "failed", "p50", "p95", "p99", "slowest"];
    let mut table = table::new(&headings);
    for spread in &open.spreads {
        let name = match spread.name.as_str() {
            "all pages" => format!("all pages (goal {:.0})", goals::p99_ms_max(Class::Page)),
            "all aggregates" => {
                format!("all aggregates (goal {:.0})", goals::p99_ms_max(Class::Aggregate))
            }
            name => name.to_owned(),
        };
        table.add_row([
            name,
            spread.requests.to_string(),
            spread.failed.to_string(),
            format!("{:.1}", spread.p50_ms),
            format!("{:.1}", spread.p95_ms),
            format!("{:.1}", spread.p99_ms),
            format!("{:.1}", spread.max_ms),
        ]);
    }
    table::align_right(&mut table, &[1, 2, 3, 4, 5, 6]);
    table
}
