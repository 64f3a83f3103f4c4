//! An open loop: requests are sent at their planned times whatever became of those before, and a time counts from when
//! its request was planned.
//!
//! It asks a `noctis serve` of its own process, whose memory is told.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, bail};
use noctis_core::generate::Generator;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::asking::{ask, connect};
use super::kept::write_some;
use super::measure::turned;
use super::percentile;
use super::questions::{Case, Class};
use super::schedule::schedule;
use super::work::{memory_peak, noctis};

/// Requests under way; those planned meanwhile wait, and their times run on.
const IN_FLIGHT_MAX: usize = 128;
/// A request that is not answered so soon after its planned moment has failed, so that the loop ends.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// How soon after its start a server says where it serves.
const START_TIME_MAX: Duration = Duration::from_secs(60);
/// The cases' order is the same in every run.
const SEED: u64 = 5;

/// What is asked, and how.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests a second.
    pub rate: f64,
    pub lasting: Duration,
}

/// How long answers took, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Spread {
    pub name: String,
    pub requests: usize,
    pub failed: usize,
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

/// An open loop's figures.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub rate: f64,
    pub seconds: f64,
    /// All pages, then all aggregates, then each question.
    pub spreads: Vec<Spread>,
    /// The first error, where requests failed.
    pub failure: Option<String>,
    /// The largest resident memory of `serve`; 0 where the system does not tell.
    pub serve_memory_peak_bytes: u64,
    /// Kills that an import took meanwhile, if one ran.
    pub imported: Option<u64>,
}

/// Asks for as long as the load says, while `more` is imported if there is any.
///
/// # Errors
/// When the server does not start.
pub async fn run(
    data_dir: &Path,
    cases: Vec<Case>,
    load: Load,
    more: Option<Generator>,
) -> anyhow::Result<Report> {
    let mut server = Server::start(data_dir).await?;
    let mut stream = connect(server.address).await?;
    let mut paths = Vec::new();
    for case in &cases {
        let path = turned(&mut stream, case).await?;
        // Once before it counts: sessions prepare, and what is warm is warm.
        ask(&mut stream, &path, case.body.as_deref()).await?;
        paths.push(path);
    }
    let import = more.map(|generator| Import::start(data_dir, generator)).transpose()?;
    let answers = drive(server.address, &cases, paths, load).await;
    let imported = import.map(Import::end).transpose()?;
    let serve_memory_peak_bytes = memory_peak(server.child.id()).unwrap_or(0);
    server.end()?;
    let failure = answers.iter().find_map(|(_, answer)| answer.as_ref().err().cloned());
    Ok(Report {
        rate: load.rate,
        seconds: load.lasting.as_secs_f64(),
        spreads: spreads(&cases, &answers),
        failure,
        serve_memory_peak_bytes,
        imported,
    })
}

/// A case's place, and how long its answer took from the planned moment on, or why there is none.
type Timed = (usize, Result<Duration, String>);

async fn drive(address: SocketAddr, cases: &[Case], paths: Vec<String>, load: Load) -> Vec<Timed> {
    let shares: Vec<u32> = cases.iter().map(|case| case.share).collect();
    let requests: Arc<Vec<(String, Option<String>)>> =
        Arc::new(paths.into_iter().zip(cases.iter().map(|case| case.body.clone())).collect());
    let idle: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
    let in_flight = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    let mut tasks = JoinSet::new();
    let begin = Instant::now();
    for (planned, case) in schedule(load.rate, load.lasting, &shares, SEED) {
        let planned = begin + planned;
        sleep_until(planned).await;
        let (requests, idle) = (Arc::clone(&requests), Arc::clone(&idle));
        let in_flight = Arc::clone(&in_flight);
        tasks.spawn(async move {
            let (path, body) = &requests[case];
            let work = async {
                let _place = in_flight.acquire_owned().await?;
                send(address, &idle, path, body.as_deref()).await
            };
            let answer = match timeout_at(planned + REQUEST_TIME_MAX, work).await {
                Ok(Ok(())) => Ok(planned.elapsed()),
                Ok(Err(error)) => Err(format!("{error:#}")),
                Err(_) => Err(format!("no answer to {path} within {REQUEST_TIME_MAX:?}")),
            };
            (case, answer)
        });
    }
    tasks.join_all().await
}

/// Asks on a connection that is idle, or on a new one.
async fn send(
    address: SocketAddr,
    idle: &Mutex<Vec<TcpStream>>,
    path: &str,
    body: Option<&str>,
) -> anyhow::Result<()> {
    let taken = idle.lock().ok().and_then(|mut idle| idle.pop());
    let mut stream = match taken {
        Some(stream) => stream,
        None => connect(address).await?,
    };
    ask(&mut stream, path, body).await?;
    if let Ok(mut idle) = idle.lock() {
        idle.push(stream);
    }
    Ok(())
}

fn spreads(cases: &[Case], answers: &[Timed]) -> Vec<Spread> {
    let mut of: BTreeMap<(usize, &str), (Vec<Duration>, usize)> = BTreeMap::new();
    for (case, answer) in answers {
        let class = match cases[*case].class {
            Class::Page => (0, "all pages"),
            Class::Aggregate => (1, "all aggregates"),
        };
        // In the order of the questions.
        let name = cases[*case].question;
        let first = cases.iter().position(|case| case.question == name).unwrap_or(0);
        for key in [class, (first + 2, name)] {
            let (times, failed) = of.entry(key).or_default();
            match answer {
                Ok(time) => times.push(*time),
                Err(_) => *failed += 1,
            }
        }
    }
    of.into_iter()
        .map(|((_, name), (mut times, failed))| Spread {
            name: name.to_owned(),
            requests: times.len() + failed,
            failed,
            p50_ms: percentile(&mut times, 0.5),
            p95_ms: percentile(&mut times, 0.95),
            p99_ms: percentile(&mut times, 0.99),
            max_ms: percentile(&mut times, 1.0),
        })
        .collect()
}

/// A `serve` of its own process.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    async fn start(data_dir: &Path) -> anyhow::Result<Server> {
        let mut child = noctis(data_dir)?
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("a process without an output")?;
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(output).read_line(&mut line).map(|_| line)
        });
        let line = match timeout(START_TIME_MAX, line).await {
            Ok(line) => line??,
            Err(_) => String::new(),
        };
        match line.split("http://").nth(1).and_then(|rest| rest.split(';').next()?.parse().ok()) {
            Some(address) => Ok(Server { child, address }),
            None => {
                child.kill()?;
                bail!("`noctis serve` did not start; `postgres.log` in the store may say why")
            }
        }
    }

    fn end(&mut self) -> anyhow::Result<()> {
        terminate(&mut self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After an error; one that has ended is not met.
        let _ = terminate(&mut self.child);
    }
}

/// An import of its own process, fed without end.
struct Import {
    child: Child,
    feeder: std::thread::JoinHandle<u64>,
}

impl Import {
    fn start(data_dir: &Path, mut generator: Generator) -> anyhow::Result<Import> {
        let mut child = noctis(data_dir)?
            .args(["import", "--json", "--allow-generated", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let mut pipe = child.stdin.take().context("a process without an input")?;
        let feeder = std::thread::spawn(move || {
            let mut handed = 0;
            // Ends when all are handed over, or nobody takes them any more.
            while let Ok(kills @ 1..) = write_some(&mut generator, &mut pipe) {
                handed += kills;
            }
            handed
        });
        Ok(Import { child, feeder })
    }

    /// Ends it where it is, and says how many kills it was handed.
    fn end(mut self) -> anyhow::Result<u64> {
        terminate(&mut self.child)?;
        Ok(self.feeder.join().unwrap_or(0))
    }
}

/// Asks a process to end, and waits until it has.
fn terminate(child: &mut Child) -> anyhow::Result<()> {
    if child.try_wait()?.is_none() {
        ask_to_end(child)?;
        child.wait()?;
    }
    Ok(())
}

#[cfg(unix)]
fn ask_to_end(child: &mut Child) -> anyhow::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok(kill_process(pid.context("a process without a number")?, Signal::TERM)?)
}

#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) -> anyhow::Result<()> {
    Ok(child.kill()?)
}
