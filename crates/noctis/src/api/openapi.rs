//! The OpenAPI document: what the API promises, served and kept as a snapshot by a test.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

/// The frame that the routes are written into.
pub(super) fn document() -> OpenApi {
    let description = "Killmails of EVE Online. One language of questions for lists: a comma between values is *or*, \
                       two keys are *and*, a `-` before a value is *not*. Times are UTC, which is EVE time.";
    let info =
        InfoBuilder::new().title("noctis").version("1").description(Some(description)).build();
    OpenApiBuilder::new().info(info).build()
}

pub(super) fn serve(document: &OpenApi) -> Response {
    let json = document.to_json().expect("an OpenAPI document can be written as JSON");
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}
