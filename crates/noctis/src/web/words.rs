//! `/tags`: every tag and label with its meaning, how many recent kills carry it, and a link to those kills.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use noctis_core::time::eve_time;

use super::{Frame, links, page, problem};
use crate::answer::{self, Counted};
use crate::app::App;
use crate::clock;
use crate::figures::grouped;

#[derive(Template)]
#[template(path = "tags.html")]
struct TagsPage {
    frame: Frame,
    counted: String,
    tags: Vec<Word>,
    labels: Vec<Word>,
}

struct Word {
    word: String,
    href: String,
    meaning: String,
    count: String,
    is_seen: bool,
}

/// The page of all words.
pub(crate) async fn tags(State(app): State<App>) -> Response {
    let catalogue = app.catalogue();
    let counts = match app.words.counts(&app.kills, &catalogue, clock::now()).await {
        Ok(counts) => counts,
        Err(error) => return problem(&error.into(), &app),
    };
    let (tags, labels) = (answer::tags(&catalogue, &counts), answer::labels(&catalogue, &counts));
    let tags_page = TagsPage {
        frame: Frame::new("Tags and labels", &app),
        counted: counted(&tags.counted),
        tags: tags
            .tags
            .into_iter()
            .map(|row| word("module_tags", row.tag, row.meaning, row.count))
            .collect(),
        labels: labels
            .labels
            .into_iter()
            .map(|row| word("labels", row.label, row.meaning, row.count))
            .collect(),
    };
    page(&app, StatusCode::OK, &tags_page)
}

fn word(key: &str, word: String, meaning: String, count: i64) -> Word {
    Word { href: links::by(key, &word), word, meaning, count: grouped(count), is_seen: count > 0 }
}

/// What the counts are of, as a sentence.
fn counted(counted: &Counted) -> String {
    if counted.kills == 0 {
        return "No kill has been stored yet.".to_owned();
    }
    let archived = match counted.not_counted.as_slice() {
        [] => String::new(),
        months => format!(" What was archived of {} is not counted.", months.join(", ")),
    };
    format!(
        "Counts are of the {} kills from {} to {} EVE, and at most ten minutes old.{archived}",
        grouped(counted.kills),
        eve_time(counted.from),
        eve_time(counted.to),
    )
}
