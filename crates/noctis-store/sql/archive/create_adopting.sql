-- Where the kills of parts lie that are taken over: those of one part, and the ids of all.
CREATE TEMPORARY TABLE IF NOT EXISTS adopted_kills (LIKE killmails_raw);
CREATE TEMPORARY TABLE IF NOT EXISTS adopted_ids (
  killmail_id BIGINT PRIMARY KEY,
  "timestamp" TIMESTAMPTZ NOT NULL
);
TRUNCATE adopted_ids;
