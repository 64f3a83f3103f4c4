//! What somebody did: windows of months counted newest first, until the beginning is reached or a budget ends.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use jiff::{SignedDuration, Timestamp};
use noctis_core::isk::Isk;
use noctis_core::partition::{Interval, Period};
use noctis_core::time::{FIRST_DAY, FUTURE_MAX, TimeRange, midnight};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Parameter, Subject};
use crate::{Result, Trouble};
use noctis_core::kill::Key;

/// Months of the widest window: this month, then two, four, eight back.
const WINDOW_MONTHS_MAX: u32 = 8;
/// A window that took longer than this is not followed by a wider one.
const WINDOW_QUICK: Duration = Duration::from_millis(150);
/// Rows of one list that one window gives. A list that was longer counts `at_least` from then on.
const LIST_ROWS_MAX: i64 = 1_000;
/// The newest kills, and as many losses, that are remembered.
const NEWEST_MAX: i64 = 20;

/// How much may be looked at for one answer. A window that has begun is ended, so the time may be passed by one window.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    pub months: u32,
    pub time: Duration,
}

impl Budget {
    /// Twenty years of months, as far back as killmails go, and two seconds.
    pub const USUAL: Budget = Budget { months: 240, time: Duration::from_secs(2) };
}

/// Kills and losses with the ISK of those whose value is known. Of a place, whatever was lost there is a kill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub kills: i64,
    /// Of the kills those of capsules.
    pub pod_kills: i64,
    /// Of the kills those by NPCs alone: of a place, or an NPC corporation.
    pub npc_kills: i64,
    pub losses: i64,
    /// Of the losses those of capsules.
    pub pod_losses: i64,
    /// Of the losses those to NPCs alone.
    pub npc_losses: i64,
    pub isk_destroyed: Isk,
    pub isk_lost: Isk,
}

/// A calendar month, known by its beginning, in which there was something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    pub begin: Timestamp,
    pub counts: Counts,
}

/// Ids with how many mails they stand on, the most first; of equals the lower id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    pub rows: Vec<(i64, i64)>,
    /// Whether a window had more rows than were read, so that counts may be too low.
    pub is_cut: bool,
}

/// The most frequent of everything, as far as it is counted for the subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tops {
    pub ships_flown: Ranking,
    pub ships_lost: Ranking,
    pub systems: Ranking,
    pub characters: Ranking,
    pub corporations: Ranking,
    pub alliances: Ranking,
}

/// What somebody did within the time that was looked at.
#[derive(Clone, Debug)]
pub struct Activity {
    pub counted: TimeRange,
    /// Whether all the time was looked at in which there can be kills; if not, everything counts `at_least`.
    pub is_complete: bool,
    /// Newest first.
    pub months: Vec<Month>,
    /// The newest twenty, newest first.
    pub kills: Vec<Key>,
    pub losses: Vec<Key>,
    pub tops: Tops,
    /// Of a character: whose it was on its newest mail.
    pub last_corporation: Option<i64>,
    /// Of a character or corporation: whose it was on its newest mail.
    pub last_alliance: Option<i64>,
}

impl Activity {
    /// Whether it stands on any mail that was looked at.
    pub fn is_empty(&self) -> bool {
        self.months.is_empty()
    }

    /// The sum of all months.
    pub fn totals(&self) -> Counts {
        let mut totals = Counts::default();
        self.months.iter().for_each(|month| totals.add(&month.counts));
        totals
    }
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.kills += other.kills;
        self.pod_kills += other.pod_kills;
        self.npc_kills += other.npc_kills;
        self.losses += other.losses;
        self.pod_losses += other.pod_losses;
        self.npc_losses += other.npc_losses;
        self.isk_destroyed = sum(self.isk_destroyed, other.isk_destroyed);
        self.isk_lost = sum(self.isk_lost, other.isk_lost);
    }
}

/// Sums stay below 1e18: all that EVE ever lost is a hundredth of that.
fn sum(one: Isk, other: Isk) -> Isk {
    Isk::new(one.amount() + other.amount()).unwrap_or(one)
}

/// Counts what the subject did, newest months first. `capsules` are the types that count as pods.
///
/// # Errors
/// When the database does not answer, or not even the newest month within the statement timeout.
pub async fn activity(
    client: &Object,
    subject: &Subject,
    capsules: &[i64],
    now: Timestamp,
    budget: Budget,
) -> Result<Activity> {
    let begin = Instant::now();
    let first = midnight(FIRST_DAY);
    let last = now.checked_add(FUTURE_MAX).unwrap_or(Timestamp::MAX);
    let mut counting = Counting::default();
    let mut counted_from = last;
    let (mut months, mut looked_at) = (1, 0);
    while counted_from > first && looked_at < budget.months && begin.elapsed() < budget.time {
        months = months.min(budget.months - looked_at);
        let window = TimeRange { from: back(counted_from, months).max(first), to: counted_from };
        let window_begin = Instant::now();
        match rows(client, subject, capsules, window).await {
            Ok(rows) => rows.iter().for_each(|row| counting.take(row)),
            // What has been counted so far stands.
            Err(error) if looked_at > 0 && error.trouble() == Trouble::StatementTimeout => break,
            Err(error) => return Err(error),
        }
        counting.end_window();
        counted_from = window.from;
        looked_at += months;
        if window_begin.elapsed() <= WINDOW_QUICK {
            months = (months * 2).min(WINDOW_MONTHS_MAX);
        }
    }
    let counted = TimeRange { from: counted_from, to: last };
    Ok(counting.into_activity(counted, counted_from <= first))
}

async fn rows(
    client: &Object,
    subject: &Subject,
    capsules: &[i64],
    window: TimeRange,
) -> Result<Vec<Row>> {
    let (sql, who): (&str, Parameter<'_>) = match subject {
        Subject::Character(id) => {
            (include_str!("../../sql/entity/character_activity.sql"), (id, Type::INT8))
        }
        Subject::Corporation(id) => {
            (include_str!("../../sql/entity/corporation_activity.sql"), (id, Type::INT8))
        }
        Subject::Alliance(id) => {
            (include_str!("../../sql/entity/alliance_activity.sql"), (id, Type::INT8))
        }
        Subject::Places(ids) => {
            (include_str!("../../sql/entity/place_activity.sql"), (ids, Type::INT8_ARRAY))
        }
        Subject::Ships(ids) => {
            (include_str!("../../sql/entity/ship_activity.sql"), (ids, Type::INT8_ARRAY))
        }
    };
    let parameters = [
        who,
        (&window.from as _, Type::TIMESTAMPTZ),
        (&window.to as _, Type::TIMESTAMPTZ),
        (&capsules as _, Type::INT8_ARRAY),
        (&NEWEST_MAX as _, Type::INT8),
        (&LIST_ROWS_MAX as _, Type::INT8),
    ];
    Ok(client.query_typed(sql, &parameters).await?)
}

/// The beginning of the month in which `end` lies (just before it), or of one further back.
fn back(end: Timestamp, months: u32) -> Timestamp {
    let just_before = |time: Timestamp| time.saturating_sub(SignedDuration::from_micros(1));
    let mut begin = end;
    for _ in 0..months {
        let Ok(last) = just_before(begin) else { return begin };
        begin = Period::containing(Interval::Month, last).range().from;
    }
    begin
}

/// A list while its windows are added up.
#[derive(Default)]
struct List {
    mails: HashMap<i64, i64>,
    window_rows: i64,
    is_cut: bool,
}

impl List {
    fn add(&mut self, id: i64, mails: i64) {
        *self.mails.entry(id).or_default() += mails;
        self.window_rows += 1;
    }

    fn end_window(&mut self) {
        self.is_cut |= self.window_rows >= LIST_ROWS_MAX;
        self.window_rows = 0;
    }

    fn into_ranking(self) -> Ranking {
        let mut rows: Vec<(i64, i64)> = self.mails.into_iter().collect();
        rows.sort_unstable_by_key(|&(id, mails)| (-mails, id));
        Ranking { rows, is_cut: self.is_cut }
    }
}

#[derive(Default)]
struct Counting {
    months: BTreeMap<Timestamp, Counts>,
    kills: Vec<Key>,
    losses: Vec<Key>,
    /// In the order of [`PARTS`].
    lists: [List; PARTS.len()],
    last_corporation: Option<i64>,
    last_alliance: Option<i64>,
    /// The newest mail has told whose the subject was, be it nobody's.
    is_last_told: bool,
}

/// The lists as the statements name them.
const PARTS: [&str; 6] =
    ["ship_flown", "ship_lost", "system", "character", "corporation", "alliance"];

impl Counting {
    fn take(&mut self, row: &Row) {
        let part: &str = row.get("part");
        let mails: i64 = row.get("mails");
        match part {
            "month" => self.count(row, mails),
            "newest" => {
                let newest = if row.get("is_loss") { &mut self.losses } else { &mut self.kills };
                newest.push((row.get("at"), row.get("id")));
            }
            "in_corporation" if !self.is_last_told => self.last_corporation = row.get("id"),
            "in_alliance" if !self.is_last_told => self.last_alliance = row.get("id"),
            "in_corporation" | "in_alliance" => {}
            _ => {
                let list = PARTS.iter().position(|list| *list == part);
                self.lists[list.expect("the statements name these parts only")]
                    .add(row.get("id"), mails);
            }
        }
    }

    fn count(&mut self, row: &Row, mails: i64) {
        let counts = self.months.entry(row.get("at")).or_default();
        let isk = row.get::<_, Option<Decimal>>("isk").and_then(Isk::new).unwrap_or_default();
        let pods = if row.get("is_pod") { mails } else { 0 };
        let npcs = if row.get("npc") { mails } else { 0 };
        counts.add(&if row.get("is_loss") {
            Counts {
                losses: mails,
                pod_losses: pods,
                npc_losses: npcs,
                isk_lost: isk,
                ..Counts::default()
            }
        } else {
            Counts {
                kills: mails,
                pod_kills: pods,
                npc_kills: npcs,
                isk_destroyed: isk,
                ..Counts::default()
            }
        });
    }

    fn end_window(&mut self) {
        self.lists.iter_mut().for_each(List::end_window);
        self.is_last_told |= !self.months.is_empty();
        for newest in [&mut self.kills, &mut self.losses] {
            newest.sort_unstable_by(|one, other| other.cmp(one));
            newest.truncate(usize::try_from(NEWEST_MAX).expect("twenty"));
        }
    }

    fn into_activity(self, counted: TimeRange, is_complete: bool) -> Activity {
        let [ships_flown, ships_lost, systems, characters, corporations, alliances] =
            self.lists.map(List::into_ranking);
        let months = self.months.into_iter().rev();
        Activity {
            counted,
            is_complete,
            months: months.map(|(begin, counts)| Month { begin, counts }).collect(),
            kills: self.kills,
            losses: self.losses,
            tops: Tops { ships_flown, ships_lost, systems, characters, corporations, alliances },
            last_corporation: self.last_corporation,
            last_alliance: self.last_alliance,
        }
    }
}
