//! `noctis sde`: EVE's static data, which one is in force, and another one from CCP.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use noctis_core::time::eve_time;
use noctis_store::static_data;
use serde::Serialize;

use crate::config::Config;
use crate::database::{Database, Purpose};
use crate::sde::changes::{AllChanges, Changes};
use crate::sde::{Place, read};
use crate::signals::Stop;
use crate::static_data::{InForce, LOOK_INTERVAL, embedded, pack};

/// Of each kind of change, so many are told by name; all are in the JSON.
const NAMES_SHOWN_MAX: usize = 20;

/// EVE's static data: types, systems and what they belong to.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum SdeCommand {
    /// Take CCP's static data, JSON Lines form, in place of what is in force
    Import {
        /// The zip, a folder of its files, or an address
        #[arg(value_name = "FILE|FOLDER|URL")]
        place: String,
        /// Answer as JSON, with all that changed
        #[arg(long)]
        json: bool,
    },
    /// Show which static data is in force
    Show {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Answers on `out`.
///
/// # Errors
/// When the static data is not whole or older than what is in force, the database refuses, or `out` is closed.
pub async fn run(
    command: &SdeCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let database = Database::open(config, Purpose::Use).await?;
    let answered = match command {
        SdeCommand::Import { place, json } => {
            let place = Place::from(place.as_str());
            // A download ends when it is asked to, and its file with it; the database takes all or nothing.
            match import(&place, config, &database, &stop).await {
                Ok(imported) => say(&imported, *json, out).map_err(Into::into),
                Err(_) if stop.signal().is_some() => Ok(()),
                Err(error) => Err(error),
            }
        }
        SdeCommand::Show { json } => show(&database.static_data, *json, out).map_err(Into::into),
    };
    database.close().await?;
    answered?;
    Ok(stop.signal().map_or(ExitCode::SUCCESS, |signal| signal.exit_code().into()))
}

/// What an import did.
#[derive(Serialize)]
struct Imported {
    build: i64,
    date: String,
    /// The build that was in force.
    before: i64,
    /// False when the very same was in force.
    replaced: bool,
    rows: Rows,
    changes: AllChanges,
}

async fn import(
    place: &Place,
    config: &Config,
    database: &Database,
    stop: &Stop,
) -> anyhow::Result<Imported> {
    let catalogue = read(place, &config.machine.temp_dir, stop.token()).await?;
    let before = &database.static_data.catalogue;
    let (build, newest) = (catalogue.build_number(), before.build_number());
    if build < newest {
        bail!("this is build {build}, and {newest} is in force: get CCP's newest static data");
    }
    let replaced = catalogue != **before;
    if replaced {
        let released: Date = catalogue.date.parse().context("reading the day of release")?;
        let packed = pack(&catalogue)?;
        let mut client = database.store.client().await?;
        static_data::replace(&mut client, &catalogue, released, &packed)
            .await
            .context("keeping the static data")?;
    }
    Ok(Imported {
        build,
        date: catalogue.date.clone(),
        before: newest,
        replaced,
        rows: Rows::of(&catalogue),
        changes: AllChanges::between(before, &catalogue),
    })
}

fn say(imported: &Imported, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if json {
        let text = serde_json::to_string_pretty(imported).expect("an import is always JSON");
        return writeln!(out, "{text}");
    }
    let Imported { build, date, before, changes, .. } = imported;
    if !imported.replaced {
        return writeln!(out, "build {build} of {date} is in force already");
    }
    writeln!(out, "imported build {build} of {date}; build {before} was in force")?;
    imported.rows.write(out)?;
    for (name, changes) in [
        ("types", &changes.types),
        ("groups", &changes.groups),
        ("systems", &changes.systems),
        ("regions", &changes.regions),
    ] {
        write_changes(name, changes, out)?;
    }
    writeln!(
        out,
        "\nA `noctis serve` takes it up within {} seconds. `noctis re-enrich` gives kills that are stored what they \
         gain by it.",
        LOOK_INTERVAL.as_secs()
    )
}

fn write_changes(name: &str, changes: &Changes, out: &mut dyn Write) -> std::io::Result<()> {
    let Changes { added, removed, renamed } = changes;
    let mut write = |what: &str, lines: Vec<String>| {
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{name} {what}: {}", lines.len())?;
        for line in lines.iter().take(NAMES_SHOWN_MAX) {
            writeln!(out, "  {line}")?;
        }
        match lines.len().saturating_sub(NAMES_SHOWN_MAX) {
            0 => Ok(()),
            more => writeln!(out, "  and {more} more; --json tells all"),
        }
    };
    write("added", added.iter().map(|row| format!("{} {}", row.id, row.name)).collect())?;
    write("removed", removed.iter().map(|row| format!("{} {}", row.id, row.name)).collect())?;
    let renamed = renamed.iter().map(|row| format!("{} {}, now {}", row.id, row.from, row.to));
    write("renamed", renamed.collect())
}

/// How many rows the tables have.
#[derive(Serialize)]
struct Rows {
    types: usize,
    groups: usize,
    categories: usize,
    meta_groups: usize,
    market_groups: usize,
    systems: usize,
    systems_with_wormhole_class: usize,
    constellations: usize,
    regions: usize,
    factions: usize,
    npc_corporations: usize,
}

impl Rows {
    fn of(catalogue: &Catalogue) -> Self {
        let classed = catalogue.systems.iter().filter(|row| row.wormhole_class.is_some());
        Self {
            types: catalogue.types.len(),
            groups: catalogue.groups.len(),
            categories: catalogue.categories.len(),
            meta_groups: catalogue.meta_groups.len(),
            market_groups: catalogue.market_groups.len(),
            systems: catalogue.systems.len(),
            systems_with_wormhole_class: classed.count(),
            constellations: catalogue.constellations.len(),
            regions: catalogue.regions.len(),
            factions: catalogue.factions.len(),
            npc_corporations: catalogue.npc_corporations.len(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let mut line = |name: &str, rows: usize| writeln!(out, "{name:<28}{rows:>8}");
        line("types", self.types)?;
        line("groups", self.groups)?;
        line("categories", self.categories)?;
        line("meta groups", self.meta_groups)?;
        line("market groups", self.market_groups)?;
        line("systems", self.systems)?;
        line("  with a wormhole class", self.systems_with_wormhole_class)?;
        line("constellations", self.constellations)?;
        line("regions", self.regions)?;
        line("factions", self.factions)?;
        line("NPC corporations", self.npc_corporations)
    }
}

fn show(in_force: &InForce, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let catalogue = &in_force.catalogue;
    let rows = Rows::of(catalogue);
    let embedded = embedded().build_number();
    if json {
        let shown = serde_json::json!({
            "build": catalogue.build_number(),
            "date": catalogue.date,
            "source": if in_force.imported.is_some() { "imported" } else { "embedded" },
            "imported_at": in_force.imported.map(|imported| imported.imported_at),
            "embedded_build": embedded,
            "rows": rows,
        });
        return writeln!(out, "{shown:#}");
    }
    writeln!(out, "build {} of {}", catalogue.build, catalogue.date)?;
    match in_force.imported {
        Some(imported) => writeln!(
            out,
            "imported at {} EVE; this noctis carries build {embedded}\n",
            eve_time(imported.imported_at)
        )?,
        None => writeln!(out, "as this noctis carries it; `noctis sde import` takes another\n")?,
    }
    rows.write(out)
}
