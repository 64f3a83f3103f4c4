-- Enters new kills into the registry, numbered on from the last arrival, in the order they are given.
INSERT INTO killmail_registry (killmail_id, "timestamp", arrival)
SELECT
  k.killmail_id,
  k."timestamp",
  (SELECT COALESCE(max(arrival), 0) FROM killmail_registry) + k.place
FROM unnest($1::bigint[], $2::timestamptz[]) WITH ORDINALITY AS k (killmail_id, "timestamp", place)
ORDER BY k.killmail_id
ON CONFLICT DO NOTHING;
