-- Enters new kills into the registry, numbered on from the last arrival, in the order they are given. The last may have been
-- forgotten to be stored again: no number that was dropped is given twice.
INSERT INTO killmail_registry (killmail_id, "timestamp", arrival)
SELECT
  k.killmail_id,
  k."timestamp",
  GREATEST(
    (SELECT max(arrival) FROM killmail_registry),
    (SELECT max(arrival_max) FROM dropped_ranges),
    0
  ) + k.place
FROM unnest($1::bigint[], $2::timestamptz[]) WITH ORDINALITY AS k (killmail_id, "timestamp", place)
ORDER BY k.killmail_id
ON CONFLICT DO NOTHING;
