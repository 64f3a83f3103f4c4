//! Synthetic killmails: a made-up galaxy at war, the same bytes for the same seed, on real systems and types.
//!
//! The typical body follows the ELIT sample (3,265 bytes, 10.1 attackers and 18 items on average): it is the only sample
//! that holds all kills of a corporation and of a pilot as they happened. The mean of all 545 known mails (5,517
//! bytes, 22 attackers) is no goal, since one collection in it was picked evenly by category and one mail alone has 3,753
//! attackers. Its tails are kept: one kill in 140 has 100 attackers or more, one in 20,000 has 1,000 to 3,753.
//!
//! Its story is `Calendar` → `Engagement` → `Draft` → a line of JSON.

mod armoury;
mod calendar;
mod dice;
mod draft;
mod engagement;
mod fitting;
mod fleet;
mod hulls;
mod loss;
mod map;
mod oddities;
mod pilots;
mod scenes;
mod source;
mod worth;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::Timestamp;

use armoury::Armoury;
use calendar::{Calendar, RANGE_HOURS_MAX};
use dice::{Dice, scatter};
use draft::{Draft, Party};
use engagement::{BATTLE, Engagement, NPC, Quota, SIZES, Side, Size};
use fleet::{Blocs, Recruiter};
use hulls::Hangar;
use loss::Losses;
use map::Map;
use oddities::Oddities;

pub use pilots::{
    alliance_name, alliance_of, character_name, corporation_name, corporation_of, is_invented,
    ticker,
};
pub use scenes::{Scene, SceneKind, sample_galaxy};
pub use source::{GalaxySource, Slot, SourceSystem, SourceType};

/// Generated killmails have ids from here up; real ones were at 137 million in 2026.
pub const GENERATED_ID_MIN: i64 = 9_000_000_000_000_000;

/// True for the id of a generated killmail.
pub fn is_generated(killmail_id: i64) -> bool {
    killmail_id >= GENERATED_ID_MIN
}

/// The most kills one run may have; EVE had 98 million by 2026.
pub const KILLS_MAX: u64 = 300_000_000;

/// What to generate. Times are from `from`, included, to `to`, excluded.
#[derive(Clone, Debug)]
pub struct Options {
    /// Exactly so many lines, 1 to [`KILLS_MAX`].
    pub kills: u64,
    pub from: Timestamp,
    /// After `from` by at most 60 years.
    pub to: Timestamp,
    pub seed: u64,
    /// Adds what real samples lack: the victim among the attackers, a character twice, ids against the order of time,
    /// quantities above 2^31, no final blow or two. About one kill in forty has one.
    pub oddities: bool,
    /// Writes lines as zKillboard's API does, with a `zkb` block.
    pub zkb: bool,
}

/// Why nothing can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    #[error("the number of kills must be from 1 to 300,000,000")]
    Kills,
    #[error(
        "the time to generate must begin in 1970 or later, end after it begins, and span at most 60 years"
    )]
    Range,
    #[error(
        "the static data has no solar system and no published ship; import the static data first"
    )]
    Source,
}

/// Writes killmails one after another, in ascending time and id.
pub struct Generator {
    options: Options,
    map: Map,
    hangar: Hangar,
    armoury: Armoury,
    blocs: Blocs,
    dice: Dice,
    calendar: Calendar,
    quota: Quota,
    /// Kills that engagements begun so far have had or will have; those of scenes are not counted.
    planned: u64,
    written: u64,
    scripted: u64,
    /// Scenes to come, the next one last.
    scenes: Vec<Engagement>,
    running: Vec<Option<Engagement>>,
    free: Vec<usize>,
    /// By time, then by when it was begun, since times can be equal; then the place in `running`.
    order: BinaryHeap<Reverse<(i64, u64, usize)>>,
    begun: u64,
    draft: Draft,
    next_id: i64,
    oddities: Option<Oddities>,
}

impl Generator {
    /// Prepares a run. Fails where the options or the static data leave nothing to generate.
    pub fn new(source: &GalaxySource, options: Options) -> Result<Generator, GenerateError> {
        if options.kills == 0 || options.kills > KILLS_MAX {
            return Err(GenerateError::Kills);
        }
        let (from, to) = (options.from.as_second(), options.to.as_second());
        if from < 0 || to <= from || to - from > RANGE_HOURS_MAX * 3_600 {
            return Err(GenerateError::Range);
        }
        let hangar = Hangar::new(source).ok_or(GenerateError::Source)?;
        let mut dice = Dice::new(options.seed);
        let map = Map::new(source, &mut dice).ok_or(GenerateError::Source)?;
        let draft = empty_draft(&hangar);
        Ok(Generator {
            map,
            armoury: Armoury::new(source),
            blocs: Blocs::new(),
            calendar: Calendar::new(from, to),
            quota: Quota::default(),
            planned: 0,
            written: 0,
            scripted: 0,
            scenes: Vec::new(),
            running: Vec::new(),
            free: Vec::new(),
            order: BinaryHeap::new(),
            begun: 0,
            next_id: first_id(options.seed),
            oddities: options.oddities.then(|| Oddities::new(options.seed)),
            hangar,
            dice,
            draft,
            options,
        })
    }

    /// Appends the next killmail and a line feed. False, and nothing appended, after the last one.
    pub fn write_next(&mut self, out: &mut Vec<u8>) -> bool {
        if self.written == self.options.kills {
            return false;
        }
        self.begin_due();
        let Reverse((_, begun, place)) =
            self.order.pop().expect("an engagement runs while kills are missing");
        let mut engagement =
            self.running[place].take().expect("the order names running engagements only");
        self.stage(&mut engagement);
        engagement.kills_left -= 1;
        if engagement.kills_left == 0 {
            self.free.push(place);
        } else {
            engagement.next += self.pause(&engagement);
            engagement.next =
                engagement.until.map_or(engagement.next, |until| engagement.next.min(until - 1));
            self.order.push(Reverse((self.within(engagement.next), begun, place)));
            self.running[place] = Some(engagement);
        }
        self.finish(out);
        self.written += 1;
        true
    }

    /// Begins every engagement that starts before the next kill of the running ones.
    fn begin_due(&mut self) {
        let background = self.options.kills - self.scripted;
        // Each turn begins a scene or plans a kill, so it ends.
        loop {
            let running = self.order.peek().map(|Reverse((time, _, _))| *time);
            let scene = self.scenes.last().map(|scene| scene.next);
            let share = self.planned as f64 / background.max(1) as f64;
            let fight = (self.planned < background).then(|| self.calendar.time_at(share));
            let Some(next) = [scene, fight].into_iter().flatten().min() else { return };
            if running.is_some_and(|running| running <= next) {
                return;
            }
            let engagement = if scene == Some(next) {
                self.scenes.pop().expect("its time was read above")
            } else {
                self.fight(next, background - self.planned)
            };
            self.begin(engagement);
        }
    }

    fn begin(&mut self, engagement: Engagement) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.running.push(None);
            self.running.len() - 1
        });
        self.order.push(Reverse((self.within(engagement.next), self.begun, place)));
        self.begun += 1;
        self.running[place] = Some(engagement);
    }

    /// A new fight of whatever size is due, with at most `kills_max` kills.
    fn fight(&mut self, start: i64, kills_max: u64) -> Engagement {
        let size = self.quota.draw(&mut self.dice);
        let mean = SIZES[size].kills_mean;
        let kills = (self.dice.exponential(mean - 0.5) as u64 + 1).min(kills_max);
        self.quota.add(size, kills);
        self.planned += kills;
        // The fleet is larger than what one mail shows.
        let pilots =
            Size::draw(size, &mut self.dice).max(Size::draw(size, &mut self.dice)) as usize;
        let attackers = self.blocs.attackers(pilots, &mut self.dice);
        let mut victims = self.blocs.victims(&mut self.dice);
        if victims == attackers {
            victims = (victims + 1) % NEIGHBOURS;
        }
        let recruiter =
            Recruiter { hangar: &self.hangar, armoury: &self.armoury, blocs: &self.blocs };
        let mut sides = [
            Side { bloc: attackers, fleet: Vec::new() },
            Side { bloc: victims, fleet: Vec::new() },
        ];
        if size != NPC {
            sides[0].fleet = recruiter.fleet(attackers, victims, pilots, &mut self.dice);
        }
        if size >= BATTLE && self.dice.chance(0.6) {
            sides[1].fleet = recruiter.fleet(victims, attackers, pilots, &mut self.dice);
        }
        let system = self.map.draw(&mut self.dice);
        let war_id = (system.is_high() && size != NPC && self.dice.chance(WAR))
            .then(|| WAR_ID_MIN + (scatter(attackers << 32 | victims) % 1_000_000) as i64);
        Engagement {
            next: start,
            kills_left: kills,
            until: None,
            gap_mean: self.dice.log_normal(SIZES[size].gap_median, 0.5),
            system_id: system.system_id,
            war_id,
            place: self.map.place(&mut self.dice),
            size,
            sides,
            strangers: size < BATTLE && self.dice.chance(0.5),
            capsule: None,
            hulls: Vec::new(),
        }
    }

    /// Makes up the kill itself.
    fn stage(&mut self, engagement: &mut Engagement) {
        let time = self.within(engagement.next);
        let recruiter =
            Recruiter { hangar: &self.hangar, armoury: &self.armoury, blocs: &self.blocs };
        let losses = Losses { recruiter, from: self.options.from.as_second() };
        losses.fill(engagement, time, &mut self.dice, &mut self.draft);
    }

    /// Gives the kill its id and writes it.
    fn finish(&mut self, out: &mut Vec<u8>) {
        self.draft.killmail_id = self.next_id;
        // zKillboard holds 72 of 100 ids.
        let gap = [1, 1, 1, 2, 2][self.dice.index(5)];
        self.next_id += gap;
        if let Some(oddities) = &mut self.oddities {
            oddities.distort(gap, &mut self.draft);
        }
        self.draft.write_open(out);
        if self.options.zkb {
            worth::write_zkb(&self.draft, self.options.seed, out);
        }
        out.extend_from_slice(b"}\n");
    }

    /// Seconds until the engagement's next kill: a capsule dies at once, the next ship when its time has come.
    fn pause(&mut self, engagement: &Engagement) -> i64 {
        if engagement.capsule.is_some() {
            return self.dice.between(3, 60) as i64;
        }
        if let Some(until) = engagement.until {
            let even = (until - engagement.next) as f64 / (engagement.kills_left + 1) as f64;
            return (even * (0.5 + self.dice.unit())) as i64;
        }
        (self.dice.exponential(engagement.gap_mean) as i64).min(PAUSE_SECONDS_MAX)
    }

    /// A fight that lasts beyond the range loses its last ships in its last second.
    fn within(&self, time: i64) -> i64 {
        time.min(self.options.to.as_second() - 1)
    }
}

/// Seeds get ids far from each other, so that two runs can be imported together. All stay below 2^53, where JavaScript's
/// numbers end.
fn first_id(seed: u64) -> i64 {
    GENERATED_ID_MIN + (seed % 7_000) as i64 * 1_000_000_000
}

fn empty_draft(hangar: &Hangar) -> Draft {
    Draft {
        killmail_id: 0,
        time: 0,
        system_id: 0,
        moon_id: None,
        war_id: None,
        victim: Party::default(),
        class: hangar.hull(0).class,
        damage_taken: 0,
        position: None,
        items: Vec::new(),
        attackers: Vec::new(),
    }
}

/// A bloc that would fight itself fights its neighbour of this many.
const NEIGHBOURS: u64 = pilots::ALLIANCES;
/// Fights in high security space that are part of a declared war.
const WAR: f64 = 0.11;
/// Real wars are numbered below a million.
const WAR_ID_MIN: i64 = 1_900_000_000;
const PAUSE_SECONDS_MAX: i64 = 2 * 3_600;
