//! `noctis partitions status`: which partitions there are and what they weigh.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use noctis_core::partition::Member;
use noctis_core::time::{TimeRange, day};
use noctis_store::partitions::{self, LeafSize};

use crate::cli::table;
use crate::database::Database;

pub(super) async fn status(
    database: &Database,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let sizes = partitions::sizes(&*database.store.client().await?).await?;
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&sizes)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut ranges: BTreeMap<TimeRange, Vec<&LeafSize>> = BTreeMap::new();
    for size in &sizes {
        ranges.entry(size.leaf.range).or_default().push(size);
    }
    let mut rows =
        table::new(&["partition", "from", "to", "kills ~", "raw", "enriched", "participants"]);
    table::align_right(&mut rows, &[3, 4, 5, 6]);
    for (range, leaves) in &ranges {
        let of = |member| leaves.iter().find(|size| size.leaf.member == member);
        let weight =
            |member| of(member).map_or("missing".to_owned(), |size| table::bytes(size.bytes));
        let raw = of(Member::Raw);
        let name = raw.map_or("", |size| size.leaf.name.trim_start_matches("killmails_raw_"));
        rows.add_row([
            name.to_owned(),
            day(range.from).to_string(),
            day(range.to).to_string(),
            raw.and_then(|size| size.rows_estimated)
                .map_or("?".to_owned(), |rows| rows.to_string()),
            weight(Member::Raw),
            weight(Member::Enriched),
            weight(Member::Participants),
        ]);
    }
    writeln!(out, "{rows}")?;
    let total: i64 = sizes.iter().map(|size| size.bytes).sum();
    writeln!(out, "{} partitions of each table, {}", ranges.len(), table::bytes(total))?;
    Ok(ExitCode::SUCCESS)
}
