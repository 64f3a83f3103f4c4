//! `/corporation/{id}/characters`: who flies for a corporation, by the names and by recent mails.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use noctis_core::time::eve_time;

use super::links::{self, Kind};
use super::names::Link;
use super::pictures::Picture;
use super::{Frame, page, pictures, problem};
use crate::answer::CharacterPage;
use crate::api;
use crate::app::App;

#[derive(Template)]
#[template(path = "characters.html")]
struct CharactersPage {
    frame: Frame,
    corporation_href: String,
    seen_from: String,
    rows: Vec<CharacterRow>,
    next: Option<String>,
    json_href: String,
}

struct CharacterRow {
    link: Link,
    picture: Option<Picture>,
    in_names: bool,
    last_seen: Option<String>,
}

/// A page of the characters of a corporation.
pub(crate) async fn characters(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = async {
        let pairs = api::question::pairs(query.as_deref())?;
        let found = api::entities::find_characters(&app, &id, &pairs).await?;
        Ok((pairs, found))
    };
    match asked.await {
        Ok((pairs, found)) => {
            let template = CharactersPage::new(&id, &pairs, &found, &app);
            page(&app, StatusCode::OK, &template)
        }
        Err(refused) => problem(&refused, &app),
    }
}

impl CharactersPage {
    fn new(id: &str, pairs: &links::Pairs, found: &CharacterPage, app: &App) -> CharactersPage {
        let path = format!("/corporation/{id}/characters");
        let row = |character: &crate::answer::CorporationCharacter| {
            let link = Link::to(Kind::Character, &character.character);
            let id = character.character.id;
            CharacterRow {
                picture: pictures(app).of(Kind::Character, id, &link.text, 32),
                link,
                in_names: character.in_names,
                last_seen: character.last_seen.map(eve_time),
            }
        };
        CharactersPage {
            frame: Frame::new("Characters of the corporation", app),
            corporation_href: format!("/corporation/{id}"),
            seen_from: eve_time(found.seen_from)[..10].to_owned(),
            rows: found.characters.iter().map(row).collect(),
            next: found.next.as_ref().map(|next| links::with(&path, pairs, &[("cursor", next)])),
            json_href: format!("/api/v1/corporations/{id}/characters"),
        }
    }
}
