//! What one request may cost: its length, its time, and how many there may be at once.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use crate::app::{App, REQUESTS_MAX};

/// Bytes of an address, its query string included.
pub(super) const URI_BYTES_MAX: usize = 16_384;
/// Bytes of a body: room for the longest question.
pub(super) const BODY_BYTES_MAX: usize = 1_048_576;
/// How long one answer may take. Each of its statements has a bound of its own, `http.statement_timeout`.
pub(super) const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);

/// Passes a request on if it is within the limits.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let uri_bytes = request.uri().to_string().len();
    if uri_bytes > URI_BYTES_MAX {
        let detail = format!("the address has {uri_bytes} bytes; at most {URI_BYTES_MAX} are read");
        return Problem::too_long(StatusCode::URI_TOO_LONG, detail).into_response();
    }
    if body_bytes(&request) > BODY_BYTES_MAX {
        return Problem::too_long(StatusCode::PAYLOAD_TOO_LARGE, body_bound()).into_response();
    }
    let Ok(_slot) = app.requests.try_acquire() else {
        let detail = format!("{REQUESTS_MAX} requests are being answered; try again soon");
        return Problem::overloaded(detail).into_response();
    };
    match tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow(format!(
            "there was no answer within {} seconds; ask for a shorter time between from and to",
            REQUEST_TIME_MAX.as_secs()
        ))
        .into_response(),
    }
}

/// The bound of a body as a sentence.
pub(super) fn body_bound() -> String {
    format!("at most {BODY_BYTES_MAX} bytes of a body are read")
}

/// What it says of itself; who says nothing is stopped while the body is read.
fn body_bytes(request: &Request) -> usize {
    let length = request.headers().get(header::CONTENT_LENGTH);
    length.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}
