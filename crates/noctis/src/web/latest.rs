//! `/`: the newest kills, or those that a question means.

mod chips;
mod form;
mod samples;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use noctis_store::killmails::{self, Names};

use self::chips::Chip;
use self::form::Form;
use self::samples::Sample;
use super::rows::{Row, rows};
use super::{Frame, links, page, pictures, problem, status};
use crate::answer::{self, KillPage};
use crate::api::error::Problem;
use crate::api::question::{pairs, question};
use crate::app::App;
use crate::clock;

#[derive(Template)]
#[template(path = "latest.html")]
struct Latest {
    frame: Frame,
    samples: Vec<Sample>,
    is_store_empty: bool,
    form: Form,
    chips: Vec<Chip>,
    json_href: String,
    csv_href: String,
    fault: Option<Fault>,
    rows: Vec<Row>,
    newest: Option<String>,
    older: Option<String>,
    older_text: &'static str,
}

/// What is wrong with a question, with the candidates of a name that can mean several.
struct Fault {
    title: &'static str,
    detail: String,
    candidates: Vec<(String, String)>,
}

/// The page of a question; fields of the form that were left empty ask nothing.
pub(crate) async fn latest(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut pairs = match pairs(query.as_deref()) {
        Ok(pairs) => pairs,
        Err(refused) => return problem(&refused, &app),
    };
    pairs.retain(|(_, value)| !value.trim().is_empty());
    let mut latest = Latest::new(&app, &pairs, &headers);
    match answer(&app, &pairs).await {
        Ok(found) => {
            latest.is_store_empty = found.is_store_empty;
            latest.chips = chips::chips(&pairs, &app.catalogue(), &found.names);
            latest.rows = rows(&found.page.killmails, pictures(&app));
            latest.form.is_open = latest.rows.is_empty() && found.page.next.is_none();
            latest.older = found.page.next.as_deref().map(|cursor| links::at(&pairs, cursor));
            page(&app, StatusCode::OK, &latest)
        }
        Err(refused) if refused.status < 500 => {
            let status = status(&refused);
            latest.chips = chips::chips(&pairs, &app.catalogue(), &Names::default());
            latest.form.is_open = true;
            latest.fault = Some(Fault::new(refused, &pairs));
            page(&app, status, &latest)
        }
        Err(failed) => problem(&failed, &app),
    }
}

/// What a question means, and what the page says besides.
struct Found {
    page: KillPage,
    names: Names,
    is_store_empty: bool,
}

async fn answer(app: &App, pairs: &links::Pairs) -> Result<Found, Problem> {
    let question = question(pairs, app).await?;
    let page = answer::page(&app.kills, &app.catalogue(), &question, clock::now()).await?;
    let client = app.store.client().await?;
    let names = chips::names(&client, pairs).await?;
    let is_store_empty = page.killmails.is_empty() && killmails::last_arrival(&client).await? == 0;
    Ok(Found { page, names, is_store_empty })
}

impl Latest {
    /// The page before anything has been found.
    fn new(app: &App, pairs: &links::Pairs, headers: &HeaderMap) -> Latest {
        let is_first_page = pairs.is_empty();
        let is_later_page = pairs.iter().any(|(key, _)| key == "cursor");
        let title = if is_first_page { "Latest kills" } else { "Kills" };
        Latest {
            frame: Frame::new(title, app),
            samples: if is_first_page { samples::of(app, headers) } else { Vec::new() },
            is_store_empty: false,
            form: Form::of(pairs),
            chips: Vec::new(),
            json_href: links::api(pairs),
            csv_href: links::csv(pairs),
            fault: None,
            rows: Vec::new(),
            newest: is_later_page.then(|| links::without(pairs, None)),
            older: None,
            older_text: match pairs.iter().find(|(key, _)| key == "order") {
                Some((_, order)) if order == "arrival" => "Later arrivals",
                Some((_, order)) if order == "value" => "Less valuable",
                Some(_) | None => "Older",
            },
        }
    }
}

impl Fault {
    fn new(refused: Problem, pairs: &links::Pairs) -> Fault {
        // The name that can mean several is in the key without `_id`, which the problem names first; of a list of names
        // it may be any, so that is left to whoever asks.
        let is_named = |(key, value): &(String, String)| {
            refused.detail.starts_with(&format!("{key}=")) && !value.contains(',')
        };
        let named = pairs.iter().position(is_named);
        let candidates = refused.candidates.iter().filter_map(|candidate| {
            let (key, _) = &pairs[named?];
            let rest = links::without(pairs, named);
            let separator = if rest.contains('?') { '&' } else { '?' };
            let name = candidate.name.as_deref().unwrap_or_default();
            Some((
                format!("{rest}{separator}{key}_id={}", candidate.id),
                format!("{name} ({})", candidate.id),
            ))
        });
        let candidates = candidates.collect();
        Fault { title: refused.title, detail: refused.detail, candidates }
    }
}
