//! `/kill/{id}/battle`: what else happened there and then, and who took part.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use noctis_core::time::eve_time;

use super::links::Kind;
use super::names::{Link, Place, Who, type_text};
use super::pictures::Picture;
use super::rows::{Row, rows};
use super::{Frame, page, pictures, problem};
use crate::answer::{Battle, BattleCharacter, Certainty, Party, Side};
use crate::api;
use crate::app::App;
use crate::figures::{Amount, grouped};

/// Characters and sides on a page; the JSON has more.
const CHARACTERS_SHOWN_MAX: usize = 200;
const SIDES_SHOWN_MAX: usize = 50;
/// Ships named of one character.
const SHIPS_SHOWN_MAX: usize = 4;

#[derive(Template)]
#[template(path = "battle.html")]
struct BattlePage {
    frame: Frame,
    place: Place,
    kill_href: String,
    from: String,
    to: String,
    kills: String,
    is_at_least: bool,
    isk: Amount,
    sides: Vec<SideRow>,
    characters: Vec<CharacterRow>,
    characters_left_out: usize,
    rows: Vec<Row>,
    json_href: String,
}

struct SideRow {
    who: Who,
    picture: Option<Picture>,
    characters: String,
    kills: String,
    losses: String,
    destroyed: Amount,
    lost: Amount,
}

struct CharacterRow {
    who: Who,
    picture: Option<Picture>,
    ships: String,
    kills: String,
    losses: String,
    lost: Amount,
}

/// The page of the battle around a kill.
pub(crate) async fn battle(State(app): State<App>, Path(id): Path<String>) -> Response {
    match api::battle::find(&app, &id).await {
        Ok(battle) => page(&app, StatusCode::OK, &BattlePage::new(&id, &battle, &app)),
        Err(refused) => problem(&refused, &app),
    }
}

impl BattlePage {
    fn new(id: &str, battle: &Battle, app: &App) -> BattlePage {
        let place = Place::new(&battle.solar_system);
        let sides = battle.sides.iter().take(SIDES_SHOWN_MAX).map(|side| side_row(side, app));
        let characters = battle.characters.iter().take(CHARACTERS_SHOWN_MAX);
        BattlePage {
            frame: Frame::new(format!("Battle in {}", place.system.text), app),
            place,
            kill_href: format!("/kill/{id}"),
            from: eve_time(battle.from),
            to: eve_time(battle.to),
            kills: grouped(battle.kills),
            is_at_least: battle.counts == Certainty::AtLeast,
            isk: Amount::new(battle.isk),
            sides: sides.collect(),
            characters: characters.map(|character| character_row(character, app)).collect(),
            characters_left_out: battle.characters.len().saturating_sub(CHARACTERS_SHOWN_MAX),
            rows: rows(&battle.killmails, pictures(app)),
            json_href: format!("/api/v1/killmails/{id}/battle"),
        }
    }
}

fn side_row(side: &Side, app: &App) -> SideRow {
    let who = Who::of(&Party {
        character: None,
        corporation: side.corporation.clone(),
        alliance: side.alliance.clone(),
        faction: side.faction.clone(),
    });
    let logo = [(Kind::Alliance, &side.alliance), (Kind::Corporation, &side.corporation)]
        .into_iter()
        .find_map(|(kind, named)| Some((kind, named.as_ref()?)));
    let picture = logo.and_then(|(kind, named)| {
        pictures(app).of(kind, named.id, &Link::to(kind, named).text, 32)
    });
    SideRow {
        who,
        picture,
        characters: grouped(side.characters),
        kills: grouped(side.kills),
        losses: grouped(side.losses),
        destroyed: Amount::new(side.isk_destroyed),
        lost: Amount::new(side.isk_lost),
    }
}

fn character_row(character: &BattleCharacter, app: &App) -> CharacterRow {
    let who = Who::of(&Party {
        character: Some(character.character.clone()),
        corporation: character.corporation.clone(),
        alliance: character.alliance.clone(),
        faction: None,
    });
    let mut ships: Vec<String> =
        character.ships.iter().take(SHIPS_SHOWN_MAX).map(type_text).collect();
    if character.ships.len() > SHIPS_SHOWN_MAX {
        ships.push("…".to_owned());
    }
    let name = who.parts.first().map_or("", |one| one.text.as_str());
    CharacterRow {
        picture: pictures(app).of(Kind::Character, character.character.id, name, 32),
        who,
        ships: ships.join(", "),
        kills: grouped(character.kills),
        losses: grouped(character.losses),
        lost: Amount::new(character.isk_lost),
    }
}
