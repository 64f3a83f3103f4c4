//! Named points at which a drill can kill this process, to prove that nothing is half done afterwards.
//!
//! A point costs one comparison. It is armed once per process by the hidden flag `--fail-at NAME[:COUNT]`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The points of an import, in the order in which it passes them.
pub const POINTS: [&str; 10] = [
    "import.batch_read",
    "import.staged",
    "import.raw_inserted",
    "import.enriched_inserted",
    "import.participants_inserted",
    "import.merge_locked",
    "import.registered",
    "import.facts_merged",
    "import.committed",
    "import.file_finished",
];

/// The points that enriching again passes.
pub const RE_ENRICH_POINTS: [&str; 4] =
    ["re_enrich.taken", "re_enrich.written", "re_enrich.committed", "re_enrich.vacuumed"];

/// The points that an import of static data passes.
pub const STATIC_DATA_POINTS: [&str; 2] = ["static_data.kept", "static_data.filled"];

/// The points that a backup passes, and one that is put back.
pub const BACKUP_POINTS: [&str; 6] = [
    "backup.begun",
    "backup.database",
    "backup.archive",
    "backup.listed",
    "backup.files_back",
    "backup.database_back",
];

/// The points that moving our own PostgreSQL to a newer version passes.
pub const UPGRADE_POINTS: [&str; 6] = [
    "upgrade.initialised",
    "upgrade.filled",
    "upgrade.looked_over",
    "upgrade.whole",
    "upgrade.set_aside",
    "upgrade.in_place",
];

/// The points that an index passes which is built leaf by leaf.
pub const INDEX_POINTS: [&str; 4] =
    ["index.declared", "index.built", "index.attached", "index.finished"];

/// The points that a month passes on its way out of the tables, in that order.
pub const RETIRE_POINTS: [&str; 21] = [
    "close.committed",
    "archive.claim_noted",
    "archive.claimed",
    "archive.generation_raised",
    "archive.exporting",
    "archive.file_written",
    "archive.manifest_put",
    "archive.verified",
    "archive.recorded",
    "detach.shared",
    "detach.counted",
    "detach.locked",
    "detach.detached",
    "detach.written_down",
    "detach.committed",
    "drop.locked",
    "drop.dropped",
    "drop.committed",
    "superseded.listed",
    "superseded.removed",
    "superseded.forgotten",
];

/// The points that a month passes on its way back, in that order.
pub const RESTORE_POINTS: [&str; 8] = [
    "restore.closed",
    "restore.created",
    "restore.copied",
    "restore.indexed",
    "restore.verified",
    "restore.locked",
    "restore.attached",
    "restore.committed",
];

/// The points that parts pass which are taken over from an archive, in that order; the last, where they are not after all.
pub const ADOPT_POINTS: [&str; 5] = [
    "adopt.registered",
    "adopt.taken_over",
    "adopt.answering",
    "adopt.numbered",
    "adopt.withdrawn",
];

/// The points that counting what everybody did passes, in that order.
pub const PRESENCE_POINTS: [&str; 5] =
    ["presence.taken", "presence.read", "presence.added", "presence.counted", "presence.committed"];

struct Armed {
    point: &'static str,
    passes_left: AtomicU32,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Arms one point: the process is killed when it is passed for the `count`-th time. The error lists the points.
pub fn arm(name: &str, count: u32) -> Result<(), String> {
    let points = every_point();
    let point = points.iter().copied().find(|&point| point == name).ok_or_else(|| {
        format!("no fail point is called {name}; there are {}", points.join(", "))
    })?;
    ARMED
        .set(Armed { point, passes_left: AtomicU32::new(count.max(1)) })
        .map_err(|_| "a fail point is armed already".to_owned())
}

fn every_point() -> Vec<&'static str> {
    let all: [&[&'static str]; 10] = [
        &POINTS,
        &RE_ENRICH_POINTS,
        &STATIC_DATA_POINTS,
        &INDEX_POINTS,
        &RETIRE_POINTS,
        &RESTORE_POINTS,
        &ADOPT_POINTS,
        &BACKUP_POINTS,
        &UPGRADE_POINTS,
        &PRESENCE_POINTS,
    ];
    all.concat()
}

/// Passes a point; dies here by SIGKILL, as a power cut would have it, when it is the armed one.
pub fn point(name: &'static str) {
    debug_assert!(every_point().contains(&name), "{name} is in none of the lists");
    let Some(armed) = ARMED.get() else { return };
    if armed.point == name && armed.passes_left.fetch_sub(1, Ordering::Relaxed) == 1 {
        #[cfg(unix)]
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}
