//! `noctis doctor --recount MONTH`: presence of a month beside what its kills come to.

use std::io::Write;
use std::process::ExitCode;

use jiff::civil::Date;
use noctis_core::presence::Kind;
use noctis_store::presence::{Differing, Recounted};

use crate::database::Database;

/// A month as archives call it, `2025-06`: its first day.
pub(super) fn month(text: &str) -> Result<Date, String> {
    let first = format!("{text}-01").parse();
    first.map_err(|_| format!("`{text}` is no month; 2025-06 is one"))
}

pub(super) async fn run(
    database: &Database,
    month: Date,
    (fix, json): (bool, bool),
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let recounted = database.counter().recount(month, fix).await?;
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&recounted)?)?;
    } else {
        print(&month.strftime("%Y-%m").to_string(), &recounted, out)?;
    }
    let is_well = recounted.mended || (recounted.differing == 0 && recounted.untraced == 0);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(month: &str, recounted: &Recounted, out: &mut dyn Write) -> anyhow::Result<()> {
    let Recounted { kills, rows, differing, examples, untraced, mended } = recounted;
    writeln!(
        out,
        "{month}: {kills} kills, {rows} rows; {differing} are not what the kills come to"
    )?;
    for Differing { kind, id, date, counted, recounted } in examples {
        let words = |[kills, losses, destroyed, lost]: &[String; 4]| {
            format!("{kills} kills, {losses} losses, {destroyed} ISK destroyed, {lost} lost")
        };
        let kind = Kind::of(*kind).map_or("of no kind", name);
        let (counted, recounted) = (words(counted), words(recounted));
        writeln!(out, "!! {kind} {id}, {date}: {counted} instead of {recounted}")?;
    }
    let more = differing - examples.len() as u64;
    if more > 0 {
        writeln!(out, "and {more} more")?;
    }
    if *untraced > 0 {
        writeln!(
            out,
            "!! no search by item, label or tag is led to {month} for {untraced} of them"
        )?;
    }
    match (differing + untraced, mended) {
        (0, _) => {}
        (_, true) => writeln!(out, "mended: all rows of {month} were written anew")?,
        (_, false) => {
            writeln!(out, "   `noctis doctor --recount {month} --fix` writes them anew")?;
        }
    }
    Ok(())
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Character => "character",
        Kind::Corporation => "corporation",
        Kind::Alliance => "alliance",
        Kind::ShipType => "ship type",
        Kind::ShipGroup => "ship group",
        Kind::System => "system",
        Kind::Constellation => "constellation",
        Kind::Region => "region",
    }
}
