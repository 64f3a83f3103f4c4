//! Enrichment as a whole: precedence with zkb, what is not known, and all real killmails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::labels::Flags;
use super::*;
use crate::killmail::shape::{Mail, Record, recognise};
use crate::killmail::split::Splitter;
use crate::killmail::{Attacker, Item, Victim};

pub(super) static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse(&noctis_sde::text()).unwrap());

pub(super) const RIFTER: i64 = 587;
pub(super) const CAPSULE: i64 = 670;
pub(super) const JITA: i64 = 30_000_142;
pub(super) const VICTIM_CORPORATION: i64 = 98_000_001;

/// A Rifter lost in Jita at 12:00 to one pilot in a Rifter.
pub(super) fn kill() -> Killmail {
    Killmail {
        killmail_id: 1,
        killmail_time: "2025-06-01T12:00:00Z".parse().unwrap(),
        solar_system_id: JITA,
        war_id: None,
        victim: Victim {
            character_id: Some(90_000_001),
            corporation_id: Some(VICTIM_CORPORATION),
            alliance_id: None,
            faction_id: None,
            ship_type_id: RIFTER,
            damage_taken: 1000,
            items: Vec::new(),
        },
        attackers: vec![pilot(90_000_002)],
    }
}

pub(super) fn pilot(character_id: i64) -> Attacker {
    Attacker {
        character_id: Some(character_id),
        corporation_id: Some(98_000_002),
        alliance_id: None,
        faction_id: None,
        ship_type_id: Some(RIFTER),
        weapon_type_id: None,
        damage_done: 1000,
        final_blow: true,
        security_status: 0.0,
    }
}

pub(super) fn item(item_type_id: i64, flag: i64) -> Item {
    Item {
        item_type_id,
        flag,
        singleton: 0,
        quantity_destroyed: Some(1),
        quantity_dropped: None,
        items: Vec::new(),
    }
}

#[test]
fn without_a_zkb_block_the_value_is_not_known_and_the_flags_are_computed() {
    let enriched = enrich(&kill(), None, &Sources::without_prices(&CATALOGUE));
    assert_eq!((enriched.isk_value, enriched.value_source), (None, ValueSource::None));
    assert_eq!(enriched.points, None);
    assert!(enriched.solo && !enriched.npc && !enriched.awox);
    assert_eq!(enriched.labels, ["cat:6", "loc:highsec", "pvp", "solo", "tz:au"]);
    assert_eq!(enriched.module_tags, ["Frigate"]);
}

#[test]
fn values_points_and_flags_are_zkillboards_where_they_came() {
    let zkb = Zkb {
        total_value: Isk::parse("5000000000"),
        dropped_value: Isk::parse("1.5"),
        points: Some(7),
        npc: Some(false),
        solo: Some(false),
        awox: Some(true),
        ..Zkb::default()
    };
    let enriched = enrich(&kill(), Some(&zkb), &Sources::without_prices(&CATALOGUE));
    assert_eq!((enriched.isk_value, enriched.value_source), (zkb.total_value, ValueSource::Zkb));
    assert_eq!((enriched.dropped_value, enriched.fitted_value), (zkb.dropped_value, None));
    assert_eq!(enriched.points, Some(7));
    assert!(enriched.awox && !enriched.solo);
    assert_eq!(enriched.labels, ["#:1", "awox", "cat:6", "isk:5b+", "loc:highsec", "pvp", "tz:au"]);
}

#[test]
fn a_block_without_a_value_leaves_the_source_none() {
    let zkb = Zkb { fitted_value: Isk::parse("1"), points: Some(1), ..Zkb::default() };
    let enriched = enrich(&kill(), Some(&zkb), &Sources::without_prices(&CATALOGUE));
    assert_eq!((enriched.isk_value, enriched.value_source), (None, ValueSource::None));
    assert!(enriched.solo, "a block without flags leaves ours");
}

#[test]
fn an_unknown_type_or_system_is_enriched_without_what_it_would_say() {
    let mut killmail = kill();
    killmail.solar_system_id = i64::MAX;
    killmail.victim.ship_type_id = i64::MAX;
    killmail.victim.items = vec![item(i64::MAX, 27)];
    killmail.attackers[0].ship_type_id = Some(i64::MAX);
    let enriched = enrich(&killmail, None, &Sources::without_prices(&CATALOGUE));
    assert_eq!(enriched.labels, ["#:1", "pvp", "tz:au"]);
    assert_eq!(enriched.module_tags, ["High Slot"]);
    let empty = enrich(&kill(), None, &Sources::without_prices(&Catalogue::default()));
    assert_eq!(empty.labels, ["#:1", "pvp", "tz:au"]);
    assert!(empty.module_tags.is_empty());
}

/// The folder of real killmails beside the repository, where there is one.
fn real_killmails() -> Option<Vec<Mail>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/killmails");
    if !folder.is_dir() {
        println!("skipped: there is no folder {}", folder.display());
        return None;
    }
    let forms = std::fs::read_dir(folder.join("forms")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = forms.collect();
    files.extend(["esi.ndjson", "zkb.ndjson"].map(|name| folder.join(name)));
    Some(files.iter().flat_map(|file| mails(&std::fs::read(file).unwrap())).collect())
}

fn mails(bytes: &[u8]) -> Vec<Mail> {
    let mut splitter = Splitter::default();
    splitter.push(bytes);
    splitter.end();
    std::iter::from_fn(|| splitter.next_piece())
        .filter_map(|piece| match recognise(&piece).unwrap() {
            Record::Mail(mail) => Some(*mail),
            Record::Wanted(_) | Record::Nothing => None,
        })
        .collect()
}

#[test]
fn our_flags_equal_zkillboards_on_every_real_killmail() {
    let Some(mails) = real_killmails() else { return };
    let mut compared = 0;
    for mail in &mails {
        let Some(zkb) = mail.zkb.as_ref().map(|block| &block.zkb) else { continue };
        let flags = Flags::computed(&mail.killmail, &CATALOGUE);
        let id = mail.killmail.killmail_id;
        assert_eq!(
            (Some(flags.npc), Some(flags.solo), Some(flags.awox)),
            (zkb.npc, zkb.solo, zkb.awox),
            "{id}"
        );
        compared += 1;
    }
    println!("{compared} rows with real killmails carry flags, and ours are the same on each");
    assert!(compared > 400);
}

#[test]
fn our_labels_equal_zkillboards_on_every_real_killmail_that_carries_some() {
    let Some(mails) = real_killmails() else { return };
    let mut compared = 0;
    for mail in &mails {
        let Some(zkb) = mail.zkb.as_ref().map(|block| &block.zkb) else { continue };
        if zkb.labels.is_empty() {
            continue;
        }
        // What zKillboard sees over many kills cannot be ours: only `padding` among these rows.
        let mut theirs: Vec<&str> = zkb.labels.iter().map(String::as_str).collect();
        theirs.sort_unstable();
        // With the labels taken away nothing can be kept: what stands there is computed.
        let padding: Vec<String> =
            zkb.labels.iter().filter(|label| *label == "padding").cloned().collect();
        let bare = Zkb { labels: padding, npc: None, solo: None, awox: None, ..zkb.clone() };
        let ours = enrich(&mail.killmail, Some(&bare), &Sources::without_prices(&CATALOGUE)).labels;
        println!("{} at {}: {theirs:?}", mail.killmail.killmail_id, mail.killmail.killmail_time);
        assert_eq!(ours, theirs, "{}", mail.killmail.killmail_id);
        assert_eq!(
            enrich(&mail.killmail, Some(zkb), &Sources::without_prices(&CATALOGUE)).labels,
            theirs
        );
        compared += 1;
    }
    assert!(compared >= 2);
}

#[test]
fn every_label_and_tag_on_the_real_killmails_is_listed_with_a_meaning() {
    let Some(mails) = real_killmails() else { return };
    let killmails: BTreeMap<i64, &Mail> =
        mails.iter().map(|mail| (mail.killmail.killmail_id, mail)).collect();
    let (mut label_counts, mut tag_counts) = (BTreeMap::new(), BTreeMap::new());
    for mail in killmails.values() {
        let zkb = mail.zkb.as_ref().map(|block| &block.zkb);
        let enriched = enrich(&mail.killmail, zkb, &Sources::without_prices(&CATALOGUE));
        assert!(enriched.labels.is_sorted_by(|one, next| one < next), "{:?}", enriched.labels);
        assert!(
            enriched.module_tags.is_sorted_by(|one, next| one < next),
            "{:?}",
            enriched.module_tags
        );
        enriched.labels.into_iter().for_each(|label| *label_counts.entry(label).or_insert(0) += 1);
        enriched.module_tags.into_iter().for_each(|tag| *tag_counts.entry(tag).or_insert(0) += 1);
    }
    println!("{} kills\nlabels: {label_counts:?}\ntags: {tag_counts:?}", killmails.len());
    let tags = tags::every(&CATALOGUE);
    for tag in tag_counts.keys() {
        assert!(tags.iter().any(|known| known.tag == tag), "{tag} has no meaning");
    }
    for label in
        label_counts.keys().filter(|label| *label != "padding" && !label.starts_with("cat:"))
    {
        assert!(labels::LABELS.iter().any(|known| known.label == label), "{label} has no meaning");
    }
}
