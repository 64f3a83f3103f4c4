//! What is told of every store: its settings, schema and figures, each with what is wrong with it, if anything.

use std::collections::BTreeSet;

use noctis_core::partition::{Step, plan};
use noctis_core::time::{TimeRange, day};
use noctis_store::summary::{DURABILITY_SETTINGS, settings, summary};
use noctis_store::{Connection, migrate, partitions};
use serde::Serialize;

use crate::cli::table;
use crate::clock;
use crate::lifecycle::Rules;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub what: String,
    pub value: String,
    /// What is wrong and what to do; none when all is well.
    pub problem: Option<String>,
}

pub(super) async fn of(client: &Connection, rules: Rules) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (name, value) in settings(client).await? {
        let off = DURABILITY_SETTINGS.contains(&name.as_str()) && value == "off";
        let problem = off.then(|| {
            format!(
                "{name} is off: a kill that was stored may be lost in a power cut; switch it on"
            )
        });
        findings.push(Finding { what: format!("setting {name}"), value, problem });
    }
    let summary = summary(client).await?;
    let changed = migrate::changed(client).await?;
    findings.push(Finding {
        what: "schema".into(),
        value: migrate::version(client).await?.to_string(),
        problem: changed.map(|name| {
            format!("migration {name} was applied with another text than this noctis has: install the noctis that made this \
                     database, or a newer one")
        }),
    });
    let mut tell = |what: &str, value: String| {
        findings.push(Finding { what: what.into(), value, problem: None })
    };
    tell("store", summary.store_id);
    tell("static data", summary.static_data_build.unwrap_or_else(|| "none".into()));
    tell("killmails", summary.kills.to_string());
    tell("wanted", summary.wanted.to_string());
    tell("parked", summary.parked.to_string());
    tell("database", table::bytes(summary.bytes));
    findings.push(partitions_ahead(client, rules).await?);
    Ok(findings)
}

async fn partitions_ahead(client: &Connection, rules: Rules) -> anyhow::Result<Finding> {
    let inventory = partitions::inspect(client).await?;
    let plan = plan(&rules.policy, &inventory, clock::now(), &[]);
    let missing = plan.steps.iter().filter(|step| matches!(step, Step::Create { .. })).count();
    let missing = (missing > 0).then(|| {
        format!(
            "partitions to be made: {missing}; `noctis partitions apply` makes them, as `noctis serve` does"
        )
    });
    let problems: Vec<String> =
        missing.into_iter().chain(plan.conflicts.into_iter().map(|one| one.detail)).collect();
    let ranges: BTreeSet<TimeRange> = inventory.leaves.iter().map(|leaf| leaf.range).collect();
    let value = match ranges.last() {
        Some(last) => format!("{} of each table, until {}", ranges.len(), day(last.to)),
        None => "none".to_owned(),
    };
    Ok(Finding {
        what: "partitions".into(),
        value,
        problem: (!problems.is_empty()).then(|| problems.join("; ")),
    })
}
