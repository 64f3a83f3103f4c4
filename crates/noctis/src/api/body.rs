//! The body of a request, read whole as JSON, within a bound.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::error::Problem;
use super::limits::{self, BODY_BYTES_MAX};

/// Reads a body to its end.
///
/// # Errors
/// When it is too long.
pub(super) async fn bytes(body: Body) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
        // Cut off by whoever asked, or longer than it may be; only one of them reads the answer.
        Problem::too_long(StatusCode::PAYLOAD_TOO_LARGE, limits::body_bound())
    })
}

/// Reads JSON, whatever the request calls it.
///
/// # Errors
/// When it is too long, no JSON, or not of this form.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    serde_json::from_slice(&bytes(body).await?)
        .map_err(|error| Problem::bad_value(format!("the body is not as expected: {error}")))
}
