//! The flags by which a command is told another policy than the configuration's: how partitions are made and how they go.

use crate::clock;
use crate::config::{CommandFlag, keys};

/// What partitions there are to be, and what becomes of old ones.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Policy")]
pub struct PolicyFlags {
    /// How much time a new partition holds: month or week [default: month]
    #[arg(long, value_name = "INTERVAL")]
    interval: Option<String>,
    /// Partitions kept ready after the present one [default: 3]
    #[arg(long, value_name = "N")]
    ahead: Option<String>,
    /// Whole months before the present one that stay in the tables [default: 12]
    #[arg(long, value_name = "N")]
    keep_months: Option<String>,
    /// What becomes of older ones: archive, keep or drop [default: archive]
    #[arg(long, value_name = "WHAT")]
    after: Option<String>,
    /// A month that was written to within this time stays for now [default: 7d]
    #[arg(long, value_name = "TIME")]
    settle: Option<String>,
    /// How long tables are kept after their month left [default: 7d]
    #[arg(long, value_name = "TIME")]
    grace: Option<String>,
    /// The newest so many partitions with kills stay whatever the clock says [default: 3]
    #[arg(long, value_name = "N")]
    floor: Option<String>,
    /// Partitions that leave in one run at most [default: 3]
    #[arg(long, value_name = "N")]
    cap: Option<String>,
    /// Where old months go: a folder, or a bucket's s3 address [default: archive in the data folder]
    #[arg(long, value_name = "PLACE")]
    archive_dir: Option<String>,
    /// The longest that a lock may keep others waiting [default: 400]
    #[arg(long, value_name = "MILLISECONDS")]
    lock_budget_ms_max: Option<String>,
}

impl PolicyFlags {
    /// The configuration's keys among them.
    pub(super) fn flags(&self) -> Vec<CommandFlag> {
        [
            (&keys::PARTITIONS_INTERVAL.about, "--interval", &self.interval),
            (&keys::PARTITIONS_AHEAD.about, "--ahead", &self.ahead),
            (&keys::PARTITIONS_KEEP_MONTHS.about, "--keep-months", &self.keep_months),
            (&keys::PARTITIONS_AFTER.about, "--after", &self.after),
            (&keys::PARTITIONS_SETTLE.about, "--settle", &self.settle),
            (&keys::PARTITIONS_GRACE.about, "--grace", &self.grace),
            (&keys::PARTITIONS_FLOOR.about, "--floor", &self.floor),
            (&keys::PARTITIONS_CAP.about, "--cap", &self.cap),
            (&keys::ARCHIVE_DIR.about, "--archive-dir", &self.archive_dir),
            (
                &keys::PARTITIONS_LOCK_BUDGET_MS_MAX.about,
                "--lock-budget-ms-max",
                &self.lock_budget_ms_max,
            ),
        ]
        .into_iter()
        .map(|(about, flag, text)| CommandFlag { about, flag, text: text.clone() })
        .collect()
    }
}

/// Sets the clock while the flags are read, so that no command has to.
pub(super) fn set_clock(text: &str) -> Result<(), String> {
    clock::set(text)
}
