//! What the pages need besides themselves, from within the binary.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::not_found;
use crate::app::App;

const STYLE: &str = include_str!("../../static/style.css");
const SUGGEST: &str = include_str!("../../static/suggest.js");
const FAVICON: &str = include_str!("../../static/favicon.svg");

/// One of our files. The browser asks each time whether it is still the same: a new noctis may bring another.
pub(crate) async fn asset(State(app): State<App>, Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "suggest.js" => ("text/javascript; charset=utf-8", SUGGEST),
        "favicon.svg" => ("image/svg+xml", FAVICON),
        _ => return not_found(&app),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}
