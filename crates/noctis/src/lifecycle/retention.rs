//! What of the old months goes: one run of it, and the loop that `serve` keeps, beside that of creation and never before it.

use std::time::Duration;

use anyhow::Context;
use metrics::counter;
use noctis_archive::{Archive, Place};
use noctis_core::partition::{After, Announcement, Plan, Step, plan};
use noctis_core::time::day;
use noctis_store::Client;
use noctis_store::ingest::IngestOptions;
use noctis_store::ledger::{self, Entry};
use noctis_store::partitions::adopting;
use noctis_store::partitions::parts;
use noctis_store::partitions::retire::finish_pending;
use noctis_store::partitions::{self, AFTER_FAILURE, Applied, RETIREMENT_LOCK};
use tokio_util::sync::CancellationToken;

use super::retire::Retirer;
use super::waiting::store_waiting;
use super::{FAILURES, INTERVAL, INTERVAL_AFTER_FAILURE, PUT_OFF, Rules};
use crate::clock;
use crate::presence::Counter;

/// Plans what goes now, and carries it out, one noctis at a time. `announced` is called before the first
/// retirement of a store, and says whether to go on at once.
///
/// # Errors
/// When the database or the archive cannot be reached, or another noctis retires months for too long.
pub async fn run(
    counter: &Counter,
    place: &Place,
    rules: Rules,
    announced: impl FnOnce(&Announcement) -> bool,
) -> anyhow::Result<Applied> {
    let mut client = counter.store().client().await?;
    let held = RETIREMENT_LOCK.take(&mut client).await?;
    let client = &mut *held.client;
    let run = async {
        if let Err(error) = finish_pending(client, rules.budget).await {
            tracing::warn!(%error, "a detach that somebody left pending could not be finished");
        }
        adopting::settle(client).await?;
        let mut plan = look(client, rules).await?;
        // Partitions are made elsewhere, by those who do not wait for this lock.
        plan.steps.retain(leaves_the_tables);
        if let Some(announcement) = &plan.announcement {
            let go_on = announced(announcement);
            write_down(client, announcement).await?;
            if !go_on {
                return Ok(Applied { conflicts: plan.conflicts, ..Applied::default() });
            }
        }
        carry_out(client, (counter, place), plan, rules).await
    };
    let applied = run.await;
    held.release().await?;
    applied
}

/// Carries out a plan that somebody made before, if the world is still the one it was made for.
///
/// # Errors
/// As [`run`], and when something has changed since: then nothing is done.
pub async fn run_plan(
    counter: &Counter,
    place: &Place,
    plan: Plan,
    rules: Rules,
) -> anyhow::Result<Applied> {
    let mut client = counter.store().client().await?;
    if !plan.steps.iter().any(leaves_the_tables) {
        return Ok(partitions::apply(&mut client, plan, rules.budget).await?);
    }
    let held = RETIREMENT_LOCK.take(&mut client).await?;
    let client = &mut *held.client;
    let run = async {
        partitions::refuse_outdated(client, &plan).await?;
        if let Some(announcement) = &plan.announcement {
            write_down(client, announcement).await?;
        }
        carry_out(client, (counter, place), plan, rules).await
    };
    let applied = run.await;
    held.release().await?;
    applied
}

/// What is to be done now; of our clock and the database's the slower counts, unless a drill has set ours.
///
/// # Errors
/// When the database refuses.
pub async fn look(client: &Client, rules: Rules) -> noctis_store::Result<Plan> {
    let now = clock::now();
    let cutoff = rules.policy.retention.cutoff(now);
    let mut inventory = partitions::inspect_with_touched(client, cutoff).await?;
    if clock::is_set() {
        inventory.database_now = None;
    }
    Ok(plan(&rules.policy, &inventory, now, &[]))
}

/// Whether a step is more than making partitions.
#[must_use]
pub fn leaves_the_tables(step: &Step) -> bool {
    !matches!(step, Step::Create { .. })
}

/// One bad month does not stop the others: its steps are put off and told.
async fn carry_out(
    client: &mut Client,
    (counter, place): (&Counter, &Place),
    plan: Plan,
    rules: Rules,
) -> anyhow::Result<Applied> {
    let mut applied = Applied { conflicts: plan.conflicts, ..Applied::default() };
    for conflict in &applied.conflicts {
        tracing::warn!(table = conflict.table, "{}", conflict.detail);
    }
    if plan.steps.is_empty() && parts::superseded(client).await?.is_empty() {
        return Ok(applied);
    }
    let archive = Archive::open(place).with_context(|| format!("opening the archive {place}"))?;
    let mut retirer = Retirer::new(&archive, counter, rules.budget, Some(plan.inventory));
    for step in plan.steps {
        if applied.has_failed(step.range()) {
            applied.failed.push((step, AFTER_FAILURE.to_owned()));
            continue;
        }
        match retirer.step(client, &step).await {
            Ok(waits) => {
                if !matches!(step, Step::Create { .. }) {
                    tracing::info!(range = %step.range(), "{} done", step.action());
                }
                applied.lock_tries += waits.tries;
                applied.steps.push(step);
            }
            Err(error) if client.is_closed() => return Err(error),
            Err(error) => {
                let reason = format!("{error:#}");
                tracing::warn!(reason, range = %step.range(), "{} was put off", step.action());
                applied.failed.push((step, reason));
            }
        }
    }
    if let Err(error) = retirer.remove_superseded(client).await {
        tracing::warn!(error = format!("{error:#}"), "files that nobody needs any more were left");
    }
    Ok(applied)
}

async fn write_down(client: &Client, announcement: &Announcement) -> noctis_store::Result<()> {
    let mut entry = Entry::new(ledger::ANNOUNCE, None);
    entry.after = serde_json::json!(announcement);
    ledger::append(client, &entry).await
}

/// Which months leave the tables for the first time, and how to keep more.
#[must_use]
pub fn sentence(announcement: &Announcement, place: &Place) -> String {
    let Announcement { ranges, keep_months, after } = announcement;
    let (first, last) = (ranges.first(), ranges.last());
    let span = match (first, last) {
        (Some(first), Some(last)) => format!("{} to {}", day(first.from), day(last.to)),
        _ => "none".to_owned(),
    };
    let fate = match after {
        After::Archive => format!("move to files in {place}, which go on answering"),
        After::Drop => "are dropped, and nothing of them is kept".to_owned(),
        After::Keep => "stay".to_owned(),
    };
    format!(
        "for the first time partitions are to leave the tables: {} that hold {span} are older than the {keep_months} months \
         that are kept, and {fate}. To keep more, set partitions.keep_months or --keep-months; to keep all, \
         partitions.after = \"keep\"",
        ranges.len()
    )
}

/// Looks every hour until it is told to stop. The first retirement is told in the log one look before it begins.
pub async fn keep(
    counter: Counter,
    place: Place,
    rules: Rules,
    options: IngestOptions,
    stop: CancellationToken,
) {
    // Runs in a row that left something undone.
    let mut failures = 0;
    loop {
        let told = |announcement: &Announcement| {
            tracing::warn!("{}; it begins in an hour", sentence(announcement, &place));
            false
        };
        let ran = run(&counter, &place, rules, told);
        let Some(ran) = stop.run_until_cancelled(Box::pin(ran)).await else { return };
        failures = match ran {
            Ok(applied) if applied.failed.is_empty() => 0,
            Ok(applied) => {
                counter!(PUT_OFF).increment(applied.failed.len() as u64);
                failures + 1
            }
            Err(error) => {
                counter!(FAILURES).increment(1);
                tracing::error!(
                    error = format!("{error:#}"),
                    "old months could not be looked after"
                );
                failures + 1
            }
        };
        // Whatever became of the other months: those whose month is still closed are parked again.
        if let Err(error) = store_waiting(counter.store(), options.clone(), &stop).await {
            let error = format!("{error:#}");
            tracing::error!(error, "kills that waited for a month stay parked");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause(failures)) => {}
        }
    }
}

/// An hour; after a failure a minute, and twice as long after each more, up to the hour: a month that fails is read again
/// from its beginning each time.
fn pause(failures: u32) -> Duration {
    let Some(more) = failures.checked_sub(1) else { return INTERVAL };
    INTERVAL_AFTER_FAILURE.saturating_mul(2_u32.saturating_pow(more)).min(INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_after_failures_grow_to_the_hour() {
        let minutes =
            [0, 1, 2, 3, 6, 7, 40, u32::MAX].map(|failures| pause(failures).as_secs() / 60);
        assert_eq!(minutes, [60, 1, 2, 4, 32, 60, 60, 60]);
    }
}
