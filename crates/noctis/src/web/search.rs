//! `/search`: who and what may be meant by what was typed, for whoever has no script.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::names::Link;
use super::pictures::Picture;
use super::{Frame, page, pictures, problem};
use crate::answer::{Named, Suggestion};
use crate::api;
use crate::app::App;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    link: Link,
    picture: Option<Picture>,
    ticker: Option<String>,
    kind: &'static str,
}

/// The page of suggestions.
pub(crate) async fn search(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let asked = async {
        let mut pairs = api::question::pairs(query.as_deref())?;
        let typed = pairs.iter().rev().find(|(key, _)| key == "q").map(|(_, value)| value.clone());
        if !pairs.iter().any(|(key, _)| key == "limit") {
            pairs.push(("limit".to_owned(), "20".to_owned()));
        }
        Ok((typed, api::suggest::find_suggestions(&app, &pairs).await?))
    };
    match asked.await {
        Ok((typed, found)) => {
            let frame = Frame { typed: typed.unwrap_or_default(), ..Frame::new("Search", &app) };
            let rows = found.suggestions.into_iter().map(|found| Row::new(found, &app)).collect();
            page(&app, StatusCode::OK, &SearchPage { frame, rows })
        }
        Err(refused) => problem(&refused, &app),
    }
}

impl Row {
    fn new(found: Suggestion, app: &App) -> Row {
        let Suggestion { kind, id, name, ticker, .. } = found;
        let link = Link::to(kind, &Named { id, name: Some(name) });
        Row { picture: pictures(app).of(kind, id, &link.text, 32), link, ticker, kind: kind.word() }
    }
}
