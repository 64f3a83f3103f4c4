//! The life of a partition: policy and inventory in, plan out.
//!
//! The three partitioned tables are one group: a range of time has a leaf in all of them or in none, and every step moves
//! all of them.

pub mod period;
mod planning;
mod retiring;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use period::{Interval, Period};
pub use planning::{creations, plan};

use crate::archive::PartName;
use crate::time::{TimeRange, day, midnight};

/// The longest name that PostgreSQL does not cut off.
pub const NAME_BYTES_MAX: usize = 63;

/// A member of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Member {
    #[serde(rename = "killmails_raw")]
    Raw,
    #[serde(rename = "killmails_enriched")]
    Enriched,
    #[serde(rename = "killmail_participants")]
    Participants,
}

impl Member {
    /// In the order in which every transaction touches them.
    pub const ALL: [Member; 3] = [Member::Raw, Member::Enriched, Member::Participants];

    /// The partitioned table's name.
    pub fn table(self) -> &'static str {
        match self {
            Member::Raw => "killmails_raw",
            Member::Enriched => "killmails_enriched",
            Member::Participants => "killmail_participants",
        }
    }
}

/// What the operator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    pub interval: Interval,
    /// Partitions kept ready after the current one, 1 to [`Policy::AHEAD_MAX`].
    pub ahead: u8,
    pub retention: Retention,
}

impl Policy {
    pub const AHEAD_MAX: u8 = 24;
}

impl Default for Policy {
    fn default() -> Policy {
        Policy { interval: Interval::Month, ahead: 3, retention: Retention::default() }
    }
}

/// What becomes of old partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// Whole months that are kept in the tables before the current one, 1 to [`Retention::MONTHS_MAX`].
    pub keep_months: u16,
    pub after: After,
    /// What was written to within this time is left alone, so that a running backfill is.
    pub settle: SignedDuration,
    /// How long a table is kept after it left the group.
    pub grace: SignedDuration,
    /// The newest so many ranges stay in the tables whatever the clock says.
    pub floor: u16,
    /// Ranges that are retired in one run at most.
    pub cap: u16,
}

impl Retention {
    pub const MONTHS_MAX: u16 = 1_200;

    /// Where the kept months begin, counted back from the month of `now`: a partition that ends by then is older than what
    /// is kept. None when all of them stay.
    pub fn cutoff(&self, now: Timestamp) -> Option<Timestamp> {
        match self.after {
            After::Keep => None,
            After::Archive | After::Drop => {
                let span = jiff::Span::new().months(i64::from(self.keep_months));
                Some(midnight(day(now).first_of_month().saturating_sub(span)))
            }
        }
    }
}

impl Default for Retention {
    fn default() -> Retention {
        let week = SignedDuration::from_hours(7 * 24);
        Retention {
            keep_months: 12,
            after: After::Archive,
            settle: week,
            grace: week,
            floor: 3,
            cap: 3,
        }
    }
}

/// What happens to a partition that is older than what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// It goes to files, which are read back before anything is removed, and go on answering.
    Archive,
    /// It stays.
    Keep,
    /// It is removed, and nothing of it is kept.
    Drop,
}

/// A partition that is there, by the catalog's word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Leaf {
    pub member: Member,
    pub name: String,
    /// From the catalog, never from the name.
    pub range: TimeRange,
    /// It takes no new rows: the constraint that says so is there.
    pub closed: bool,
}

/// A part of the archive, as `archive_parts` has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    pub name: PartName,
    pub range: TimeRange,
    pub state: PartState,
}

/// Where a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// Written and read back; the leaf still answers.
    Verified,
    /// The leaf has left the group; the files answer.
    Cold,
    /// Its kills are in a leaf again; the files answer nothing.
    Restored,
}

/// A table that was a leaf and waits for its grace to end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RetiredLeaf {
    pub name: String,
    pub member: Member,
    pub range: TimeRange,
    /// The part that holds its rows; none where nothing was kept, or where they are in a leaf again.
    pub part: Option<PartName>,
    pub retired_at: Timestamp,
}

/// What is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Inventory {
    pub leaves: Vec<Leaf>,
    /// Names of all other tables of the schema: none of them may be taken for a new leaf.
    pub other_tables: BTreeSet<String>,
    /// Names of leaves that belong to a role whose rights we do not have, as far as that was looked up.
    pub strangers: BTreeSet<String>,
    /// By range: when a row of it was last written, as far as that was looked up. A range that is not here is taken for
    /// written to just now.
    pub touched: BTreeMap<TimeRange, Timestamp>,
    pub parts: Vec<Part>,
    pub retired: Vec<RetiredLeaf>,
    /// The time of the newest kill in the tables, so that a clock that runs ahead of all kills retires nothing; none where
    /// there is no kill, or where it was not looked up.
    pub newest: Option<Timestamp>,
    /// The database's time at the look, so that a clock of ours that runs ahead ends no settling and no grace; none where it
    /// was not asked, or is not to count.
    pub database_now: Option<Timestamp>,
    /// Whether the store's first retirement has been announced.
    pub announced: bool,
}

impl Inventory {
    /// A hash by which `apply` tells that the world is still the one the plan was made for.
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for leaf in sorted(&self.leaves) {
            let (table, closed) = (leaf.member.table(), leaf.closed);
            hasher.update(format!("leaf\t{table}\t{}\t{}\t{closed}\n", leaf.name, leaf.range));
        }
        for part in sorted(&self.parts) {
            let (path, state) = (part.name.path(), part.state);
            hasher.update(format!("part\t{path}\t{}\t{state:?}\n", part.range));
        }
        for table in sorted(&self.retired) {
            hasher.update(format!("retired\t{}\t{}\n", table.name, table.range));
        }
        for (range, at) in &self.touched {
            hasher.update(format!("touched\t{range}\t{at}\n"));
        }
        hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether every member has a leaf for this time.
    pub fn covers(&self, time: Timestamp) -> bool {
        Member::ALL.into_iter().all(|member| {
            self.leaves.iter().any(|leaf| leaf.member == member && leaf.range.contains(time))
        })
    }
}

fn sorted<T: Ord>(all: &[T]) -> Vec<&T> {
    let mut all: Vec<&T> = all.iter().collect();
    all.sort();
    all
}

/// One thing to do; each is one transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Make a leaf for this range in these members and attach it.
    Create { range: TimeRange, suffix: String, members: Vec<Member> },
    /// Let these leaves take no new rows.
    Close { range: TimeRange, leaves: Vec<Leaf> },
    /// Let them take rows again.
    Reopen { range: TimeRange, leaves: Vec<Leaf> },
    /// Write the rows of these closed leaves to files and read them back.
    Archive { range: TimeRange, name: PartName, leaves: Vec<Leaf> },
    /// Take these leaves, whose verified part this is, out of the group; from then on the files answer.
    Detach { range: TimeRange, name: PartName, leaves: Vec<Leaf> },
    /// Take these closed leaves out of the group and keep nothing of them.
    Discard { range: TimeRange, leaves: Vec<Leaf> },
    /// Remove tables whose grace is over.
    Drop { range: TimeRange, tables: Vec<RetiredLeaf> },
}

impl Step {
    /// The leaf's name within a member.
    pub fn leaf_name(member: Member, suffix: &str) -> String {
        format!("{}_{suffix}", member.table())
    }

    /// What a leaf is called once it has left the group: with the number of the part that holds its rows, if one does.
    pub fn retired_name(leaf: &str, part: Option<&PartName>) -> String {
        match part {
            Some(name) => format!("{leaf}_retired_{}", name.part),
            None => format!("{leaf}_discarded"),
        }
    }

    /// The time it is about.
    pub fn range(&self) -> TimeRange {
        match self {
            Step::Create { range, .. }
            | Step::Close { range, .. }
            | Step::Reopen { range, .. }
            | Step::Archive { range, .. }
            | Step::Detach { range, .. }
            | Step::Discard { range, .. }
            | Step::Drop { range, .. } => *range,
        }
    }

    /// `create`, `close` and so on: its name in ledger and plan.
    pub fn action(&self) -> &'static str {
        match self {
            Step::Create { .. } => "create",
            Step::Close { .. } => "close",
            Step::Reopen { .. } => "reopen",
            Step::Archive { .. } => "archive",
            Step::Detach { .. } => "detach",
            Step::Discard { .. } => "discard",
            Step::Drop { .. } => "drop",
        }
    }
}

/// Something in the way that only a person can remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub table: String,
    pub detail: String,
}

/// A range that is old enough to go and stays for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub range: TimeRange,
    pub reason: WaitReason,
}

/// Why a range that is old enough stays for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum WaitReason {
    /// It was written to not long ago.
    Settling { until: Timestamp },
    /// When it was last written to is not known.
    TouchedUnknown,
    /// It is one of the newest, of which so many are kept whatever the clock says.
    Floor { ranges: u16 },
    /// No kill is newer than this, so the kept months are counted back from here and not from the clock.
    NewestKill { at: Timestamp },
    /// A run retires only so many.
    Cap { ranges: u16 },
    /// A table of an earlier retirement has the name it would get, until its grace is over.
    Grace,
}

/// What a store is told before kills leave its tables for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// All that are old enough, whether they go in this run or a later one; oldest first, never none.
    pub ranges: Vec<TimeRange>,
    pub keep_months: u16,
    pub after: After,
}

/// What to do, in order, and for which world it was thought out.
///
/// Steps of one range follow one another; where one of them fails, the later ones of its range are not to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub inventory: String,
    /// Ranges up to here were looked at for when they were last written to.
    #[serde(default)]
    pub cutoff: Option<Timestamp>,
    pub steps: Vec<Step>,
    pub conflicts: Vec<Conflict>,
    #[serde(default)]
    pub waiting: Vec<Waiting>,
    /// There before the first retirement of a store.
    #[serde(default)]
    pub announcement: Option<Announcement>,
}
