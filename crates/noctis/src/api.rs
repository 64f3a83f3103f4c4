//! The router: every route on one page, and what every request passes on its way.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::EntityKind as Kind;
use crate::app::App;
use crate::web;
use error::Problem;

mod answering;
pub(crate) mod battle;
mod body;
mod conditional;
mod cors;
pub(crate) mod entities;
pub mod error;
mod exists;
mod health;
pub(crate) mod killmails;
mod limits;
pub mod metrics;
mod observe;
mod openapi;
mod query;
pub(crate) mod question;
mod search;
pub(crate) mod suggest;
pub(crate) mod top;
mod words;

/// The way to all there is.
pub fn router(app: App) -> Router {
    let (described, document) = described().split_for_parts();
    let router = described
        .route("/api/v1/openapi.json", get(move || async move { openapi::serve(&document) }))
        .route("/", get(web::latest))
        .route("/kill/{id}", get(web::kill))
        .route("/tags", get(web::tags))
        .route("/kill/{id}/battle", get(web::battle))
        .route("/character/{id}", get(|app, id| web::entity(Kind::Character, app, id)))
        .route("/corporation/{id}", get(|app, id| web::entity(Kind::Corporation, app, id)))
        .route("/corporation/{id}/characters", get(web::characters))
        .route("/alliance/{id}", get(|app, id| web::entity(Kind::Alliance, app, id)))
        .route("/system/{id}", get(|app, id| web::entity(Kind::System, app, id)))
        .route("/constellation/{id}", get(|app, id| web::entity(Kind::Constellation, app, id)))
        .route("/region/{id}", get(|app, id| web::entity(Kind::Region, app, id)))
        .route("/ship/{id}", get(|app, id| web::entity(Kind::Ship, app, id)))
        .route("/ship-group/{id}", get(|app, id| web::entity(Kind::ShipGroup, app, id)))
        .route("/top", get(web::top))
        .route("/most-valuable", get(web::valuable))
        .route("/search", get(web::search))
        .route("/static/{file}", get(web::asset))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        // The first layer is the innermost: a request passes them from the last to the first.
        .layer(from_fn(conditional::conditional))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), limits::guard))
        .layer(CatchPanicLayer::custom(error::panicked));
    let router = match cors::layer(&app.cors) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.layer(from_fn(observe::observe)).with_state(app)
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
        .routes(routes!(exists::exists))
        .routes(routes!(killmails::get))
        .routes(routes!(killmails::esi))
        .routes(routes!(words::tags))
        .routes(routes!(words::labels))
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
        .routes(routes!(suggest::suggest))
        .routes(routes!(top::top))
        .routes(routes!(top::most_valuable));
    OpenApiRouter::with_openapi(openapi::document())
        .nest("/api/v1", v1)
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

async fn not_found(State(app): State<App>, request: Request) -> Response {
    if let Some(elsewhere) = without_slash(request.uri()) {
        return Redirect::permanent(&elsewhere).into_response();
    }
    if is_page(&request) {
        return web::not_found(&app);
    }
    Problem::not_found("there is nothing at this address; /api/v1/openapi.json lists what there is")
        .into_response()
}

/// The address without the slashes at its end, as ESI's addresses have one. Slashes in a row become one, so that no
/// host's name can stand where a path does; an address with other than plain letters is left alone.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    if !path.ends_with('/') || !path.chars().all(is_plain) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    (!parts.is_empty()).then(|| format!("/{}{query}", parts.join("/")))
}

async fn method_not_allowed() -> Response {
    let detail = "this method is not answered here; the header Allow lists those that are";
    Problem::method_not_allowed(detail).into_response()
}

/// People look at pages; programs ask the API.
fn is_page(request: &Request) -> bool {
    !request.uri().path().starts_with("/api/")
}
