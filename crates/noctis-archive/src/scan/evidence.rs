//! What has been read of some kills, so that a judge can be asked about each.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_array::types::{Int32Type, Int64Type};
use noctis_core::killmail::parse::parse;
use noctis_core::question::judging::{Enriched, Judge, Known, Mail, Participant};

use super::columns::{Amounts, Columns, Flags, Lists, Numbers, Texts};

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

/// The evidence laid out, so that a kill is soon found in it.
pub(super) struct Laid<'a> {
    mails: Mails<'a>,
    enriched: Option<Conclusions<'a>>,
    participants: Option<&'a [Participant]>,
    bodies: Option<Texts<'a>>,
}

impl Evidence {
    pub(super) fn laid(&self) -> Laid<'_> {
        let enriched = self.enriched.as_ref();
        let bodies = self.bodies.as_ref();
        Laid {
            mails: Mails::new(Columns(&self.mails)),
            enriched: enriched.map(|batch| Conclusions::new(Columns(batch))),
            participants: self.participants.as_deref(),
            bodies: bodies.map(|batch| Columns(batch).texts("raw_payload")),
        }
    }
}

impl Laid<'_> {
    /// Whether the kill is meant, as far as it is known; what is wrong with its body, where that cannot be read.
    pub(super) fn verdict(&self, judge: &Judge, of: &Suspect) -> Result<Option<bool>, String> {
        let (mut labels, mut tags) = (Vec::new(), Vec::new());
        if let Some(conclusions) = &self.enriched {
            labels = conclusions.labels.words(of.enriched);
            tags = conclusions.module_tags.words(of.enriched);
        }
        let enriched = self.enriched.as_ref().map(|all| all.at(of.enriched, &labels, &tags));
        let body = match &self.bodies {
            Some(bodies) => {
                let text = bodies.text(of.body).unwrap_or_default();
                Some(parse(text).map_err(|rejected| format!("a body cannot be read: {rejected}"))?)
            }
            None => None,
        };
        Ok(judge.verdict(&Known {
            killmail_id: self.mails.killmail_id.at(of.mail).unwrap_or_default(),
            mail: Some(self.mails.at(of.mail)),
            enriched,
            participants: self.participants.and_then(|all| all.get(of.participants.clone())),
            items: body.as_ref().map(|body| body.victim.items.as_slice()),
        }))
    }
}

struct Mails<'a> {
    killmail_id: Numbers<'a, Int64Type>,
    system_id: Numbers<'a, Int64Type>,
    ship_type_id: Numbers<'a, Int64Type>,
    war_id: Numbers<'a, Int64Type>,
    attacker_count: Numbers<'a, Int32Type>,
    player_count: Numbers<'a, Int32Type>,
    item_type_ids: Lists<'a>,
}

impl<'a> Mails<'a> {
    fn new(columns: Columns<'a>) -> Mails<'a> {
        Mails {
            killmail_id: columns.int8("killmail_id"),
            system_id: columns.int8("system_id"),
            ship_type_id: columns.int8("ship_type_id"),
            war_id: columns.int8("war_id"),
            attacker_count: columns.int4("attacker_count"),
            player_count: columns.int4("player_count"),
            item_type_ids: columns.lists("item_type_ids"),
        }
    }

    fn at(&self, row: usize) -> Mail<'a> {
        Mail {
            system_id: self.system_id.at(row).unwrap_or_default(),
            ship_type_id: self.ship_type_id.at(row).unwrap_or_default(),
            war_id: self.war_id.at(row),
            attacker_count: self.attacker_count.at(row).unwrap_or_default().into(),
            player_count: self.player_count.at(row).unwrap_or_default().into(),
            item_type_ids: self.item_type_ids.numbers(row),
        }
    }
}

struct Conclusions<'a> {
    npc: Flags<'a>,
    solo: Flags<'a>,
    awox: Flags<'a>,
    points: Numbers<'a, Int32Type>,
    isk_value: Amounts<'a>,
    fitted_value: Amounts<'a>,
    dropped_value: Amounts<'a>,
    destroyed_value: Amounts<'a>,
    value_source: Texts<'a>,
    labels: Lists<'a>,
    module_tags: Lists<'a>,
}

impl<'a> Conclusions<'a> {
    fn new(columns: Columns<'a>) -> Conclusions<'a> {
        Conclusions {
            npc: columns.flags("npc"),
            solo: columns.flags("solo"),
            awox: columns.flags("awox"),
            points: columns.int4("points"),
            isk_value: columns.amounts("isk_value"),
            fitted_value: columns.amounts("fitted_value"),
            dropped_value: columns.amounts("dropped_value"),
            destroyed_value: columns.amounts("destroyed_value"),
            value_source: columns.texts("value_source"),
            labels: columns.lists("labels"),
            module_tags: columns.lists("module_tags"),
        }
    }

    fn at<'b>(&self, row: usize, labels: &'b [&'b str], module_tags: &'b [&'b str]) -> Enriched<'b>
    where
        'a: 'b,
    {
        Enriched {
            npc: self.npc.is(row),
            solo: self.solo.is(row),
            awox: self.awox.is(row),
            points: self.points.at(row).map(i64::from),
            isk_value: self.isk_value.isk(row),
            fitted_value: self.fitted_value.isk(row),
            dropped_value: self.dropped_value.isk(row),
            destroyed_value: self.destroyed_value.isk(row),
            value_source: self.value_source.text(row).unwrap_or_default(),
            labels,
            module_tags,
        }
    }
}

/// The rows of participants.
pub(super) struct Participants<'a> {
    ordinal: Numbers<'a, Int32Type>,
    character_id: Numbers<'a, Int64Type>,
    corporation_id: Numbers<'a, Int64Type>,
    alliance_id: Numbers<'a, Int64Type>,
    faction_id: Numbers<'a, Int64Type>,
    ship_type_id: Numbers<'a, Int64Type>,
    weapon_type_id: Numbers<'a, Int64Type>,
    final_blow: Flags<'a>,
}

impl<'a> Participants<'a> {
    pub(super) fn new(columns: Columns<'a>) -> Participants<'a> {
        Participants {
            ordinal: columns.int4("ordinal"),
            character_id: columns.int8("character_id"),
            corporation_id: columns.int8("corporation_id"),
            alliance_id: columns.int8("alliance_id"),
            faction_id: columns.int8("faction_id"),
            ship_type_id: columns.int8("ship_type_id"),
            weapon_type_id: columns.int8("weapon_type_id"),
            final_blow: columns.flags("final_blow"),
        }
    }

    /// Somebody's row.
    pub(super) fn at(&self, row: usize) -> Participant {
        Participant {
            ordinal: self.ordinal.at(row).unwrap_or_default(),
            character_id: self.character_id.at(row),
            corporation_id: self.corporation_id.at(row),
            alliance_id: self.alliance_id.at(row),
            faction_id: self.faction_id.at(row),
            ship_type_id: self.ship_type_id.at(row),
            weapon_type_id: self.weapon_type_id.at(row),
            final_blow: self.final_blow.is(row),
        }
    }
}
