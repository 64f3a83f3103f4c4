-- Enters the kills that were taken over into the registry, as far as they are not in it, in the order of their time.
INSERT INTO killmail_registry (killmail_id, "timestamp", arrival)
SELECT
  a.killmail_id,
  a."timestamp",
  (SELECT COALESCE(max(arrival), 0) FROM killmail_registry) + row_number() OVER (ORDER BY a."timestamp", a.killmail_id)
FROM adopted_ids a
WHERE NOT EXISTS (SELECT FROM killmail_registry g WHERE g.killmail_id = a.killmail_id);
