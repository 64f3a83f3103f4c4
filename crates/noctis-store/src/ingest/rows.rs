//! Killmails as rows: binary COPY into staging and into the tables.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use jiff::civil::Date;
use noctis_core::enrich::{Enriched, OwnValue};
use noctis_core::isk::Isk;
use noctis_core::killmail::Killmail;
use noctis_core::killmail::shape::Mail;
use noctis_core::zkb::ZkbBlock;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::Incoming;
use super::copying::Copying;
use super::work::Work;
use crate::Result;

/// A JSON text that goes into a `jsonb` column as it is, without being parsed here.
#[derive(Debug)]
pub(super) struct JsonText<'a>(pub(super) &'a str);

impl ToSql for JsonText<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.put_u8(1); // The version of jsonb's binary form.
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }

    to_sql_checked!();
}

/// The values of `killmails_enriched` in the order of its columns from `points` on.
pub(crate) struct EnrichedRow<'a> {
    pub(crate) enriched: &'a Enriched,
    pub(crate) amounts: [Option<Decimal>; 4],
    pub(crate) own_value: Option<Decimal>,
    pub(crate) unpriced_count: Option<i32>,
    price_date: Option<Date>,
    source: &'static str,
    pub(crate) blob: String,
}

impl<'a> EnrichedRow<'a> {
    pub(crate) fn new(
        enriched: &'a Enriched,
        zkb: Option<&ZkbBlock>,
        static_data: &str,
    ) -> EnrichedRow<'a> {
        let amount = |isk: Option<Isk>| isk.map(Isk::amount);
        EnrichedRow {
            enriched,
            amounts: [
                amount(enriched.isk_value),
                amount(enriched.fitted_value),
                amount(enriched.dropped_value),
                amount(enriched.destroyed_value),
            ],
            own_value: amount(enriched.own.map(|own| own.total)),
            unpriced_count: enriched.own.map(|own| count(own.unpriced_count as usize)),
            price_date: enriched.own.map(|own| own.price_date),
            source: enriched.value_source.name(),
            blob: blob(zkb, enriched.own, static_data),
        }
    }

    /// The values with the JSON in a form that can be borrowed.
    pub(super) fn blob(&self) -> JsonText<'_> {
        JsonText(&self.blob)
    }

    pub(super) fn values<'b>(&'b self, blob: &'b JsonText<'b>) -> [&'b (dyn ToSql + Sync); 15] {
        let e = self.enriched;
        [
            &e.points,
            &e.npc,
            &e.solo,
            &e.awox,
            &self.source,
            &self.amounts[0],
            &self.amounts[1],
            &self.amounts[2],
            &self.amounts[3],
            &self.own_value,
            &self.unpriced_count,
            &self.price_date,
            &e.labels,
            &e.module_tags,
            blob,
        ]
    }
}

/// What the enrichment was made from, and what does not prevail: the static data's build, our own value in its parts,
/// and zKillboard's block with its rank.
fn blob(zkb: Option<&ZkbBlock>, own: Option<OwnValue>, static_data: &str) -> String {
    let static_data = serde_json::Value::from(static_data);
    let mut blob = format!("{{\"static_data\":{static_data}");
    if let Some(OwnValue { total, fitted, dropped, destroyed, .. }) = own {
        blob += &format!(
            ",\"own\":{{\"total\":{total},\"fitted\":{fitted},\"dropped\":{dropped},\"destroyed\":{destroyed}}}"
        );
    }
    if let Some(block) = zkb {
        blob += &format!(",\"zkb\":{},\"zkb_rank\":{}", block.text(), block.rank);
    }
    blob + "}"
}

const KILL_TYPES: [Type; 11] = [
    Type::INT4,
    Type::INT8,
    Type::TIMESTAMPTZ,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT4,
    Type::INT4,
    Type::BYTEA,
    Type::JSONB,
    Type::INT4_ARRAY,
];

/// Stages the chosen kills, each with its place in the batch.
pub(super) async fn stage(
    transaction: &Transaction<'_>,
    kills: &[Incoming],
    chosen: &[usize],
) -> Result<()> {
    let mut copying =
        Copying::begin(transaction, include_str!("../../sql/ingest/copy_kills.sql"), &KILL_TYPES)
            .await?;
    for &place in chosen {
        let row = RawRow::new(&kills[place].mail);
        let position = count(place);
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&position];
        values.extend(row.values());
        copying.write(&values).await?;
    }
    copying.finish().await
}

/// Stores the bodies of new kills by this statement.
pub(super) async fn copy_raw(
    transaction: &Transaction<'_>,
    sql: &str,
    kills: &[Incoming],
    new: &[usize],
) -> Result<()> {
    // Without the place in the batch.
    let mut copying = Copying::begin(transaction, sql, &KILL_TYPES[1..]).await?;
    for &place in new {
        let row = RawRow::new(&kills[place].mail);
        copying.write(&row.values()).await?;
    }
    copying.finish().await
}

/// The values of `killmails_raw`, but for the time of storing.
struct RawRow<'a> {
    killmail: &'a Killmail,
    attacker_count: i32,
    player_count: i32,
    hash: Option<&'a [u8]>,
    body: JsonText<'a>,
    item_type_ids: Vec<i32>,
}

impl<'a> RawRow<'a> {
    fn new(mail: &'a Mail) -> RawRow<'a> {
        let killmail = &mail.killmail;
        RawRow {
            killmail,
            attacker_count: count(killmail.attackers.len()),
            player_count: count(killmail.player_count()),
            hash: mail.hash.as_ref().map(|hash| hash.0.as_slice()),
            body: JsonText(&mail.body),
            item_type_ids: killmail.item_type_ids(),
        }
    }

    fn values(&self) -> [&(dyn ToSql + Sync); 10] {
        [
            &self.killmail.killmail_id,
            &self.killmail.killmail_time,
            &self.killmail.solar_system_id,
            &self.killmail.victim.ship_type_id,
            &self.killmail.war_id,
            &self.attacker_count,
            &self.player_count,
            &self.hash,
            &self.body,
            &self.item_type_ids,
        ]
    }
}

const ENRICHED_TYPES: [Type; 17] = [
    Type::INT8,
    Type::TIMESTAMPTZ,
    Type::INT4,
    Type::BOOL,
    Type::BOOL,
    Type::BOOL,
    Type::TEXT,
    Type::NUMERIC,
    Type::NUMERIC,
    Type::NUMERIC,
    Type::NUMERIC,
    Type::NUMERIC,
    Type::INT4,
    Type::DATE,
    Type::TEXT_ARRAY,
    Type::TEXT_ARRAY,
    Type::JSONB,
];

/// The statement that stores the enrichment of new kills.
pub(super) const COPY_ENRICHED: &str = include_str!("../../sql/ingest/copy_enriched.sql");

/// Stores the enrichment of new kills by this statement.
pub(super) async fn copy_enriched(
    transaction: &Transaction<'_>,
    sql: &str,
    work: &mut Work,
    new: &[usize],
) -> Result<()> {
    let (batch, catalogue) = (Arc::clone(&work.batch), Arc::clone(&work.catalogue));
    let enriched = work.enriched().await;
    let mut copying = Copying::begin(transaction, sql, &ENRICHED_TYPES).await?;
    for &place in new {
        let mail = &batch.kills[place].mail;
        let row = EnrichedRow::new(&enriched[place], mail.zkb.as_ref(), &catalogue.build);
        let blob = row.blob();
        let mut values: Vec<&(dyn ToSql + Sync)> =
            vec![&mail.killmail.killmail_id, &mail.killmail.killmail_time];
        values.extend(row.values(&blob));
        copying.write(&values).await?;
    }
    copying.finish().await
}

/// Writes the enrichment of one stored kill anew.
pub(crate) async fn update(
    transaction: &Transaction<'_>,
    killmail: &Killmail,
    row: &EnrichedRow<'_>,
) -> Result<()> {
    let blob = row.blob();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&killmail.killmail_id, &killmail.killmail_time];
    values.extend(row.values(&blob));
    let typed: Vec<_> = values.into_iter().zip(ENRICHED_TYPES).collect();
    let sql = include_str!("../../sql/ingest/update_enriched.sql");
    transaction.execute_typed(sql, &typed).await?;
    Ok(())
}

const PARTICIPANT_TYPES: [Type; 14] = [
    Type::INT8,
    Type::TIMESTAMPTZ,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT4,
    Type::FLOAT4,
    Type::BOOL,
    Type::BOOL,
    Type::BOOL,
];

/// The statement that stores victims and attackers of new kills.
pub(super) const COPY_PARTICIPANTS: &str = include_str!("../../sql/ingest/copy_participants.sql");

/// Stores victims and attackers of new kills by this statement.
pub(super) async fn copy_participants(
    transaction: &Transaction<'_>,
    sql: &str,
    kills: &[Incoming],
    new: &[usize],
) -> Result<()> {
    let mut copying = Copying::begin(transaction, sql, &PARTICIPANT_TYPES).await?;
    for &place in new {
        let killmail = &kills[place].mail.killmail;
        for p in participants(killmail) {
            copying
                .write(&[
                    &killmail.killmail_id,
                    &killmail.killmail_time,
                    &p.character_id,
                    &p.corporation_id,
                    &p.alliance_id,
                    &p.faction_id,
                    &p.ship_type_id,
                    &p.weapon_type_id,
                    &p.damage,
                    &p.ordinal,
                    &p.security_status,
                    &p.final_blow,
                    &p.first_of_corporation,
                    &p.first_of_alliance,
                ])
                .await?;
        }
    }
    copying.finish().await
}

/// A row of `killmail_participants`.
struct Participant {
    character_id: Option<i64>,
    corporation_id: Option<i64>,
    alliance_id: Option<i64>,
    faction_id: Option<i64>,
    ship_type_id: Option<i64>,
    weapon_type_id: Option<i64>,
    damage: i64,
    ordinal: i32,
    security_status: Option<f32>,
    final_blow: bool,
    first_of_corporation: bool,
    first_of_alliance: bool,
}

/// The victim, then the attackers in the mail's order. Marks are set apart for victim and attackers, so that "losses
/// of" and "kills by" each find one row a kill.
fn participants(killmail: &Killmail) -> impl Iterator<Item = Participant> {
    let victim = &killmail.victim;
    let victim_row = Participant {
        character_id: victim.character_id,
        corporation_id: victim.corporation_id,
        alliance_id: victim.alliance_id,
        faction_id: victim.faction_id,
        ship_type_id: Some(victim.ship_type_id),
        weapon_type_id: None,
        damage: victim.damage_taken,
        ordinal: 0,
        security_status: None,
        final_blow: false,
        first_of_corporation: true,
        first_of_alliance: true,
    };
    let (mut corporations, mut alliances) = (HashSet::new(), HashSet::new());
    let mut final_blow_seen = false;
    let attackers = killmail.attackers.iter().enumerate().map(move |(index, attacker)| {
        let final_blow = attacker.final_blow && !final_blow_seen;
        final_blow_seen |= final_blow;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a security status lies between -10 and 10"
        )]
        let security_status = attacker.security_status as f32;
        Participant {
            character_id: attacker.character_id,
            corporation_id: attacker.corporation_id,
            alliance_id: attacker.alliance_id,
            faction_id: attacker.faction_id,
            ship_type_id: attacker.ship_type_id,
            weapon_type_id: attacker.weapon_type_id,
            damage: attacker.damage_done,
            ordinal: count(index) + 1,
            security_status: Some(security_status),
            final_blow,
            first_of_corporation: attacker.corporation_id.is_some_and(|id| corporations.insert(id)),
            first_of_alliance: attacker.alliance_id.is_some_and(|id| alliances.insert(id)),
        }
    });
    std::iter::once(victim_row).chain(attackers)
}

/// A mail of 16 MiB has fewer than 2^31 of anything.
fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
