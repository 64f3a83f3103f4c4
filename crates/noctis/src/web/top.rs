//! `/top`: who has the most of something within a time.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use noctis_core::time::eve_time;

use super::links::{self, Kind, Pairs};
use super::names::Link;
use super::pictures::Picture;
use super::{Frame, page, pictures, problem};
use crate::answer::{MEASURES, TOP_KINDS, Top};
use crate::api;
use crate::app::App;
use crate::figures::{Amount, grouped};

/// Times that are offered.
pub(super) const TIMES: [&str; 4] = ["24h", "7d", "14d", "30d"];

#[derive(Template)]
#[template(path = "top.html")]
struct TopPage {
    frame: Frame,
    tabs: Vec<Vec<Tab>>,
    count_name: &'static str,
    isk_name: &'static str,
    from: String,
    to: String,
    rows: Vec<Standing>,
    json_href: String,
}

/// A choice, and whether it is the one at hand.
pub(super) struct Tab {
    pub(super) text: &'static str,
    pub(super) href: String,
    pub(super) is_chosen: bool,
}

struct Standing {
    rank: usize,
    link: Link,
    picture: Option<Picture>,
    count: String,
    isk: Amount,
}

/// The page of a top list.
pub(crate) async fn top(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let asked = async {
        let pairs = api::question::pairs(query.as_deref())?;
        let top = api::top::find_top(&app, &pairs).await?;
        Ok((pairs, top))
    };
    match asked.await {
        Ok((pairs, top)) => page(&app, StatusCode::OK, &TopPage::new(&pairs, &top, &app)),
        Err(refused) => problem(&refused, &app),
    }
}

impl TopPage {
    fn new(pairs: &Pairs, top: &Top, app: &App) -> TopPage {
        let kind = kind(top.kind);
        let pictures = pictures(app);
        let row = |(index, row): (usize, &crate::answer::TopRow)| {
            let link = Link::to(kind, &row.named);
            Standing {
                rank: index + 1,
                picture: pictures.of(kind, row.named.id, &link.text, 32),
                link,
                count: grouped(row.count),
                isk: Amount::new(row.isk),
            }
        };
        let given = |key: &str| {
            pairs.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value.as_str())
        };
        let kinds = TOP_KINDS.map(|(word, _)| word);
        let measures = MEASURES.map(|(word, _)| word);
        let is_loss = top.by == "losses";
        let from = if given("from").is_empty() { "7d" } else { given("from") };
        TopPage {
            frame: Frame::new(format!("Top {}", top.kind), app),
            tabs: vec![
                tabs("/top", pairs, "kind", (&kinds, top.kind)),
                tabs("/top", pairs, "by", (&measures, top.by)),
                tabs("/top", pairs, "from", (&TIMES, from)),
            ],
            count_name: if is_loss { "Losses" } else { "Kills" },
            isk_name: if is_loss { "ISK lost" } else { "ISK destroyed" },
            from: eve_time(top.from),
            to: eve_time(top.to),
            rows: top.rows.iter().enumerate().map(row).collect(),
            json_href: links::with("/api/v1/top", pairs, &[]),
        }
    }
}

fn kind(word: &str) -> Kind {
    match word {
        "corporations" => Kind::Corporation,
        "alliances" => Kind::Alliance,
        "systems" => Kind::System,
        "regions" => Kind::Region,
        "ships" => Kind::Ship,
        "groups" => Kind::ShipGroup,
        _ => Kind::Character,
    }
}

/// The choices of a key, everything else kept.
pub(super) fn tabs(
    path: &str,
    pairs: &Pairs,
    key: &str,
    (words, chosen): (&[&'static str], &str),
) -> Vec<Tab> {
    let tab = |word: &&'static str| Tab {
        text: word,
        href: links::with(path, pairs, &[(key, word)]),
        is_chosen: *word == chosen,
    };
    words.iter().map(tab).collect()
}
