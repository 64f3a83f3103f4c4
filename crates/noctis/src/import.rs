//! Import: files → batches → store. A thread reads, a bounded channel carries batches, here they are stored.
//!
//! A file is marked finished only when all its batches are committed, so an import may end anywhere and be repeated.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use noctis_core::killmail::Reason;
use noctis_store::Store;
use noctis_store::files::{self, FinishedFile};
use noctis_store::ingest::{IngestOptions, Ingester, Outcome};
use noctis_store::names;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::logging::sentence;
use crate::presence::Counter;
use crate::reading::{Delivery, Ending, Input, IsFinished, Reader};
use crate::signals::Stop;

pub mod disk;
pub(crate) mod progress;
pub mod retry;
pub mod summary;

use disk::FreeDisk;
use progress::Progress;
use summary::{End, FailedFile, Summary};

/// Batches that wait while one is stored; with the one being read and the one being stored that makes three.
const BATCHES_WAITING: usize = 1;
/// How long the batch at hand may take to be stored after we were asked to end.
const GRACE: Duration = Duration::from_secs(4);
/// How often progress is shown or looked at for the log.
pub(crate) const TICK: Duration = Duration::from_millis(500);

/// What an import is to do.
pub struct Plan {
    pub inputs: Vec<Input>,
    /// Read files that were finished before, too.
    pub again: bool,
    pub options: IngestOptions,
    pub disk: FreeDisk,
    /// Counts what is stored, beside it and at the end.
    pub counter: Counter,
}

/// Imports, and tells what became of it. An error that ends it is in the summary, with what was stored before.
pub async fn import(store: &Store, plan: Plan, stop: &Stop) -> Summary {
    let started = Instant::now();
    let counter = plan.counter.clone();
    let counting = CancellationToken::new();
    let beside = tokio::spawn({
        let (counter, counting) = (counter.clone(), counting.clone());
        async move { counter.beside(counting).await }
    });
    let mut run = Run {
        store: store.clone(),
        summary: Summary::default(),
        progress: Progress::start("kills", plan.inputs.len(), bytes_of(&plan.inputs)),
        disk: plan.disk.clone(),
        marking: true,
    };
    run.summary.end = match run.through(plan, stop).await {
        Ok(end) => end,
        Err(error) => End::Failed { problem: sentence(&error) },
    };
    run.progress.end();
    run.summary.took(started.elapsed());
    counting.cancel();
    // Who is asked to end waits for no turn; what it has not committed is counted by whoever counts next.
    let rest = async {
        let _ = beside.await;
        let Outcome { stored, enriched_further, .. } = run.summary.outcome;
        counter.catch_up_after(stored + enriched_further).await;
    };
    stop.token().run_until_cancelled(rest).await;
    run.summary
}

struct Run {
    store: Store,
    summary: Summary,
    progress: Progress,
    disk: FreeDisk,
    /// Whether files may still be marked finished.
    marking: bool,
}

impl Run {
    async fn through(&mut self, plan: Plan, stop: &Stop) -> anyhow::Result<End> {
        let mut ingester = Ingester::new(&self.store, plan.options).await?;
        let (deliver, mut deliveries) = mpsc::channel(BATCHES_WAITING);
        // Ends the reader however this function ends.
        let reading = CancellationToken::new();
        let _ends_reader = reading.clone().drop_guard();
        let reader = Reader::new(deliver, reading.clone(), Arc::clone(&self.progress.bytes_read));
        let reader = start(reader, plan.inputs, self.is_finished(plan.again))?;
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                biased;
                () = stop.token().cancelled() => return Ok(End::interrupted(stop)),
                _ = tick.tick() => self.show(),
                delivery = deliveries.recv() => match delivery {
                    Some(delivery) => {
                        if let Some(end) = self.store(&mut ingester, delivery, stop).await? {
                            return Ok(end);
                        }
                    }
                    None => break,
                },
            }
        }
        match reader.join() {
            Ok(read) => read.map(|()| End::Finished),
            Err(_) => anyhow::bail!("the reading thread has panicked: this is a bug in noctis"),
        }
    }

    /// Stores a batch and marks the files that ended with it; an end, if the import is to end here.
    async fn store(
        &mut self,
        ingester: &mut Ingester,
        delivery: Delivery,
        stop: &Stop,
    ) -> anyhow::Result<Option<End>> {
        if let Some(end) = self.disk.too_full()? {
            return Ok(Some(end));
        }
        if !delivery.batch.is_empty() {
            let storing = ingester.store(delivery.batch, clock::now());
            tokio::pin!(storing);
            let outcome = loop {
                tokio::select! {
                    outcome = &mut storing => break outcome.context("storing a batch")?,
                    // Given up, its transaction is rolled back.
                    () = grace_is_over(stop) => return Ok(Some(End::interrupted(stop))),
                    () = tokio::time::sleep(TICK) => self.show(),
                }
            };
            // Files of generated kills that were refused may be wanted after all, with --allow-generated.
            self.marking &= !outcome.parked.contains_key(Reason::Generated.name());
            self.summary.add(delivery.read, &outcome);
        }
        if let Some((names, as_of)) = delivery.told.into_names() {
            let mut client = self.store.client().await?;
            names::put(&mut client, &names, as_of).await.context("writing names")?;
        }
        for file in delivery.ended {
            match file.ending {
                Ending::Skipped => self.summary.files.skipped += 1,
                Ending::Failed(problem) => {
                    tracing::warn!(
                        file = file.name,
                        problem,
                        "a file could not be read to its end"
                    );
                    self.summary.files.failed += 1;
                    self.summary.fail(FailedFile { name: file.name, problem });
                }
                Ending::Finished { sha256, read } => {
                    self.summary.files.read += 1;
                    let Some(sha256) = sha256.filter(|_| self.marking) else { continue };
                    let (name, bytes) = (file.name, file.bytes);
                    self.mark(&FinishedFile { sha256, name, bytes, read }).await?;
                }
            }
        }
        Ok(None)
    }

    fn show(&mut self) {
        self.progress.show(self.summary.files.done(), self.summary.read);
    }

    async fn mark(&self, file: &FinishedFile) -> anyhow::Result<()> {
        let client = self.store.client().await?;
        files::finish(&client, file).await.context("marking a file finished")
    }

    /// The question the reader asks, answered on this runtime while its thread waits.
    fn is_finished(&self, again: bool) -> IsFinished {
        let (store, runtime) = (self.store.clone(), tokio::runtime::Handle::current());
        Box::new(move |sha256| {
            if again {
                return Ok(false);
            }
            runtime.block_on(async {
                let client = store.client().await?;
                Ok(files::is_finished(&client, sha256).await?)
            })
        })
    }
}

fn bytes_of(inputs: &[Input]) -> u64 {
    inputs.iter().map(|input| input.bytes).sum()
}

type ReaderThread = std::thread::JoinHandle<anyhow::Result<()>>;

/// A thread of its own, not one of the runtime's, which would wait for it at the end: standard input may never speak.
fn start(
    reader: Reader,
    inputs: Vec<Input>,
    is_finished: IsFinished,
) -> anyhow::Result<ReaderThread> {
    std::thread::Builder::new()
        .name("reading".to_owned())
        .spawn(move || reader.run(inputs, &is_finished))
        .context("starting the reading thread")
}

pub(crate) async fn grace_is_over(stop: &Stop) {
    stop.token().cancelled().await;
    tokio::time::sleep(GRACE).await;
}
