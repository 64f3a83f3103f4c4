//! Kills by their keys as far as they are counted, with everybody who was there.

use std::collections::HashMap;

use arrow_array::types::{Int32Type, Int64Type};
use noctis_core::kill::Key;
use noctis_core::presence::{Mail, Participant, Trace};

use super::Part;
use super::columns::{Columns, Numbers};
use super::kills::located;
use super::sift::{at, runs};
use super::table::{listed, united};
use crate::Result;

const MAIL: [&str; 5] = ["killmail_id", "timestamp", "system_id", "ship_type_id", "item_type_ids"];
const ENRICHED: [&str; 5] = ["killmail_id", "npc", "isk_value", "labels", "module_tags"];
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
    let mut found: HashMap<i64, Mail> = HashMap::with_capacity(rows.len());
    for (row, number) in rows.iter().enumerate() {
        let mail = mail(Columns(&mails), Columns(&enriched), row);
        let mail =
            mail.ok_or_else(|| part.enriched.damaged(format!("row {number} is of another kill")))?;
        found.insert(mail.key.1, mail);
    }
    let table = &part.participants;
    let near = united(found.values().map(|mail| table.timeline.rows(at(mail.key))).collect());
    let batch = table.read(&PARTICIPANTS.into(), &near).await?;
    let participants = Participants::of(Columns(&batch));
    for (killmail_id, run) in runs(Columns(&batch), batch.num_rows()) {
        if let Some(mail) = found.get_mut(&killmail_id) {
            mail.participants = run.map(|row| participants.at(row)).collect();
        }
    }
    Ok(found.into_values().collect())
}

/// A mail without its participants; none where the two rows are not of one kill.
fn mail(mail: Columns<'_>, enriched: Columns<'_>, row: usize) -> Option<Mail> {
    let key = mail.keys().at(row)?;
    (enriched.int8("killmail_id").at(row) == Some(key.1)).then_some(())?;
    Some(Mail {
        key,
        solar_system_id: mail.int8("system_id").at(row)?,
        ship_type_id: mail.int8("ship_type_id").at(row)?,
        npc: enriched.flags("npc").is(row),
        isk_value: enriched.amounts("isk_value").isk(row),
        participants: Vec::new(),
        traces: Trace::of_mail(
            mail.lists("item_type_ids").numbers(row),
            enriched.lists("labels").words(row),
            enriched.lists("module_tags").words(row),
        ),
    })
}

/// The columns of participants, found once.
struct Participants<'a> {
    ordinals: Numbers<'a, Int32Type>,
    characters: Numbers<'a, Int64Type>,
    corporations: Numbers<'a, Int64Type>,
    alliances: Numbers<'a, Int64Type>,
    ships: Numbers<'a, Int64Type>,
}

impl<'a> Participants<'a> {
    fn of(columns: Columns<'a>) -> Participants<'a> {
        Participants {
            ordinals: columns.int4("ordinal"),
            characters: columns.int8("character_id"),
            corporations: columns.int8("corporation_id"),
            alliances: columns.int8("alliance_id"),
            ships: columns.int8("ship_type_id"),
        }
    }

    fn at(&self, row: usize) -> Participant {
        Participant {
            ordinal: self.ordinals.at(row).unwrap_or_default(),
            character_id: self.characters.at(row),
            corporation_id: self.corporations.at(row),
            alliance_id: self.alliances.at(row),
            ship_type_id: self.ships.at(row),
        }
    }
}
