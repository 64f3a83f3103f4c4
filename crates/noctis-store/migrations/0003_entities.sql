-- Names of characters, corporations and alliances; users and their surveillance profiles.

CREATE TABLE characters (
  eve_id         BIGINT      PRIMARY KEY,
  name           TEXT        NOT NULL,
  corporation_id BIGINT,
  alliance_id    BIGINT,
  attributes     JSONB       NOT NULL DEFAULT '{}',
  inserted_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON characters USING GIN (name gin_trgm_ops);
CREATE INDEX ON characters (corporation_id);
CREATE INDEX ON characters (alliance_id);

CREATE TABLE corporations (
  eve_id      BIGINT      PRIMARY KEY,
  name        TEXT        NOT NULL,
  ticker      TEXT,
  alliance_id BIGINT,
  updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON corporations USING GIN (name gin_trgm_ops);

CREATE TABLE alliances (
  eve_id     BIGINT      PRIMARY KEY,
  name       TEXT        NOT NULL,
  ticker     TEXT,
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON alliances USING GIN (name gin_trgm_ops);

CREATE TABLE users (
  id          UUID        PRIMARY KEY DEFAULT gen_random_uuid(),
  name        TEXT        NOT NULL,
  preferences JSONB       NOT NULL DEFAULT '{}',
  inserted_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE users_characters (
  user_id      UUID        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  character_id BIGINT      NOT NULL,
  linked_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, character_id)
);
CREATE INDEX ON users_characters (user_id);
CREATE INDEX ON users_characters (character_id);

CREATE TABLE surveillance_profiles (
  id          UUID        PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id     UUID        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name        TEXT        NOT NULL,
  priority    INTEGER     NOT NULL DEFAULT 0,
  settings    JSONB       NOT NULL DEFAULT '{}',
  active      BOOLEAN     NOT NULL DEFAULT true,
  inserted_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON surveillance_profiles (user_id);

-- The rows of one profile are its tree: parent_id is the group a filter stands in, order_index its place there.
CREATE TABLE surveillance_filters (
  id          UUID    PRIMARY KEY DEFAULT gen_random_uuid(),
  profile_id  UUID    NOT NULL REFERENCES surveillance_profiles (id) ON DELETE CASCADE,
  parent_id   UUID    REFERENCES surveillance_filters (id) ON DELETE CASCADE,
  filter_type TEXT    NOT NULL,
  operator    TEXT    NOT NULL,
  value       JSONB   NOT NULL,
  order_index INTEGER NOT NULL
);
CREATE INDEX ON surveillance_filters (profile_id, order_index);
CREATE INDEX ON surveillance_filters (parent_id);
CREATE INDEX ON surveillance_filters (filter_type);
CREATE INDEX ON surveillance_filters USING GIN (value);
