//! Rows for tests, put into binary `COPY` by hand: by PostgreSQL's documentation, not by the code that is tested.

use bytes::Bytes;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use noctis_archive::{Archive, PartHead, Place};
use noctis_core::archive::{Manifest, PartName};
use noctis_core::partition::Member;
use noctis_core::time::TimeRange;
use tempfile::TempDir;
use uuid::Uuid;

/// A value as `COPY` has it; None is null.
pub(crate) type Value = Option<Vec<u8>>;

/// What the three tables hold, as three streams.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    pub(crate) raw: Vec<Vec<Value>>,
    pub(crate) enriched: Vec<Vec<Value>>,
    pub(crate) participants: Vec<Vec<Value>>,
}

impl Streams {
    pub(crate) fn rows(&self, member: Member) -> &[Vec<Value>] {
        match member {
            Member::Raw => &self.raw,
            Member::Enriched => &self.enriched,
            Member::Participants => &self.participants,
        }
    }

    pub(crate) fn stream(&self, member: Member) -> Vec<u8> {
        stream(self.rows(member))
    }
}

/// A whole stream, with header and trailer.
pub(crate) fn stream(rows: &[Vec<Value>]) -> Vec<u8> {
    let mut out = b"PGCOPY\n\xff\r\n\0".to_vec();
    out.extend([0; 8]);
    for row in rows {
        out.extend(i16::try_from(row.len()).unwrap().to_be_bytes());
        for value in row {
            match value {
                None => out.extend((-1_i32).to_be_bytes()),
                Some(value) => {
                    out.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
                    out.extend(value);
                }
            }
        }
    }
    out.extend((-1_i16).to_be_bytes());
    out
}

pub(crate) fn int8(value: i64) -> Value {
    Some(value.to_be_bytes().to_vec())
}

pub(crate) fn int4(value: i32) -> Value {
    Some(value.to_be_bytes().to_vec())
}

pub(crate) fn float4(value: f32) -> Value {
    Some(value.to_be_bytes().to_vec())
}

pub(crate) fn boolean(value: bool) -> Value {
    Some(vec![u8::from(value)])
}

pub(crate) fn text(value: &str) -> Value {
    Some(value.as_bytes().to_vec())
}

pub(crate) fn jsonb(value: &str) -> Value {
    Some([&[1], value.as_bytes()].concat())
}

pub(crate) fn time(at: Timestamp) -> Value {
    int8(at.as_microsecond() - 946_684_800_000_000)
}

/// Days since 2000.
pub(crate) fn date(days: i32) -> Value {
    int4(days)
}

/// Hundredths of an amount, by the long way: its decimal text cut into groups of four.
pub(crate) fn isk(hundredths: i128) -> Value {
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let whole = whole.to_string();
    let filled = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
    let mut groups: Vec<i16> = filled
        .as_bytes()
        .chunks(4)
        .map(|group| std::str::from_utf8(group).unwrap().parse().unwrap())
        .collect();
    let mut weight = i16::try_from(groups.len()).unwrap() - 1;
    groups.push(i16::try_from(rest * 100).unwrap());
    while groups.first() == Some(&0) {
        groups.remove(0);
        weight -= 1;
    }
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    let sign: u16 = if hundredths < 0 { 0x4000 } else { 0 };
    let mut out = i16::try_from(groups.len()).unwrap().to_be_bytes().to_vec();
    out.extend(weight.to_be_bytes());
    out.extend(sign.to_be_bytes());
    out.extend(2_i16.to_be_bytes());
    out.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
    Some(out)
}

pub(crate) fn array(oid: i32, elements: &[Value]) -> Value {
    let has_nulls = i32::from(elements.iter().any(Option::is_none));
    let mut out = vec![];
    let dimensions = i32::from(!elements.is_empty());
    for word in [dimensions, has_nulls, oid] {
        out.extend(word.to_be_bytes());
    }
    if !elements.is_empty() {
        out.extend(i32::try_from(elements.len()).unwrap().to_be_bytes());
        out.extend(1_i32.to_be_bytes());
    }
    for element in elements {
        match element {
            None => out.extend((-1_i32).to_be_bytes()),
            Some(value) => {
                out.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
                out.extend(value);
            }
        }
    }
    Some(out)
}

pub(crate) fn texts(elements: &[&str]) -> Value {
    let elements: Vec<Value> = elements.iter().map(|element| text(element)).collect();
    array(25, &elements)
}

pub(crate) fn int4s(elements: &[i32]) -> Value {
    let elements: Vec<Value> = elements.iter().map(|element| int4(*element)).collect();
    array(23, &elements)
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn june() -> TimeRange {
    TimeRange { from: at("2025-06-01T00:00:00Z"), to: at("2025-07-01T00:00:00Z") }
}

/// So many kills of June 2025, a second apart, each with a victim and two attackers.
pub(crate) fn kills(count: i64) -> Streams {
    let mut all = Streams { raw: vec![], enriched: vec![], participants: vec![] };
    for number in 0..count {
        let when = june().from + jiff::SignedDuration::from_secs(number);
        let id = 100_000 + number;
        let body = format!(
            r#"{{"killmail_id": {id}, "killmail_time": "{when}", "solar_system_id": 30000142, "victim": {{"ship_type_id": 587, "damage_taken": 5, "items": [{{"item_type_id": 34, "flag": 5, "singleton": 0}}, {{"item_type_id": {}, "flag": 5, "singleton": 0}}]}}, "attackers": [{{"damage_done": 5, "final_blow": true, "security_status": -1.5}}]}}"#,
            35 + number % 7
        );
        all.raw.push(vec![
            int8(id),
            time(when),
            int8(30_000_142),
            int8(587),
            None,
            time(when),
            int4(2),
            int4(1),
            (number % 2 == 0).then(|| vec![7; 20]),
            jsonb(&body),
            int4s(&[34, 35 + i32::try_from(number % 7).unwrap()]),
        ]);
        all.enriched.push(enriched(id, when, isk(i128::from(number) * 12_345)));
        for ordinal in 0..3 {
            all.participants.push(vec![
                int8(id),
                time(when),
                (ordinal > 0).then(|| int8(90_000_000 + number % 50)).flatten(),
                int8(98_000_000 + number % 20),
                None,
                None,
                int8(587),
                int8(2488),
                int8(number),
                int4(ordinal),
                (ordinal > 0).then(|| float4(-1.5)).flatten(),
                boolean(ordinal == 1),
                boolean(true),
                boolean(false),
            ]);
        }
    }
    all
}

pub(crate) fn enriched(id: i64, when: Timestamp, value: Value) -> Vec<Value> {
    vec![
        int8(id),
        time(when),
        time(when),
        None,
        boolean(false),
        boolean(true),
        boolean(false),
        text("own"),
        value.clone(),
        None,
        isk(0),
        isk(-1),
        texts(&["pvp", "solo"]),
        texts(&[]),
        jsonb(r#"{"zkb": null}"#),
        value,
        int4(0),
        date(9_000),
    ]
}

pub(crate) struct Folder {
    pub(crate) archive: Archive,
    pub(crate) path: TempDir,
}

pub(crate) fn folder() -> Folder {
    let path = tempfile::tempdir().unwrap();
    Folder { archive: Archive::open(&Place::Folder(path.path().to_owned())).unwrap(), path }
}

pub(crate) fn head(range: TimeRange, part: u32) -> PartHead {
    let month = range.from.to_string()[..7].to_owned();
    PartHead {
        store_id: Uuid::nil(),
        generation: 1,
        schema_version: 10,
        name: PartName { month, part },
        range,
        written_at: at("2026-11-22T00:00:00Z"),
        written_by: "noctis test".to_owned(),
    }
}

/// Writes a part, each stream cut into chunks of this size.
pub(crate) async fn write(
    archive: &Archive,
    head: PartHead,
    streams: &Streams,
    chunk: usize,
) -> noctis_archive::Result<Manifest> {
    let mut part = archive.write(head).await?;
    for member in Member::ALL {
        let mut table = part.table(member);
        for piece in streams.stream(member).chunks(chunk) {
            table.push(Bytes::copy_from_slice(piece)).await?;
        }
        table.finish().await?;
    }
    part.finish().await
}

/// What comes out again.
pub(crate) async fn read(
    archive: &Archive,
    manifest: &Manifest,
    member: Member,
) -> noctis_archive::Result<Vec<u8>> {
    let chunks: Vec<Bytes> = archive.rows(manifest, member).try_collect().await?;
    Ok(chunks.concat())
}
