//! Kills by their keys as far as they are counted, with everybody who was there.

use std::collections::HashMap;

use noctis_core::kill::Key;
use noctis_core::presence::{Mail, Participant};

use super::Part;
use super::columns::Columns;
use super::kills::located;
use super::sift::{at, runs};
use super::table::{listed, united};
use crate::Result;

const MAIL: [&str; 4] = ["killmail_id", "timestamp", "system_id", "ship_type_id"];
const ENRICHED: [&str; 3] = ["killmail_id", "npc", "isk_value"];
const PARTICIPANTS: [&str; 6] =
    ["killmail_id", "ordinal", "character_id", "corporation_id", "alliance_id", "ship_type_id"];

pub(super) async fn mails(part: &Part, keys: &[Key]) -> Result<Vec<Mail>> {
    let rows = located(part, keys).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = listed(rows.iter().copied());
    let mails = part.raw.read(&MAIL.into(), &numbers).await?;
    let enriched = part.enriched.read(&ENRICHED.into(), &numbers).await?;
    let (mails, enriched) = (Columns(&mails), Columns(&enriched));
    let mut found: HashMap<i64, Mail> = HashMap::with_capacity(rows.len());
    for (row, number) in rows.iter().enumerate() {
        let mail = mail(&mails, &enriched, row);
        let mail =
            mail.ok_or_else(|| part.enriched.damaged(format!("row {number} is of another kill")))?;
        found.insert(mail.key.1, mail);
    }
    let table = &part.participants;
    let near = united(found.values().map(|mail| table.timeline.rows(at(mail.key))).collect());
    let batch = table.read(&PARTICIPANTS.into(), &near).await?;
    let columns = Columns(&batch);
    for (killmail_id, run) in runs(&columns, batch.num_rows()) {
        if let Some(mail) = found.get_mut(&killmail_id) {
            mail.participants = run.map(|row| participant(&columns, row)).collect();
        }
    }
    Ok(found.into_values().collect())
}

/// A mail without its participants; none where the two rows are not of one kill.
fn mail(mail: &Columns<'_>, enriched: &Columns<'_>, row: usize) -> Option<Mail> {
    let key = mail.key(row)?;
    (enriched.int8("killmail_id", row) == Some(key.1)).then_some(())?;
    Some(Mail {
        key,
        solar_system_id: mail.int8("system_id", row)?,
        ship_type_id: mail.int8("ship_type_id", row)?,
        npc: enriched.flag("npc", row),
        isk_value: enriched.isk("isk_value", row),
        participants: Vec::new(),
    })
}

fn participant(columns: &Columns<'_>, row: usize) -> Participant {
    Participant {
        ordinal: columns.int4("ordinal", row).unwrap_or_default(),
        character_id: columns.int8("character_id", row),
        corporation_id: columns.int8("corporation_id", row),
        alliance_id: columns.int8("alliance_id", row),
        ship_type_id: columns.int8("ship_type_id", row),
    }
}
