//! The figures of the life of months: how far partitions reach, what has drifted, what went to files, what is put off.
//!
//! All of it comes from the catalog and our own small tables, without a lock on any table of the group, and is asked for once a
//! minute at most, however often somebody scrapes.

use std::collections::BTreeSet;
use std::time::Duration;

use ::metrics::{counter, describe_counter, describe_gauge, gauge};
use jiff::Timestamp;
use noctis_core::drift::{Drift, Kind, Snapshot, runway};
use noctis_core::partition::{Member, PartState};
use noctis_core::time::day;
use noctis_store::drift::{Depth, LedgerFigures, examine, figures};
use noctis_store::{Connection, Result};
use tokio::time::Instant;

use super::{SECONDS_PER_DAY, set};
use crate::app::App;
use crate::clock;
use crate::import::disk::free_bytes;
use crate::lifecycle;

/// How old these figures may be.
const AGE_MAX: Duration = Duration::from_secs(60);

const RUNWAY: &str = "noctis_partitions_runway_days";
const DRIFT: &str = "noctis_drift";
const INVALID: &str = "noctis_indexes_invalid";
const MONTHS: &str = "noctis_months";
const OLDEST_HOT: &str = "noctis_oldest_hot_month_timestamp_seconds";
const PARTS: &str = "noctis_archive_parts";
const BYTES: &str = "noctis_archive_bytes";
const RETIRED: &str = "noctis_retired_tables";
const RETIRED_AT: &str = "noctis_retirement_last_success_timestamp_seconds";
const LOCK_TRIES: &str = "noctis_lifecycle_lock_tries";
const LOCK_SECONDS: &str = "noctis_lifecycle_lock_seconds_max";
const MENDED: &str = "noctis_drift_mended";
const STATISTICS: &str = "noctis_parent_statistics_age_seconds";
const FREE: &str = "noctis_disk_free_bytes";

pub(super) fn describe() {
    describe_gauge!(RUNWAY, "Days until new killmails need a partition that is not there yet");
    describe_gauge!(DRIFT, "Differences from what should be that the catalog shows, by kind");
    describe_gauge!(INVALID, "Indexes that were not built to their end");
    describe_gauge!(MONTHS, "Months that have killmails, by where these are: hot, cold or dropped");
    describe_gauge!(OLDEST_HOT, "When the oldest month in the tables begins; 0 without any");
    describe_gauge!(PARTS, "Parts of the archive, by state");
    describe_gauge!(BYTES, "Bytes of the archive's parts");
    describe_gauge!(RETIRED, "Tables that left the group and wait for their grace to end");
    describe_gauge!(RETIRED_AT, "When a month last left the tables; 0 when none ever did");
    describe_gauge!(LOCK_TRIES, "Tries for locks of all steps in the ledger");
    describe_gauge!(
        LOCK_SECONDS,
        "The longest that a step of the last day tried for its locks, seconds"
    );
    describe_gauge!(MENDED, "Repairs that doctor has made");
    describe_gauge!(
        STATISTICS,
        "Seconds since a parent was analyzed, or since there is this store, by table"
    );
    describe_gauge!(FREE, "Bytes that are free where a folder lies");
    describe_counter!(
        lifecycle::PUT_OFF,
        "Steps on partitions that were put off since this process began"
    );
    describe_counter!(
        lifecycle::FAILURES,
        "Looks after partitions that failed since this process began"
    );
    // From the first scrape on, so that an alert can see them rise.
    counter!(lifecycle::PUT_OFF).increment(0);
    counter!(lifecycle::FAILURES).increment(0);
}

/// Brings the figures up to date, unless they are.
pub(super) async fn refresh(app: &App) -> Result<()> {
    for (place, folder) in app.folders.iter() {
        if let Ok(bytes) = free_bytes(folder) {
            gauge!(FREE, "place" => *place).set(bytes as f64);
        }
    }
    // Held while asking, so that of many scrapes at once one asks.
    let mut asked_at = app.figures_asked_at.lock().await;
    if asked_at.is_some_and(|at| at.elapsed() < AGE_MAX) {
        return Ok(());
    }
    ask(&app.store.client().await?, app, clock::now()).await?;
    *asked_at = Some(Instant::now());
    Ok(())
}

async fn ask(client: &Connection, app: &App, now: Timestamp) -> Result<()> {
    let (snapshot, drifts) = examine(client, &app.policy, now, Depth::Glance).await?;
    set(RUNWAY, runway(&snapshot, now).as_secs_f64() / SECONDS_PER_DAY);
    tell_drifts(&snapshot, &drifts);
    tell_months(&snapshot);
    tell_ledger(&snapshot, figures(client).await?, now);
    Ok(())
}

fn tell_drifts(snapshot: &Snapshot, drifts: &[Drift]) {
    for &kind in Kind::ALL {
        let count = drifts.iter().filter(|drift| drift.kind == kind).count();
        gauge!(DRIFT, "kind" => kind.name()).set(count as f64);
    }
    let invalid = snapshot.tables.iter().flat_map(|table| &table.indexes);
    set(INVALID, invalid.filter(|index| !index.valid).count() as f64);
}

fn tell_months(snapshot: &Snapshot) {
    let month = |from: Timestamp| day(from).first_of_month();
    let hot: BTreeSet<_> =
        snapshot.ranges(Member::Raw).map(|(range, _)| month(range.from)).collect();
    let of = |state: PartState| snapshot.parts.iter().filter(move |part| part.part.state == state);
    let cold: BTreeSet<_> = of(PartState::Cold).map(|part| month(part.part.range.from)).collect();
    let dropped: BTreeSet<_> = snapshot.dropped.iter().map(|range| month(range.from)).collect();
    for (state, months) in [("hot", &hot), ("cold", &cold), ("dropped", &dropped)] {
        gauge!(MONTHS, "state" => state).set(months.len() as f64);
    }
    for (name, state) in [
        ("verified", PartState::Verified),
        ("cold", PartState::Cold),
        ("restored", PartState::Restored),
    ] {
        gauge!(PARTS, "state" => name).set(of(state).count() as f64);
    }
    set(BYTES, snapshot.parts.iter().map(|part| part.bytes).sum::<i64>() as f64);
    let oldest = snapshot.ranges(Member::Raw).map(|(range, _)| range.from).min();
    set(OLDEST_HOT, oldest.map_or(0.0, |from| from.as_second() as f64));
    set(RETIRED, snapshot.retired.len() as f64);
}

fn tell_ledger(snapshot: &Snapshot, ledger: LedgerFigures, now: Timestamp) {
    set(RETIRED_AT, ledger.retired_at.map_or(0.0, |at| at.as_second() as f64));
    set(LOCK_TRIES, ledger.lock_tries as f64);
    set(LOCK_SECONDS, ledger.lock_ms_max as f64 / 1_000.0);
    set(MENDED, ledger.mended as f64);
    for member in Member::ALL {
        let analyzed = snapshot.parent(member).and_then(|parent| parent.analyzed_at);
        let age = now.duration_since(analyzed.unwrap_or(ledger.created_at));
        gauge!(STATISTICS, "table" => member.table()).set(age.as_secs_f64());
    }
}
