//! `/most-valuable`: the kills worth most within a time.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::links::{self, Kind, Pairs};
use super::names::Link;
use super::rows::{Row, rows};
use super::top::{Tab, tabs};
use super::{Frame, page, pictures, problem};
use crate::answer::MostValuable;
use crate::api;
use crate::app::App;

/// Times that are offered.
const TIMES: [&str; 4] = ["1h", "24h", "7d", "30d"];

#[derive(Template)]
#[template(path = "valuable.html")]
struct ValuablePage {
    frame: Frame,
    tabs: Vec<Tab>,
    region: Option<Link>,
    everywhere_href: String,
    rows: Vec<Row>,
    json_href: String,
}

/// The page of the most valuable kills.
pub(crate) async fn valuable(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let asked = async {
        let pairs = api::question::pairs(query.as_deref())?;
        let found = api::top::find_most_valuable(&app, &pairs).await?;
        Ok((pairs, found))
    };
    match asked.await {
        Ok((pairs, found)) => page(&app, StatusCode::OK, &ValuablePage::new(&pairs, &found, &app)),
        Err(refused) => problem(&refused, &app),
    }
}

impl ValuablePage {
    fn new(pairs: &Pairs, found: &MostValuable, app: &App) -> ValuablePage {
        let given = pairs.iter().find(|(key, value)| key == "from" && !value.is_empty());
        let from = given.map_or("24h", |(_, value)| value.as_str());
        ValuablePage {
            frame: Frame::new("Most valuable kills", app),
            tabs: tabs("/most-valuable", pairs, "from", (&TIMES, from)),
            region: found.region.as_ref().map(|region| Link::to(Kind::Region, region)),
            everywhere_href: links::with("/most-valuable", pairs, &[("region_id", "")]),
            rows: rows(&found.killmails, pictures(app)),
            json_href: links::with("/api/v1/most-valuable", pairs, &[]),
        }
    }
}
