//! All questions on stores of chosen sizes: each alone, against flat tables, from size to size, and all mixed.

use std::path::PathBuf;
use std::time::Duration;

use noctis_store::bench::{FLAT_PATH, make_flat};
use noctis_store::summary::settings;
use serde::Serialize;

use super::cold::{SmallMemory, forget_files};
use super::kept::Kept;
use super::measure::{self, Row};
use super::questions::{Case, cases};
use super::shape::Shape;
use super::work::load_average;
use super::{goals, open};
use crate::config::Config;
use crate::database::Database;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where stores are kept.
    pub root: PathBuf,
    /// Smallest first; the last one is asked in an open loop too.
    pub shapes: Vec<Shape>,
    /// Names of questions, or their beginnings; none means all.
    pub only: Vec<String>,
    pub turns: usize,
    pub is_cold: bool,
    /// Whether the last store's rows are asked for in flat tables too.
    pub with_flat: bool,
    pub load: Option<open::Load>,
    /// Whether an import runs beside the open loop.
    pub is_importing: bool,
}

/// All figures.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub settings: Vec<(String, String)>,
    pub is_cold: bool,
    pub stores: Vec<Measured>,
    /// The last store's rows without partitions.
    pub flat: Option<Vec<Row>>,
    pub open: Option<open::Report>,
    /// Goals that were missed, as sentences.
    pub missed: Vec<String>,
}

/// One store, each question alone.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    pub shape: Shape,
    /// Processes that ran or waited to when it was done, the benchmark's own among them; a minute's average.
    pub load_average: Option<f64>,
    pub rows: Vec<Row>,
}

/// Builds what is not there yet and measures; `tell` says how far it is.
///
/// # Errors
/// When PostgreSQL or the disk fails, or the server answers with an error.
pub async fn run(
    config: &Config,
    plan: &Plan,
    tell: impl Fn(&str) + Clone + Send + 'static,
) -> anyhow::Result<Report> {
    let mut report = Report {
        settings: Vec::new(),
        is_cold: plan.is_cold,
        stores: Vec::new(),
        flat: None,
        open: None,
        missed: Vec::new(),
    };
    for (index, shape) in plan.shapes.iter().enumerate() {
        let mut kept = Kept::find(config, &plan.root, *shape, tell.clone()).await?;
        let is_last = index + 1 == plan.shapes.len();
        // Made before memory is small and files are forgotten.
        prepare(&kept, plan.with_flat && is_last, &tell).await?;
        let _small = plan.is_cold.then(|| SmallMemory::set(kept.data_dir())).transpose()?;
        if plan.is_cold {
            forget_files(kept.data_dir())?;
        }
        let database = kept.open().await?;
        let measured =
            on_store(&mut report, plan, (&mut kept, *shape, is_last), &database, &tell).await;
        // PostgreSQL is stopped whether that went well or not.
        measured.and(database.close().await)?;
    }
    report.missed = missed(&report);
    Ok(report)
}

/// One store's share of the report.
async fn on_store(
    report: &mut Report,
    plan: &Plan,
    (kept, shape, is_last): (&mut Kept, Shape, bool),
    database: &Database,
    tell: &(impl Fn(&str) + Clone + Send + 'static),
) -> anyhow::Result<()> {
    report.settings = settings(&*database.store.client().await?).await?;
    let asked = cases(&kept.arguments(database).await?, kept.end(), &plan.only);
    let rows = alone(database, asked.clone(), plan, (None, shape.name()), tell).await?;
    report.stores.push(Measured { shape, load_average: load_average(), rows });
    if is_last && plan.with_flat {
        let name = format!("{} flat", shape.name());
        let rows = alone(database, asked.clone(), plan, (Some(FLAT_PATH), name), tell).await?;
        report.flat = Some(rows);
    }
    if let Some(load) = plan.load.filter(|_| is_last) {
        tell(&format!("{} requests a second for {:?}", load.rate, load.lasting));
        let more = plan.is_importing.then(|| kept.more_kills()).transpose()?;
        report.open = Some(open::run(kept.data_dir(), asked, load, more).await?);
    }
    Ok(())
}

/// Everything that is made once and kept beside the rows.
async fn prepare(kept: &Kept, with_flat: bool, tell: &impl Fn(&str)) -> anyhow::Result<()> {
    let database = kept.open().await?;
    let made = async {
        kept.arguments(&database).await?;
        if with_flat {
            tell("the same rows in flat tables");
            make_flat(&database.store.client().await?).await?;
        }
        Ok(())
    };
    let made = made.await;
    made.and(database.close().await)
}

async fn alone(
    database: &Database,
    asked: Vec<Case>,
    plan: &Plan,
    (path, name): (Option<&str>, String),
    tell: &(impl Fn(&str) + Clone + Send + 'static),
) -> anyhow::Result<Vec<Row>> {
    let mut options = database.server.store_options()?;
    if let Some(path) = path {
        options.config.options(format!("-c search_path={path}"));
    }
    tell(&format!("{name}: {} questions, one after another", asked.len()));
    let say = tell.clone();
    let (mut done, all) = (0, asked.len());
    let said = move |row: &Row| {
        done += 1;
        say(&format!("{done} of {all}: {} {}, {:.2} ms", row.question, row.argument, row.p50_ms));
    };
    measure::run(options, asked, plan.turns, said).await
}

fn missed(report: &Report) -> Vec<String> {
    let mut missed = Vec::new();
    if let Some(last) = report.stores.last() {
        missed.extend(last.rows.iter().filter_map(goals::added));
        let flat = report.flat.iter().flatten();
        let against = last.rows.iter().zip(flat);
        missed.extend(against.filter_map(|(row, flat)| goals::against_flat(row, flat)));
    }
    // Months are held against the fewest, rows against the most months.
    let stores = report.stores.iter();
    let same = stores.filter(|store| store.shape.newest == report.stores[0].shape.newest).count();
    let pairs = [(0, same.saturating_sub(1)), (same.saturating_sub(1), report.stores.len() - 1)];
    for (small, large) in pairs.into_iter().filter(|(small, large)| small < large) {
        let (small, large) = (&report.stores[small], &report.stores[large]);
        let rows = small.rows.iter().zip(&large.rows);
        let (from, to) = (small.shape, large.shape);
        missed.extend(rows.filter_map(|(row, larger)| goals::growth(row, larger)).map(
            |sentence| {
                let (months, kills) = (from.months, from.kills());
                format!(
                    "{months} months, {kills} kills to {}, {}: {sentence}",
                    to.months,
                    to.kills()
                )
            },
        ));
    }
    missed.extend(report.open.iter().flat_map(goals::open));
    missed
}

/// A load of so many requests a second, for so many seconds; none of none.
#[must_use]
pub fn load(rate: f64, seconds: u64) -> Option<open::Load> {
    (rate > 0.0 && seconds > 0)
        .then_some(open::Load { rate, lasting: Duration::from_secs(seconds) })
}
