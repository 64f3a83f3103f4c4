//! All real killmails: our flags and labels against zKillboard's, and tags as a pilot would judge them.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::CATALOGUE;
use crate::enrich::labels::Flags;
use crate::enrich::prices::{Basis, Prefer, Price, PriceBook};
use crate::enrich::{Enriched, Sources, enrich, labels, priced_types, tags};
use crate::isk::Isk;
use crate::killmail::shape::{Mail, Record, recognise};
use crate::killmail::split::Splitter;
use crate::time;
use crate::zkb::Zkb;

/// The real killmails beside the repository, where they are.
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

/// Each real killmail once, enriched without prices.
fn enriched(mails: &[Mail]) -> Vec<(&Mail, Enriched)> {
    let unique: BTreeMap<i64, &Mail> =
        mails.iter().map(|mail| (mail.killmail.killmail_id, mail)).collect();
    let sources = Sources::without_prices(&CATALOGUE);
    let enrich =
        |mail: &Mail| enrich(&mail.killmail, mail.zkb.as_ref().map(|block| &block.zkb), &sources);
    unique.into_values().map(|mail| (mail, enrich(mail))).collect()
}

fn counts<'a>(words: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    words.fold(BTreeMap::new(), |mut counts, word| {
        *counts.entry(word.as_str()).or_default() += 1;
        counts
    })
}

#[test]
fn every_label_and_tag_on_the_real_killmails_is_listed_with_a_meaning() {
    let Some(mails) = real_killmails() else { return };
    let kills = enriched(&mails);
    for (_, enriched) in &kills {
        assert!(enriched.labels.is_sorted_by(|one, next| one < next), "{:?}", enriched.labels);
        let tags = &enriched.module_tags;
        assert!(tags.is_sorted_by(|one, next| one < next), "{tags:?}");
    }
    let label_counts = counts(kills.iter().flat_map(|(_, enriched)| &enriched.labels));
    let tag_counts = counts(kills.iter().flat_map(|(_, enriched)| &enriched.module_tags));
    println!("{} kills", kills.len());
    println!("labels: {}", listed(&label_counts));
    println!("tags: {}", listed(&tag_counts));
    let known = tags::every(&CATALOGUE);
    for tag in tag_counts.keys() {
        assert!(known.iter().any(|known| known.tag == *tag), "{tag} has no meaning");
    }
    let feeds = |label: &str| label == "padding" || label.starts_with("cat:");
    for label in label_counts.keys().filter(|label| !feeds(label)) {
        assert!(labels::LABELS.iter().any(|known| known.label == *label), "{label} has no meaning");
    }
}

/// `Rifter` 7 · `Sabre` 3 …, the most first.
fn listed(counts: &BTreeMap<&str, usize>) -> String {
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let words: Vec<_> = sorted.iter().map(|(word, count)| format!("`{word}` {count}")).collect();
    words.join(" · ")
}

/// What only some ships can fit stands on no other, and what nearly every ship fits stands on nearly every one.
#[test]
fn the_tags_of_the_real_killmails_are_what_a_pilot_would_expect() {
    let Some(mails) = real_killmails() else { return };
    let kills = enriched(&mails);
    let only_on: [(&str, &[&str]); 11] = [
        ("Siege", &["Dreadnought", "Lancer Dreadnought"]),
        ("Triage", &["Carrier", "Force Auxiliary"]),
        ("Bastion", &["Marauder"]),
        ("Industrial Core", &["Miner"]),
        ("Interdiction Sphere", &["Interdictor"]),
        ("HIC Bubble", &["Heavy Interdiction Cruiser"]),
        ("Bomb Launcher", &["Bomber"]),
        ("Capital Weapons", &["Capital", "Structure"]),
        ("Doomsday", &["Capital", "Structure"]),
        ("Fighters", &["Capital", "Structure"]),
        ("Pod Implants", &["Capsule"]),
    ];
    let has = |enriched: &Enriched, tag: &str| enriched.module_tags.iter().any(|own| own == tag);
    for (mail, enriched) in &kills {
        for (tag, hulls) in only_on.iter().filter(|(tag, _)| has(enriched, tag)) {
            let can = hulls.iter().any(|hull| has(enriched, hull));
            assert!(can, "{} has {tag}: {:?}", mail.killmail.killmail_id, enriched.module_tags);
        }
    }
    let fighters: Vec<&Enriched> = kills
        .iter()
        .filter(|(_, enriched)| {
            [
                "Frigate",
                "Interceptor",
                "Cruiser",
                "Destroyer",
                "Combat Battlecruiser",
                "Battleship",
                "Interdictor",
            ]
            .iter()
            .any(|hull| has(enriched, hull))
        })
        .map(|(_, enriched)| enriched)
        .collect();
    let share = |tags: &[&str]| {
        let some = fighters.iter().filter(|enriched| tags.iter().any(|tag| has(enriched, tag)));
        some.count() * 100 / fighters.len()
    };
    let shares: [(&[&str], std::ops::RangeInclusive<usize>); 5] = [
        (&["Afterburner", "Microwarpdrive"], 85..=100),
        (&["Warp Disruptor", "Warp Scrambler"], 50..=90),
        (&["Shield", "Armor", "Hull"], 75..=100),
        (&["Hybrid", "Projectile", "Energy", "Missile", "Drones"], 90..=100),
        (&["Shield"], 30..=80),
    ];
    for (tags, expected) in shares {
        let share = share(tags);
        println!("{share} % of {} fighting ships have one of {tags:?}", fighters.len());
        assert!(expected.contains(&share), "{share} % have one of {tags:?}");
    }
}

/// `cargo test --release -p noctis-core enriching_takes -- --ignored --nocapture`
#[test]
#[ignore = "measures, and only a release build tells"]
fn enriching_takes_some_microseconds() {
    const ROUNDS: u32 = 1_000;
    let Some(mails) = real_killmails() else { return };
    let each = Price { each: Isk::parse("1234.56").unwrap(), basis: Basis::Market };
    let books: Vec<PriceBook> = mails
        .iter()
        .map(|mail| {
            let mut book = PriceBook::default();
            let day = time::day(mail.killmail.killmail_time);
            for type_id in priced_types(&mail.killmail, &CATALOGUE) {
                book.insert(type_id, day, each);
            }
            book
        })
        .collect();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        for (mail, prices) in mails.iter().zip(&books) {
            let zkb = mail.zkb.as_ref().map(|block| &block.zkb);
            let sources = Sources { catalogue: &CATALOGUE, prices, prefer: Prefer::Own };
            black_box(enrich(&mail.killmail, zkb, &sources));
        }
    }
    let kills = f64::from(ROUNDS) * f64::from(u32::try_from(mails.len()).unwrap());
    let microseconds = start.elapsed().as_secs_f64() * 1e6 / kills;
    println!("{microseconds:.2} µs a kill over {} real killmails x {ROUNDS}", mails.len());
    assert!(microseconds < 100.0);
}
