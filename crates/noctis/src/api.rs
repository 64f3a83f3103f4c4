//! The router: every route on one page, and what every request passes on its way.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::web;
use error::Problem;

pub(crate) mod battle;
pub(crate) mod entities;
pub mod error;
mod health;
pub(crate) mod killmails;
mod limits;
pub mod metrics;
mod observe;
mod openapi;
mod query;
pub(crate) mod question;
mod search;
pub(crate) mod top;

/// The way to all there is.
pub fn router(app: App) -> Router {
    let (described, document) = described().split_for_parts();
    described
        .route("/api/v1/openapi.json", get(move || async move { openapi::serve(&document) }))
        .route("/", get(web::latest))
        .route("/kill/{id}", get(web::kill))
        .route("/static/{file}", get(web::asset))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        // The first layer is the innermost: a request passes them from the last to the first.
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), limits::guard))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn(observe::observe))
        .with_state(app)
}

/// What the API promises, as JSON.
///
/// # Panics
/// Never: the document is built from constants.
#[must_use]
pub fn openapi_json() -> String {
    described().to_openapi().to_pretty_json().expect("an OpenAPI document can be written as JSON")
}

/// The routes that the OpenAPI document describes.
fn described() -> OpenApiRouter<App> {
    let v1 = OpenApiRouter::new()
        .routes(routes!(killmails::list))
        .routes(routes!(search::search))
        .routes(routes!(killmails::get))
        .routes(routes!(killmails::esi))
        .routes(routes!(battle::battle))
        .routes(routes!(entities::character))
        .routes(routes!(entities::corporation))
        .routes(routes!(entities::characters))
        .routes(routes!(entities::alliance))
        .routes(routes!(entities::system))
        .routes(routes!(entities::constellation))
        .routes(routes!(entities::region))
        .routes(routes!(entities::ship))
        .routes(routes!(entities::ship_group))
        .routes(routes!(top::top))
        .routes(routes!(top::most_valuable));
    OpenApiRouter::with_openapi(openapi::document())
        .nest("/api/v1", v1)
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

async fn not_found(State(app): State<App>, request: Request) -> Response {
    if is_page(&request) {
        return web::not_found(&app);
    }
    Problem::not_found("there is nothing at this address; /api/v1/openapi.json lists what there is")
        .into_response()
}

async fn method_not_allowed() -> Response {
    let detail = "this method is not answered here; the header Allow lists those that are";
    Problem::method_not_allowed(detail).into_response()
}

/// People look at pages; programs ask the API.
fn is_page(request: &Request) -> bool {
    !request.uri().path().starts_with("/api/")
}
