//! [`Catalogue`] → the text that [`Catalogue::parse`] reads: the form in which static data is packed and stored.

use std::fmt::{Display, Write as _};

use super::{Catalogue, Hardpoint, Row, Slot, Table, Type};

impl Catalogue {
    /// The text of all tables, the same for equal static data. A type's category is its group's and a system's region
    /// its constellation's, so neither is written.
    ///
    /// A control character would break a row and is written as a space.
    pub fn to_text(&self) -> String {
        let mut text = format!("@build\t{}\t{}\n", clean(&self.build), clean(&self.date));
        section(&mut text, &self.categories, CATEGORY_COLUMNS, |row| {
            cells([&row.category_id, &flag(row.published), &clean(&row.name)])
        });
        section(&mut text, &self.groups, GROUP_COLUMNS, |row| {
            cells([&row.group_id, &row.category_id, &flag(row.published), &clean(&row.name)])
        });
        section(&mut text, &self.meta_groups, "@meta_groups\tmeta_group_id\tname", |row| {
            cells([&row.meta_group_id, &clean(&row.name)])
        });
        section(&mut text, &self.market_groups, MARKET_GROUP_COLUMNS, |row| {
            cells([&row.market_group_id, &Cell(row.parent_group_id), &clean(&row.name)])
        });
        section(&mut text, &self.types, TYPE_COLUMNS, type_cells);
        section(&mut text, &self.regions, "@regions\tregion_id\tname", |row| {
            cells([&row.region_id, &clean(&row.name)])
        });
        section(&mut text, &self.constellations, CONSTELLATION_COLUMNS, |row| {
            cells([&row.constellation_id, &row.region_id, &clean(&row.name)])
        });
        section(&mut text, &self.systems, SYSTEM_COLUMNS, |row| {
            let class = Cell(row.wormhole_class);
            let name = clean(&row.name);
            cells([&row.system_id, &row.constellation_id, &row.security, &name, &class])
        });
        if !self.factions.is_empty() {
            section(&mut text, &self.factions, "@factions\tfaction_id\tname", |row| {
                cells([&row.faction_id, &clean(&row.name)])
            });
        }
        if !self.npc_corporations.is_empty() {
            section(&mut text, &self.npc_corporations, NPC_CORPORATION_COLUMNS, |row| {
                cells([&row.corporation_id, &clean(&row.name)])
            });
        }
        text
    }
}

const CATEGORY_COLUMNS: &str = "@categories\tcategory_id\tpublished\tname";
const GROUP_COLUMNS: &str = "@groups\tgroup_id\tcategory_id\tpublished\tname";
const MARKET_GROUP_COLUMNS: &str = "@market_groups\tmarket_group_id\tparent_group_id\tname";
const TYPE_COLUMNS: &str = "@types\ttype_id\tgroup_id\tpublished\tmarket_group_id\tmeta_group_id\t\
    parent_type_id\ttech_level\tslot\thardpoint\tname";
const NPC_CORPORATION_COLUMNS: &str = "@npc_corporations\tcorporation_id\tname";
const CONSTELLATION_COLUMNS: &str = "@constellations\tconstellation_id\tregion_id\tname";
const SYSTEM_COLUMNS: &str =
    "@systems\tsystem_id\tconstellation_id\tsecurity\tname\twormhole_class";

fn section<T: Row>(
    text: &mut String,
    table: &Table<T>,
    header: &str,
    cells: impl Fn(&T) -> String,
) {
    text.push_str(header);
    text.push('\n');
    for row in table {
        text.push_str(&cells(row));
        text.push('\n');
    }
}

fn cells<const N: usize>(cells: [&dyn Display; N]) -> String {
    let mut row = String::new();
    for (place, cell) in cells.into_iter().enumerate() {
        let separator = if place == 0 { "" } else { "\t" };
        write!(row, "{separator}{cell}").expect("a string takes any text");
    }
    row
}

fn type_cells(row: &Type) -> String {
    cells([
        &row.type_id,
        &row.group_id,
        &flag(row.published),
        &Cell(row.market_group_id),
        &Cell(row.meta_group_id),
        &Cell(row.parent_type_id),
        &Cell(row.tech_level),
        &Cell(row.slot.map(Slot::name)),
        &Cell(row.hardpoint.map(Hardpoint::name)),
        &clean(&row.name),
    ])
}

/// An absent value is an empty cell.
struct Cell<T>(Option<T>);

impl<T: Display> Display for Cell<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |value| value.fmt(f))
    }
}

fn flag(flag: bool) -> u8 {
    u8::from(flag)
}

fn clean(name: &str) -> String {
    name.replace(char::is_control, " ")
}
