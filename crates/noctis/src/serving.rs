//! The HTTP server: connections in, answers out, and an end that does not cut an answer off.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api;
use crate::app::App;

/// Connections at the same time; the next one waits in the system's queue.
const CONNECTIONS_MAX: usize = 1_024;
/// How long a connection may take to send the head of a request, and stay silent between two.
const HEAD_TIME_MAX: Duration = Duration::from_secs(30);
/// What is being answered when the end is asked for may take this long.
const GRACE: Duration = Duration::from_secs(5);
/// After an error of accepting, such as no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Samples of the figures are summed up this often, even if nobody looks.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Answers until `shutdown`, then takes no more connections and ends within five seconds.
pub async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken) {
    let tasks = TaskTracker::new();
    let metrics = app.metrics.clone();
    tasks.spawn(shutdown.clone().run_until_cancelled_owned(async move {
        loop {
            tokio::time::sleep(UPKEEP_INTERVAL).await;
            metrics.run_upkeep();
        }
    }));
    let router = api::router(app);
    shutdown.run_until_cancelled(accept(&listener, &router, &tasks, &shutdown)).await;
    drop(listener);
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "ended without waiting for all answers");
    }
}

/// Takes connections for ever.
async fn accept(
    listener: &TcpListener,
    router: &Router,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("the slots are never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = answer(stream, router.clone(), shutdown.clone());
                tasks.spawn(async move {
                    connection.await;
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Answers the requests of one connection. When the end is asked for, the one at hand is its last.
async fn answer(stream: TcpStream, router: Router, shutdown: CancellationToken) {
    // Answers are written whole, so waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX);
    let service = TowerToHyperService::new(router);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Whoever asked went away; that is no news.
        tracing::debug!(error, "a connection ended early");
    }
}
