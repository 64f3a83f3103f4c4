//! The sample galaxy: fourteen months of a small war, with four scenes worth a question.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::engagement::{Engagement, NPC, Side};
use super::fleet::Recruiter;
use super::hulls::{BRAWL_GROUPS, CITADEL, TRAVELLER_GROUPS};
use super::map::Band;
use super::{GalaxySource, GenerateError, Generator, Options};

/// What is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SceneKind {
    /// Titans, supercarriers and dreadnoughts lost in one null-security system within two hours.
    TitanBrawl,
    /// One gang kills travellers in a low-security system all evening.
    GateCamp,
    /// A citadel falls to a fleet.
    StructureLoss,
    /// NPCs kill one pilot after another in a system.
    NpcKills,
}

/// Something to look at: all its killmails lie in the system and from `from` to `to`, which is excluded.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub kind: SceneKind,
    pub system_id: i64,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Whose attack it was. None for NPCs.
    pub attacker_alliance_id: Option<i64>,
    /// Who lost most. None where victims are chance travellers.
    pub victim_alliance_id: Option<i64>,
    /// How many killmails it has.
    pub kills: u64,
}

/// Kills of the sample galaxy, scenes included.
const SAMPLE_KILLS: u64 = 20_000;
const SAMPLE_MONTHS: i64 = 14;

/// What a scene is made of.
struct Script {
    kind: SceneKind,
    days_ago: i64,
    hour: i8,
    minutes: i64,
    kills: u64,
    band: Band,
    /// Index into the sizes of engagements.
    size: usize,
    pilots: usize,
    /// Attacking and losing bloc.
    blocs: [u64; 2],
    both_shoot: bool,
}

/// Oldest first.
const SCRIPTS: [Script; 4] = [
    Script {
        kind: SceneKind::StructureLoss,
        days_ago: 25,
        hour: 20,
        minutes: 60,
        kills: 6,
        band: Band::Null,
        size: 8,
        pilots: 240,
        blocs: [2, 3],
        both_shoot: false,
    },
    Script {
        kind: SceneKind::TitanBrawl,
        days_ago: 9,
        hour: 19,
        minutes: 120,
        kills: 150,
        band: Band::Null,
        size: 8,
        pilots: 420,
        blocs: [0, 1],
        both_shoot: true,
    },
    Script {
        kind: SceneKind::GateCamp,
        days_ago: 3,
        hour: 18,
        minutes: 270,
        kills: 46,
        band: Band::Low,
        size: 4,
        pilots: 8,
        blocs: [41, 3_100],
        both_shoot: false,
    },
    Script {
        kind: SceneKind::NpcKills,
        days_ago: 2,
        hour: 15,
        minutes: 180,
        kills: 14,
        band: Band::High,
        size: NPC,
        pilots: 0,
        blocs: [0, 3_200],
        both_shoot: false,
    },
];

/// A galaxy to show: fourteen months that end `now`, 20,000 kills with values, and where its scenes are, oldest first.
/// The scenes lie whole days before `now`, so any `now` from 1972 on will do.
pub fn sample_galaxy(
    source: &GalaxySource,
    seed: u64,
    now: Timestamp,
) -> Result<(Generator, Vec<Scene>), GenerateError> {
    let utc = now.to_zoned(TimeZone::UTC);
    let from =
        utc.checked_sub(SAMPLE_MONTHS.months()).map_err(|_| GenerateError::Range)?.timestamp();
    let options = Options { kills: SAMPLE_KILLS, from, to: now, seed, oddities: false, zkb: true };
    let mut generator = Generator::new(source, options)?;
    let mut scenes = Vec::new();
    let mut systems = Vec::new();
    for script in &SCRIPTS {
        let day = utc.checked_sub(script.days_ago.days()).map_err(|_| GenerateError::Range)?;
        let start = day
            .with()
            .time(Time::constant(script.hour, 0, 0, 0))
            .build()
            .map_err(|_| GenerateError::Range)?;
        let system_id = quiet_system(&generator, script.band, &systems);
        systems.push(system_id);
        let engagement = generator.engage(script, start.timestamp().as_second(), system_id);
        let alliance = |n: usize| {
            let corporation_id = super::pilots::corporation_of_bloc(script.blocs[n], 0);
            super::alliance_of(corporation_id)
        };
        scenes.push(Scene {
            kind: script.kind,
            system_id,
            from: start.timestamp(),
            to: start.timestamp() + script.minutes.minutes(),
            attacker_alliance_id: alliance(0).filter(|_| script.size != NPC),
            victim_alliance_id: alliance(1),
            kills: script.kills,
        });
        generator.scripted += script.kills;
        generator.scenes.insert(0, engagement);
    }
    Ok((generator, scenes))
}

/// Scenes avoid the busiest systems, so that they stand out in theirs.
const QUIET_RANK: usize = 150;

fn quiet_system(generator: &Generator, band: Band, taken: &[i64]) -> i64 {
    generator.map.quieter_than(QUIET_RANK, band, taken).system_id
}

impl Generator {
    fn engage(&mut self, script: &Script, start: i64, system_id: i64) -> Engagement {
        let recruiter =
            Recruiter { hangar: &self.hangar, armoury: &self.armoury, blocs: &self.blocs };
        let [attackers, victims] = script.blocs;
        let mut sides = [
            Side { bloc: attackers, fleet: Vec::new() },
            Side { bloc: victims, fleet: Vec::new() },
        ];
        if script.size != NPC {
            sides[0].fleet = recruiter.fleet(attackers, victims, script.pilots, &mut self.dice);
        }
        if script.both_shoot {
            sides[1].fleet = recruiter.fleet(victims, attackers, script.pilots, &mut self.dice);
        }
        Engagement {
            next: start,
            kills_left: script.kills,
            gap_mean: 60.0,
            until: Some(start + script.minutes * 60),
            system_id,
            war_id: None,
            place: self.map.place(&mut self.dice),
            size: script.size,
            sides,
            strangers: script.kind == SceneKind::GateCamp,
            capsule: None,
            hulls: self.scripted_hulls(script.kind),
        }
    }

    /// What must be lost in a scene, in no particular order; fewer where the static data lacks the groups.
    fn scripted_hulls(&self, kind: SceneKind) -> Vec<usize> {
        let some_of = |group_id: i64, count: usize| -> Vec<usize> {
            self.hangar.of_group(group_id).into_iter().cycle().take(count).collect()
        };
        match kind {
            SceneKind::TitanBrawl => {
                let counts = BRAWL_GROUPS.into_iter().zip([5, 11, 34]);
                counts.flat_map(|(group_id, count)| some_of(group_id, count)).collect()
            }
            SceneKind::GateCamp => {
                TRAVELLER_GROUPS.iter().flat_map(|&group_id| some_of(group_id, 4)).collect()
            }
            SceneKind::StructureLoss => {
                self.hangar.of_group(CITADEL).into_iter().nth(1).into_iter().collect()
            }
            SceneKind::NpcKills => Vec::new(),
        }
    }
}
