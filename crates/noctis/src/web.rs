//! The pages: the same answers as the API's, drawn for people.
//!
//! The one script suggests names in the search box, and all works without it. Other machines are asked for pictures
//! alone, and not even for them where that is switched off.

mod assets;
mod battle;
mod characters;
mod chart;
mod entity;
mod kill;
mod latest;
mod links;
mod names;
mod pictures;
mod rows;
mod search;
mod top;
mod valuable;
mod words;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(crate) use assets::asset;
pub(crate) use battle::battle;
pub(crate) use characters::characters;
pub(crate) use entity::entity;
pub(crate) use kill::kill;
pub(crate) use latest::latest;
pub(crate) use search::search;
pub(crate) use top::top;
pub(crate) use valuable::valuable;
pub(crate) use words::tags;

use pictures::Pictures;

use crate::api::error::Problem;
use crate::app::App;

/// No address goes along to where a link leads.
const PAGE_HEADERS: [(header::HeaderName, &str); 3] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
];

/// No script but our own runs; nothing is loaded from elsewhere but pictures, from the one server that is configured.
fn content_security_policy(app: &App) -> HeaderValue {
    let pictures = app.image_server().map(|server| format!(" {server}/")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'{pictures}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("the configuration takes no other server's address")
}

/// Where pictures come from.
fn pictures(app: &App) -> Pictures<'_> {
    Pictures { server: app.image_server() }
}

/// What every page has around it.
struct Frame {
    title: String,
    is_sample: bool,
    /// What stands in the search box.
    typed: String,
}

impl Frame {
    fn new(title: impl Into<String>, app: &App) -> Frame {
        Frame { title: title.into(), is_sample: app.sample.is_some(), typed: String::new() }
    }
}

/// An error as a page.
#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    title: &'a str,
    detail: &'a str,
}

fn page(app: &App, status: StatusCode, template: &impl Template) -> Response {
    let html = template.render().expect("writing into a string cannot fail");
    let mut response = (status, html).into_response();
    let policy = content_security_policy(app);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in PAGE_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn problem(problem: &Problem, app: &App) -> Response {
    let frame = Frame::new(problem.title, app);
    let template = ProblemPage { frame, title: problem.title, detail: &problem.detail };
    let mut response = page(app, status(problem), &template);
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The page for an address that leads nowhere.
pub(crate) fn not_found(app: &App) -> Response {
    problem(&Problem::not_found("there is no page at this address"), app)
}
