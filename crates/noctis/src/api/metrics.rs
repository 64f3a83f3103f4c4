//! The figures of this process and its store, in the text format of Prometheus.

mod lifecycle;

use std::sync::OnceLock;

use ::metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use noctis_store::presence::behind;
use noctis_store::{Result, killmails};

use crate::app::App;
use crate::{esi, names, presence};

pub(super) const REQUESTS: &str = "noctis_http_requests_total";
pub(super) const DURATION: &str = "noctis_http_request_duration_seconds";
const POOL_USED: &str = "noctis_pool_connections_in_use";
const POOL_MAX: &str = "noctis_pool_connections_max";
const ARRIVED: &str = "noctis_killmails_arrived";

/// Upper bounds of the latency histogram, in seconds: an answer from one month takes a millisecond.
const DURATION_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

const SECONDS_PER_DAY: f64 = 86_400.0;

/// The one collector of this process, installed at the first call.
///
/// # Panics
/// When something else has installed a collector, which nothing in this program does.
#[must_use]
pub fn handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &DURATION_BUCKETS)
        .expect("there are buckets")
        .install_recorder()
        .expect("only this function installs a collector, and once");
    describe_counter!(REQUESTS, "Requests answered, by method, route and status");
    describe_histogram!(DURATION, "Seconds until a request was answered, by route");
    describe_gauge!(POOL_USED, "Connections to the database that are in use");
    describe_gauge!(POOL_MAX, "Connections to the database at most");
    describe_gauge!(ARRIVED, "Killmails that have arrived, archived ones included");
    describe_gauge!(presence::BEHIND, "Killmails that have arrived and are not counted yet");
    describe_gauge!(presence::CHANGES, "Changes of killmails that are not counted yet");
    lifecycle::describe();
    describe_counter!(esi::REQUESTS, "Requests to ESI, by status; none where no answer came");
    describe_gauge!(esi::BUDGET, "Tokens left of ESI's budgets, by group, as last heard");
    describe_gauge!(names::KNOWN, "Names known, about, by table");
    describe_gauge!(
        names::WANTED,
        "Ids on killmails that lack a name or ticker, or whose name is old"
    );
    describe_gauge!(names::REFUSED, "Of these, ids that ESI did not know when they were asked for");
    handle
}

/// All figures now. Those of the database are left as they were when it does not answer.
pub(super) async fn render(app: &App) -> String {
    let (used, max) = app.store.pool_status();
    set(POOL_USED, used as f64);
    set(POOL_MAX, max as f64);
    let asked = async {
        let client = app.store.client().await?;
        set(ARRIVED, killmails::last_arrival(&client).await? as f64);
        let left = behind(&**client).await?;
        set(presence::BEHIND, left.kills as f64);
        set(presence::CHANGES, left.changes as f64);
        // Asking for the others takes a connection of its own.
        drop(client);
        lifecycle::refresh(app).await
    };
    let asked: Result<()> = asked.await;
    if let Err(error) = asked {
        tracing::warn!(%error, "the figures lack those of the database");
    }
    app.metrics.run_upkeep();
    app.metrics.render()
}

fn set(name: &'static str, value: f64) {
    gauge!(name).set(value);
}
