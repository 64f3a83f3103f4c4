//! The most frequent ships, systems and people, as lists with bars.

use crate::answer::{Certainty, TopNames, TopTypes, Tops};
use crate::figures::grouped;
use crate::web::links::Kind;
use crate::web::names::Link;
use crate::web::pictures::{Picture, Pictures};

/// One list of the most frequent.
pub(super) struct List {
    pub(super) title: &'static str,
    /// It is of the newest kills and losses alone.
    pub(super) of_newest: bool,
    pub(super) rows: Vec<ListRow>,
    /// The first row's count, the length of a whole bar.
    pub(super) max: i64,
}

pub(super) struct ListRow {
    pub(super) link: Link,
    pub(super) picture: Option<Picture>,
    pub(super) count: i64,
    pub(super) text: String,
}

/// The lists that hold something.
pub(super) fn lists(top: &Tops, is_place: bool, pictures: Pictures<'_>) -> Vec<List> {
    let people = if is_place { "Attackers" } else { "Pilots" };
    let systems = top.systems.rows.iter().map(|row| {
        let link = Link::new(Kind::System, row.system.id, row.system.name.as_deref());
        ListRow { link, picture: None, count: row.count, text: grouped(row.count) }
    });
    let lists = [
        types("Ships flown", &top.ships_flown, pictures),
        types("Ships lost", &top.ships_lost, pictures),
        list("Systems", top.systems.counts, systems.collect()),
        names(people, (&top.characters, Kind::Character), pictures),
        names("Corporations", (&top.corporations, Kind::Corporation), pictures),
        names("Alliances", (&top.alliances, Kind::Alliance), pictures),
    ];
    lists.into_iter().filter(|list| !list.rows.is_empty()).collect()
}

fn types(title: &'static str, types: &TopTypes, pictures: Pictures<'_>) -> List {
    let row = |row: &crate::answer::TopType| {
        let link = Link::to_ship(&row.ship);
        let picture = pictures.of(Kind::Ship, row.ship.id, &link.text, 32);
        ListRow { link, picture, count: row.count, text: grouped(row.count) }
    };
    list(title, types.counts, types.rows.iter().map(row).collect())
}

fn names(title: &'static str, (names, kind): (&TopNames, Kind), pictures: Pictures<'_>) -> List {
    let row = |row: &crate::answer::TopName| {
        let link = Link::to(kind, &row.named);
        let picture = pictures.of(kind, row.named.id, &link.text, 32);
        ListRow { link, picture, count: row.count, text: grouped(row.count) }
    };
    list(title, names.counts, names.rows.iter().map(row).collect())
}

fn list(title: &'static str, counts: Certainty, rows: Vec<ListRow>) -> List {
    let max = rows.first().map_or(1, |row| row.count);
    List { title, of_newest: counts == Certainty::AtLeast, rows, max }
}
