//! The text of `noctis_sde` → [`Catalogue`]: a section a table, tab-separated rows.

use std::str::{FromStr, Split};

use thiserror::Error;

use super::{
    Catalogue, Category, Constellation, Faction, Group, Hardpoint, MarketGroup, MetaGroup,
    NpcCorporation, Region, Row, Slot, System, Table, Type,
};

/// Why static data could not be read: it is damaged or not ours. The binary's own is read by a test.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    #[error("the static data has no section {0}; pack it again as the README of noctis-sde says")]
    Section(&'static str),
    #[error("in the static data's section {section} the row {row:?} does not fit; pack it again")]
    Row { section: &'static str, row: String },
    #[error("the static data's section {0} has an id twice; pack it again")]
    Repeated(&'static str),
}

pub(super) fn catalogue(text: &str) -> Result<Catalogue, ParseError> {
    let (build, date) = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("@build\t")?.split_once('\t'))
        .ok_or(ParseError::Section("@build"))?;
    let categories = table(text, "@categories", category)?;
    let groups = table(text, "@groups", group)?;
    let types = table(text, "@types", |cells| type_row(cells, &groups))?;
    let constellations = table(text, "@constellations", constellation)?;
    let systems = table(text, "@systems", |cells| system(cells, &constellations))?;
    Ok(Catalogue {
        build: build.to_owned(),
        date: date.to_owned(),
        meta_groups: table(text, "@meta_groups", meta_group)?,
        market_groups: table(text, "@market_groups", market_group)?,
        regions: table(text, "@regions", region)?,
        factions: optional(table(text, "@factions", faction))?,
        npc_corporations: optional(table(text, "@npc_corporations", npc_corporation))?,
        types,
        groups,
        categories,
        systems,
        constellations,
    })
}

/// A section that texts may lack: the embedded one does.
fn optional<T: Row>(table: Result<Table<T>, ParseError>) -> Result<Table<T>, ParseError> {
    match table {
        Err(ParseError::Section(_)) => Ok(Table::default()),
        table => table,
    }
}

/// Reads the rows between a section's header line and the next section.
fn table<T: Row>(
    text: &str,
    section: &'static str,
    row: impl Fn(&mut Cells<'_>) -> Option<T>,
) -> Result<Table<T>, ParseError> {
    let header = format!("\n{section}\t");
    let start = text.find(&header).ok_or(ParseError::Section(section))? + 1;
    let body = text[start..].split("\n@").next().unwrap_or_default();
    let mut rows = Vec::with_capacity(body.len() / ROW_BYTES_TYPICAL);
    for line in body.lines().skip(1) {
        let mut cells = Cells(line.split('\t'));
        let complete = row(&mut cells).filter(|_| cells.0.next().is_none());
        rows.push(complete.ok_or_else(|| ParseError::Row { section, row: line.to_owned() })?);
    }
    Table::new(rows).ok_or(ParseError::Repeated(section))
}

/// Only a guess for the first allocation.
const ROW_BYTES_TYPICAL: usize = 32;

/// The cells of one row, taken from left to right. None means: this row is not as it should be.
struct Cells<'a>(Split<'a, char>);

impl Cells<'_> {
    fn number<N: FromStr>(&mut self) -> Option<N> {
        self.0.next()?.parse().ok()
    }

    /// An empty cell is `Some(None)`.
    fn optional<N: FromStr>(&mut self) -> Option<Option<N>> {
        let cell = self.0.next()?;
        if cell.is_empty() { Some(None) } else { cell.parse().ok().map(Some) }
    }

    /// A last column that older texts do not have.
    fn optional_last<N: FromStr>(&mut self) -> Option<Option<N>> {
        let absent = self.0.clone().next().is_none();
        if absent { Some(None) } else { self.optional() }
    }

    fn flag(&mut self) -> Option<bool> {
        match self.0.next()? {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }

    fn name(&mut self) -> Option<Box<str>> {
        self.0.next().map(Box::from)
    }
}

fn category(cells: &mut Cells<'_>) -> Option<Category> {
    Some(Category { category_id: cells.number()?, published: cells.flag()?, name: cells.name()? })
}

fn group(cells: &mut Cells<'_>) -> Option<Group> {
    let group_id = cells.number()?;
    Some(Group {
        group_id,
        category_id: cells.number()?,
        published: cells.flag()?,
        name: cells.name()?,
    })
}

fn meta_group(cells: &mut Cells<'_>) -> Option<MetaGroup> {
    Some(MetaGroup { meta_group_id: cells.number()?, name: cells.name()? })
}

fn market_group(cells: &mut Cells<'_>) -> Option<MarketGroup> {
    Some(MarketGroup {
        market_group_id: cells.number()?,
        parent_group_id: cells.optional()?,
        name: cells.name()?,
    })
}

fn type_row(cells: &mut Cells<'_>, groups: &Table<Group>) -> Option<Type> {
    let type_id = cells.number()?;
    let group_id = cells.number()?;
    Some(Type {
        type_id,
        group_id,
        category_id: groups.get(group_id)?.category_id,
        published: cells.flag()?,
        market_group_id: cells.optional()?,
        meta_group_id: cells.optional()?,
        parent_type_id: cells.optional()?,
        tech_level: cells.optional()?,
        slot: cells.optional()?,
        hardpoint: cells.optional()?,
        name: cells.name()?,
    })
}

fn region(cells: &mut Cells<'_>) -> Option<Region> {
    Some(Region { region_id: cells.number()?, name: cells.name()? })
}

fn faction(cells: &mut Cells<'_>) -> Option<Faction> {
    Some(Faction { faction_id: cells.number()?, name: cells.name()? })
}

fn npc_corporation(cells: &mut Cells<'_>) -> Option<NpcCorporation> {
    Some(NpcCorporation { corporation_id: cells.number()?, name: cells.name()? })
}

fn constellation(cells: &mut Cells<'_>) -> Option<Constellation> {
    Some(Constellation {
        constellation_id: cells.number()?,
        region_id: cells.number()?,
        name: cells.name()?,
    })
}

fn system(cells: &mut Cells<'_>, constellations: &Table<Constellation>) -> Option<System> {
    let system_id = cells.number()?;
    let constellation_id = cells.number()?;
    Some(System {
        system_id,
        constellation_id,
        region_id: constellations.get(constellation_id)?.region_id,
        security: cells.number()?,
        name: cells.name()?,
        wormhole_class: cells.optional_last()?,
    })
}

impl FromStr for Slot {
    type Err = ();

    fn from_str(cell: &str) -> Result<Slot, ()> {
        match cell {
            "high" => Ok(Slot::High),
            "medium" => Ok(Slot::Medium),
            "low" => Ok(Slot::Low),
            "rig" => Ok(Slot::Rig),
            "subsystem" => Ok(Slot::Subsystem),
            "service" => Ok(Slot::Service),
            _ => Err(()),
        }
    }
}

impl FromStr for Hardpoint {
    type Err = ();

    fn from_str(cell: &str) -> Result<Hardpoint, ()> {
        match cell {
            "turret" => Ok(Hardpoint::Turret),
            "launcher" => Ok(Hardpoint::Launcher),
            _ => Err(()),
        }
    }
}
