//! Months and top lists against naive counts over the same killmails, counted, changed and late; budgets; battles.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use noctis_core::enrich::{Sources, enrich};
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::isk::Isk;
use noctis_core::killmail::Killmail;
use noctis_core::killmail::shape::{Record, recognise};
use noctis_core::presence::{Counts, Entity, Kind};
use noctis_core::time::{TimeRange, day};
use noctis_store::entities::{self, Measure, Standing, TopKind, TopQuestion};
use noctis_store::ingest::Ingester;
use noctis_store::presence::Turn;
use noctis_store::testing::{TestStore, catalogue};
use rust_decimal::Decimal;

use crate::kills::{
    ATTACKER, ATTACKER_CORPORATION, JITA, RIFTER, VICTIM, at, ingester, kill, store,
};
use crate::reading::{now, pieces, real_files, store_text};

const CAPSULES: [i64; 2] = [670, 33_328];
const PATIENT: Duration = Duration::from_secs(600);

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

/// A store, who stores, and 2,000 killmails, a line each.
async fn generator(seed: u64) -> (TestStore, Ingester, Vec<u8>) {
    let test = TestStore::new().await;
    let options = Options {
        kills: 2_000,
        from: at("2026-05-01T00:00:00Z"),
        to: at("2026-11-20T00:00:00Z"),
        seed,
        oddities: true,
        zkb: true,
    };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let mut text = Vec::new();
    while generator.write_next(&mut text) {
        text.push(b'\n');
    }
    let ingester = ingester(&test).await;
    (test, ingester, text)
}

async fn generated() -> (TestStore, Vec<Mail>) {
    let (test, mut ingester, text) = generator(8).await;
    let outcome = store_text(&mut ingester, "generated", &text, 500).await;
    assert_eq!(outcome.stored, 2_000);
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
    // Feeds tell of values without a mail, too.
    let stored = "SELECT killmail_id, npc, isk_value FROM killmails_enriched";
    for row in test.database.owner().await.query(stored, &[]).await.unwrap() {
        let mail = mails.get_mut(&row.get::<_, i64>(0)).unwrap();
        mail.npc = row.get(1);
        mail.isk = row.get::<_, Option<Decimal>>(2).and_then(Isk::new);
    }
    Some((test, mails.into_values().collect()))
}

/// Everybody on a mail: those who killed or where it was, and those who lost.
fn sides(mail: &Killmail) -> (BTreeSet<Entity>, BTreeSet<Entity>) {
    let catalogue = catalogue();
    let group = |ship: i64| catalogue.types.get(ship).map(|row| row.group_id);
    let who = |side: &mut BTreeSet<Entity>, kind, id: Option<i64>| {
        side.extend(id.map(|id| Entity { kind, id }));
    };
    let (mut killers, mut losers) = (BTreeSet::new(), BTreeSet::new());
    for one in &mail.attackers {
        who(&mut killers, Kind::Character, one.character_id);
        who(&mut killers, Kind::Corporation, one.corporation_id);
        who(&mut killers, Kind::Alliance, one.alliance_id);
        who(&mut killers, Kind::ShipType, one.ship_type_id);
        who(&mut killers, Kind::ShipGroup, one.ship_type_id.and_then(group));
    }
    let victim = &mail.victim;
    who(&mut losers, Kind::Character, victim.character_id);
    who(&mut losers, Kind::Corporation, victim.corporation_id);
    who(&mut losers, Kind::Alliance, victim.alliance_id);
    who(&mut losers, Kind::ShipType, Some(victim.ship_type_id));
    who(&mut losers, Kind::ShipGroup, group(victim.ship_type_id));
    let system = catalogue.systems.get(mail.solar_system_id);
    who(&mut killers, Kind::System, Some(mail.solar_system_id));
    who(&mut killers, Kind::Constellation, system.map(|row| row.constellation_id));
    who(&mut killers, Kind::Region, system.map(|row| row.region_id));
    (killers, losers)
}

/// Months of everybody, counted one by one.
fn naive(mails: &[Mail]) -> BTreeMap<Entity, BTreeMap<Date, Counts>> {
    let mut counted: BTreeMap<Entity, BTreeMap<Date, Counts>> = BTreeMap::new();
    for mail in mails {
        let month = day(mail.killmail.killmail_time).first_of_month();
        let ship = mail.killmail.victim.ship_type_id;
        let (pod, npc) = (i64::from(CAPSULES.contains(&ship)), i64::from(mail.npc));
        let worth = mail.isk.map_or(Decimal::ZERO, Isk::amount);
        let (killers, losers) = sides(&mail.killmail);
        for entity in killers {
            let counts = counted.entry(entity).or_default().entry(month).or_default();
            counts.kills += 1;
            counts.pod_kills += pod;
            counts.npc_kills += npc;
            counts.isk_destroyed += worth;
        }
        for entity in losers {
            let counts = counted.entry(entity).or_default().entry(month).or_default();
            counts.losses += 1;
            counts.pod_losses += pod;
            counts.npc_losses += npc;
            counts.isk_lost += worth;
        }
    }
    counted
}

async fn count(test: &TestStore) {
    let mut client = test.store.client().await.unwrap();
    let catalogue = catalogue();
    let turn = Turn::begin(&mut client, &catalogue, now()).await.unwrap().unwrap();
    let done = turn.finish().await.unwrap();
    assert!(!done.more, "{done:?}");
}

/// Every sixty-first of everybody is told as it is counted one by one.
async fn compare(test: &TestStore, mails: &[Mail], what: &str) {
    let mut client = test.store.client().await.unwrap();
    let counted = naive(mails);
    let mut told = 0;
    for (entity, months) in counted.iter().step_by(61) {
        let activity =
            entities::activity(&mut client, &catalogue(), *entity, now(), PATIENT).await.unwrap();
        assert_eq!(activity.months, *months, "{what}: {entity:?}");
        assert!(activity.is_complete(), "{what}: {entity:?}");
        told += months.len();
    }
    println!("{what}: {told} months of {} entities", counted.len().div_ceil(61));
    assert!(told > 40, "{what}");
    let nobody = Entity { kind: Kind::Character, id: 1 };
    let nothing =
        entities::activity(&mut client, &catalogue(), nobody, now(), PATIENT).await.unwrap();
    assert!(nothing.months.is_empty() && nothing.is_complete());
}

/// Kills are worth something else now, as by enriching again: what they were is noted.
async fn change(test: &TestStore, mails: &mut [Mail]) {
    let owner = test.database.owner().await;
    for mail in mails.iter_mut().step_by(7) {
        let isk = Isk::new(mail.isk.map_or(Decimal::ONE, Isk::amount) + Decimal::TEN);
        let id = mail.killmail.killmail_id;
        let sql = format!(
            "WITH old AS (
               INSERT INTO presence_changes (killmail_id, \"timestamp\", npc, isk_value)
               SELECT killmail_id, \"timestamp\", npc, isk_value FROM killmails_enriched WHERE killmail_id = {id})
             UPDATE killmails_enriched SET npc = NOT npc, isk_value = {} WHERE killmail_id = {id}",
            isk.unwrap()
        );
        assert_eq!(owner.execute(&sql, &[]).await.unwrap(), 1);
        (mail.npc, mail.isk) = (!mail.npc, isk);
    }
}

#[tokio::test]
async fn months_are_exact_with_nothing_something_and_everything_counted() {
    let (test, mut ingester, text) = generator(7).await;
    let mut mails = BTreeMap::new();
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    // Kills of all months come late.
    let lines: Vec<&[u8]> = (0..lines.len()).map(|n| lines[n * 7 % lines.len()]).collect();
    let store_lines = async |ingester: &mut Ingester, from: usize, to: usize| {
        let part = lines[from..to].concat();
        store_text(ingester, "generated", &part, 500).await;
        part
    };
    let part = store_lines(&mut ingester, 0, 600).await;
    read(&part, &mut mails);
    let all = |mails: BTreeMap<i64, Mail>| mails.into_values().collect::<Vec<Mail>>();
    let mut first = all(mails);
    compare(&test, &first, "nothing counted").await;
    count(&test).await;
    compare(&test, &first, "everything counted").await;
    change(&test, &mut first).await;
    change(&test, &mut first).await;
    compare(&test, &first, "changes noted").await;
    let mut later = BTreeMap::new();
    let part = store_lines(&mut ingester, 600, 1_000).await;
    read(&part, &mut later);
    let mut mails = first;
    mails.extend(all(later));
    compare(&test, &mails, "some counted, some changed, some late").await;
    let mut last = BTreeMap::new();
    let part = store_lines(&mut ingester, 1_000, 2_000).await;
    read(&part, &mut last);
    mails.extend(all(last));
    compare(&test, &mails, "more late than is read whomever it is of").await;
    tops(&test, &mails, "searched").await;
    count(&test).await;
    compare(&test, &mails, "counted again").await;
    change(&test, &mut mails).await;
    tops(&test, &mails, "changed").await;
    compare(&test, &mails, "changed again").await;
}

#[tokio::test]
async fn what_is_told_of_each_real_entity_is_what_its_killmails_say() {
    let Some((test, mails)) = real().await else { return };
    count(&test).await;
    compare(&test, &mails, "real").await;
}

fn top_of(mails: &[Mail], question: &TopQuestion<'_>) -> Vec<Standing> {
    let is_player = |id: i64| !(1_000_000..2_000_000).contains(&id);
    let (kind, is_place) = match question.kind {
        TopKind::Characters => (Kind::Character, false),
        TopKind::Corporations => (Kind::Corporation, false),
        TopKind::Alliances => (Kind::Alliance, false),
        TopKind::Systems => (Kind::System, true),
        TopKind::Regions => (Kind::Region, true),
        TopKind::Ships => (Kind::ShipType, false),
        TopKind::Groups => (Kind::ShipGroup, false),
    };
    let mut counted: HashMap<i64, (i64, Decimal)> = HashMap::new();
    for mail in mails.iter().filter(|mail| question.range.contains(mail.killmail.killmail_time)) {
        let (killers, losers) = sides(&mail.killmail);
        let is_loss = question.by == Measure::Losses && !is_place;
        for entity in if is_loss { losers } else { killers } {
            if entity.kind == kind && (kind != Kind::Corporation || is_player(entity.id)) {
                let sum = counted.entry(entity.id).or_default();
                sum.0 += 1;
                sum.1 += mail.isk.map_or(Decimal::ZERO, Isk::amount);
            }
        }
    }
    let mut rows: Vec<Standing> = counted
        .into_iter()
        .map(|(id, (mails, isk))| Standing { id, mails, isk: Isk::new(isk).unwrap() })
        .collect();
    let is_by_isk = question.by == Measure::Isk;
    rows.sort_unstable_by_key(|row| {
        let isk = if is_by_isk { row.isk } else { Isk::default() };
        (std::cmp::Reverse(isk), -row.mails, row.id)
    });
    rows.truncate(usize::try_from(question.limit).unwrap());
    rows
}

const TOP_KINDS: [TopKind; 7] = [
    TopKind::Characters,
    TopKind::Corporations,
    TopKind::Alliances,
    TopKind::Systems,
    TopKind::Regions,
    TopKind::Ships,
    TopKind::Groups,
];

/// Top lists of days, of a month, and of ends that are neither, against counts one by one. The days that are counted begin in
/// the middle of October.
async fn tops(test: &TestStore, mails: &[Mail], what: &str) {
    let mut client = test.store.client().await.unwrap();
    for (from, to) in [
        ("2026-10-20T00:00:00Z", "2026-11-20T00:00:00Z"),
        ("2026-10-20T17:00:00Z", "2026-11-10T05:00:00Z"),
        ("2026-11-05T03:00:00Z", "2026-11-05T21:00:00Z"),
        ("2026-08-31T10:00:00Z", "2026-10-01T00:00:00Z"),
        ("2026-10-01T00:00:00Z", "2026-10-31T12:00:00Z"),
    ] {
        let range = TimeRange { from: at(from), to: at(to) };
        for kind in TOP_KINDS {
            for by in [Measure::Kills, Measure::Losses, Measure::Isk] {
                for limit in [5] {
                    let question = TopQuestion { kind, by, range, limit, now: now(), cold: &[] };
                    let told = entities::top(&mut client, &catalogue(), &question).await.unwrap();
                    let wanted = top_of(mails, &question);
                    assert_eq!(told.standings, wanted, "{what}: {kind:?} by {by:?}, {range}");
                    assert!(told.missing.is_empty());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_top_list_counts_each_kill_once_and_the_most_valuable_come_in_order() {
    let (test, mails) = generated().await;
    tops(&test, &mails, "nothing counted").await;
    count(&test).await;
    tops(&test, &mails, "everything counted").await;
    let client = test.store.client().await.unwrap();
    let range = TimeRange { from: at("2026-09-20T00:00:00Z"), to: at("2026-10-21T00:00:00Z") };
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
async fn a_budget_that_ends_is_said() {
    let (test, mails) = generated().await;
    let mut client = test.store.client().await.unwrap();
    let counted = naive(&mails);
    let (busiest, months) = counted
        .iter()
        .filter(|(entity, _)| entity.kind == Kind::Region)
        .max_by_key(|(_, months)| months.values().map(|counts| counts.kills).sum::<i64>())
        .unwrap();
    let catalogue = catalogue();
    let told = entities::activity(&mut client, &catalogue, *busiest, now(), Duration::ZERO);
    let told = told.await.unwrap();
    // One page was looked at.
    assert!(
        !told.is_complete() || months.values().map(|counts| counts.kills).sum::<i64>() <= 1_000
    );
    for (month, counts) in &told.months {
        let wanted = &months[month];
        assert!(counts.kills <= wanted.kills);
        assert!(*month < told.counted_from || counts == wanted, "{month} of {told:?}");
    }
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
