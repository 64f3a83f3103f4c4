-- Names: when they were learned, who is still without one, and how far the stored killmails were looked through for ids.

-- as_of: when the name was true, as far as we know. seen_at: the time of the newest killmail looked through that told
-- corporation_id and alliance_id; null where they come from elsewhere. See docs/decisions/0034.
ALTER TABLE characters ADD COLUMN as_of TIMESTAMPTZ, ADD COLUMN seen_at TIMESTAMPTZ;
UPDATE characters SET as_of = updated_at;
ALTER TABLE characters ALTER COLUMN as_of SET NOT NULL, ALTER COLUMN as_of SET DEFAULT now();

ALTER TABLE corporations ADD COLUMN as_of TIMESTAMPTZ, ADD COLUMN seen_at TIMESTAMPTZ;
UPDATE corporations SET as_of = updated_at;
ALTER TABLE corporations ALTER COLUMN as_of SET NOT NULL, ALTER COLUMN as_of SET DEFAULT now();

ALTER TABLE alliances ADD COLUMN as_of TIMESTAMPTZ;
UPDATE alliances SET as_of = updated_at;
ALTER TABLE alliances ALTER COLUMN as_of SET NOT NULL, ALTER COLUMN as_of SET DEFAULT now();

-- Ids on killmails that lack something: a 'name', a 'ticker', or a name that has grown old ('again'). What ESI does not
-- know keeps its row, with the reason and when it may be asked for again.
CREATE TABLE names_wanted (
  wanted         TEXT        NOT NULL,
  kind           TEXT        NOT NULL,
  eve_id         BIGINT      NOT NULL,
  seen           BIGINT      NOT NULL,
  corporation_id BIGINT,
  alliance_id    BIGINT,
  seen_at        TIMESTAMPTZ,
  ask_after      TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  asked_at       TIMESTAMPTZ,
  tries          INTEGER     NOT NULL DEFAULT 0,
  reason         TEXT,
  PRIMARY KEY (wanted, kind, eve_id)
);
CREATE INDEX ON names_wanted (wanted, seen DESC, kind, eve_id);

-- The last arrival whose killmail was looked through for ids; one row.
CREATE TABLE names_walk (
  is_one  BOOLEAN PRIMARY KEY DEFAULT true CHECK (is_one),
  arrival BIGINT  NOT NULL
);
INSERT INTO names_walk (arrival) VALUES (0);
