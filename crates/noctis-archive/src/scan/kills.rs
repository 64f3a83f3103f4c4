//! Kills by their keys, as lists show them; hashes and bodies.

use std::collections::{HashMap, HashSet};

use arrow_array::RecordBatch;
use noctis_core::isk::Isk;
use noctis_core::kill::{FinalBlow, Key, Kill, Party};
use noctis_core::killmail::KillmailHash;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Part;
use super::columns::Columns;
use super::sift::{at, near, runs};
use super::table::{listed, united};
use crate::Result;

const MAIL: [&str; 9] = [
    "killmail_id",
    "timestamp",
    "killmail_hash",
    "inserted_at",
    "system_id",
    "ship_type_id",
    "war_id",
    "attacker_count",
    "player_count",
];
const ENRICHED: [&str; 16] = [
    "killmail_id",
    "isk_value",
    "fitted_value",
    "dropped_value",
    "destroyed_value",
    "value_source",
    "own_value",
    "enrichment_blob",
    "unpriced_count",
    "price_date",
    "points",
    "npc",
    "solo",
    "awox",
    "labels",
    "module_tags",
];
const PARTICIPANTS: [&str; 9] = [
    "killmail_id",
    "ordinal",
    "final_blow",
    "character_id",
    "corporation_id",
    "alliance_id",
    "faction_id",
    "ship_type_id",
    "weapon_type_id",
];

pub(super) async fn kills(part: &Part, keys: &[Key]) -> Result<HashMap<i64, Kill>> {
    let rows = located(part, keys).await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let numbers = listed(rows.iter().copied());
    let mails = part.raw.read(&MAIL.into(), &numbers).await?;
    let enriched = part.enriched.read(&ENRICHED.into(), &numbers).await?;
    let mut parties = parties(part, &mails).await?;
    let mut kills = HashMap::new();
    for (row, number) in rows.iter().enumerate() {
        let (mail, conclusions) = (Columns(&mails), Columns(&enriched));
        let kill = kill(&mail, &conclusions, row);
        let mut kill =
            kill.ok_or_else(|| part.enriched.damaged(format!("row {number} is of another kill")))?;
        (kill.victim, kill.final_blow) = parties.remove(&kill.killmail_id).unwrap_or_default();
        kills.insert(kill.killmail_id, kill);
    }
    Ok(kills)
}

pub(super) async fn hashes(
    part: &Part,
    keys: &[Key],
) -> Result<HashMap<i64, Option<KillmailHash>>> {
    let numbers = listed(located(part, keys).await?.into_iter());
    let batch = part.raw.read(&["killmail_id", "killmail_hash"].into(), &numbers).await?;
    let columns = Columns(&batch);
    let row = |row| Some((columns.int8("killmail_id", row)?, hash(&columns, row)));
    Ok((0..batch.num_rows()).filter_map(row).collect())
}

pub(super) async fn body(part: &Part, key: Key) -> Result<Option<String>> {
    let numbers = listed(located(part, &[key]).await?.into_iter());
    let batch = part.raw.read(&["raw_payload"].into(), &numbers).await?;
    let found = batch.num_rows() > 0;
    Ok(found.then(|| Columns(&batch).text("raw_payload", 0).unwrap_or_default().to_owned()))
}

/// The rows of those of these kills that the part has, in its order.
pub(super) async fn located(part: &Part, keys: &[Key]) -> Result<Vec<usize>> {
    let wanted: HashSet<Key> = keys.iter().copied().collect();
    let rows = near(part, keys);
    let batch = part.raw.read(&["killmail_id", "timestamp"].into(), &rows).await?;
    let columns = Columns(&batch);
    let numbers = rows.into_iter().flatten().enumerate();
    let is_wanted = |row| columns.key(row).is_some_and(|key| wanted.contains(&key));
    Ok(numbers.filter(|(row, _)| is_wanted(*row)).map(|(_, number)| number).collect())
}

/// The victim, and who fired last, by kill.
async fn parties(
    part: &Part,
    mails: &RecordBatch,
) -> Result<HashMap<i64, (Party, Option<FinalBlow>)>> {
    let keys: HashMap<i64, Key> = (0..mails.num_rows())
        .filter_map(|row| Columns(mails).key(row))
        .map(|key| (key.1, key))
        .collect();
    let table = &part.participants;
    let rows = united(keys.values().map(|key| table.timeline.rows(at(*key))).collect());
    let batch = table.read(&PARTICIPANTS.into(), &rows).await?;
    let columns = Columns(&batch);
    let mut parties = HashMap::new();
    for (killmail_id, run) in runs(&columns, batch.num_rows()) {
        if !keys.contains_key(&killmail_id) {
            continue;
        }
        let victim = run.clone().find(|row| columns.int4("ordinal", *row) == Some(0));
        let last = run.clone().find(|row| columns.flag("final_blow", *row));
        let blow = last.map(|row| FinalBlow {
            party: party(&columns, row),
            ship_type_id: columns.int8("ship_type_id", row),
            weapon_type_id: columns.int8("weapon_type_id", row),
        });
        let victim = victim.map(|row| party(&columns, row)).unwrap_or_default();
        parties.insert(killmail_id, (victim, blow));
    }
    Ok(parties)
}

fn party(columns: &Columns<'_>, row: usize) -> Party {
    Party {
        character_id: columns.int8("character_id", row),
        corporation_id: columns.int8("corporation_id", row),
        alliance_id: columns.int8("alliance_id", row),
        faction_id: columns.int8("faction_id", row),
    }
}

/// A kill without its parties; none where the two rows are not of one kill.
fn kill(mail: &Columns<'_>, enriched: &Columns<'_>, row: usize) -> Option<Kill> {
    let (killmail_time, killmail_id) = mail.key(row)?;
    if enriched.int8("killmail_id", row) != Some(killmail_id) {
        return None;
    }
    let words = |column| enriched.words(column, row).into_iter().map(str::to_owned).collect();
    Some(Kill {
        killmail_id,
        killmail_time,
        killmail_hash: hash(mail, row),
        received_at: mail.time("inserted_at", row)?,
        solar_system_id: mail.int8("system_id", row)?,
        ship_type_id: mail.int8("ship_type_id", row)?,
        war_id: mail.int8("war_id", row),
        attacker_count: mail.int4("attacker_count", row)?,
        player_count: mail.int4("player_count", row)?,
        isk_value: enriched.isk("isk_value", row),
        fitted_value: enriched.isk("fitted_value", row),
        dropped_value: enriched.isk("dropped_value", row),
        destroyed_value: enriched.isk("destroyed_value", row),
        value_source: enriched.text("value_source", row)?.to_owned(),
        own_value: enriched.isk("own_value", row),
        zkb_value: enriched.text("enrichment_blob", row).and_then(zkb_value),
        unpriced_count: enriched.int4("unpriced_count", row),
        price_date: enriched.date("price_date", row),
        points: enriched.int4("points", row),
        npc: enriched.flag("npc", row),
        solo: enriched.flag("solo", row),
        awox: enriched.flag("awox", row),
        labels: words("labels"),
        module_tags: words("module_tags"),
        victim: Party::default(),
        final_blow: None,
    })
}

fn hash(columns: &Columns<'_>, row: usize) -> Option<KillmailHash> {
    columns.bytes("killmail_hash", row)?.try_into().ok().map(KillmailHash)
}

#[derive(Deserialize)]
struct Blob<'a> {
    #[serde(borrow)]
    zkb: Option<Zkb<'a>>,
}

#[derive(Deserialize)]
struct Zkb<'a> {
    #[serde(borrow, rename = "totalValue")]
    total_value: Option<&'a RawValue>,
}

/// zKillboard's total, as its block says.
fn zkb_value(blob: &str) -> Option<Isk> {
    let total = serde_json::from_str::<Blob<'_>>(blob).ok()?.zkb?.total_value?;
    Isk::parse(total.get().trim_matches('"'))
}
