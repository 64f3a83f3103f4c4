//! `noctis prices report`: our own values beside zKillboard's.

use std::io::Write;

use anyhow::anyhow;
use jiff::Timestamp;
use noctis_core::time::parse_time;
use noctis_store::prices::{Comparison, report};

use crate::cli::table;
use crate::clock;
use crate::database::Database;

pub(super) async fn run(
    database: &Database,
    (since, until): (Option<&str>, Option<&str>),
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let now = clock::now();
    let time = |text: &str| {
        parse_time(text, now)
            .ok_or_else(|| anyhow!("`{text}` is no time: 30d, 2026-11-22 or \"2026-11-22 14:00\""))
    };
    let from = since.map(time).transpose()?.unwrap_or(Timestamp::UNIX_EPOCH);
    let to = until.map(time).transpose()?.unwrap_or(now);
    let client = database.store.client().await?;
    let rows = report(&client, from, to).await?;
    if json {
        let text = serde_json::to_string_pretty(&rows)?;
        return Ok(writeln!(out, "{text}")?);
    }
    let Some((all, groups)) = rows.split_first() else { return Ok(()) };
    writeln!(
        out,
        "{} kills: {} with zKillboard's value, {} with our own, {} with both\n",
        all.kills, all.with_zkb, all.with_own, all.compared
    )?;
    if all.compared == 0 {
        writeln!(
            out,
            "nothing to compare: kills need a zkb block, and prices imported before them"
        )?;
        return Ok(());
    }
    let mut lines = table::new(&["own / zkb", "kills", "unpriced", "p10", "median", "p90"]);
    table::align_right(&mut lines, &[1, 2, 3, 4, 5]);
    lines.add_row(line("all", all));
    for group in groups {
        lines.add_row(line(group.group.as_deref().unwrap_or("unknown ships"), group));
    }
    Ok(writeln!(out, "{}", lines.trim_fmt())?)
}

fn line(name: &str, row: &Comparison) -> [String; 6] {
    let ratio = |ratio: Option<f64>| ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
    [
        name.to_owned(),
        row.compared.to_string(),
        row.with_unpriced.to_string(),
        ratio(row.p10),
        ratio(row.median),
        ratio(row.p90),
    ]
}
