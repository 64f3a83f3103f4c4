//! `noctis partitions ledger`: what was done to partitions and archive, newest first.

use std::io::Write;
use std::process::ExitCode;

use noctis_core::time::{TimeRange, day, eve_time};
use noctis_store::ledger;

use crate::cli::table;
use crate::database::Database;

pub(super) async fn run(
    database: &Database,
    json: bool,
    limit: u32,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let lines = ledger::newest(&*database.store.client().await?, limit).await?;
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&lines)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if lines.is_empty() {
        writeln!(out, "nothing has been done yet")?;
        return Ok(ExitCode::SUCCESS);
    }
    let headings =
        ["entry", "at", "action", "from", "to", "kills", "took", "tries", "waited", "who"];
    let mut rows = table::new(&headings);
    table::align_right(&mut rows, &[0, 5, 6, 7, 8]);
    let number = |number: Option<i64>| number.map_or(String::new(), |number| number.to_string());
    let milliseconds = |number: Option<i64>| number.map_or(String::new(), |ms| format!("{ms} ms"));
    let bound = |range: Option<TimeRange>, of: fn(TimeRange) -> jiff::Timestamp| {
        range.map_or(String::new(), |range| day(of(range)).to_string())
    };
    for line in lines {
        rows.add_row([
            line.entry.to_string(),
            eve_time(line.at),
            line.action,
            bound(line.range, |range| range.from),
            bound(line.range, |range| range.to),
            number(line.rows),
            milliseconds(line.duration_ms),
            number(line.lock_tries.map(i64::from)),
            milliseconds(line.lock_ms),
            line.who,
        ]);
    }
    writeln!(out, "{rows}")?;
    Ok(ExitCode::SUCCESS)
}
