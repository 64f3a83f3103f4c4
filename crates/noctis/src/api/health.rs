//! Whether the process lives, whether it can answer, and its figures.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use noctis_store::{Error, migrate};

use super::error::Problem;
use super::metrics;
use crate::app::App;

/// Whether the process lives; it asks the database nothing.
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "operation",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain")))]
pub(super) async fn healthz() -> &'static str {
    "alive\n"
}

/// Whether questions can be answered: the database is there, with the tables this noctis knows.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operation",
    responses(
        (status = 200, description = "It is ready", body = String, content_type = "text/plain"),
        (status = 503, description = "It is not, and why", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    let check = async { migrate::check(&*app.store.client().await?).await };
    match check.await {
        Ok(()) => Ok("ready\n"),
        Err(error @ (Error::SchemaNewer { .. } | Error::SchemaOlder { .. })) => {
            // Our own sentence, which says what to do.
            Err(Problem { detail: error.to_string(), ..Problem::from(error) })
        }
        Err(error) => Err(error.into()),
    }
}

/// Figures in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "operation",
    responses((status = 200, description = "The figures", body = String, content_type = "text/plain")))]
pub(super) async fn metrics(State(app): State<App>) -> Response {
    let text = metrics::render(&app).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
