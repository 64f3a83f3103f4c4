//! Answers that somebody has already are not sent again: an ETag for every answer in memory, and 304 to who names it.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Bytes of an answer that is hashed at most; what is longer goes out without an ETag.
const HASHED_BYTES_MAX: usize = 64 << 20;

/// Kept by whoever asked, but asked for again each time.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// Passes a request on, then compares. Streams pass as they are: nobody knows their hash before their end.
pub(super) async fn conditional(request: Request, next: Next) -> Response {
    let is_reading = [Method::GET, Method::HEAD].contains(request.method());
    let known: Vec<HeaderValue> =
        request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    let bytes_max = u64::try_from(HASHED_BYTES_MAX).expect("it is a small number");
    let is_small = response.body().size_hint().exact().is_some_and(|bytes| bytes <= bytes_max);
    if !is_reading || response.status() != StatusCode::OK || is_figure(&response) || !is_small {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, HASHED_BYTES_MAX).await;
    let bytes = bytes.expect("a body in memory that is short enough can be read");
    let etag = etag(&bytes);
    parts.headers.entry(header::CACHE_CONTROL).or_insert(REVALIDATED);
    parts.headers.insert(header::ETAG, etag.clone());
    if is_known(&known, &etag) {
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return (StatusCode::NOT_MODIFIED, parts.headers).into_response();
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Health and metrics, which are new with every look.
fn is_figure(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/plain"))
}

/// Weak, since the same body goes out compressed in several ways.
fn etag(bytes: &[u8]) -> HeaderValue {
    let digest: String =
        Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("W/\"{digest}\"")).expect("digits in quotes are a header value")
}

/// Compared weakly, as it has to be.
fn is_known(known: &[HeaderValue], etag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let etag = etag.to_str().map(opaque).unwrap_or_default();
    known
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == etag)
}
