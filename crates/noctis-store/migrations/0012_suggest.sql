-- Suggest: names in the order of their activity, and of each gram who holds it. docs/decisions/0045.

-- Both tables are made anew as a whole and swapped (sql/suggest/swap.sql); nothing is changed in them.
-- no: the place by activity, times 4, plus the kind: 1 character, 2 corporation, 3 alliance.
CREATE TABLE suggest_names (
  no       INTEGER NOT NULL,
  activity BIGINT  NOT NULL,
  eve_id   BIGINT  NOT NULL,
  name     TEXT    NOT NULL,
  ticker   TEXT,
  CONSTRAINT suggest_names_pkey PRIMARY KEY (no)
);

-- A heavy gram is held by more names than are kept with it: those that are, are the most active. A light one has all.
CREATE TABLE suggest_grams (
  gram     BYTEA     NOT NULL,
  is_heavy BOOLEAN   NOT NULL,
  names    INTEGER[] NOT NULL,
  CONSTRAINT suggest_grams_pkey PRIMARY KEY (gram)
);

-- What they were made from; one row, or none before they were first made.
CREATE TABLE suggest_built (
  only_row BOOLEAN          PRIMARY KEY DEFAULT true CHECK (only_row),
  as_of    TIMESTAMPTZ      NOT NULL,
  names    BIGINT           NOT NULL,
  grams    BIGINT           NOT NULL,
  seconds  DOUBLE PRECISION NOT NULL
);

-- Names that are newer than that are found by when they were written; the rows lie about in that order.
CREATE INDEX ON characters USING BRIN (updated_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX ON corporations USING BRIN (updated_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX ON alliances USING BRIN (updated_at) WITH (pages_per_range = 32, autosummarize = on);
