-- Enters the batch's new kills into the registry, numbered on from the last arrival, in the order they came in.
INSERT INTO killmail_registry (killmail_id, "timestamp", arrival)
SELECT
  numbered.killmail_id, numbered."timestamp", numbered.arrival
FROM (
  SELECT
    n.killmail_id,
    n."timestamp",
    (SELECT COALESCE(max(arrival), 0) FROM killmail_registry) + row_number() OVER (ORDER BY s.position) AS arrival
  FROM pg_temp.staged_new n
  JOIN pg_temp.staged_kills s ON s.killmail_id = n.killmail_id
) numbered
ORDER BY numbered.killmail_id
ON CONFLICT DO NOTHING;
