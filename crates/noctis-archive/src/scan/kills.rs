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
use super::timeline::{any_holds, apart};
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
/// By which the victim and who fired last are told from others.
const ROLES: [&str; 3] = ["killmail_id", "ordinal", "final_blow"];
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
        let kill = kill(mail, conclusions, row);
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
    let ids = Columns(&batch).int8("killmail_id");
    let row = |row| Some((ids.at(row)?, hash(Columns(&batch), row)));
    Ok((0..batch.num_rows()).filter_map(row).collect())
}

pub(super) async fn body(part: &Part, key: Key) -> Result<Option<String>> {
    let numbers = listed(located(part, &[key]).await?.into_iter());
    let batch = part.raw.read(&["raw_payload"].into(), &numbers).await?;
    let found = batch.num_rows() > 0;
    Ok(found.then(|| Columns(&batch).texts("raw_payload").text(0).unwrap_or_default().to_owned()))
}

/// The rows of those of these kills that the part has, in its order.
pub(super) async fn located(part: &Part, keys: &[Key]) -> Result<Vec<usize>> {
    let wanted: HashSet<Key> = keys.iter().copied().collect();
    let instants = apart(keys.iter().map(|key| at(*key)).collect());
    let rows = near(part, keys);
    let batch = part.raw.read(&["killmail_id", "timestamp"].into(), &rows).await?;
    let keys = Columns(&batch).keys();
    let numbers = rows.into_iter().flatten().enumerate();
    let is_wanted = |row| {
        keys.times.at(row).is_some_and(|time| any_holds(&instants, time))
            && keys.at(row).is_some_and(|key| wanted.contains(&key))
    };
    Ok(numbers.filter(|(row, _)| is_wanted(*row)).map(|(_, number)| number).collect())
}

/// The victim, and who fired last, by kill.
async fn parties(
    part: &Part,
    mails: &RecordBatch,
) -> Result<HashMap<i64, (Party, Option<FinalBlow>)>> {
    let keys: HashMap<i64, Key> = (0..mails.num_rows())
        .filter_map(|row| Columns(mails).keys().at(row))
        .map(|key| (key.1, key))
        .collect();
    let table = &part.participants;
    let rows = united(keys.values().map(|key| table.timeline.rows(at(*key))).collect());
    let batch = table.read(&ROLES.into(), &rows).await?;
    let roles = Columns(&batch);
    let (ids, ordinals) = (roles.int8("killmail_id"), roles.int4("ordinal"));
    let (blows, numbers) = (roles.flags("final_blow"), rows.into_iter().flatten().enumerate());
    let is_told = |row| {
        (ordinals.at(row) == Some(0) || blows.is(row))
            && ids.at(row).is_some_and(|id| keys.contains_key(&id))
    };
    let told = listed(numbers.filter(|(row, _)| is_told(*row)).map(|(_, number)| number));
    let batch = table.read(&PARTICIPANTS.into(), &told).await?;
    let columns = Columns(&batch);
    let mut parties = HashMap::new();
    for (killmail_id, mut run) in runs(columns, batch.num_rows()) {
        let victim = run.clone().find(|row| columns.int4("ordinal").at(*row) == Some(0));
        let last = run.find(|row| columns.flags("final_blow").is(*row));
        let blow = last.map(|row| FinalBlow {
            party: party(columns, row),
            ship_type_id: columns.int8("ship_type_id").at(row),
            weapon_type_id: columns.int8("weapon_type_id").at(row),
        });
        let victim = victim.map(|row| party(columns, row)).unwrap_or_default();
        parties.insert(killmail_id, (victim, blow));
    }
    Ok(parties)
}

fn party(columns: Columns<'_>, row: usize) -> Party {
    Party {
        character_id: columns.int8("character_id").at(row),
        corporation_id: columns.int8("corporation_id").at(row),
        alliance_id: columns.int8("alliance_id").at(row),
        faction_id: columns.int8("faction_id").at(row),
    }
}

/// A kill without its parties; none where the two rows are not of one kill.
fn kill(mail: Columns<'_>, enriched: Columns<'_>, row: usize) -> Option<Kill> {
    let (killmail_time, killmail_id) = mail.keys().at(row)?;
    if enriched.int8("killmail_id").at(row) != Some(killmail_id) {
        return None;
    }
    let words = |column| enriched.lists(column).words(row).into_iter().map(str::to_owned).collect();
    Some(Kill {
        killmail_id,
        killmail_time,
        killmail_hash: hash(mail, row),
        received_at: mail.times("inserted_at").time(row)?,
        solar_system_id: mail.int8("system_id").at(row)?,
        ship_type_id: mail.int8("ship_type_id").at(row)?,
        war_id: mail.int8("war_id").at(row),
        attacker_count: mail.int4("attacker_count").at(row)?,
        player_count: mail.int4("player_count").at(row)?,
        isk_value: enriched.amounts("isk_value").isk(row),
        fitted_value: enriched.amounts("fitted_value").isk(row),
        dropped_value: enriched.amounts("dropped_value").isk(row),
        destroyed_value: enriched.amounts("destroyed_value").isk(row),
        value_source: enriched.texts("value_source").text(row)?.to_owned(),
        own_value: enriched.amounts("own_value").isk(row),
        zkb_value: enriched.texts("enrichment_blob").text(row).and_then(zkb_value),
        unpriced_count: enriched.int4("unpriced_count").at(row),
        price_date: enriched.dates("price_date").date(row),
        points: enriched.int4("points").at(row),
        npc: enriched.flags("npc").is(row),
        solo: enriched.flags("solo").is(row),
        awox: enriched.flags("awox").is(row),
        labels: words("labels"),
        module_tags: words("module_tags"),
        victim: Party::default(),
        final_blow: None,
    })
}

fn hash(columns: Columns<'_>, row: usize) -> Option<KillmailHash> {
    columns.bytes("killmail_hash").bytes(row)?.try_into().ok().map(KillmailHash)
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
