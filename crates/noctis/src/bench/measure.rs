//! Each question alone, one after another: over HTTP in turns with its bare statements, and what these touch.
//!
//! Bare means the very statements that the server sent, with their parameters, over the same driver to the same
//! PostgreSQL, one after another, their rows read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use noctis_store::bench::{Recorder, Replay, Sent};
use noctis_store::{Store, StoreOptions};
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::asking::{ask, connect};
use super::percentile;
use super::questions::{Case, Class};
use crate::app::App;
use crate::database::catalogue;
use crate::serving;

/// One question takes at most so long, but for the turn that is under way.
const CASE_TIME_MAX: Duration = Duration::from_secs(2);

/// What was measured of one case, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub question: &'static str,
    pub argument: String,
    pub class: Class,
    pub is_bounded: bool,
    /// The first answer, before anything of it was read.
    pub first_ms: f64,
    pub bare_ms: f64,
    /// Of the bare statements' time, what PostgreSQL planned, in one run.
    pub planning_ms: f64,
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
    pub turns: usize,
    pub statements: usize,
    pub partitions: usize,
    pub buffers: u64,
}

/// A server on loopback, until it is ended.
struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Served {
    async fn start(options: StoreOptions) -> anyhow::Result<Served> {
        let app = App::new(Store::connect(options).await?, Arc::new(catalogue()));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let task = tokio::spawn(serving::serve(listener, app, stop.clone()));
        Ok(Served { address, stop, task })
    }

    async fn end(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(self.task.await?)
    }
}

/// Measures the cases in their order, at most `turns` turns each.
///
/// # Errors
/// When the database fails or the server answers with an error.
pub async fn run(
    options: StoreOptions,
    cases: Vec<Case>,
    turns: usize,
    tell: impl FnMut(&Row) + Send + 'static,
) -> anyhow::Result<Vec<Row>> {
    // Where the server's own tasks run, so that both sides wait for PostgreSQL in the same way.
    tokio::spawn(measure(options, cases, turns, tell)).await?
}

async fn measure(
    options: StoreOptions,
    cases: Vec<Case>,
    turns: usize,
    mut tell: impl FnMut(&Row),
) -> anyhow::Result<Vec<Row>> {
    let recorder = Recorder::start(&options.config).await?;
    let recorded =
        Served::start(StoreOptions { config: recorder.config(), ..options.clone() }).await?;
    let served = Served::start(options.clone()).await?;
    let replay = Replay::new(&Store::connect(options).await?).await?;
    let mut through_relay = connect(recorded.address).await?;
    let mut stream = connect(served.address).await?;
    let mut rows = Vec::new();
    for case in &cases {
        let path = turned(&mut stream, case).await?;
        let body = case.body.as_deref();
        let first = timed(ask(&mut stream, &path, body)).await?;
        ask(&mut through_relay, &path, body).await?;
        // The first time a session prepares; the second is as all others are.
        let _ = recorder.take();
        ask(&mut through_relay, &path, body).await?;
        let sent = recorder.take();
        let row = one(case, (&path, first), (&replay, &sent), &mut stream, turns)
            .await
            .with_context(|| format!("asking {path}"))?;
        tell(&row);
        rows.push(row);
    }
    drop((stream, through_relay));
    served.end().await?;
    recorded.end().await?;
    Ok(rows)
}

async fn one(
    case: &Case,
    (path, first): (&str, Duration),
    (replay, statements): (&Replay, &[Sent]),
    stream: &mut TcpStream,
    turns: usize,
) -> anyhow::Result<Row> {
    let told = replay.explain(statements).await?;
    let (mut bare, mut http) = (Vec::new(), Vec::new());
    let begin = Instant::now();
    for turn in 0..turns.max(1) {
        if turn > 0 && begin.elapsed() >= CASE_TIME_MAX {
            break;
        }
        bare.push(timed(async { Ok(replay.run(statements).await?) }).await?);
        http.push(timed(ask(stream, path, case.body.as_deref())).await?);
    }
    Ok(Row {
        question: case.question,
        argument: case.argument.clone(),
        class: case.class,
        is_bounded: case.is_bounded,
        first_ms: first.as_secs_f64() * 1_000.0,
        bare_ms: percentile(&mut bare, 0.5),
        planning_ms: told.planning_ms,
        p50_ms: percentile(&mut http, 0.5),
        p95_ms: percentile(&mut http, 0.95),
        p99_ms: percentile(&mut http, 0.99),
        turns: http.len(),
        statements: statements.len(),
        partitions: told.leaves.len(),
        buffers: told.buffers,
    })
}

async fn timed<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    work.await?;
    Ok(start.elapsed())
}

/// The case's path, with the cursor that leads past its first pages.
///
/// # Errors
/// When the server answers with an error.
pub(super) async fn turned(stream: &mut TcpStream, case: &Case) -> anyhow::Result<String> {
    let mut path = case.path.clone();
    for _ in 0..case.pages {
        let answer = ask(stream, &path, case.body.as_deref()).await?;
        let page: serde_json::Value = serde_json::from_slice(&answer)?;
        let Some(next) = page["next"].as_str() else { break };
        let joint = if case.path.contains('?') { '&' } else { '?' };
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        path = format!("{}{joint}cursor={next}", case.path);
    }
    Ok(path)
}
