-- Where the kills of parts lie that are taken over: those of one part, and the ids of all, in the order they are registered in.
CREATE TEMPORARY TABLE IF NOT EXISTS adopted_kills (LIKE killmails_raw);
CREATE TEMPORARY TABLE IF NOT EXISTS adopted_ids (
  killmail_id BIGINT PRIMARY KEY,
  "timestamp" TIMESTAMPTZ NOT NULL,
  place       BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);
TRUNCATE adopted_ids RESTART IDENTITY;
