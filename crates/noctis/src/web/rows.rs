//! A kill as a row of a list, on the first page as on any other.

use jiff::Timestamp;
use noctis_core::time::eve_time;

use super::links::Kind;
use super::names::{Link, Place, Who};
use super::pictures::{Picture, Pictures};
use crate::answer::Kill;
use crate::figures::{Amount, grouped};

/// Labels that a column of the list tells already, by their beginning.
const LABELS_TOLD: [&str; 6] = ["cat:", "loc:", "tz:", "#:", "isk:", "pvp"];

/// A kill in a list.
pub(super) struct Row {
    pub(super) killmail_id: i64,
    pub(super) killmail_time: Timestamp,
    pub(super) date: String,
    pub(super) clock: String,
    pub(super) picture: Option<Picture>,
    pub(super) ship: Link,
    pub(super) ship_group: Option<String>,
    pub(super) victim: Who,
    pub(super) place: Place,
    pub(super) final_blow: Who,
    pub(super) attacker_count: String,
    pub(super) labels: Vec<String>,
    pub(super) value: Option<Amount>,
}

/// The rows of these kills.
pub(super) fn rows(kills: &[Kill], pictures: Pictures<'_>) -> Vec<Row> {
    kills.iter().map(|kill| Row::new(kill, pictures)).collect()
}

impl Row {
    fn new(kill: &Kill, pictures: Pictures<'_>) -> Row {
        let time = eve_time(kill.killmail_time);
        let (date, clock) = time.split_once(' ').unwrap_or((&time, ""));
        let victim = &kill.victim;
        let ship = Link::to_ship(&victim.ship);
        let final_blow =
            kill.final_blow.as_ref().map_or(Who { parts: Vec::new() }, |blow| Who::of(&blow.party));
        let is_told = |label: &&String| LABELS_TOLD.iter().any(|told| label.starts_with(told));
        Row {
            killmail_id: kill.killmail_id,
            killmail_time: kill.killmail_time,
            date: date.to_owned(),
            clock: clock.to_owned(),
            picture: pictures.of(Kind::Ship, victim.ship.id, &ship.text, 32),
            ship,
            ship_group: victim.ship.group.as_ref().and_then(|group| group.name.clone()),
            victim: Who::of(&victim.party),
            place: Place::new(&kill.solar_system),
            final_blow,
            attacker_count: grouped(kill.attacker_count.into()),
            labels: kill.labels.iter().filter(|label| !is_told(label)).cloned().collect(),
            value: kill.value.worth(),
        }
    }
}
