//! `/character/{id}` and its kin: what somebody is called, what it did, when, where, in what.

mod lists;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use noctis_core::isk::Isk;
use noctis_core::time::{FIRST_DAY, eve_time, midnight};

use self::lists::{List, lists};
use super::chart::Chart;
use super::links::{self, Kind};
use super::names::Link;
use super::pictures::{Picture, Pictures};
use super::rows::{Row, rows};
use super::{Frame, page, pictures, problem};
use crate::answer::{Certainty, Counts, Entity, MembershipSource, Named};
use crate::api;
use crate::app::App;
use crate::figures::{self, Amount, grouped, share};

/// Months listed on a page; the JSON has them all.
const MONTHS_SHOWN_MAX: usize = 60;

#[derive(Template)]
#[template(path = "entity.html")]
struct EntityPage {
    frame: Frame,
    picture: Option<Picture>,
    name: Link,
    kind: &'static str,
    ticker: Option<String>,
    security: Option<(String, String)>,
    belongs: Vec<Belonging>,
    is_from_mails: bool,
    figures: Vec<Figure>,
    counted: String,
    more: Vec<(&'static str, String)>,
    is_place: bool,
    chart: Option<Chart>,
    months: Vec<MonthRow>,
    lists: Vec<List>,
    kills: Vec<Row>,
    losses: Vec<Row>,
    json_href: String,
}

/// What an entity is part of, with its picture.
struct Belonging {
    link: Link,
    picture: Option<Picture>,
}

struct Figure {
    name: &'static str,
    /// Of the figure before it.
    is_part: bool,
    text: String,
    exact: Option<String>,
}

struct MonthRow {
    month: String,
    kills: String,
    losses: String,
    destroyed: Amount,
    lost: Amount,
}

/// The page of an entity.
pub(crate) async fn entity(kind: Kind, app: State<App>, id: Path<String>) -> Response {
    let (State(app), Path(id)) = (app, id);
    match api::entities::find(&app, kind, &id).await {
        Ok(entity) => page(&app, StatusCode::OK, &EntityPage::new(&entity, &app)),
        Err(refused) => problem(&refused, &app),
    }
}

impl EntityPage {
    fn new(entity: &Entity, app: &App) -> EntityPage {
        let (kind, id, activity) = (entity.kind, entity.id, &entity.activity);
        let name = Link::new(kind, id, entity.name.as_deref());
        let is_place = matches!(kind, Kind::System | Kind::Constellation | Kind::Region);
        let pictures = pictures(app);
        let months = activity.months.iter().take(MONTHS_SHOWN_MAX).map(|month| MonthRow {
            month: month.month.clone(),
            kills: grouped(month.counted.kills),
            losses: grouped(month.counted.losses),
            destroyed: Amount::new(month.counted.isk_destroyed),
            lost: Amount::new(month.counted.isk_lost),
        });
        EntityPage {
            frame: Frame::new(name.text.clone(), app),
            picture: pictures.of(kind, id, &name.text, 128),
            kind: kind.word(),
            ticker: entity.ticker.clone(),
            security: entity.security.map(|security| figures::security(Some(security))),
            belongs: belongings(entity, pictures),
            is_from_mails: entity.membership_from == Some(MembershipSource::Mails),
            figures: figures(&activity.totals, is_place),
            counted: counted(entity),
            more: more(kind, id),
            is_place,
            chart: Chart::new(&activity.months),
            months: months.collect(),
            lists: lists(&activity.top, is_place, pictures),
            kills: rows(&activity.recent_kills, pictures),
            losses: rows(&activity.recent_losses, pictures),
            json_href: format!("/api/v1/{}", api_path(kind, id)),
            name,
        }
    }
}

fn api_path(kind: Kind, id: i64) -> String {
    let path = match kind {
        Kind::Character => "characters",
        Kind::Corporation => "corporations",
        Kind::Alliance => "alliances",
        Kind::System => "systems",
        Kind::Constellation => "constellations",
        Kind::Region => "regions",
        Kind::Ship => "ships",
        Kind::ShipGroup => "ship-groups",
    };
    format!("{path}/{id}")
}

fn belongings(entity: &Entity, pictures: Pictures<'_>) -> Vec<Belonging> {
    let parts: [(Kind, &Option<Named>); 5] = [
        (Kind::Corporation, &entity.corporation),
        (Kind::Alliance, &entity.alliance),
        (Kind::ShipGroup, &entity.group),
        (Kind::Constellation, &entity.constellation),
        (Kind::Region, &entity.region),
    ];
    let belonging = |(kind, named): (Kind, &Option<Named>)| {
        let named = named.as_ref()?;
        let link = Link::to(kind, named);
        Some(Belonging { picture: pictures.of(kind, named.id, &link.text, 32), link })
    };
    parts.into_iter().filter_map(belonging).collect()
}

/// Lists of kills that the language of questions can ask for.
fn more(kind: Kind, id: i64) -> Vec<(&'static str, String)> {
    let by = |key: &str| links::by(key, &id.to_string());
    let both = |key: &str| {
        vec![
            ("All kills", by(&format!("attacker.{key}"))),
            ("All losses", by(&format!("victim.{key}"))),
            ("Both", by(key)),
        ]
    };
    match kind {
        Kind::Character => both("character_id"),
        Kind::Corporation => {
            let mut more = both("corporation_id");
            more.push(("Characters", format!("/corporation/{id}/characters")));
            more
        }
        Kind::Alliance => both("alliance_id"),
        Kind::System => vec![("All kills", by("solar_system_id"))],
        Kind::Constellation => vec![("All kills", by("constellation_id"))],
        Kind::Region => vec![
            ("All kills", by("region_id")),
            ("Most valuable", format!("/most-valuable?from=7d&region_id={id}")),
        ],
        Kind::Ship => vec![
            ("All kills", by("attacker.ship_type_id")),
            ("All losses", by("victim.ship_type_id")),
        ],
        Kind::ShipGroup => vec![
            ("All kills", by("attacker.ship_group_id")),
            ("All losses", by("victim.ship_group_id")),
        ],
    }
}

fn figures(counts: &Counts, is_place: bool) -> Vec<Figure> {
    let at_least = counts.counts == Certainty::AtLeast;
    let number = |name, is_part, count: i64| Figure {
        name,
        is_part,
        text: sure(grouped(count), at_least),
        exact: None,
    };
    let amount = |name, isk: Isk| {
        let amount = Amount::new(isk);
        let text = sure(amount.short, at_least);
        Figure { name, is_part: false, text, exact: Some(amount.exact) }
    };
    let mut figures =
        vec![number("Kills", false, counts.kills), number("of capsules", true, counts.pod_kills)];
    if is_place || counts.npc_kills > 0 {
        figures.push(number("by NPCs alone", true, counts.npc_kills));
    }
    figures.push(amount("ISK destroyed", counts.isk_destroyed));
    if !is_place {
        figures.push(number("Losses", false, counts.losses));
        figures.push(number("of capsules", true, counts.pod_losses));
        figures.push(number("to NPCs alone", true, counts.npc_losses));
        figures.push(amount("ISK lost", counts.isk_lost));
        figures.extend(efficiency(counts));
    }
    figures
}

/// What was destroyed as a part of what was destroyed and lost.
fn efficiency(counts: &Counts) -> Option<Figure> {
    let whole = |isk: Isk| isk.to_string().split('.').next()?.parse::<i64>().ok();
    let (destroyed, lost) = (whole(counts.isk_destroyed)?, whole(counts.isk_lost)?);
    let sum = destroyed.checked_add(lost).filter(|sum| *sum > 0)?;
    Some(Figure {
        name: "ISK efficiency",
        is_part: false,
        text: share(destroyed, sum),
        exact: None,
    })
}

fn sure(text: String, at_least: bool) -> String {
    if at_least { format!("≥ {text}") } else { text }
}

/// From when on everything is counted.
fn counted(entity: &Entity) -> String {
    let from = entity.activity.counted_from;
    let day = eve_time(from)[..10].to_owned();
    match entity.activity.totals.counts {
        Certainty::Exact if from <= midnight(FIRST_DAY) => {
            "Counted over all killmails that are stored here.".to_owned()
        }
        Certainty::Exact => format!("Counted from {day} on."),
        Certainty::AtLeast => {
            "Much has just been stored, and not all of it is counted yet.".to_owned()
        }
    }
}
