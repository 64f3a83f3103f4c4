-- The second half of a month's life: what went to files, what left the group, what was dropped, and a ledger of it all.

-- Raised, in the same transaction, whenever kills move between leaves and archive: who reads both asks before and after.
ALTER TABLE noctis_store
  ADD COLUMN epoch               BIGINT NOT NULL DEFAULT 1,
  -- What this store last wrote into the archive's record of owners.
  ADD COLUMN archive_claim       UUID,
  -- What it was last about to write there: known again where nobody wrote down that it was made.
  ADD COLUMN archive_claim_noted UUID;

-- Parts of the archive: one is what a leaf held when it left the group. A month has several where kills came late, or
-- where its leaves were weeks. The month is the one in which the range begins, written 2025-06.
--   verified: written and read back; the leaf still answers.
--   cold:     the leaf has left the group; the files answer.
--   restored: its kills are in a leaf again; the files are kept, and answer nothing.
CREATE TABLE archive_parts (
  month       TEXT        NOT NULL,
  part        INTEGER     NOT NULL CHECK (part >= 0),
  range_from  TIMESTAMPTZ NOT NULL,
  range_to    TIMESTAMPTZ NOT NULL,
  state       TEXT        NOT NULL CHECK (state IN ('verified', 'cold', 'restored')),
  kills       BIGINT      NOT NULL,
  -- The files, their hashes, rows, bounds and checksums: docs/archive.md.
  manifest    JSONB       NOT NULL,
  verified_at TIMESTAMPTZ NOT NULL,
  moved_at    TIMESTAMPTZ,
  -- The constraints that kept the leaves closed while they were read: had one been removed since, and rows written, an equal
  -- count would prove nothing.
  fence       OID[]       NOT NULL DEFAULT '{}',
  PRIMARY KEY (month, part)
);
CREATE INDEX ON archive_parts (range_from, range_to);

-- Tables that were leaves, kept until their grace is over. part is null where nothing of it went to files.
CREATE TABLE retired_leaves (
  name        TEXT        PRIMARY KEY,
  member      TEXT        NOT NULL,
  range_from  TIMESTAMPTZ NOT NULL,
  range_to    TIMESTAMPTZ NOT NULL,
  month       TEXT        NOT NULL,
  part        INTEGER,
  retired_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Ranges whose kills were dropped without an archive. Of a kill in this range that arrived up to arrival_max nothing is
-- left but its line in the registry.
CREATE TABLE dropped_ranges (
  range_from  TIMESTAMPTZ NOT NULL,
  range_to    TIMESTAMPTZ NOT NULL,
  arrival_max BIGINT      NOT NULL,
  kills       BIGINT      NOT NULL,
  dropped_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (range_from, range_to, arrival_max)
);

-- Everything that was done to partitions and archive; nothing is ever changed in it.
CREATE TABLE lifecycle_ledger (
  entry       BIGINT      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  at          TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  action      TEXT        NOT NULL,
  range_from  TIMESTAMPTZ,
  range_to    TIMESTAMPTZ,
  -- The inventory the step was planned for.
  plan        TEXT,
  before      JSONB,
  after       JSONB,
  rows        BIGINT,
  checksum    TEXT,
  duration_ms BIGINT,
  lock_tries  INTEGER,
  lock_ms     BIGINT,
  -- The role, the program and its process.
  who         TEXT        NOT NULL
);

CREATE FUNCTION lifecycle_ledger_is_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'the ledger of the lifecycle is only added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lifecycle_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION lifecycle_ledger_is_append_only();

-- Which ranges of time are there, and where. A range that is not listed holds nothing; one that is both hot and cold had
-- kills that came late.
--   hot: in the tables.  cold: in the archive; asked by noctis, not by SQL.  dropped: gone.
CREATE OR REPLACE VIEW eve.coverage AS
SELECT
  (bounds.words)[1]::timestamptz AS range_from,
  (bounds.words)[2]::timestamptz AS range_to,
  'hot'::text                    AS state,
  leaf.relname::text             AS partition
FROM pg_inherits i
JOIN pg_class leaf ON leaf.oid = i.inhrelid
CROSS JOIN LATERAL (
  SELECT regexp_match(pg_get_expr(leaf.relpartbound, 0), 'FROM \(''(.+)''\) TO \(''(.+)''\)') AS words
) bounds
WHERE i.inhparent = 'killmails_raw'::regclass
UNION ALL
SELECT range_from, range_to, 'cold', 'month=' || month || '/part-' || part
FROM archive_parts
WHERE state = 'cold'
UNION ALL
SELECT range_from, range_to, 'dropped', NULL
FROM dropped_ranges;
