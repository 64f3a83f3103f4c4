-- Enters all kills from $1 to before $2, whose leaf has just been attached, into the registry: numbered on from the last
-- arrival. One that is known already is left out, which the count tells.
INSERT INTO killmail_registry (killmail_id, "timestamp", arrival)
SELECT
  r.killmail_id,
  r."timestamp",
  GREATEST(
    (SELECT max(arrival) FROM killmail_registry),
    (SELECT max(arrival_max) FROM dropped_ranges),
    0
  ) + row_number() OVER (ORDER BY r.killmail_id)
FROM killmails_raw r
WHERE r."timestamp" >= $1
  AND r."timestamp" < $2
ORDER BY r.killmail_id
ON CONFLICT DO NOTHING;
