-- Where a batch lies before it is merged: temporary tables of this session, emptied at each commit.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_kills (
  position        INTEGER     NOT NULL,
  killmail_id     BIGINT      NOT NULL,
  "timestamp"     TIMESTAMPTZ NOT NULL,
  system_id       BIGINT      NOT NULL,
  ship_type_id    BIGINT      NOT NULL,
  war_id          BIGINT,
  attacker_count  INTEGER     NOT NULL,
  player_count    INTEGER     NOT NULL,
  killmail_hash   BYTEA,
  raw_payload     JSONB       NOT NULL,
  points          INTEGER,
  npc             BOOLEAN     NOT NULL,
  solo            BOOLEAN     NOT NULL,
  awox            BOOLEAN     NOT NULL,
  value_source    TEXT        NOT NULL,
  isk_value       NUMERIC(20, 2),
  fitted_value    NUMERIC(20, 2),
  dropped_value   NUMERIC(20, 2),
  destroyed_value NUMERIC(20, 2),
  labels          TEXT[]      NOT NULL,
  module_tags     TEXT[]      NOT NULL,
  enrichment_blob JSONB       NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_participants (
  killmail_id          BIGINT      NOT NULL,
  "timestamp"          TIMESTAMPTZ NOT NULL,
  character_id         BIGINT,
  corporation_id       BIGINT,
  alliance_id          BIGINT,
  faction_id           BIGINT,
  ship_type_id         BIGINT,
  weapon_type_id       BIGINT,
  damage               BIGINT      NOT NULL,
  ordinal              INTEGER     NOT NULL,
  security_status      REAL,
  final_blow           BOOLEAN     NOT NULL,
  first_of_corporation BOOLEAN     NOT NULL,
  first_of_alliance    BOOLEAN     NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_new (
  killmail_id BIGINT      NOT NULL,
  "timestamp" TIMESTAMPTZ NOT NULL
) ON COMMIT DELETE ROWS;
-- The batch's size differs from call to call: no plan is kept.
SET plan_cache_mode = force_custom_plan;
