//! CCP's tables → a catalogue: one after another, each row to its own, each reference to something that is there.

use std::collections::HashMap;

use anyhow::{Context, bail};
use jiff::civil::Date;
use noctis_core::catalogue::{
    Catalogue, Category, Constellation, Faction, Group, Hardpoint, MarketGroup, MetaGroup,
    NpcCorporation, Region, Row, Slot, System, Table, Type,
};
use serde::de::DeserializeOwned;

use super::lines::each;
use super::rows::{
    Build, CategoryRow, ConstellationRow, DogmaRow, GroupRow, MarketGroupRow, NamedRow, RegionRow,
    SystemRow, TypeRow,
};
use super::source::Source;

/// A table of more rows than this is refused; `types` has some 53,000.
const ROWS_MAX: usize = 1_000_000;
/// The attribute of dogma that older builds tell the tech level by.
const TECH_LEVEL: i64 = 422;

pub(super) fn read(source: &mut Source) -> anyhow::Result<Catalogue> {
    let (build, date) = build(source)?;
    let categories = table(source, "categories", |row: CategoryRow| {
        Ok(Category { category_id: row.key, name: row.name.en, published: row.published })
    })?;
    let groups = groups(source, &categories)?;
    let regions = classed_regions(source)?;
    let constellations = classed_constellations(source, &regions)?;
    Ok(Catalogue {
        build,
        date,
        types: types_of(source, &groups)?,
        systems: systems(source, &constellations)?,
        categories,
        groups,
        meta_groups: table(source, "metaGroups", |row: NamedRow| {
            Ok(MetaGroup { meta_group_id: row.key, name: row.name.en })
        })?,
        market_groups: table(source, "marketGroups", |row: MarketGroupRow| {
            let parent_group_id = row.parent_group_id;
            Ok(MarketGroup { market_group_id: row.key, name: row.name.en, parent_group_id })
        })?,
        constellations: constellations.table,
        regions: regions.table,
        factions: table(source, "factions", |row: NamedRow| {
            Ok(Faction { faction_id: row.key, name: row.name.en })
        })?,
        npc_corporations: table(source, "npcCorporations", |row: NamedRow| {
            Ok(NpcCorporation { corporation_id: row.key, name: row.name.en })
        })?,
    })
}

/// Number and day of the build.
fn build(source: &mut Source) -> anyhow::Result<(String, String)> {
    let mut found = None;
    source.table("_sde", |input| {
        each("_sde", input, |row: Build| {
            if row.build_number <= 0 {
                bail!("{} is no build number", row.build_number);
            }
            let day = row.release_date.get(..10).unwrap_or_default();
            let day: Date = day
                .parse()
                .with_context(|| format!("releaseDate {:?} is no date", row.release_date))?;
            found = Some((row.build_number.to_string(), day.to_string()));
            Ok(())
        })
    })?;
    Ok(found.expect("a table without rows is refused"))
}

/// Reads a table row by row; an id that comes twice is refused.
fn table<R: DeserializeOwned, T: Row>(
    source: &mut Source,
    name: &str,
    mut keep: impl FnMut(R) -> anyhow::Result<T>,
) -> anyhow::Result<Table<T>> {
    let mut rows = Vec::new();
    source.table(name, |input| {
        each(name, input, |row: R| {
            if rows.len() == ROWS_MAX {
                bail!("{name}.jsonl has more than {ROWS_MAX} rows");
            }
            rows.push(keep(row)?);
            Ok(())
        })
    })?;
    Table::new(rows).with_context(|| format!("{name}.jsonl has an id twice"))
}

fn groups(source: &mut Source, categories: &Table<Category>) -> anyhow::Result<Table<Group>> {
    table(source, "groups", |row: GroupRow| {
        there(categories, row.category_id, "category")?;
        Ok(Group {
            group_id: row.key,
            name: row.name.en,
            category_id: row.category_id,
            published: row.published,
        })
    })
}

fn types_of(source: &mut Source, groups: &Table<Group>) -> anyhow::Result<Table<Type>> {
    let dogma = dogma(source)?;
    table(source, "types", |row: TypeRow| {
        let group = there(groups, row.group_id, "group")?;
        let dogma = dogma.get(&row.key).copied().unwrap_or_default();
        Ok(Type {
            type_id: row.key,
            name: row.name.en,
            group_id: row.group_id,
            category_id: group.category_id,
            published: row.published,
            market_group_id: row.market_group_id,
            meta_group_id: row.meta_group_id,
            parent_type_id: row.parent_type_id,
            tech_level: row.tech_level.and_then(level).or(dogma.tech_level),
            slot: dogma.slot,
            hardpoint: dogma.hardpoint,
        })
    })
}

/// What of a type's dogma is kept.
#[derive(Clone, Copy, Default)]
struct Dogma {
    tech_level: Option<u8>,
    slot: Option<Slot>,
    hardpoint: Option<Hardpoint>,
}

fn dogma(source: &mut Source) -> anyhow::Result<HashMap<i64, Dogma>> {
    let mut found = HashMap::new();
    source.table("typeDogma", |input| {
        each("typeDogma", input, |row: DogmaRow| {
            if found.len() == ROWS_MAX {
                bail!("typeDogma.jsonl has more than {ROWS_MAX} rows");
            }
            found.insert(row.key, dogma_of(&row));
            Ok(())
        })
    })?;
    Ok(found)
}

fn dogma_of(row: &DogmaRow) -> Dogma {
    let level_of = row.dogma_attributes.iter().find(|one| one.attribute_id == TECH_LEVEL);
    let mut dogma =
        Dogma { tech_level: level_of.and_then(|one| level(one.value)), ..Dogma::default() };
    // loPower, hiPower, medPower, rigSlot, subSystem, serviceSlot; launcherFitted, turretFitted.
    for effect in &row.dogma_effects {
        match effect.effect_id {
            11 => dogma.slot = Some(Slot::Low),
            12 => dogma.slot = Some(Slot::High),
            13 => dogma.slot = Some(Slot::Medium),
            2663 => dogma.slot = Some(Slot::Rig),
            3772 => dogma.slot = Some(Slot::Subsystem),
            6306 => dogma.slot = Some(Slot::Service),
            40 => dogma.hardpoint = Some(Hardpoint::Launcher),
            42 => dogma.hardpoint = Some(Hardpoint::Turret),
            _ => {}
        }
    }
    dogma
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is looked at first"
)]
fn level(value: f64) -> Option<u8> {
    (0.0..=255.0).contains(&value).then_some(value as u8)
}

/// Places with the class of wormhole space that all within them have, unless they have one of their own.
struct Classed<T> {
    table: Table<T>,
    classes: HashMap<i64, u8>,
}

fn classed_regions(source: &mut Source) -> anyhow::Result<Classed<Region>> {
    let mut classes = HashMap::new();
    let table = table(source, "mapRegions", |row: RegionRow| {
        classes.extend(row.wormhole_class.map(|class| (row.key, class)));
        Ok(Region { region_id: row.key, name: row.name.en })
    })?;
    Ok(Classed { table, classes })
}

fn classed_constellations(
    source: &mut Source,
    regions: &Classed<Region>,
) -> anyhow::Result<Classed<Constellation>> {
    let mut classes = HashMap::new();
    let table = table(source, "mapConstellations", |row: ConstellationRow| {
        there(&regions.table, row.region_id, "region")?;
        let class = row.wormhole_class.or_else(|| regions.classes.get(&row.region_id).copied());
        classes.extend(class.map(|class| (row.key, class)));
        Ok(Constellation { constellation_id: row.key, name: row.name.en, region_id: row.region_id })
    })?;
    Ok(Classed { table, classes })
}

fn systems(
    source: &mut Source,
    constellations: &Classed<Constellation>,
) -> anyhow::Result<Table<System>> {
    table(source, "mapSolarSystems", |row: SystemRow| {
        let constellation = there(&constellations.table, row.constellation_id, "constellation")?;
        let class = constellations.classes.get(&row.constellation_id).copied();
        Ok(System {
            system_id: row.key,
            name: row.name.en,
            constellation_id: row.constellation_id,
            region_id: constellation.region_id,
            security: row.security_status,
            wormhole_class: row.wormhole_class.or(class),
        })
    })
}

fn there<'a, T: Row>(table: &'a Table<T>, id: i64, what: &str) -> anyhow::Result<&'a T> {
    table.get(id).with_context(|| format!("there is no {what} {id} in this static data"))
}
