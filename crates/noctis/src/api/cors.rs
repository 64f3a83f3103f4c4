//! Whether pages of other sites may read the API's answers, as `http.cors` says.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::answering::NEXT_CURSOR;
use crate::config::Cors;

/// How long a browser need not ask again whether it may ask.
const PREFLIGHT_AGE_MAX: Duration = Duration::from_secs(3_600);

/// What a page may send besides what every page may.
const HEADERS_TAKEN: [HeaderName; 2] = [header::CONTENT_TYPE, header::IF_NONE_MATCH];

/// What a page may read besides what every page may.
const HEADERS_TOLD: [HeaderName; 4] =
    [header::ETAG, header::LINK, header::RETRY_AFTER, NEXT_CURSOR];

/// Nothing when it is switched off. Only the API is shared: pages and figures are not.
pub(super) fn layer(cors: &Cors) -> Option<CorsLayer> {
    let allowed: Option<Vec<HeaderValue>> = match cors {
        Cors::Off => return None,
        Cors::Any => None,
        Cors::Only(origins) => Some(origins.clone()),
    };
    let is_allowed = move |origin: &HeaderValue, request: &Parts| {
        request.uri.path().starts_with("/api/")
            && allowed.as_ref().is_none_or(|allowed| allowed.contains(origin))
    };
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed))
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(HEADERS_TAKEN)
        .expose_headers(HEADERS_TOLD)
        .max_age(PREFLIGHT_AGE_MAX);
    Some(layer)
}
