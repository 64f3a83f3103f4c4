//! Lists of names: read by a thread row by row, whatever they are packed in, and written a batch at a time.
//!
//! A batch is a transaction of its own, and an older name never replaces a newer one, so an import may end anywhere and be
//! repeated.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use jiff::Timestamp;
use noctis_core::time::eve_time;
use noctis_store::Store;
use noctis_store::names::walk::LOCK;
use noctis_store::names::{self, NewNames};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::import::TICK;
use crate::import::progress::Progress;
use crate::names::resolve::add;
use crate::names::{PAGES_MAX, walk_through};
use crate::reading;
use crate::signals::Stop;

pub mod reader;
pub mod row;

use reader::{Batch, Reader};

/// Batches that wait while one is written.
const BATCHES_WAITING: usize = 1;
/// Problems that a summary shows; more are counted.
const PROBLEMS_MAX: usize = 10;

/// What became of lists of names.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Rows with a name.
    pub read: u64,
    /// Names of ids that had none.
    pub entered: u64,
    /// Names that were known as of an earlier time.
    pub renewed: u64,
    /// Rows that were known already, as of this time or a later one, or stood in the lists twice.
    pub kept: u64,
    /// Rows whose kind nobody tells: not the list, not the number, and no stored kill.
    pub of_no_kind: u64,
    /// Rows that name a system, a type or the like, which are static data.
    pub others: u64,
    /// Rows that could not be read.
    pub bad: u64,
    /// Files read to their end.
    pub files: u64,
    /// Files that could not be read to their end; what came before is written.
    pub failed: u64,
    /// When the names were true.
    pub as_of: Timestamp,
    /// Whether the end was asked for before it was reached.
    pub interrupted: bool,
    pub seconds: f64,
    /// The first problems, with file and line.
    pub problems: Vec<String>,
}

/// Reads the lists and writes their names as they were true at `as_of`.
///
/// # Errors
/// When a path leads nowhere or the database does not answer.
pub async fn import(
    store: &Store,
    paths: &[PathBuf],
    as_of: Timestamp,
    stop: &Stop,
) -> anyhow::Result<Summary> {
    let began = Instant::now();
    let inputs = reading::list(paths)?;
    let bytes = inputs.iter().map(|input| input.bytes).sum();
    let mut progress = Progress::start("names", inputs.len(), bytes);
    let mut summary = Summary { as_of, ..Summary::default() };
    let (batches, mut ready) = mpsc::channel(BATCHES_WAITING);
    // Ends the reader however this function ends.
    let reading = CancellationToken::new();
    let _ends_reader = reading.clone().drop_guard();
    let reader = Reader::new(batches, reading.clone(), Arc::clone(&progress.bytes_read));
    let thread = std::thread::Builder::new()
        .name("reading".to_owned())
        .spawn(move || reader.run(inputs))
        .context("starting the reading thread")?;
    let mut client = store.client().await?;
    look_through(&mut client, stop).await?;
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            biased;
            () = stop.token().cancelled() => {
                summary.interrupted = true;
                break;
            }
            _ = tick.tick() => progress.show(summary.files + summary.failed, summary.read),
            batch = ready.recv() => match batch {
                Some(batch) => write(&mut client, batch, &mut summary).await.context("writing names")?,
                None => break,
            },
        }
    }
    progress.end();
    summary.seconds = began.elapsed().as_secs_f64();
    if !summary.interrupted && thread.join().is_err() {
        anyhow::bail!("the reading thread has panicked: this is a bug in noctis");
    }
    Ok(summary)
}

/// Looks through what has arrived, so that kills can tell of which kind an id is; `serve` may be at it already.
async fn look_through(client: &mut noctis_store::Connection, stop: &Stop) -> anyhow::Result<()> {
    match LOCK.take(client).await {
        Ok(mut held) => {
            walk_through(&mut held, PAGES_MAX, stop.token()).await?;
            Ok(held.release().await?)
        }
        Err(noctis_store::Error::Locked(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn write(
    client: &mut noctis_store::Connection,
    batch: Batch,
    summary: &mut Summary,
) -> noctis_store::Result<()> {
    let mut new: NewNames = batch.names;
    let ids: Vec<i64> = batch.of_no_kind.iter().map(|row| row.id).collect();
    let kinds = names::kinds(client, &ids).await?;
    let mut of_no_kind = 0;
    for row in batch.of_no_kind {
        match kinds.get(&row.id) {
            Some(&kind) => add(&mut new, kind, row.id, row.name, row.ticker),
            None => of_no_kind += 1,
        }
    }
    new.sort_and_dedup();
    let written = names::put(client, &new, summary.as_of).await?;
    summary.read += batch.read;
    summary.entered += written.entered;
    summary.renewed += written.renewed;
    summary.kept += batch.read - of_no_kind - written.entered - written.renewed;
    summary.of_no_kind += of_no_kind;
    summary.others += batch.others;
    summary.bad += batch.bad;
    for problem in batch.problems {
        summary.note(problem);
    }
    for (name, problem) in batch.ended {
        match problem {
            None => summary.files += 1,
            Some(problem) => {
                summary.failed += 1;
                summary.note(format!("{name}: {problem}"));
            }
        }
    }
    Ok(())
}

impl Summary {
    fn note(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    /// Writes it for people, or as JSON.
    ///
    /// # Errors
    /// When `out` is closed.
    pub fn write(&self, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
        if json {
            let text = serde_json::to_string_pretty(self).expect("a summary is always JSON");
            return writeln!(out, "{text}");
        }
        let Summary {
            read, entered, renewed, kept, of_no_kind, others, bad, files, failed, ..
        } = self;
        writeln!(
            out,
            "read {read} names as of {}: {entered} new, {renewed} renewed, {kept} known already; {files} files",
            eve_time(self.as_of)
        )?;
        if *of_no_kind > 0 {
            writeln!(
                out,
                "{of_no_kind} are of unknown kind and on no stored kill, so they were left out"
            )?;
        }
        if *others > 0 {
            writeln!(out, "{others} name systems, types or the like, which are static data")?;
        }
        if *bad > 0 || *failed > 0 {
            writeln!(out, "{bad} rows could not be read, and {failed} files not to their end:")?;
        }
        for problem in &self.problems {
            writeln!(out, "  {problem}")?;
        }
        if self.interrupted {
            writeln!(out, "stopped; what was read so far is written, and this can be run again")?;
        }
        Ok(())
    }
}
