//! The questions that the sample offers, as links, commands and SQL.

use axum::http::{HeaderMap, header};

use crate::app::App;

/// Where to ask when the browser does not say where it asked.
const HOST_DEFAULT: &str = "127.0.0.1:8080";

pub(super) struct Sample {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) curl: String,
    pub(super) sql: String,
}

pub(super) fn of(app: &App, headers: &HeaderMap) -> Vec<Sample> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // The command is there to be copied into a shell, so nothing but an address gets into it.
    let is_address = |host: &&str| {
        host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']'))
    };
    let host = host.filter(is_address).unwrap_or(HOST_DEFAULT);
    app.sample
        .iter()
        .flat_map(|questions| questions.iter())
        .map(|question| Sample {
            title: question.title.clone(),
            href: format!("/?{}", question.query),
            curl: format!("curl 'http://{host}/api/v1/killmails?{}'", question.query),
            sql: question.sql.clone(),
        })
        .collect()
}
