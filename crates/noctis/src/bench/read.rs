//! Pages over HTTP against the bare statements: the newest fifty, and one kill by its id.
//!
//! Bare means the same statements over the same driver and pool, their rows read; HTTP adds routing, names in their
//! places, JSON and a socket on loopback. Both take turns, so that other work on the machine hits both.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use noctis_core::catalogue::Catalogue;
use noctis_core::kill::Party;
use noctis_core::question::{self, People, Question};
use noctis_store::killmails;
use noctis_store::{Connection, Store};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::asking::{ask, connect};
use super::{median, percentile};
use crate::app::App;
use crate::database::{Database, catalogue};
use crate::{clock, serving};

/// Requests of a round.
const REQUESTS: usize = 500;

/// One question, over HTTP and bare; medians of the rounds' medians, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub question: &'static str,
    pub bare_ms: f64,
    pub http_ms: f64,
    /// What HTTP adds.
    pub added_ms: f64,
    pub ratio: f64,
}

/// Asks each question in turns.
///
/// # Errors
/// When the database fails or the server answers with an error.
pub async fn run(database: &Database, rounds: u32) -> anyhow::Result<Vec<Report>> {
    let readers = Store::connect(database.server.store_options()?).await?;
    // Where the server's own tasks run, so that both sides wait for PostgreSQL in the same way.
    tokio::spawn(measure(readers, database.store.clone(), rounds)).await?
}

async fn measure(readers: Store, store: Store, rounds: u32) -> anyhow::Result<Vec<Report>> {
    let catalogue = Arc::new(catalogue());
    let app = App::new(readers, Arc::clone(&catalogue));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let server = tokio::spawn(serving::serve(listener, app, stop.clone()));
    let mut stream = connect(address).await?;
    let client = store.client().await?;
    let latest = question::parse(&[], &catalogue, &People::default(), clock::now())?;
    let ids: Vec<i64> = {
        let all = Question { limit: 1_000, ..latest.clone() };
        let newest = killmails::newest(&client, &catalogue, &all, None, clock::now()).await?;
        newest.keys.into_iter().map(|(_, id)| id).collect()
    };
    let mut reports = Vec::new();
    for (name, by_id) in [("the newest 50", false), ("one kill by its id", true)] {
        let (mut bare, mut http) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (mut bare_times, mut http_times) = (Vec::new(), Vec::new());
            for turn in 0..REQUESTS {
                let id = ids[turn * 7 % ids.len()];
                bare_times.push(
                    timed(async {
                        if by_id {
                            one(&client, id).await
                        } else {
                            page(&client, &catalogue, &latest).await
                        }
                    })
                    .await?,
                );
                let path = if by_id {
                    format!("/api/v1/killmails/{id}")
                } else {
                    "/api/v1/killmails".to_owned()
                };
                http_times.push(
                    timed(async {
                        ask(&mut stream, &path, None).await?;
                        Ok(())
                    })
                    .await?,
                );
            }
            bare.push(percentile(&mut bare_times, 0.5));
            http.push(percentile(&mut http_times, 0.5));
        }
        let (bare_ms, http_ms) = (median(bare), median(http));
        reports.push(Report {
            question: name,
            bare_ms,
            http_ms,
            added_ms: http_ms - bare_ms,
            ratio: http_ms / bare_ms,
        });
    }
    drop(stream);
    stop.cancel();
    server.await?;
    Ok(reports)
}

async fn timed(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    work.await?;
    Ok(start.elapsed())
}

async fn page(
    client: &Connection,
    catalogue: &Catalogue,
    question: &Question,
) -> anyhow::Result<()> {
    let mut keys = killmails::newest(client, catalogue, question, None, clock::now()).await?.keys;
    keys.truncate(question.limit as usize);
    let kills = killmails::by_keys(client, &keys).await?;
    let parties: Vec<&Party> = kills
        .iter()
        .flat_map(|kill| [Some(&kill.victim), kill.final_blow.as_ref().map(|blow| &blow.party)])
        .flatten()
        .collect();
    killmails::names(client, parties.into_iter()).await?;
    Ok(())
}

async fn one(client: &Connection, killmail_id: i64) -> anyhow::Result<()> {
    let time = killmails::time_of(client, killmail_id).await?;
    let key = (time.context("a kill that was listed is gone")?, killmail_id);
    let keys = [key];
    let (kills, _) =
        tokio::try_join!(killmails::by_keys(client, &keys), killmails::body(client, key))?;
    let kill = kills.first().context("a kill that was listed is gone")?;
    killmails::names(client, [&kill.victim].into_iter()).await?;
    Ok(())
}
