//! Is this store what it should be? Everything is looked at, what is safe is mended, and what is left is told.

mod archive;
mod findings;

use std::collections::BTreeSet;

use noctis_archive::Archive;
use noctis_core::drift::{Drift, Fix, Mend};
use noctis_store::Connection;
use noctis_store::drift::{
    self, COUNT_TIME_DEEP_MAX, COUNT_TIME_MAX, Counted, Depth, Rules as MendRules,
};
use noctis_store::partitions::index_rollout::Limits;
use serde::Serialize;

use crate::clock;
use crate::database::Database;
use crate::lifecycle::Rules;

pub use findings::Finding;

/// Looks after repairs: a repair may bring to light what it hid.
const ROUNDS_MAX: u32 = 4;

/// How thoroughly it is looked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Thoroughness {
    /// Mend what is safe.
    pub fix: bool,
    /// Count every month however long it takes, and read every file of the archive.
    pub deep: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Report {
    pub findings: Vec<Finding>,
    /// What is not as it should be, and was not mended.
    pub drifts: Vec<Drift>,
    /// What was mended.
    pub mended: Vec<Drift>,
    /// What could have been mended and was not: the table, and why.
    pub put_off: Vec<(String, String)>,
    /// What there was no time to look at; sentences.
    pub not_looked_at: Vec<String>,
}

impl Report {
    /// Whether anything is wrong.
    #[must_use]
    pub fn is_ill(&self) -> bool {
        !self.drifts.is_empty() || self.findings.iter().any(|finding| finding.problem.is_some())
    }
}

/// Looks a store over.
///
/// # Errors
/// When the database does not answer.
pub async fn examine(
    database: &Database,
    archive: Option<&Archive>,
    rules: Rules,
    how: Thoroughness,
) -> anyhow::Result<Report> {
    let mut client = database.store.client().await?;
    let mut mended = Vec::new();
    let mut put_off = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let look = look(&mut client, archive, rules, how).await?;
        let failed_before = put_off.len();
        let done = if how.fix {
            mend(&mut client, &look.drifts, rules, &mut put_off).await?
        } else {
            Vec::new()
        };
        if done.is_empty() || put_off.len() > failed_before {
            mended.extend(done);
            // What was mended in this round is not wrong any more.
            let drifts = if mended.is_empty() {
                look.drifts
            } else {
                self::look(&mut client, archive, rules, how).await?.drifts
            };
            let findings = findings::of(&client, rules).await?;
            let not_looked_at = look.not_looked_at;
            return Ok(Report { findings, drifts, mended, put_off, not_looked_at });
        }
        mended.extend(done);
    }
    let Look { drifts, not_looked_at } = look(&mut client, archive, rules, how).await?;
    let findings = findings::of(&client, rules).await?;
    Ok(Report { findings, drifts, mended, put_off, not_looked_at })
}

struct Look {
    drifts: Vec<Drift>,
    not_looked_at: Vec<String>,
}

async fn look(
    client: &mut Connection,
    archive: Option<&Archive>,
    rules: Rules,
    how: Thoroughness,
) -> anyhow::Result<Look> {
    let (snapshot, mut drifts) =
        drift::examine(client, &rules.policy, clock::now(), Depth::Closely).await?;
    let time_max = if how.deep { COUNT_TIME_DEEP_MAX } else { COUNT_TIME_MAX };
    let counted = drift::count(client, &snapshot, time_max).await?;
    let mut not_looked_at = left_out(&counted);
    drifts.extend(counted.drifts);
    if let Some(archive) = archive {
        drifts.extend(archive::drifts(client, archive, how.deep).await?);
    }
    if archive.is_none() && !snapshot.parts.is_empty() {
        not_looked_at.push("the files of the archive, of which nobody says where it is".to_owned());
    }
    Ok(Look { drifts, not_looked_at })
}

fn left_out(counted: &Counted) -> Vec<String> {
    let mut sentences = Vec::new();
    if !counted.registry {
        sentences.push(
            "the registry: counting it took too long; `noctis doctor --deep` takes its time"
                .to_owned(),
        );
    }
    let left = counted.ranges_total - counted.ranges;
    if left > 0 {
        sentences.push(format!(
            "rows of the {left} oldest of {} ranges: `noctis doctor --deep` compares all",
            counted.ranges_total
        ));
    }
    sentences
}

/// Mends each once. Where a detach is pending, only that: much else comes of it.
async fn mend(
    client: &mut Connection,
    drifts: &[Drift],
    rules: Rules,
    put_off: &mut Vec<(String, String)>,
) -> anyhow::Result<Vec<Drift>> {
    let first = |drift: &&Drift| matches!(drift.mend, Mend::Fix(Fix::FinishDetach { .. }));
    let pending = drifts.iter().any(|drift| first(&drift));
    let limits = Limits { budget: rules.budget, ..Limits::default() };
    let mend_rules = MendRules { policy: &rules.policy, limits, now: clock::now() };
    let mut tried: BTreeSet<&Fix> = BTreeSet::new();
    let mut mended = Vec::new();
    for drift in drifts.iter().filter(|drift| !pending || first(drift)) {
        let Mend::Fix(fix) = &drift.mend else { continue };
        if !tried.insert(fix) {
            continue;
        }
        match drift::mend(client, drift, fix, mend_rules).await {
            Ok(_) => mended.push(drift.clone()),
            Err(error) if !client.is_closed() => {
                put_off.push((drift.table.clone(), error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(mended)
}
