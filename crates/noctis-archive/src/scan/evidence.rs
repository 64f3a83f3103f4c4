//! What has been read of some kills, so that a judge can be asked about each.

use noctis_core::killmail::parse::parse;
use noctis_core::question::judging::{Enriched, Judge, Known, Mail, Participant};
use std::ops::Range;

use arrow_array::RecordBatch;

use super::columns::Columns;

/// The columns of stages that were read so far, for some kills.
pub(super) struct Evidence {
    pub(super) mails: RecordBatch,
    pub(super) enriched: Option<RecordBatch>,
    pub(super) participants: Option<Vec<Participant>>,
    pub(super) bodies: Option<RecordBatch>,
}

/// Where in the evidence one kill is.
#[derive(Clone, Debug, Default)]
pub(super) struct Suspect {
    /// Its row in the file of mails.
    pub(super) row: usize,
    pub(super) mail: usize,
    pub(super) enriched: usize,
    pub(super) participants: Range<usize>,
    pub(super) body: usize,
}

impl Evidence {
    /// Whether the kill is meant, as far as it is known; what is wrong with its body, where that cannot be read.
    pub(super) fn verdict(&self, judge: &Judge, of: &Suspect) -> Result<Option<bool>, String> {
        let (labels, tags);
        let enriched = match &self.enriched {
            Some(batch) => {
                let columns = Columns(batch);
                labels = columns.words("labels", of.enriched);
                tags = columns.words("module_tags", of.enriched);
                Some(enriched(&columns, of.enriched, &labels, &tags))
            }
            None => None,
        };
        let mails = Columns(&self.mails);
        let body = match &self.bodies {
            Some(batch) => {
                let text = Columns(batch).text("raw_payload", of.body).unwrap_or_default();
                Some(parse(text).map_err(|rejected| format!("a body cannot be read: {rejected}"))?)
            }
            None => None,
        };
        let participants = self.participants.as_ref();
        Ok(judge.verdict(&Known {
            killmail_id: mails.int8("killmail_id", of.mail).unwrap_or_default(),
            mail: Some(mail(&mails, of.mail)),
            enriched,
            participants: participants.and_then(|all| all.get(of.participants.clone())),
            items: body.as_ref().map(|body| body.victim.items.as_slice()),
        }))
    }
}

fn mail<'a>(columns: &Columns<'a>, row: usize) -> Mail<'a> {
    Mail {
        system_id: columns.int8("system_id", row).unwrap_or_default(),
        ship_type_id: columns.int8("ship_type_id", row).unwrap_or_default(),
        war_id: columns.int8("war_id", row),
        attacker_count: columns.int4("attacker_count", row).unwrap_or_default().into(),
        player_count: columns.int4("player_count", row).unwrap_or_default().into(),
        item_type_ids: columns.numbers("item_type_ids", row),
    }
}

fn enriched<'a>(
    columns: &Columns<'a>,
    row: usize,
    labels: &'a [&'a str],
    module_tags: &'a [&'a str],
) -> Enriched<'a> {
    Enriched {
        npc: columns.flag("npc", row),
        solo: columns.flag("solo", row),
        awox: columns.flag("awox", row),
        points: columns.int4("points", row).map(i64::from),
        isk_value: columns.isk("isk_value", row),
        fitted_value: columns.isk("fitted_value", row),
        dropped_value: columns.isk("dropped_value", row),
        destroyed_value: columns.isk("destroyed_value", row),
        value_source: columns.text("value_source", row).unwrap_or_default(),
        labels,
        module_tags,
    }
}

/// Somebody's row.
pub(super) fn participant(columns: &Columns<'_>, row: usize) -> Participant {
    Participant {
        ordinal: columns.int4("ordinal", row).unwrap_or_default(),
        character_id: columns.int8("character_id", row),
        corporation_id: columns.int8("corporation_id", row),
        alliance_id: columns.int8("alliance_id", row),
        faction_id: columns.int8("faction_id", row),
        ship_type_id: columns.int8("ship_type_id", row),
        weapon_type_id: columns.int8("weapon_type_id", row),
        final_blow: columns.flag("final_blow", row),
    }
}
