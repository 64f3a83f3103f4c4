-- What this store is, and EVE's static data.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- One row. The id tells this store's archives from those of another; a copy of the database is found out by its
-- generation, which the archive keeps too.
CREATE TABLE noctis_store (
  only_row          BOOLEAN     PRIMARY KEY DEFAULT true CHECK (only_row),
  store_id          UUID        NOT NULL DEFAULT gen_random_uuid(),
  generation        BIGINT      NOT NULL DEFAULT 1,
  static_data_build TEXT,
  created_at        TIMESTAMPTZ NOT NULL DEFAULT now()
);
INSERT INTO noctis_store DEFAULT VALUES;

CREATE TABLE regions (
  region_id BIGINT PRIMARY KEY,
  name      TEXT   NOT NULL
);

CREATE TABLE constellations (
  constellation_id BIGINT PRIMARY KEY,
  name             TEXT   NOT NULL,
  region_id        BIGINT NOT NULL
);

-- The seed's columns, and the ids of constellation and region. security_status is the true one, not rounded.
CREATE TABLE systems (
  eve_id           BIGINT           PRIMARY KEY,
  name             TEXT             NOT NULL,
  constellation    TEXT             NOT NULL,
  region           TEXT             NOT NULL,
  security_status  DOUBLE PRECISION NOT NULL,
  constellation_id BIGINT           NOT NULL,
  region_id        BIGINT           NOT NULL
);
CREATE INDEX ON systems USING GIN (name gin_trgm_ops);

CREATE TABLE type_categories (
  category_id BIGINT PRIMARY KEY,
  name        TEXT   NOT NULL
);

CREATE TABLE type_groups (
  group_id    BIGINT PRIMARY KEY,
  name        TEXT   NOT NULL,
  category_id BIGINT NOT NULL
);

CREATE TABLE types (
  type_id         BIGINT  PRIMARY KEY,
  name            TEXT    NOT NULL,
  group_id        BIGINT  NOT NULL,
  category_id     BIGINT  NOT NULL,
  market_group_id BIGINT,
  meta_group_id   BIGINT,
  published       BOOLEAN NOT NULL
);
CREATE INDEX ON types (group_id);
