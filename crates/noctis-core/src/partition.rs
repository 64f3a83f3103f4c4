//! The life of a partition: policy and inventory in, plan out.
//!
//! The three partitioned tables are one group: a range of time has a leaf in all of them or in none. This is the
//! creating half; closing, archiving and dropping take their place beside [`Step::Create`] later.

pub mod period;
mod planning;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use period::{Interval, Period};
pub use planning::plan;

use crate::time::TimeRange;

/// A member of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
}

impl Policy {
    pub const AHEAD_MAX: u8 = 24;
}

impl Default for Policy {
    fn default() -> Policy {
        Policy { interval: Interval::Month, ahead: 3 }
    }
}

/// A partition that is there, by the catalog's word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Leaf {
    pub member: Member,
    pub name: String,
    /// From the catalog, never from the name.
    pub range: TimeRange,
}

/// What is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Inventory {
    pub leaves: Vec<Leaf>,
    /// Names of all other tables of the schema: none of them may be taken for a new leaf.
    pub other_tables: BTreeSet<String>,
}

impl Inventory {
    /// A hash by which `apply` tells that the world is still the one the plan was made for.
    pub fn fingerprint(&self) -> String {
        let mut leaves: Vec<&Leaf> = self.leaves.iter().collect();
        leaves.sort();
        let mut hasher = Sha256::new();
        for leaf in leaves {
            hasher.update(format!(
                "{}\t{}\t{}\t{}\n",
                leaf.member.table(),
                leaf.name,
                leaf.range.from,
                leaf.range.to
            ));
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

/// One thing to do; each is one transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Make a leaf for this range in these members and attach it.
    Create { range: TimeRange, suffix: String, members: Vec<Member> },
}

impl Step {
    /// The leaf's name within a member.
    pub fn leaf_name(member: Member, suffix: &str) -> String {
        format!("{}_{suffix}", member.table())
    }
}

/// Something in the way that only a person can remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    pub table: String,
    pub detail: String,
}

/// What to do, in order, and for which world it was thought out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub inventory: String,
    pub steps: Vec<Step>,
    pub conflicts: Vec<Conflict>,
}
