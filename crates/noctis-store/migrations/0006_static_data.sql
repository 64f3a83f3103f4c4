-- Static data that was imported, whole; and what only imported static data brings.

-- One row at most: the catalogue's text, packed by zstd. A process that starts takes it where it is not older than what
-- the binary carries; one that runs notices another imported_at.
CREATE TABLE static_data (
  only_row    BOOLEAN     PRIMARY KEY DEFAULT true CHECK (only_row),
  build       BIGINT      NOT NULL,
  released    DATE        NOT NULL,
  imported_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  packed      BYTEA       NOT NULL
);
-- It is packed already.
ALTER TABLE static_data ALTER COLUMN packed SET STORAGE EXTERNAL;

CREATE TABLE factions (
  faction_id BIGINT PRIMARY KEY,
  name       TEXT   NOT NULL
);

CREATE TABLE npc_corporations (
  corporation_id BIGINT PRIMARY KEY,
  name           TEXT   NOT NULL
);

-- CCP's class: 1 to 6 are wormhole space, 7 to 9 high, low and null security, more are special places.
ALTER TABLE systems ADD COLUMN wormhole_class SMALLINT;
