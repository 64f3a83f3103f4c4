//! The indexes of the partitioned tables beside their primary keys, as data.
//!
//! Migrations made the ones that stand here from the first; a new one is added here and in no migration, and is built leaf by leaf
//! while everybody reads and writes.

use noctis_core::partition::Member;

use crate::partitions::index_rollout::Declaration;

const fn on(member: Member, name: &'static str, definition: &'static str) -> Declaration {
    Declaration { name, member, definition }
}

/// Definitions are as PostgreSQL writes them.
pub const INDEXES: &[Declaration] = &[
    on(Member::Raw, "killmails_raw_item_type_ids_idx", "USING gin (item_type_ids)"),
    on(
        Member::Raw,
        "killmails_raw_ship_type_id_timestamp_killmail_id_idx",
        r#"USING btree (ship_type_id, "timestamp" DESC, killmail_id DESC)"#,
    ),
    on(
        Member::Raw,
        "killmails_raw_system_id_timestamp_killmail_id_idx",
        r#"USING btree (system_id, "timestamp" DESC, killmail_id DESC)"#,
    ),
    on(
        Member::Raw,
        "killmails_raw_timestamp_killmail_id_idx",
        r#"USING btree ("timestamp" DESC, killmail_id DESC)"#,
    ),
    on(
        Member::Raw,
        "killmails_raw_war_id_timestamp_killmail_id_idx",
        r#"USING btree (war_id, "timestamp" DESC, killmail_id DESC) WHERE (war_id IS NOT NULL)"#,
    ),
    on(Member::Enriched, "killmails_enriched_enriched_at_idx", "USING btree (enriched_at DESC)"),
    on(
        Member::Enriched,
        "killmails_enriched_isk_value_timestamp_killmail_id_idx",
        r#"USING btree (isk_value, "timestamp", killmail_id) WHERE (isk_value IS NOT NULL)"#,
    ),
    on(Member::Enriched, "killmails_enriched_labels_idx", "USING gin (labels)"),
    on(Member::Enriched, "killmails_enriched_module_tags_idx", "USING gin (module_tags)"),
    on(
        Member::Participants,
        "killmail_participants_alliance_id_timestamp_killmail_id_idx",
        r#"USING btree (alliance_id, "timestamp" DESC, killmail_id DESC) WHERE ((alliance_id IS NOT NULL) AND first_of_alliance)"#,
    ),
    on(
        Member::Participants,
        "killmail_participants_character_id_timestamp_killmail_id_idx",
        r#"USING btree (character_id, "timestamp" DESC, killmail_id DESC) WHERE (character_id IS NOT NULL)"#,
    ),
    on(
        Member::Participants,
        "killmail_participants_corporation_id_timestamp_killmail_id_idx",
        r#"USING btree (corporation_id, "timestamp" DESC, killmail_id DESC) WHERE ((corporation_id IS NOT NULL) AND first_of_corporation)"#,
    ),
];
