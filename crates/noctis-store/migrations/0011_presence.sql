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
CREATE INDEX ON presence_days (day, kind);

-- Kills whose worth was changed, as they were before: written in the transaction that changes them, only added to, and
-- taken away by whoever counts them anew. Of one kill they are numbered in the order of the changes.
CREATE TABLE presence_changes (
  killmail_id BIGINT      NOT NULL,
  change      BIGINT      NOT NULL GENERATED ALWAYS AS IDENTITY,
  "timestamp" TIMESTAMPTZ NOT NULL,
  npc         BOOLEAN     NOT NULL,
  isk_value   NUMERIC(20, 2),
  PRIMARY KEY (killmail_id, change)
);
