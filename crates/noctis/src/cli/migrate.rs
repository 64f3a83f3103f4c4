//! `noctis migrate`: makes the tables, or brings them to this noctis' version.

use std::io::Write;

use anyhow::Context;

use crate::config::Config;
use crate::database::{Database, Prepared, Purpose};
use crate::indexes;
use crate::lifecycle::Rules;

/// Applies what is new, answers on `out`.
///
/// # Errors
/// When the database cannot be reached or refuses, or `out` is closed.
pub async fn run(config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let database = Database::open(config, Purpose::Migrate).await?;
    let said = say(&database.prepared, &database.static_data.catalogue.build, out);
    let built = indexes::build(&database.store, Rules::of(&config.partitions)).await;
    database.close().await?;
    said?;
    for index in built.context("building indexes")? {
        writeln!(out, "built the index {} on {} partitions", index.index, index.attached)?;
    }
    Ok(())
}

fn say(prepared: &Prepared, build: &str, out: &mut dyn Write) -> std::io::Result<()> {
    for name in &prepared.migrations {
        writeln!(out, "applied {name}")?;
    }
    if prepared.migrations.is_empty() {
        writeln!(out, "the tables are up to date")?;
    }
    if prepared.static_data_loaded {
        writeln!(out, "loaded EVE's static data, build {build}")
    } else {
        writeln!(out, "EVE's static data is build {build} already")
    }
}
