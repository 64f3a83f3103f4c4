//! A generated month as the streams that PostgreSQL's `COPY … TO STDOUT (FORMAT BINARY)` gives.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use noctis_core::catalogue::Catalogue;
use noctis_core::enrich::{Enriched, Sources, enrich};
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::killmail::Killmail;
use noctis_core::killmail::parse::parse;
use noctis_core::partition::Member;
use noctis_core::time::TimeRange;
use serde_json::Value;

const TEXT_OID: i32 = 25;
const INT4_OID: i32 = 23;
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

pub(crate) fn month() -> TimeRange {
    let at = |second| Timestamp::from_second(second).expect("2025 is in range");
    TimeRange { from: at(1_748_736_000), to: at(1_751_328_000) }
}

pub(crate) fn path(folder: &Path, member: Member) -> PathBuf {
    folder.join(format!("{}.copy", member.table()))
}

/// Writes the streams of so many kills.
pub(crate) fn make(kills: u64, folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let catalogue = Catalogue::parse(&noctis_sde::text())?;
    let TimeRange { from, to } = month();
    let options = Options { kills, from, to, seed: 1, oddities: false, zkb: false };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue), options)?;
    let mut bodies: BTreeMap<(Timestamp, i64), Vec<u8>> = BTreeMap::new();
    let mut line = vec![];
    while generator.write_next(&mut line) {
        let kill = parse(str::from_utf8(&line)?).map_err(|rejected| rejected.to_string())?;
        bodies.insert((kill.killmail_time, kill.killmail_id), std::mem::take(&mut line));
    }
    let mut raw = Stream::new(&path(folder, Member::Raw))?;
    let mut enriched = Stream::new(&path(folder, Member::Enriched))?;
    let mut participants = Stream::new(&path(folder, Member::Participants))?;
    for body in bodies.into_values() {
        let body = str::from_utf8(&body)?;
        let kill = parse(body).map_err(|rejected| rejected.to_string())?;
        write_raw(&mut raw, &kill, body)?;
        write_enriched(
            &mut enriched,
            &kill,
            &enrich(&kill, None, &Sources::without_prices(&catalogue)),
        )?;
        write_participants(&mut participants, &kill)?;
    }
    raw.finish()?;
    enriched.finish()?;
    participants.finish()
}

fn write_raw(out: &mut Stream, kill: &Killmail, body: &str) -> Result<(), Box<dyn Error>> {
    let mut json = vec![1];
    as_jsonb(&serde_json::from_str(body)?, &mut json);
    let items: Vec<Vec<u8>> =
        kill.item_type_ids().iter().map(|id| id.to_be_bytes().to_vec()).collect();
    out.row(11)?;
    out.key(kill)?;
    out.int8(Some(kill.solar_system_id))?;
    out.int8(Some(kill.victim.ship_type_id))?;
    out.int8(kill.war_id)?;
    out.time(kill.killmail_time, 9_000_000 + noise(kill.killmail_id, 1) % 300_000_000)?;
    out.int4(i32::try_from(kill.attackers.len())?)?;
    out.int4(i32::try_from(kill.player_count())?)?;
    let hash: Vec<u8> =
        (0..3).flat_map(|salt| noise(kill.killmail_id, salt).to_be_bytes()).take(20).collect();
    out.value(Some(&hash))?;
    out.value(Some(&json))?;
    out.array(INT4_OID, &items)
}

fn write_enriched(
    out: &mut Stream,
    kill: &Killmail,
    found: &Enriched,
) -> Result<(), Box<dyn Error>> {
    let words =
        |words: &[String]| words.iter().map(|word| word.clone().into_bytes()).collect::<Vec<_>>();
    let hundredths = 100 * (noise(kill.killmail_id, 4) % 900_000_000 + 10_000)
        + noise(kill.killmail_id, 5) % 100;
    let (half, quarter) = (hundredths / 2, hundredths / 4);
    let isk = |hundredths: i64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let (total, fitted, dropped) = (isk(hundredths), isk(half), isk(quarter));
    let blob = format!(
        "\u{1}{{\"own\": {{\"total\": {total}, \"fitted\": {fitted}, \"dropped\": {dropped}, \"destroyed\": {fitted}}}, \"static_data\": \"3650286\"}}"
    );
    out.row(18)?;
    out.key(kill)?;
    out.time(kill.killmail_time, 9_100_000 + noise(kill.killmail_id, 1) % 300_000_000)?;
    out.int4(i32::try_from(noise(kill.killmail_id, 6) % 60)?)?;
    for flag in [found.npc, found.solo, found.awox] {
        out.value(Some(&[u8::from(flag)]))?;
    }
    out.value(Some(b"own"))?;
    for amount in [hundredths, half, quarter, hundredths - quarter] {
        out.isk(amount)?;
    }
    out.array(TEXT_OID, &words(&found.labels))?;
    out.array(TEXT_OID, &words(&found.module_tags))?;
    out.value(Some(blob.as_bytes()))?;
    out.isk(hundredths)?;
    out.int4(0)?;
    let days = i32::try_from((kill.killmail_time.as_second() - 946_684_800) / 86_400)?;
    out.int4(days)
}

fn write_participants(out: &mut Stream, kill: &Killmail) -> Result<(), Box<dyn Error>> {
    let victim = &kill.victim;
    let ids = [
        victim.character_id,
        victim.corporation_id,
        victim.alliance_id,
        victim.faction_id,
        Some(victim.ship_type_id),
        None,
    ];
    write_participant(out, kill, 0, ids, (victim.damage_taken, None, false))?;
    for (ordinal, attacker) in (1..).zip(&kill.attackers) {
        let ids = [
            attacker.character_id,
            attacker.corporation_id,
            attacker.alliance_id,
            attacker.faction_id,
            attacker.ship_type_id,
            attacker.weapon_type_id,
        ];
        let facts = (attacker.damage_done, Some(attacker.security_status), attacker.final_blow);
        write_participant(out, kill, ordinal, ids, facts)?;
    }
    Ok(())
}

fn write_participant(
    out: &mut Stream,
    kill: &Killmail,
    ordinal: i32,
    ids: [Option<i64>; 6],
    (damage, security, final_blow): (i64, Option<f64>, bool),
) -> Result<(), Box<dyn Error>> {
    out.row(14)?;
    out.key(kill)?;
    for id in ids {
        out.int8(id)?;
    }
    out.int8(Some(damage))?;
    out.int4(ordinal)?;
    #[allow(clippy::cast_possible_truncation, reason = "the column is a real")]
    out.value(
        security.map(|security| (security as f32).to_be_bytes()).as_ref().map(<[u8; 4]>::as_slice),
    )?;
    for flag in [final_blow, ordinal < 2, ordinal < 2] {
        out.value(Some(&[u8::from(flag)]))?;
    }
    Ok(())
}

/// JSON as `jsonb` gives it out: keys by length, a space behind colon and comma.
fn as_jsonb(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort_by_key(|key| (key.len(), *key));
            out.push(b'{');
            for (place, key) in keys.into_iter().enumerate() {
                out.extend_from_slice(if place == 0 { b"\"" } else { b", \"" });
                out.extend_from_slice(key.as_bytes());
                out.extend_from_slice(b"\": ");
                as_jsonb(&object[key], out);
            }
            out.push(b'}');
        }
        Value::Array(elements) => {
            out.push(b'[');
            for (place, element) in elements.iter().enumerate() {
                if place > 0 {
                    out.extend_from_slice(b", ");
                }
                as_jsonb(element, out);
            }
            out.push(b']');
        }
        other => out.extend_from_slice(other.to_string().as_bytes()),
    }
}

/// The same number for the same id, and no pattern in it.
fn noise(id: i64, salt: i64) -> i64 {
    let mixed = (id ^ (salt << 56)).unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 2).cast_signed()
}

struct Stream(BufWriter<File>);

impl Stream {
    fn new(path: &Path) -> Result<Stream, Box<dyn Error>> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0")?;
        Ok(Stream(file))
    }

    fn row(&mut self, columns: i16) -> Result<(), Box<dyn Error>> {
        Ok(self.0.write_all(&columns.to_be_bytes())?)
    }

    fn key(&mut self, kill: &Killmail) -> Result<(), Box<dyn Error>> {
        self.int8(Some(kill.killmail_id))?;
        self.time(kill.killmail_time, 0)
    }

    fn value(&mut self, value: Option<&[u8]>) -> Result<(), Box<dyn Error>> {
        let length = value.map_or(Ok(-1), |value| i32::try_from(value.len()))?;
        self.0.write_all(&length.to_be_bytes())?;
        Ok(self.0.write_all(value.unwrap_or_default())?)
    }

    fn int8(&mut self, value: Option<i64>) -> Result<(), Box<dyn Error>> {
        self.value(value.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice))
    }

    fn int4(&mut self, value: i32) -> Result<(), Box<dyn Error>> {
        self.value(Some(&value.to_be_bytes()))
    }

    /// A time, and so many microseconds later.
    fn time(&mut self, time: Timestamp, later: i64) -> Result<(), Box<dyn Error>> {
        self.int8(Some(time.as_microsecond() - EPOCH_MICROSECONDS + later))
    }

    /// An amount of at most 16 digits.
    fn isk(&mut self, hundredths: i64) -> Result<(), Box<dyn Error>> {
        let mut groups = vec![i16::try_from(hundredths % 100 * 100)?];
        let mut whole = hundredths / 100;
        while whole > 0 {
            groups.push(i16::try_from(whole % 10_000)?);
            whole /= 10_000;
        }
        let weight = i16::try_from(groups.len())? - 2;
        let skipped = groups.iter().take_while(|group| **group == 0).count();
        groups.drain(..skipped);
        let mut bytes = vec![];
        for word in [i16::try_from(groups.len())?, weight, 0, 2] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend(groups.iter().rev().flat_map(|group| group.to_be_bytes()));
        self.value(Some(&bytes))
    }

    fn array(&mut self, oid: i32, elements: &[Vec<u8>]) -> Result<(), Box<dyn Error>> {
        let mut bytes = vec![];
        let dimensions = i32::from(!elements.is_empty());
        for word in [dimensions, 0, oid] {
            bytes.extend(word.to_be_bytes());
        }
        if dimensions == 1 {
            bytes.extend(i32::try_from(elements.len())?.to_be_bytes());
            bytes.extend(1_i32.to_be_bytes());
        }
        for element in elements {
            bytes.extend(i32::try_from(element.len())?.to_be_bytes());
            bytes.extend(element);
        }
        self.value(Some(&bytes))
    }

    fn finish(mut self) -> Result<(), Box<dyn Error>> {
        self.0.write_all(&(-1_i16).to_be_bytes())?;
        Ok(self.0.flush()?)
    }
}
