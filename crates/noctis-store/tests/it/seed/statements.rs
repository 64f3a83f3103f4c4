//! The seed's statements in its order, what PostgreSQL answers to them in an empty database, and our working form.

/// One statement of the seed.
pub(super) struct Said {
    pub statement: &'static str,
    /// SQLSTATE and message; none where it works as written.
    pub answer: Option<&'static str>,
    pub ours: Ours,
}

/// Where what a statement is for stands in our schema.
pub(super) enum Ours {
    /// This index of this table, as PostgreSQL writes it.
    Index(&'static str, &'static str),
    /// What this query says is true.
    Holds(&'static str),
    /// This form of it works.
    Runs(&'static str),
}
use Ours::{Holds, Index, Runs};

const fn refused(statement: &'static str, answer: &'static str, ours: Ours) -> Said {
    Said { statement, answer: Some(answer), ours }
}

const KEY_LACKS_TIME: &str =
    "0A000 unique constraint on partitioned table must include all partitioning columns";
const NO_RAW: &str = "42P01 relation \"killmails_raw\" does not exist";
const NO_ENRICHED: &str = "42P01 relation \"killmails_enriched\" does not exist";
const NO_PARTICIPANTS: &str = "42P01 relation \"killmail_participants\" does not exist";

pub(super) const SEED: [Said; 33] = [
    // 1. Declarative range partitioning by timestamp.
    refused(
        "CREATE TABLE killmails_raw (killmail_id BIGINT PRIMARY KEY, timestamp TIMESTAMPTZ NOT NULL,
           system_id BIGINT NOT NULL, ship_type_id BIGINT NOT NULL, raw_payload JSONB NOT NULL,
           inserted_at TIMESTAMPTZ DEFAULT now()) PARTITION BY RANGE (timestamp)",
        KEY_LACKS_TIME,
        Holds("SELECT pg_get_partkeydef('killmails_raw'::regclass) = 'RANGE (\"timestamp\")'"),
    ),
    refused(
        "CREATE TABLE killmails_raw_2025_06 PARTITION OF killmails_raw
           FOR VALUES FROM ('2025-06-01') TO ('2025-07-01')",
        NO_RAW,
        Holds("SELECT pg_get_expr(relpartbound, oid) = 'FOR VALUES FROM (''2025-06-01 00:00:00+00'') TO (''2025-07-01 00:00:00+00'')' FROM pg_class WHERE oid = 'killmails_raw_2025_06'::regclass"),
    ),
    refused(
        "CREATE TABLE killmails_enriched (killmail_id BIGINT PRIMARY KEY REFERENCES killmails_raw(killmail_id),
           isk_value NUMERIC NOT NULL, module_tags TEXT[] NOT NULL, enrichment_blob JSONB NOT NULL,
           enriched_at TIMESTAMPTZ DEFAULT now()) PARTITION BY RANGE (enriched_at)",
        KEY_LACKS_TIME,
        Holds("SELECT pg_get_partkeydef('killmails_enriched'::regclass) = 'RANGE (\"timestamp\")'"),
    ),
    refused(
        "CREATE TABLE killmails_enriched_2025_06 PARTITION OF killmails_enriched
           FOR VALUES FROM ('2025-06-01') TO ('2025-07-01')",
        NO_ENRICHED,
        Holds("SELECT pg_get_expr(relpartbound, oid) = 'FOR VALUES FROM (''2025-06-01 00:00:00+00'') TO (''2025-07-01 00:00:00+00'')' FROM pg_class WHERE oid = 'killmails_enriched_2025_06'::regclass"),
    ),
    // 2. Automated partition management: the example's statement, for June and July 2025.
    refused(
        "CREATE TABLE IF NOT EXISTS killmails_raw_2025_06 PARTITION OF killmails_raw
           FOR VALUES FROM ('2025-6-01') TO ('2025-7-01')",
        NO_RAW,
        Holds("SELECT to_regclass('killmails_raw_2025_07') IS NOT NULL"),
    ),
    // 4.1 killmails_raw.
    refused(
        "ALTER TABLE killmails_raw ADD PRIMARY KEY (killmail_id)",
        NO_RAW,
        Index("killmails_raw", "btree (killmail_id, \"timestamp\")"),
    ),
    refused(
        "CREATE INDEX ON killmails_raw (timestamp DESC)",
        NO_RAW,
        Index("killmails_raw", "btree (\"timestamp\" DESC, killmail_id DESC)"),
    ),
    refused(
        "CREATE INDEX ON killmails_raw (system_id, timestamp DESC)",
        NO_RAW,
        Index("killmails_raw", "btree (system_id, \"timestamp\" DESC, killmail_id DESC)"),
    ),
    refused(
        "CREATE INDEX ON killmails_raw (ship_type_id, timestamp DESC)",
        NO_RAW,
        Index("killmails_raw", "btree (ship_type_id, \"timestamp\" DESC, killmail_id DESC)"),
    ),
    // Repeats the primary key, which serves instead: decision 0009.
    refused(
        "CREATE INDEX ON killmails_raw (killmail_id)",
        NO_RAW,
        Index("killmails_raw", "btree (killmail_id, \"timestamp\")"),
    ),
    // 4.2 killmails_enriched.
    refused(
        "ALTER TABLE killmails_enriched ADD PRIMARY KEY (killmail_id)",
        NO_ENRICHED,
        Index("killmails_enriched", "btree (killmail_id, \"timestamp\")"),
    ),
    refused(
        "CREATE INDEX ON killmails_enriched (enriched_at DESC)",
        NO_ENRICHED,
        Index("killmails_enriched", "btree (enriched_at DESC)"),
    ),
    refused(
        "CREATE INDEX ON killmails_enriched (isk_value)",
        NO_ENRICHED,
        Index("killmails_enriched", "btree (isk_value, \"timestamp\", killmail_id) WHERE (isk_value IS NOT NULL)"),
    ),
    refused(
        "CREATE INDEX ON killmails_enriched USING GIN (module_tags)",
        NO_ENRICHED,
        Index("killmails_enriched", "gin (module_tags)"),
    ),
    // "If you ever search inside the JSON blob": nothing here does, so whoever will makes it: decision 0012.
    refused(
        "CREATE INDEX ON killmails_enriched USING GIN (enrichment_blob jsonb_path_ops)",
        NO_ENRICHED,
        Runs("CREATE INDEX ON killmails_enriched USING GIN (enrichment_blob jsonb_path_ops)"),
    ),
    // 4.3 killmail_participants.
    refused(
        "ALTER TABLE killmail_participants ADD PRIMARY KEY (killmail_id, character_id)",
        NO_PARTICIPANTS,
        Index("killmail_participants", "btree (killmail_id, \"timestamp\", ordinal)"),
    ),
    refused(
        "CREATE INDEX ON killmail_participants (character_id, killmail_id DESC)",
        NO_PARTICIPANTS,
        Index("killmail_participants", "btree (character_id, \"timestamp\" DESC, killmail_id DESC) WHERE (character_id IS NOT NULL)"),
    ),
    refused(
        "CREATE INDEX ON killmail_participants (corporation_id, killmail_id DESC)",
        NO_PARTICIPANTS,
        Index("killmail_participants", "btree (corporation_id, \"timestamp\" DESC, killmail_id DESC) WHERE ((corporation_id IS NOT NULL) AND first_of_corporation)"),
    ),
    refused(
        "CREATE INDEX ON killmail_participants (alliance_id, killmail_id DESC)",
        NO_PARTICIPANTS,
        Index("killmail_participants", "btree (alliance_id, \"timestamp\" DESC, killmail_id DESC) WHERE ((alliance_id IS NOT NULL) AND first_of_alliance)"),
    ),
    // 4.4 Lookup tables and search.
    Said {
        statement: "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        answer: None,
        ours: Holds("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"),
    },
    refused(
        "CREATE INDEX ON characters USING GIN (name gin_trgm_ops)",
        "42P01 relation \"characters\" does not exist",
        Index("characters", "gin (name gin_trgm_ops)"),
    ),
    refused(
        "CREATE INDEX ON corporations USING GIN (name gin_trgm_ops)",
        "42P01 relation \"corporations\" does not exist",
        Index("corporations", "gin (name gin_trgm_ops)"),
    ),
    refused(
        "CREATE INDEX ON alliances USING GIN (name gin_trgm_ops)",
        "42P01 relation \"alliances\" does not exist",
        Index("alliances", "gin (name gin_trgm_ops)"),
    ),
    refused(
        "CREATE INDEX ON systems USING GIN (name gin_trgm_ops)",
        "42P01 relation \"systems\" does not exist",
        Index("systems", "gin (name gin_trgm_ops)"),
    ),
    refused(
        "CREATE INDEX ON characters (corporation_id)",
        "42P01 relation \"characters\" does not exist",
        Index("characters", "btree (corporation_id)"),
    ),
    refused(
        "CREATE INDEX ON characters (alliance_id)",
        "42P01 relation \"characters\" does not exist",
        Index("characters", "btree (alliance_id)"),
    ),
    // 4.5 User and character.
    refused(
        "CREATE INDEX ON users_characters (user_id)",
        "42P01 relation \"users_characters\" does not exist",
        Index("users_characters", "btree (user_id)"),
    ),
    refused(
        "CREATE INDEX ON users_characters (character_id)",
        "42P01 relation \"users_characters\" does not exist",
        Index("users_characters", "btree (character_id)"),
    ),
    // 4.6 Surveillance profiles and filters.
    refused(
        "CREATE INDEX ON surveillance_profiles (user_id)",
        "42P01 relation \"surveillance_profiles\" does not exist",
        Index("surveillance_profiles", "btree (user_id)"),
    ),
    refused(
        "CREATE INDEX ON surveillance_filters (profile_id, order_index)",
        "42P01 relation \"surveillance_filters\" does not exist",
        Index("surveillance_filters", "btree (profile_id, order_index)"),
    ),
    refused(
        "CREATE INDEX ON surveillance_filters (filter_type)",
        "42P01 relation \"surveillance_filters\" does not exist",
        Index("surveillance_filters", "btree (filter_type)"),
    ),
    refused(
        "CREATE INDEX ON surveillance_filters USING GIN (value)",
        "42P01 relation \"surveillance_filters\" does not exist",
        Index("surveillance_filters", "gin (value)"),
    ),
    // 5. The condition the text gives as an example of a search in an array.
    refused(
        "SELECT killmail_id FROM killmails_enriched WHERE module_tags @> ['T2 Guns']",
        "42601 syntax error at or near \"[\"",
        Runs("SELECT killmail_id FROM killmails_enriched WHERE module_tags @> ARRAY['T2 Guns']"),
    ),
];
