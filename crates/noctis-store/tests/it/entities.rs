//! What is told of somebody against naive counts over the same killmails, real and generated; budgets; top lists; battles.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use noctis_core::enrich::{Sources, enrich};
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::isk::Isk;
use noctis_core::killmail::Killmail;
use noctis_core::killmail::shape::{Record, recognise};
use noctis_core::time::{TimeRange, eve_time};
use noctis_store::entities::{self, Activity, Budget, Counts, Measure, Subject, TopKind};
use noctis_store::testing::{TestStore, catalogue};
use rust_decimal::Decimal;

use crate::kills::{
    ATTACKER, ATTACKER_ALLIANCE, ATTACKER_CORPORATION, JITA, RIFTER, VICTIM, at, ensure_months,
    ingester, kill, store,
};
use crate::reading::{now, pieces, real_files, store_text};

const CAPSULES: [i64; 2] = [670, 33_328];
const PATIENT: Budget = Budget { months: 240, time: Duration::from_secs(600) };

/// A mail with what enrichment says of it.
struct Mail {
    killmail: Killmail,
    npc: bool,
    isk: Option<Isk>,
}

/// The mails that a text holds, the richer of two of one id.
fn read(text: &[u8], mails: &mut BTreeMap<i64, Mail>) {
    let catalogue = catalogue();
    for piece in pieces(text) {
        let Ok(Record::Mail(mail)) = recognise(&piece) else { continue };
        let zkb = mail.zkb.as_ref().map(|block| &block.zkb);
        let told = enrich(&mail.killmail, zkb, &Sources::without_prices(&catalogue));
        let entry = mails.entry(mail.killmail.killmail_id).or_insert_with(|| Mail {
            killmail: mail.killmail.clone(),
            npc: told.npc,
            isk: None,
        });
        entry.isk = entry.isk.or(told.isk_value);
    }
}

async fn generated() -> (TestStore, Vec<Mail>) {
    let test = TestStore::new().await;
    let options = Options {
        kills: 1_500,
        from: at("2026-05-01T00:00:00Z"),
        to: at("2026-11-20T00:00:00Z"),
        seed: 7,
        oddities: true,
        zkb: true,
    };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let mut text = Vec::new();
    while generator.write_next(&mut text) {
        text.push(b'\n');
    }
    let outcome = store_text(&mut ingester(&test).await, "generated", &text, 500).await;
    assert_eq!(outcome.stored, 1_500);
    let mut mails = BTreeMap::new();
    read(&text, &mut mails);
    (test, mails.into_values().collect())
}

async fn real() -> Option<(TestStore, Vec<Mail>)> {
    let files = real_files()?;
    let test = TestStore::new().await;
    let mut ingester = ingester(&test).await;
    let mut mails = BTreeMap::new();
    for (name, text) in &files {
        store_text(&mut ingester, name, text, 100).await;
        read(text, &mut mails);
    }
    Some((test, mails.into_values().collect()))
}

/// How a subject stands on a mail: as victim, as attacker, with which ships and pilots.
struct Part {
    is_victim: bool,
    ships_flown: BTreeSet<i64>,
    characters: BTreeSet<i64>,
}

fn part(mail: &Killmail, subject: &Subject) -> Part {
    let victim = &mail.victim;
    let is = |character: Option<i64>,
              corporation: Option<i64>,
              alliance: Option<i64>,
              ship: Option<i64>| {
        match subject {
            Subject::Character(id) => character == Some(*id),
            Subject::Corporation(id) => corporation == Some(*id),
            Subject::Alliance(id) => alliance == Some(*id),
            Subject::Places(ids) => ids.contains(&mail.solar_system_id),
            Subject::Ships(ids) => ship.is_some_and(|ship| ids.contains(&ship)),
        }
    };
    let attackers = mail
        .attackers
        .iter()
        .filter(|one| is(one.character_id, one.corporation_id, one.alliance_id, one.ship_type_id));
    let attackers: Vec<_> = attackers.collect();
    Part {
        is_victim: is(
            victim.character_id,
            victim.corporation_id,
            victim.alliance_id,
            Some(victim.ship_type_id),
        ),
        ships_flown: attackers.iter().map(|one| one.ship_type_id.unwrap_or(0)).collect(),
        characters: attackers.iter().filter_map(|one| one.character_id).collect(),
    }
}

/// Everything there is to tell, counted one by one.
#[derive(Default)]
struct Naive {
    months: BTreeMap<String, Counts>,
    kills: Vec<(Timestamp, i64)>,
    losses: Vec<(Timestamp, i64)>,
    systems: HashMap<i64, i64>,
    ships_flown: HashMap<i64, i64>,
    ships_lost: HashMap<i64, i64>,
    characters: HashMap<i64, i64>,
}

impl Naive {
    fn of(mails: &[Mail], subject: &Subject) -> Naive {
        let mut naive = Naive::default();
        mails.iter().for_each(|mail| naive.see(mail, subject));
        for newest in [&mut naive.kills, &mut naive.losses] {
            newest.sort_unstable_by(|one, other| other.cmp(one));
            newest.truncate(20);
        }
        naive
    }

    fn see(&mut self, mail: &Mail, subject: &Subject) {
        let killmail = &mail.killmail;
        let part = part(killmail, subject);
        let is_place = matches!(subject, Subject::Places(_));
        let is_kill = if is_place { part.is_victim } else { !part.ships_flown.is_empty() };
        let is_loss = part.is_victim && !is_place;
        let key = (killmail.killmail_time, killmail.killmail_id);
        let ship = killmail.victim.ship_type_id;
        let (pod, npc) = (i64::from(CAPSULES.contains(&ship)), i64::from(mail.npc));
        if !is_kill && !is_loss {
            return;
        }
        let counts = self.months.entry(eve_time(key.0)[..7].to_owned()).or_default();
        let worth = mail.isk.map_or(Decimal::ZERO, Isk::amount);
        if is_kill {
            counts.kills += 1;
            counts.pod_kills += pod;
            counts.npc_kills += npc;
            counts.isk_destroyed = Isk::new(counts.isk_destroyed.amount() + worth).unwrap();
            self.kills.push(key);
            for ship in part.ships_flown.iter().filter(|ship| **ship != 0) {
                *self.ships_flown.entry(*ship).or_default() += 1;
            }
            for character in part.characters {
                *self.characters.entry(character).or_default() += 1;
            }
        }
        if is_loss {
            counts.losses += 1;
            counts.pod_losses += pod;
            counts.npc_losses += npc;
            counts.isk_lost = Isk::new(counts.isk_lost.amount() + worth).unwrap();
            self.losses.push(key);
        }
        // Of a ship, where it was lost; of everybody else, where they killed.
        let counts_here = if matches!(subject, Subject::Ships(_)) { is_loss } else { is_kill };
        if counts_here {
            *self.systems.entry(killmail.solar_system_id).or_default() += 1;
        }
        if part.is_victim {
            *self.ships_lost.entry(ship).or_default() += 1;
        }
    }
}

fn ranked(counted: &HashMap<i64, i64>) -> Vec<(i64, i64)> {
    let mut rows: Vec<(i64, i64)> = counted.iter().map(|(id, count)| (*id, *count)).collect();
    rows.sort_unstable_by_key(|&(id, count)| (-count, id));
    rows
}

fn assert_same(subject: &Subject, told: &Activity, naive: &Naive) {
    let months: BTreeMap<String, Counts> = told
        .months
        .iter()
        .map(|month| (eve_time(month.begin)[..7].to_owned(), month.counts))
        .collect();
    assert_eq!(months, naive.months, "{subject:?}");
    assert_eq!((&told.kills, &told.losses), (&naive.kills, &naive.losses), "{subject:?}");
    let tops = &told.tops;
    let mut lists = vec![(&tops.systems, &naive.systems), (&tops.ships_lost, &naive.ships_lost)];
    // Of a place all ships would be those of attackers, and of a character the pilot is itself.
    if !matches!(subject, Subject::Places(_)) {
        lists.push((&tops.ships_flown, &naive.ships_flown));
    }
    if !matches!(subject, Subject::Character(_)) {
        lists.push((&tops.characters, &naive.characters));
    }
    for (told, counted) in lists {
        if told.is_cut {
            assert!(told.rows.iter().all(|(id, count)| *count <= counted[id]), "{subject:?}");
            assert!(counted.len() >= 1_000, "{subject:?} has no such list to cut");
        } else {
            assert_eq!(told.rows, ranked(counted), "{subject:?}");
        }
    }
    assert!(told.is_complete, "{subject:?}");
}

/// The busiest and the rarest of every kind.
fn subjects(mails: &[Mail]) -> Vec<Subject> {
    let mut seen: [HashMap<i64, i64>; 5] = Default::default();
    for mail in mails {
        let victim = &mail.killmail.victim;
        let mut see = |kind: usize, id: Option<i64>| {
            if let Some(id) = id {
                *seen[kind].entry(id).or_default() += 1;
            }
        };
        for attacker in &mail.killmail.attackers {
            see(0, attacker.character_id);
            see(1, attacker.corporation_id);
            see(2, attacker.alliance_id);
            see(4, attacker.ship_type_id);
        }
        see(0, victim.character_id);
        see(1, victim.corporation_id);
        see(2, victim.alliance_id);
        see(3, Some(mail.killmail.solar_system_id));
        see(4, Some(victim.ship_type_id));
    }
    let [characters, corporations, alliances, systems, ships] = seen.map(|seen| {
        let ranked = ranked(&seen);
        let ids = ranked.iter().map(|(id, _)| *id);
        let chosen = ids.clone().take(6).chain(ids.clone().rev().take(2));
        chosen.chain(ids.step_by(97)).collect::<BTreeSet<i64>>()
    });
    let mut subjects = vec![
        Subject::Places(systems.iter().copied().collect()),
        Subject::Ships(ships.iter().copied().collect()),
    ];
    subjects.extend(characters.into_iter().map(Subject::Character));
    subjects.extend(corporations.into_iter().map(Subject::Corporation));
    subjects.extend(alliances.into_iter().map(Subject::Alliance));
    subjects.extend(systems.into_iter().map(|id| Subject::Places(vec![id])));
    subjects.extend(ships.into_iter().map(|id| Subject::Ships(vec![id])));
    subjects
}

async fn compare((test, mails): (TestStore, Vec<Mail>)) {
    let client = test.store.client().await.unwrap();
    let subjects = subjects(&mails);
    let mut told = 0;
    for subject in &subjects {
        let naive = Naive::of(&mails, subject);
        let activity =
            entities::activity(&client, subject, &CAPSULES, now(), PATIENT).await.unwrap();
        assert_same(subject, &activity, &naive);
        told += naive.kills.len() + naive.losses.len();
    }
    println!("{} subjects with {told} of the newest kills and losses", subjects.len());
    assert!(subjects.len() > 30 && told > 300);
}

#[tokio::test]
async fn what_is_told_of_each_generated_entity_is_what_its_killmails_say() {
    compare(generated().await).await;
}

#[tokio::test]
async fn what_is_told_of_each_real_entity_is_what_its_killmails_say() {
    if let Some(real) = real().await {
        compare(real).await;
    }
}

fn top_of(mails: &[Mail], range: TimeRange, kind: TopKind, is_loss: bool) -> Vec<(i64, i64)> {
    let catalogue = catalogue();
    let group = |ship: i64| catalogue.types.get(ship).map(|row| row.group_id);
    let mut counted: HashMap<i64, i64> = HashMap::new();
    let within = mails.iter().map(|mail| &mail.killmail);
    for mail in within.filter(|mail| range.contains(mail.killmail_time)) {
        let victim = (
            mail.victim.character_id,
            mail.victim.corporation_id,
            mail.victim.alliance_id,
            Some(mail.victim.ship_type_id),
        );
        let attackers = mail
            .attackers
            .iter()
            .map(|one| (one.character_id, one.corporation_id, one.alliance_id, one.ship_type_id));
        let rows: Vec<_> = if is_loss { vec![victim] } else { attackers.collect() };
        let region = catalogue.systems.get(mail.solar_system_id).map(|row| row.region_id);
        let is_player = |id: &i64| !(1_000_000..2_000_000).contains(id);
        let ids: BTreeSet<i64> = rows
            .into_iter()
            .filter_map(|(character, corporation, alliance, ship)| match kind {
                TopKind::Characters => character,
                TopKind::Corporations => corporation.filter(is_player),
                TopKind::Alliances => alliance,
                TopKind::Systems => Some(mail.solar_system_id),
                TopKind::Regions => region,
                TopKind::Ships => ship,
                TopKind::Groups => ship.and_then(group),
            })
            .collect();
        ids.into_iter().for_each(|id| *counted.entry(id).or_default() += 1);
    }
    let mut rows = ranked(&counted);
    rows.truncate(20);
    rows
}

#[tokio::test]
async fn a_top_list_counts_each_kill_once_and_the_most_valuable_come_in_order() {
    let (test, mails) = generated().await;
    let client = test.store.client().await.unwrap();
    let range = TimeRange { from: at("2026-09-20T00:00:00Z"), to: at("2026-10-21T00:00:00Z") };
    for kind in [
        TopKind::Characters,
        TopKind::Corporations,
        TopKind::Alliances,
        TopKind::Systems,
        TopKind::Regions,
        TopKind::Ships,
        TopKind::Groups,
    ] {
        for (by, is_loss) in [(Measure::Kills, false), (Measure::Losses, true)] {
            let told = entities::top(&client, (kind, by), range, 20).await.unwrap();
            let told: Vec<(i64, i64)> = told.iter().map(|row| (row.id, row.mails)).collect();
            assert!(told.len() >= 3, "{kind:?} has {} rows", told.len());
            assert_eq!(told, top_of(&mails, range, kind, is_loss), "{kind:?} by {by:?}");
        }
        let by_isk = entities::top(&client, (kind, Measure::Isk), range, 20).await.unwrap();
        assert!(by_isk.is_sorted_by(|one, next| one.isk >= next.isk), "{kind:?}");
    }
    let worth: BTreeMap<i64, Isk> = mails
        .iter()
        .filter(|mail| range.contains(mail.killmail.killmail_time))
        .filter_map(|mail| Some((mail.killmail.killmail_id, mail.isk?)))
        .collect();
    let mut expected: Vec<Isk> = worth.values().copied().collect();
    expected.sort_unstable_by(|one, other| other.cmp(one));
    let told = entities::most_valuable(&client, range, None, 30).await.unwrap();
    let told: Vec<Isk> = told.iter().map(|(_, id)| worth[id]).collect();
    assert_eq!(told, expected[..30]);
    let system = mails[0].killmail.solar_system_id;
    for (_, id) in entities::most_valuable(&client, range, Some(&[system]), 30).await.unwrap() {
        let mail = mails.iter().find(|mail| mail.killmail.killmail_id == id).unwrap();
        assert_eq!(mail.killmail.solar_system_id, system);
    }
}

#[tokio::test]
async fn a_budget_of_months_or_time_that_ends_is_said() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-01-01T00:00:00Z", 10).await;
    let kills: Vec<_> =
        (1..=11).map(|month| kill(month, &format!("2026-{month:02}-05T12:00:00Z"))).collect();
    store(&test, &kills).await;
    let client = test.store.client().await.unwrap();
    let told = async |months: u32, time: Duration| {
        let subject = Subject::Alliance(ATTACKER_ALLIANCE);
        let budget = Budget { months, time };
        entities::activity(&client, &subject, &CAPSULES, now(), budget).await.unwrap()
    };
    let long = Duration::from_secs(600);
    for (months, kills, from) in [(1, 1, "2026-11-01"), (2, 2, "2026-10-01"), (6, 6, "2026-06-01")]
    {
        let activity = told(months, long).await;
        assert_eq!((activity.is_complete, activity.totals().kills), (false, kills));
        assert_eq!(eve_time(activity.counted.from)[..10], *from);
    }
    let everything = told(240, long).await;
    assert_eq!((everything.is_complete, everything.totals().kills), (true, 11));
    // No time at all: nothing is looked at, and nothing is claimed.
    let nothing = told(240, Duration::ZERO).await;
    assert_eq!((nothing.is_complete, nothing.totals().kills), (false, 0));
}

#[tokio::test]
async fn the_newest_mail_tells_whose_somebody_was() {
    let test = TestStore::new().await;
    let mut before = kill(1, "2026-10-05T12:00:00Z");
    before["attackers"][0]["corporation_id"] = 98_000_007.into();
    store(&test, &[before, kill(2, "2026-11-05T12:00:00Z")]).await;
    let client = test.store.client().await.unwrap();
    let told = async |subject: Subject| {
        entities::activity(&client, &subject, &CAPSULES, now(), PATIENT).await.unwrap()
    };
    let pilot = told(Subject::Character(ATTACKER)).await;
    let told_of = (pilot.last_corporation, pilot.last_alliance);
    assert_eq!(told_of, (Some(ATTACKER_CORPORATION), Some(ATTACKER_ALLIANCE)));
    assert_eq!(told(Subject::Character(VICTIM)).await.last_alliance, None);
    let corporation = told(Subject::Corporation(98_000_007)).await;
    assert_eq!(corporation.last_alliance, Some(ATTACKER_ALLIANCE));
    assert!(told(Subject::Character(1)).await.is_empty());
}

#[tokio::test]
async fn a_battle_has_everybody() {
    let test = TestStore::new().await;
    let mut elsewhere = kill(5, "2026-11-05T12:10:00Z");
    elsewhere["solar_system_id"] = 30_002_187.into();
    elsewhere["victim"]["character_id"] = 90_000_077.into();
    let mut pod = kill(2, "2026-11-05T12:01:00Z");
    pod["victim"]["ship_type_id"] = 670.into();
    let ship = kill(1, "2026-11-05T12:00:00Z");
    store(
        &test,
        &[ship, pod, kill(3, "2026-11-05T13:00:01Z"), kill(4, "2026-11-05T11:30:00Z"), elsewhere],
    )
    .await;
    let client = test.store.client().await.unwrap();
    let time = at("2026-11-05T12:00:00Z");
    let battle = entities::battle(&client, JITA, time).await.unwrap();
    assert_eq!(battle.kills.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [4, 1, 2]);
    assert!(!battle.is_cut);
    let of =
        |id: i64| battle.fighters.iter().filter(|one| one.party.character_id == Some(id)).count();
    assert_eq!((of(VICTIM), of(ATTACKER), battle.fighters.len()), (3, 3, 9));
    assert!(battle.fighters.iter().all(|one| one.ship_type_id.is_some()));
    let half_an_hour = SignedDuration::from_mins(30);
    assert_eq!(battle.range.from, time - half_an_hour);
    assert!(battle.range.contains(time + half_an_hour));
    assert_eq!(battle.fighters[0].ship_type_id, Some(RIFTER));
}

#[tokio::test]
async fn the_characters_of_a_corporation_come_from_names_and_mails_page_by_page() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-11-05T12:00:00Z")]).await;
    let client = test.store.client().await.unwrap();
    let sql = "INSERT INTO characters (eve_id, name, corporation_id) VALUES
        (90000000, 'First', 98000002), (90000002, 'Seen', 98000002), (90000009, 'Last', 98000002), (90000003, 'Other', 98000003)";
    test.database.owner().await.execute(sql, &[]).await.unwrap();
    let within = TimeRange { from: at("2026-09-01T00:00:00Z"), to: now() };
    let mut after = 0;
    let mut members = Vec::new();
    for _ in 0..4 {
        let page =
            entities::corporation_characters(&client, ATTACKER_CORPORATION, within, after, 1)
                .await
                .unwrap();
        let Some(member) = page.into_iter().next() else { break };
        after = member.character_id;
        members.push((member.character_id, member.is_in_names, member.last_seen.is_some()));
    }
    assert_eq!(
        members,
        [(90_000_000, true, false), (ATTACKER, true, true), (90_000_009, true, false)]
    );
    let unnamed =
        entities::corporation_characters(&client, 98_000_001, within, 0, 10).await.unwrap();
    let unnamed: Vec<_> = unnamed.iter().map(|one| (one.character_id, one.is_in_names)).collect();
    assert_eq!(unnamed, [(VICTIM, false)]);
}
