-- Killmails: three tables partitioned together by the kill's own time, and what stands around them unpartitioned.
--
-- No DEFAULT partition, no foreign key between these tables, no trigger: see docs/decisions/0001 to 0006.

CREATE TABLE killmails_raw (
  killmail_id    BIGINT      NOT NULL,
  "timestamp"    TIMESTAMPTZ NOT NULL,
  system_id      BIGINT      NOT NULL,
  ship_type_id   BIGINT      NOT NULL,
  war_id         BIGINT,
  inserted_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
  attacker_count INTEGER     NOT NULL,
  player_count   INTEGER     NOT NULL,
  killmail_hash  BYTEA,
  raw_payload    JSONB       NOT NULL,
  PRIMARY KEY (killmail_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
CREATE INDEX ON killmails_raw ("timestamp" DESC, killmail_id DESC);
CREATE INDEX ON killmails_raw (system_id, "timestamp" DESC, killmail_id DESC);
CREATE INDEX ON killmails_raw (ship_type_id, "timestamp" DESC, killmail_id DESC);

-- isk_value is null where nothing is known (value_source 'none'): a zero would read as a fact.
CREATE TABLE killmails_enriched (
  killmail_id     BIGINT         NOT NULL,
  "timestamp"     TIMESTAMPTZ    NOT NULL,
  enriched_at     TIMESTAMPTZ    NOT NULL DEFAULT now(),
  points          INTEGER,
  npc             BOOLEAN        NOT NULL,
  solo            BOOLEAN        NOT NULL,
  awox            BOOLEAN        NOT NULL,
  value_source    TEXT           NOT NULL,
  isk_value       NUMERIC(20, 2),
  fitted_value    NUMERIC(20, 2),
  dropped_value   NUMERIC(20, 2),
  destroyed_value NUMERIC(20, 2),
  labels          TEXT[]         NOT NULL,
  module_tags     TEXT[]         NOT NULL,
  enrichment_blob JSONB          NOT NULL,
  PRIMARY KEY (killmail_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
CREATE INDEX ON killmails_enriched (enriched_at DESC);
CREATE INDEX ON killmails_enriched (isk_value, "timestamp", killmail_id) WHERE isk_value IS NOT NULL;
CREATE INDEX ON killmails_enriched USING GIN (module_tags);
CREATE INDEX ON killmails_enriched USING GIN (labels);

-- Ordinal 0 is the victim, 1 and up the attackers in the mail's order. The victim's row, and of the attackers the
-- first of each corporation and alliance, are marked, so that a fleet of 300 costs an index one entry and not 300.
-- final_blow is on one row at most, whatever the mail says.
CREATE TABLE killmail_participants (
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
  first_of_alliance    BOOLEAN     NOT NULL,
  PRIMARY KEY (killmail_id, "timestamp", ordinal)
) PARTITION BY RANGE ("timestamp");
CREATE INDEX ON killmail_participants (character_id, "timestamp" DESC, killmail_id DESC)
  WHERE character_id IS NOT NULL;
CREATE INDEX ON killmail_participants (corporation_id, "timestamp" DESC, killmail_id DESC)
  WHERE corporation_id IS NOT NULL AND first_of_corporation;
CREATE INDEX ON killmail_participants (alliance_id, "timestamp" DESC, killmail_id DESC)
  WHERE alliance_id IS NOT NULL AND first_of_alliance;

-- Every killmail ever stored, archived ones included: global uniqueness, the way from an id to its month, and the
-- order of arrival, numbered without gaps under the merge lock (docs/decisions/0007).
CREATE TABLE killmail_registry (
  killmail_id BIGINT      PRIMARY KEY,
  "timestamp" TIMESTAMPTZ NOT NULL,
  arrival     BIGINT      NOT NULL
);
CREATE INDEX ON killmail_registry (arrival);

-- Killmails known by id alone. What a feed said of their value waits here for the body.
CREATE TABLE killmails_wanted (
  killmail_id   BIGINT      PRIMARY KEY,
  killmail_hash BYTEA,
  source        TEXT        NOT NULL,
  zkb           JSONB,
  zkb_rank      BIGINT      NOT NULL DEFAULT 0,
  wanted_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Inputs that could not be stored, with their bytes. The same bytes are kept once.
CREATE TABLE killmails_parked (
  parked_id   BIGINT      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  digest      BYTEA       NOT NULL UNIQUE,
  killmail_id BIGINT,
  reason      TEXT        NOT NULL,
  detail      TEXT        NOT NULL,
  source      TEXT        NOT NULL,
  bytes       BYTEA       NOT NULL,
  parked_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON killmails_parked (reason, parked_id);

-- Files that an import has finished, by the hash of their content.
CREATE TABLE imported_files (
  sha256      BYTEA       PRIMARY KEY,
  name        TEXT        NOT NULL,
  bytes       BIGINT      NOT NULL,
  read        BIGINT      NOT NULL,
  finished_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
