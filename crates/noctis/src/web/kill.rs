//! `/kill/{id}`: one kill.

mod attackers;
mod items;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use noctis_core::time::eve_time;

use self::attackers::AttackerRow;
use self::items::SlotRows;
use super::links::Kind;
use super::names::{Link, Place, Who};
use super::pictures::Picture;
use super::rows::{Row, rows};
use super::{Frame, links, page, pictures, problem};
use crate::answer::{self, KillDetail, KillValue};
use crate::api::error::Problem;
use crate::api::killmails::read_id;
use crate::app::App;
use crate::clock;
use crate::figures::{Amount, grouped};

#[derive(Template)]
#[template(path = "kill.html")]
struct KillPage {
    frame: Frame,
    picture: Option<Picture>,
    portrait: Option<Picture>,
    killmail_id: i64,
    killmail_hash: Option<String>,
    killmail_time: Timestamp,
    eve_time: String,
    received_at: String,
    ship: Link,
    ship_group: Option<Link>,
    victim: Who,
    place: Place,
    labels: Vec<(String, String)>,
    module_tags: Vec<(String, String)>,
    total: Option<Amount>,
    values: Vec<(&'static str, Amount)>,
    damage_taken: String,
    points: Option<i32>,
    war_id: Option<i64>,
    slots: Vec<SlotRows>,
    items_left_out: usize,
    attacker_count: String,
    attackers: Vec<AttackerRow>,
    attackers_left_out: usize,
    related: Vec<Row>,
    battle_href: String,
    json_href: String,
}

/// The page of one kill.
pub(crate) async fn kill(State(app): State<App>, Path(id): Path<String>) -> Response {
    match find(&app, &id).await {
        Ok(kill) => page(&app, StatusCode::OK, &KillPage::new(&kill, &app)),
        Err(refused) => problem(&refused, &app),
    }
}

async fn find(app: &App, id: &str) -> Result<KillDetail, Problem> {
    let killmail_id = read_id(id)?;
    let found = answer::kill(&app.kills, &app.catalogue(), killmail_id, clock::now()).await?;
    found.ok_or_else(|| Problem::no_such_kill(killmail_id))
}

impl KillPage {
    fn new(detail: &KillDetail, app: &App) -> KillPage {
        let (kill, victim) = (&detail.kill, &detail.kill.victim);
        let ship = Link::to_ship(&victim.ship);
        let (slots, items_left_out) = items::by_slot(&detail.items);
        let (attackers, attackers_left_out) =
            attackers::by_damage(&detail.attackers, pictures(app));
        let pictures = pictures(app);
        let portrait = victim.party.character.as_ref().and_then(|pilot| {
            pictures.of(Kind::Character, pilot.id, pilot.name.as_deref().unwrap_or("the pilot"), 32)
        });
        let linked = |key: &str, words: &[String]| {
            words.iter().map(|word| (links::by(key, word), word.clone())).collect()
        };
        KillPage {
            frame: Frame::new(format!("{} {}", ship.text, kill.killmail_id), app),
            picture: pictures.of(Kind::Ship, victim.ship.id, &ship.text, 128),
            portrait,
            killmail_id: kill.killmail_id,
            killmail_hash: kill.killmail_hash.map(|hash| hash.to_string()),
            killmail_time: kill.killmail_time,
            eve_time: eve_time(kill.killmail_time),
            received_at: eve_time(kill.received_at),
            ship,
            ship_group: victim.ship.group.as_ref().map(|group| Link::to(Kind::ShipGroup, group)),
            victim: Who::of(&victim.party),
            place: Place::new(&kill.solar_system),
            labels: linked("labels", &kill.labels),
            module_tags: linked("module_tags", &kill.module_tags),
            total: kill.value.worth(),
            values: values(&kill.value),
            damage_taken: grouped(victim.damage_taken.unwrap_or(0)),
            points: kill.points,
            war_id: kill.war_id,
            slots,
            items_left_out,
            attacker_count: grouped(kill.attacker_count.into()),
            attackers,
            attackers_left_out,
            related: rows(&detail.related, pictures),
            battle_href: format!("/kill/{}/battle", kill.killmail_id),
            json_href: format!("/api/v1/killmails/{}", kill.killmail_id),
        }
    }
}

fn values(value: &KillValue) -> Vec<(&'static str, Amount)> {
    let parts =
        [("Fitted", value.fitted), ("Dropped", value.dropped), ("Destroyed", value.destroyed)];
    parts.into_iter().filter_map(|(name, isk)| Some((name, Amount::new(isk?)))).collect()
}
