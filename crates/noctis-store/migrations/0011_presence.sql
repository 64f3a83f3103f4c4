-- What everybody did, by month and by day: counted after the kills were stored, and kept when they go to files.
-- docs/decisions/0044.

-- Kills up to this arrival are counted, and no later one. One row; whoever counts locks it.
CREATE TABLE presence_counted (
  only_row  BOOLEAN     PRIMARY KEY DEFAULT true CHECK (only_row),
  arrival   BIGINT      NOT NULL DEFAULT 0,
  -- From this day (UTC) on presence_days has all that is counted. It only moves forward.
  days_from DATE        NOT NULL DEFAULT '1970-01-01',
  at        TIMESTAMPTZ NOT NULL DEFAULT now()
);
INSERT INTO presence_counted DEFAULT VALUES;

-- One row for each entity and calendar month (UTC) in which it is on a mail.
-- kind: 1 character, 2 corporation, 3 alliance, 4 ship type, 5 ship group, 6 system, 7 constellation, 8 region.
CREATE TABLE presence (
  entity_id     BIGINT   NOT NULL,
  month         DATE     NOT NULL,
  kills         INTEGER  NOT NULL,
  pod_kills     INTEGER  NOT NULL,
  npc_kills     INTEGER  NOT NULL,
  losses        INTEGER  NOT NULL,
  pod_losses    INTEGER  NOT NULL,
  npc_losses    INTEGER  NOT NULL,
  kind          SMALLINT NOT NULL,
  isk_destroyed NUMERIC  NOT NULL,
  isk_lost      NUMERIC  NOT NULL,
  PRIMARY KEY (entity_id, kind, month)
) WITH (fillfactor = 90);
-- Who was there in a month: top lists.
CREATE INDEX ON presence (month, kind);

-- The same by day, for the days that are not long past.
CREATE TABLE presence_days (
  entity_id     BIGINT   NOT NULL,
  day           DATE     NOT NULL,
  kills         INTEGER  NOT NULL,
  pod_kills     INTEGER  NOT NULL,
  npc_kills     INTEGER  NOT NULL,
  losses        INTEGER  NOT NULL,
  pod_losses    INTEGER  NOT NULL,
  npc_losses    INTEGER  NOT NULL,
  kind          SMALLINT NOT NULL,
  isk_destroyed NUMERIC  NOT NULL,
  isk_lost      NUMERIC  NOT NULL,
  PRIMARY KEY (entity_id, kind, day)
) WITH (fillfactor = 90);
-- Who was at the top of a day: top lists of several days begin with these (docs/decisions/0049).
CREATE INDEX ON presence_days (day, kind, kills);
CREATE INDEX ON presence_days (day, kind, losses);
CREATE INDEX ON presence_days (day, kind, isk_destroyed);

-- The months (UTC, by their first day) in which a mail has what it may be looked for by. They are only added to: a month whose kills
-- have gone is looked at in vain. kind: 1 an item's type (trace is its id), 2 a label, 3 a module tag.
CREATE TABLE presence_traces (
  kind  SMALLINT         NOT NULL,
  trace TEXT COLLATE "C" NOT NULL,
  month DATE             NOT NULL,
  PRIMARY KEY (kind, trace, month)
);

-- Kills that were changed in what is counted or what they are found by, as they were before: written in the transaction that
-- changes them, only added to, and taken away by whoever counts them anew. Of one kill they are numbered in the order of the changes.
CREATE TABLE presence_changes (
  killmail_id BIGINT      NOT NULL,
  change      BIGINT      NOT NULL GENERATED ALWAYS AS IDENTITY,
  "timestamp" TIMESTAMPTZ NOT NULL,
  npc         BOOLEAN     NOT NULL,
  isk_value   NUMERIC(20, 2),
  PRIMARY KEY (killmail_id, change)
);

-- For people who write SQL. What was stored in the last seconds may not be counted yet.
CREATE VIEW eve.activity AS
SELECT
  CASE p.kind
    WHEN 1 THEN 'character'
    WHEN 2 THEN 'corporation'
    WHEN 3 THEN 'alliance'
    WHEN 4 THEN 'ship_type'
    WHEN 5 THEN 'ship_group'
    WHEN 6 THEN 'solar_system'
    WHEN 7 THEN 'constellation'
    ELSE 'region'
  END         AS kind,
  p.entity_id AS id,
  CASE p.kind
    WHEN 1 THEN (SELECT n.name FROM characters n WHERE n.eve_id = p.entity_id)
    WHEN 2 THEN (SELECT n.name FROM corporations n WHERE n.eve_id = p.entity_id)
    WHEN 3 THEN (SELECT n.name FROM alliances n WHERE n.eve_id = p.entity_id)
    WHEN 4 THEN (SELECT n.name FROM types n WHERE n.type_id = p.entity_id)
    WHEN 5 THEN (SELECT n.name FROM type_groups n WHERE n.group_id = p.entity_id)
    WHEN 6 THEN (SELECT n.name FROM systems n WHERE n.eve_id = p.entity_id)
    WHEN 7 THEN (SELECT n.name FROM constellations n WHERE n.constellation_id = p.entity_id)
    ELSE (SELECT n.name FROM regions n WHERE n.region_id = p.entity_id)
  END         AS name,
  p.month,
  p.kills,
  p.pod_kills,
  p.npc_kills,
  p.losses,
  p.pod_losses,
  p.npc_losses,
  p.isk_destroyed,
  p.isk_lost
FROM presence p;
