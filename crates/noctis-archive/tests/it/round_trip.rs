//! What goes in comes out, byte for byte.

use jiff::{SignedDuration, Timestamp};
use noctis_archive::digest::ContentsDigest;
use noctis_core::archive::Proof;
use noctis_core::partition::Member;
use noctis_core::time::TimeRange;
use proptest::prelude::*;

use crate::rows::{
    Folder, Streams, Value, array, at, boolean, date, enriched, float4, folder, head, int4, int4s,
    int8, isk, jsonb, june, kills, read, text, texts, time, write,
};

/// Writes, verifies, reads again, and compares.
async fn comes_back(
    Folder { archive, .. }: &Folder,
    range: TimeRange,
    streams: &Streams,
    chunk: usize,
) {
    let manifest = write(archive, head(range, 0), streams, chunk).await.unwrap();
    archive.verify(&manifest).await.unwrap();
    for member in Member::ALL {
        let came = read(archive, &manifest, member).await.unwrap();
        assert!(came == streams.stream(member), "{} of {range}", member.table());
        let mut digest = ContentsDigest::new(member);
        digest.push(&came).unwrap();
        assert_eq!(digest.finish().unwrap(), manifest.file(member).unwrap().contents);
    }
}

#[tokio::test]
async fn what_is_written_comes_back_byte_for_byte() {
    let folder = folder();
    let kills = kills(1_000);
    let manifest = write(&folder.archive, head(june(), 0), &kills, 10_000).await.unwrap();
    assert_eq!(manifest.kills(), 1_000);
    assert_eq!(folder.archive.manifests().await.unwrap(), std::slice::from_ref(&manifest));
    let verified = folder.archive.verify(&manifest).await.unwrap();
    assert_eq!(*verified.manifest(), manifest);
    folder.archive.check_files(&manifest).await.unwrap();
    let contents = &manifest.file(Member::Raw).unwrap().contents;
    assert_eq!(contents.first, Some(june().from));
    assert_eq!(contents.last, Some(june().from + SignedDuration::from_secs(999)));
    for member in Member::ALL {
        let came = read(&folder.archive, &manifest, member).await.unwrap();
        assert!(came == kills.stream(member), "{}", member.table());
    }
}

#[tokio::test]
async fn it_does_not_matter_how_a_stream_is_cut() {
    let kills = kills(20);
    let mut manifests = vec![];
    for chunk in [1, 2, 3, 7, 19, 20, 1_000, 1_000_000] {
        let folder = folder();
        let manifest = write(&folder.archive, head(june(), 0), &kills, chunk).await.unwrap();
        let mut digest = ContentsDigest::new(Member::Participants);
        for piece in kills.stream(Member::Participants).chunks(chunk) {
            digest.push(piece).unwrap();
        }
        let contents = &manifest.file(Member::Participants).unwrap().contents;
        assert_eq!(digest.finish().unwrap(), *contents);
        manifests.push(manifest);
    }
    manifests.dedup();
    assert_eq!(manifests.len(), 1, "the files are the same, byte for byte");
}

#[tokio::test]
async fn a_month_without_kills_is_a_part_too() {
    let folder = folder();
    let none = kills(0);
    comes_back(&folder, june(), &none, 100).await;
    let manifest = &folder.archive.manifests().await.unwrap()[0];
    assert_eq!((manifest.kills(), manifest.files[0].contents.first), (0, None));
}

#[tokio::test]
async fn every_edge_of_a_value_comes_back() {
    let (from, last) = (june().from, june().to - SignedDuration::from_micros(1));
    let cents = [
        0,
        1,
        -1,
        99,
        100,
        -100,
        10_000,
        999_999,
        1_000_000,
        10_i128.pow(20) - 1,
        1 - 10_i128.pow(20),
    ];
    let mut all = kills(1);
    all.enriched = cents
        .iter()
        .zip(1..)
        .map(|(cents, id)| {
            let mut row = enriched(id, from, isk(*cents));
            row[3] = int4(if id % 2 == 0 { i32::MAX } else { i32::MIN });
            row[12] = array(25, &[None, text(""), text("ünïcödé \u{10FFFF}")]);
            row[13] = texts(&[]);
            row[14] = jsonb("{}");
            row[17] = [date(0), date(-2_451_507), None, date(2_145_031_948)]
                [usize::try_from(id % 4).unwrap()]
            .clone();
            row
        })
        .collect();
    all.participants = vec![];
    for (number, security) in
        [f32::MIN, f32::MAX, f32::NAN, f32::INFINITY, -0.0, f32::MIN_POSITIVE].iter().enumerate()
    {
        let when = if number < 3 { from } else { last };
        let mut row = vec![int8(i64::MIN + i64::try_from(number).unwrap()), time(when)];
        row.extend(vec![None::<Vec<u8>>; 6]);
        row.extend([
            int8(i64::MAX),
            int4(i32::MIN),
            float4(*security),
            boolean(true),
            boolean(false),
            boolean(true),
        ]);
        all.participants.push(row);
    }
    all.raw[0][9] = jsonb(&format!(r#"{{"long": "{}"}}"#, "\\u00e9\u{1F680}\\\"".repeat(300_000)));
    all.raw[0][8] = Some(vec![]);
    all.raw[0][10] = int4s(&[i32::MIN, 0, i32::MAX]);
    comes_back(&folder(), june(), &all, 100_000).await;
}

#[tokio::test]
async fn times_from_2007_to_2100_and_weeks_when_clocks_change_come_back() {
    let ranges = [
        ("2007-12-01T00:00:00Z", "2008-01-01T00:00:00Z"),
        ("2016-02-01T00:00:00Z", "2016-03-01T00:00:00Z"),
        // Weeks in which clocks in Europe and in America change.
        ("2025-03-24T00:00:00Z", "2025-03-31T00:00:00Z"),
        ("2025-10-20T00:00:00Z", "2025-10-27T00:00:00Z"),
        ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("2100-12-01T00:00:00Z", "2101-01-01T00:00:00Z"),
    ];
    let folder = folder();
    for (from, to) in ranges {
        let range = TimeRange { from: at(from), to: at(to) };
        let mut all = kills(2);
        for (row, when) in
            [range.from, range.to - SignedDuration::from_micros(1)].into_iter().enumerate()
        {
            all.raw[row][1] = time(when);
            all.enriched[row][1] = time(when);
        }
        all.participants.clear();
        comes_back(&folder, range, &all, 1_000).await;
    }
    assert_eq!(folder.archive.manifests().await.unwrap().len(), ranges.len());
}

fn some<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(value)
}

fn any_word() -> impl Strategy<Value = String> {
    // PostgreSQL has no NUL in its texts.
    any::<String>().prop_map(|text| text.replace('\0', ""))
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    let (from, to) = (june().from.as_microsecond(), june().to.as_microsecond());
    (from..to).prop_map(|microsecond| Timestamp::from_microsecond(microsecond).unwrap())
}

fn any_isk() -> impl Strategy<Value = Value> {
    let all = 1 - 10_i128.pow(20)..10_i128.pow(20);
    let small = -1_000_000_i128..1_000_000;
    some(prop_oneof![all, small]).prop_map(|cents| cents.and_then(isk))
}

prop_compose! {
    fn any_raw(id: i64)(
        when in any_time(), war in some(any::<i64>()), inserted in any_time(), counts in any::<(i32, i32)>(),
        hash in some(proptest::collection::vec(any::<u8>(), 0..40)), word in any_word(),
        items in proptest::collection::vec(any::<i32>(), 0..9),
    ) -> Vec<Value> {
        let body = serde_json::json!({ "word": word }).to_string();
        vec![
            int8(id), time(when), int8(id / 2), int8(587), war.and_then(int8), time(inserted), int4(counts.0),
            int4(counts.1), hash, jsonb(&body), int4s(&items),
        ]
    }
}

prop_compose! {
    fn any_enriched(id: i64)(
        when in any_time(), amounts in proptest::collection::vec(any_isk(), 5), points in some(any::<i32>()),
        words in proptest::collection::vec(some(any_word()), 0..5), source in any_word(), flag in any::<bool>(),
        day in some(-200_000..200_000_i32),
    ) -> Vec<Value> {
        let words: Vec<Value> = words.into_iter().map(|word| word.and_then(|word| text(&word))).collect();
        let mut row = enriched(id, when, amounts[0].clone());
        row[3] = points.and_then(int4);
        row[4] = boolean(flag);
        row[7] = text(&source);
        row[9..12].clone_from_slice(&amounts[1..4]);
        row[12] = array(25, &words);
        row[15] = amounts[4].clone();
        row[17] = day.and_then(date);
        row
    }
}

/// By time, then id, as the tables' rows come out.
fn in_order(mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let number = |value: &Value| i64::from_be_bytes(value.as_deref().unwrap().try_into().unwrap());
    rows.sort_by_key(|row| (number(&row[1]), number(&row[0])));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_rows_are_they_come_back(
        raw in (0..30_i64).prop_flat_map(|count| (0..count).map(any_raw).collect::<Vec<_>>()),
        enriched in (0..30_i64).prop_flat_map(|count| (0..count).map(any_enriched).collect::<Vec<_>>()),
        chunk in 1..5_000_usize,
    ) {
        let participants = kills(3).participants;
        let all = Streams { raw: in_order(raw), enriched: in_order(enriched), participants };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(comes_back(&folder(), june(), &all, chunk));
    }
}
